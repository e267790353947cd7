"""Control totals: `billed = goods + shipping - points`, a tiny grammar of names with + and -."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, GetPydanticSchema, WithJsonSchema
from pydantic_core import core_schema

from ecsync.locale import _

# The one name of a total that is no column: unit price times quantity, added over the lines of the order.
LINES: Final = "lines"

_FORMULA = re.compile(r"^\s*([a-z]\w*)\s*=\s*([a-z]\w*(?:\s*[+-]\s*[a-z]\w*)*)\s*$", re.ASCII)
_TERM = re.compile(r"([+-]?)\s*([a-z]\w*)", re.ASCII)


@dataclass(frozen=True)
class Formula:
    """One reading of a control total: `target` is the sum of `plus` less the sum of `minus`."""

    target: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return every amount that it names, the target first."""
        return (self.target, *self.plus, *self.minus)


@dataclass(frozen=True)
class Total:
    """A control total proved for every order: it holds where any of its formulas leaves no gap.

    An amount that the file lacks counts 0. The gap is target less the sum; where no formula holds, the
    gap of the first one is reported.
    """

    formulas: tuple[Formula, ...]

    @property
    def names(self) -> frozenset[str]:
        """Return every amount that it names."""
        return frozenset(name for formula in self.formulas for name in formula.names)


def parse_formula(text: str) -> Formula:
    """Parse `name = name + name - name`; raise ValueError where it is anything else."""
    match = _FORMULA.match(text)
    if match is None:
        raise ValueError(_("a total reads: billed = goods + shipping - points (names, + and - only)"))
    terms = _TERM.findall(match[2])
    names = [match[1], *(name for _sign, name in terms)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(_("a total names {names} twice").format(names=", ".join(doubled)))
    return Formula(
        target=match[1],
        plus=tuple(name for sign, name in terms if sign != "-"),
        minus=tuple(name for sign, name in terms if sign == "-"),
    )


def _parse_total(value: object) -> Total:
    if isinstance(value, Total):
        return value
    if isinstance(value, dict) and set(value) == {"any"} and isinstance(value["any"], list) and value["any"]:
        texts = value["any"]
    else:
        texts = [value]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(_("a total is a text, or {any: [text, text]}"))
    return Total(tuple(parse_formula(text) for text in texts))


_TEXT_SCHEMA = {"type": "string", "pattern": r"^\s*[a-z]\w*\s*=\s*[a-z]\w*(\s*[+-]\s*[a-z]\w*)*\s*$"}

TotalWord = Annotated[
    Total,
    GetPydanticSchema(lambda _source, _handler: core_schema.is_instance_schema(Total)),
    BeforeValidator(_parse_total),
    WithJsonSchema(
        {
            "anyOf": [
                _TEXT_SCHEMA,
                {
                    "type": "object",
                    "properties": {"any": {"type": "array", "items": _TEXT_SCHEMA, "minItems": 1}},
                    "required": ["any"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
    Field(description="billed = goods + shipping - points; {any: [...]} where partners differ"),
]
