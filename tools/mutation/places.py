"""Where a module may be changed: every node of its functions, methods and constants, with where it stands."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Calls that change nothing that a run leaves behind: points for the crash tests, statistics for the query
# planner, texts for people (a test of the catalogues keeps those), the bar on the terminal.
WITHOUT_EFFECT: Final = frozenset({"faultpoint", "declare", "analyze", "_", "N_", "step", "advance", "cast"})
# Parts of a node that say nothing about what it does.
_SILENT_FIELDS: Final = frozenset({"annotation", "returns", "decorator_list", "type_params"})
_SILENT_KEYWORDS: Final = frozenset({"hint", "strict"})


@dataclass(frozen=True)
class Place:
    """One node of a module, and what holds it."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    top: ast.stmt  # the statement of the module that it belongs to
    line: int  # where the innermost statement begins
    inside: str  # the function or the constant
    in_function: bool

    def put(self, new: ast.AST) -> None:
        """Set another node where this one stands."""
        if self.index is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.index] = new


@dataclass(frozen=True)
class _Standing:
    top: ast.stmt
    line: int
    inside: str
    in_function: bool


def called(node: ast.AST) -> str:
    """Return the last name of what a call calls, '' where the node is no call."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def is_docstring(node: ast.AST) -> bool:
    """Tell whether a statement is only a text."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def names_of(top: ast.stmt) -> list[str]:
    """Return the names that a statement of the module defines."""
    if isinstance(top, ast.FunctionDef | ast.ClassDef):
        return [top.name]
    targets = (
        top.targets if isinstance(top, ast.Assign) else [top.target] if isinstance(top, ast.AnnAssign) else []
    )
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def places(tree: ast.Module) -> Iterator[Place]:
    """Yield every place of a module, always in the same order."""
    for top in tree.body:
        names = names_of(top)
        if names:
            inside = "" if isinstance(top, ast.FunctionDef | ast.ClassDef) else names[0]
            yield from _below(tree, "body", None, top, _Standing(top, top.lineno, inside, in_function=False))


def _is_silent(node: ast.AST) -> bool:
    return (
        is_docstring(node)
        or (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Name)
            and node.value.id == "Literal"
        )
        or called(node.value if isinstance(node, ast.Expr) else node) in WITHOUT_EFFECT
        or (isinstance(node, ast.keyword) and node.arg in _SILENT_KEYWORDS)
    )


def _first_line(node: ast.FunctionDef | ast.ClassDef) -> int:
    """Return where the work of a function begins: there its defaults count."""
    return next((part.lineno for part in node.body if not is_docstring(part)), node.lineno)


def _below(parent: ast.AST, field: str, index: int | None, node: ast.AST, at: _Standing) -> Iterator[Place]:
    if _is_silent(node):
        return
    if isinstance(node, ast.stmt):
        at = _Standing(at.top, node.lineno, at.inside, at.in_function)
    if node is not at.top:
        yield Place(parent, field, index, node, at.top, at.line, at.inside, at.in_function)
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        inside = f"{at.inside}.{node.name}" if at.inside else node.name
        at = _Standing(at.top, _first_line(node), inside, at.in_function or isinstance(node, ast.FunctionDef))
    for name, value in ast.iter_fields(node):
        if name in _SILENT_FIELDS:
            continue
        for number, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield from _below(node, name, number, child, at)
