"""Which test passes which statement: asked once, so that a mutant meets only the tests that can notice it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from mutation.places import is_docstring

if TYPE_CHECKING:
    from collections.abc import Callable

PROBE: Final = "mutation_probe_"
_BLOCKS: Final = ("body", "orelse", "finalbody")


def probed(tree: ast.Module) -> ast.Module:
    """Put a probe before every statement inside a function; the probe is called with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            _probe_block(node)
    return ast.fix_missing_locations(tree)


def _probe_block(node: ast.AST) -> None:
    for name in _BLOCKS:
        block = getattr(node, name, None)
        if not isinstance(block, list) or not block:
            continue
        full: list[ast.stmt] = []
        for statement in block:
            if not is_docstring(statement):
                full.append(_call(statement.lineno))
            full.append(statement)
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                _probe_block(statement)
        setattr(node, name, full)
    for part in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
        _probe_block(part)


def _call(line: int) -> ast.Expr:
    call = ast.Call(func=ast.Name(id=PROBE, ctx=ast.Load()), args=[ast.Constant(value=line)], keywords=[])
    return ast.Expr(value=call)


class Reach:
    """The tests that passed each statement, by module and line."""

    def __init__(self) -> None:
        self._test = ""
        self._tests: dict[tuple[str, int], dict[str, None]] = {}

    def begin(self, test: str) -> None:
        """Say which test comes now."""
        self._test = test

    def probe(self, module: str) -> Callable[[int], None]:
        """Return the probe of a module."""

        def pass_line(line: int) -> None:
            self._tests.setdefault((module, line), {})[self._test] = None

        return pass_line

    def tests(self, module: str, lines: set[int]) -> list[str]:
        """Return the tests that passed one of these lines."""
        found: dict[str, None] = {}
        for line in sorted(lines):
            found.update(self._tests.get((module, line), {}))
        return list(found)
