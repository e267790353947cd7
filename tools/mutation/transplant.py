"""Put a changed module into the running process: its functions and constants, everywhere they are used."""

from __future__ import annotations

import ast
import sys
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final

from mutation.places import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

_NO_VALUE: Final = object()


def dependents(tree: ast.Module, names: Iterable[str]) -> set[str]:
    """Return these names of a module and all its names whose values are made from theirs."""
    reached = set(names)
    for _round in tree.body:
        for top in tree.body:
            if isinstance(top, ast.FunctionDef | ast.ClassDef) or not (defined := names_of(top)):
                continue
            if reached & _loaded(top):
                reached |= set(defined)
    return reached


def readers(tree: ast.Module, names: set[str]) -> Iterator[int]:
    """Yield the lines of the statements that read one of these names."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        if names & _loaded(node):
            yield node.lineno


def _loaded(node: ast.AST) -> set[str]:
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
    return found


def fresh(module: ModuleType, tree: ast.Module) -> dict[str, Any]:
    """Run a tree as this module's code in a namespace of its own, and return that."""
    namespace: dict[str, Any] = {
        "__name__": module.__name__,
        "__file__": module.__file__,
        "__package__": module.__package__,
        "__spec__": module.__spec__,
    }
    exec(compile(tree, str(module.__file__), "exec", dont_inherit=True), namespace)  # noqa: S102
    return namespace


def transplant(module: ModuleType, namespace: dict[str, Any], names: Iterable[str]) -> None:
    """Take these names' code and values over into the module, and into every module that took them from it."""
    for name in names:
        old, new = module.__dict__.get(name, _NO_VALUE), namespace.get(name, _NO_VALUE)
        if old is _NO_VALUE or new is _NO_VALUE:
            continue
        if not _take_code(old, new):
            for other in list(sys.modules.values()):
                if getattr(other, "__dict__", {}).get(name, _NO_VALUE) is old:
                    setattr(other, name, new)


def forget_results(package: str) -> None:
    """Empty what functions of a package remember from calls of their old code."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == package:
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear") and not isinstance(value, type):
                    value.cache_clear()


def _take_code(old: Any, new: Any) -> bool:
    """Give functions and classes that exist the code of the new ones; tell whether these were such."""
    if isinstance(old, type) and isinstance(new, type):
        for name, value in list(vars(new).items()):
            there = vars(old).get(name, _NO_VALUE)
            if not _take_code(there, value) and _is_plain(value):
                setattr(old, name, value)
        return True
    if isinstance(old, property) and isinstance(new, property):
        return all([_take_code(old.fget, new.fget), _take_code(old.fset, new.fset)])
    old, new = _innermost(old), _innermost(new)
    if not (isinstance(old, FunctionType) and isinstance(new, FunctionType)):
        return old is new
    old.__code__ = _same_cells(old.__code__, new.__code__)
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    return True


def _innermost(value: Any) -> Any:
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    return value


def _same_cells(old: CodeType, new: CodeType) -> CodeType:
    return new if len(old.co_freevars) == len(new.co_freevars) else old


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | tuple | frozenset) and not isinstance(value, type)
