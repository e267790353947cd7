"""The ways in which a piece of Python is made wrong: each gives what may stand in a node's place."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Final

from mutation import sql
from mutation.places import Place, called

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_METHODS: Final = {"in_": "not_in", "not_in": "in_", "max": "min", "min": "max", "any": "all", "all": "any"}
# Links of a query that may be left out, and the query still runs.
_LINKS: Final = frozenset({"where", "order_by", "limit", "distinct", "desc", "having", "strip", "sorted"})
_OTHER_TEXT: Final = "mutated"


def variants(place: Place) -> Iterator[ast.AST]:
    """Yield what may stand in a place instead, always in the same order."""
    node = place.node
    yield from _of_tests(place)
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BoolOp():
            yield from _joined(node)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp() if type(node.op) in _ARITHMETIC:
            yield _with(node, op=_ARITHMETIC[type(node.op)]())
        case ast.AugAssign() if type(node.op) in _ARITHMETIC:
            yield _with(node, op=_ARITHMETIC[type(node.op)]())
        case ast.Constant():
            yield from _constant(place, node)
        case ast.Call():
            yield from _call(node)
        case ast.IfExp():
            yield node.body
            yield node.orelse
    yield from _of_statements(place)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for number, op in enumerate(node.ops):
        for other in _COMPARISONS[type(op)]:
            yield _with(node, ops=[*node.ops[:number], other(), *node.ops[number + 1 :]])


def _joined(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for number in range(len(node.values)):
        rest = [*node.values[:number], *node.values[number + 1 :]]
        yield rest[0] if len(rest) == 1 else _with(node, values=rest)


def _of_tests(place: Place) -> Iterator[ast.AST]:
    """Negate a condition whose negation no other way makes, and let a filter pass everything."""
    node = place.node
    if not isinstance(node, ast.expr):
        return
    is_filter = place.field == "ifs"
    if is_filter:
        yield ast.Constant(value=True)
    if is_filter or place.field == "test":
        simple = isinstance(node, ast.Compare) and len(node.ops) == 1
        if not simple and not (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            yield ast.UnaryOp(op=ast.Not(), operand=node)


def _constant(place: Place, node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(value=not value)
    elif isinstance(value, int):
        yield ast.Constant(value=value + 1)
    elif isinstance(value, str):
        if sql.is_sql(value):
            for text in sql.variants(value):
                yield ast.Constant(value=text)
        elif not isinstance(place.parent, ast.JoinedStr | ast.FormattedValue):
            yield ast.Constant(value=_OTHER_TEXT if value != _OTHER_TEXT else "")


def _call(node: ast.Call) -> Iterator[ast.AST]:
    name = called(node)
    if isinstance(node.func, ast.Attribute):
        if name in _METHODS:
            yield _with(node, func=_with(node.func, attr=_METHODS[name]))
        if name in _LINKS:
            yield node.func.value
    elif name == "sorted" and node.args:
        yield _with(node, func=ast.Name(id="list", ctx=ast.Load()), keywords=[])
    elif name in {"max", "min", "any", "all"}:
        yield _with(node, func=ast.Name(id=_METHODS[name], ctx=ast.Load()))
    if name in {"where", "order_by"} and len(node.args) > 1:
        for number in range(len(node.args)):
            yield _with(node, args=[*node.args[:number], *node.args[number + 1 :]])
        return
    first, rest = node.args[:2], node.args[2:]
    plain = not any(isinstance(arg, ast.Starred) for arg in first)
    if plain and len({ast.dump(arg) for arg in first}) > 1:
        yield _with(node, args=[*reversed(first), *rest])


def _of_statements(place: Place) -> Iterator[ast.AST]:
    """Leave a statement out."""
    node = place.node
    if not place.in_function:
        return
    match node:
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.Delete() | ast.Return(value=None):
            yield ast.Pass()
        case ast.Return(value=ast.expr() as value) if not (
            isinstance(value, ast.Constant) and not value.value
        ):
            yield ast.Return(value=ast.Constant(value=None))
