"""Read what a person typed as corrections, and find the destination and the line that they are about."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ecsync.errors import DecisionRefusedError, UsageError
from ecsync.locale import _, speaking
from ecsync.orders.amendable import CORRECTIONS, FIELDS
from ecsync.text.faults import FAULT_TITLES, TextFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.master.context import RunContext
    from ecsync.master.decisions import Decision

Values = tuple[tuple[str, str], ...]

_OUT_OF_REACH: Final = frozenset(
    {"qty", "quantity", "unit_price", "price", "goods", "shipping", "billed", "discount", "points", "coupon"}
)


def names_of_corrections() -> dict[str, str]:
    """Return every name under which a correction may be typed: its code, and its word in both languages."""
    names = {code: code for code in CORRECTIONS}
    for language in ("ja", "en"):
        with speaking(language):
            names |= {_(correction.word): code for code, correction in CORRECTIONS.items()}
    return names


def read_pairs(pairs: Iterable[str]) -> Values:
    """Return the fields that pairs such as `postcode=060-0001` set.

    Raises UsageError for a name that is none, DecisionRefusedError, without the value, for one that cannot be right.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        name, _sign, value = pair.partition("=")
        values |= read_value(_code(name), value)
    if not values:
        raise UsageError(
            _("say what is to be corrected: FIELD=VALUE; fields are: {fields}").format(fields=_known())
        )
    return tuple(sorted(values.items()))


def read_value(code: str, text: str) -> dict[str, str]:
    """Return the fields that one correction sets; raise DecisionRefusedError where the text cannot be right."""
    correction = CORRECTIONS[code]
    fields = correction.read(text.strip())
    if isinstance(fields, TextFault):
        raise DecisionRefusedError(
            _("{field}: {fault} (for example {example})").format(
                field=_(correction.word), fault=_(FAULT_TITLES[fields]), example=correction.example
            )
        )
    return fields


def read_cell(text: str, default: str) -> Values:
    """Return the fields of a work list's cell: pairs, one a line or divided by `;`, or a bare value of `default`."""
    names = names_of_corrections()
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    begins = list(re.finditer(rf"(?:^|[\n;；、,]\s*)({known})\s*[=＝:：]", text))
    if not begins:
        if not default:
            raise DecisionRefusedError(
                _("say which field is corrected, for example: {example}").format(
                    example=f"{_(CORRECTIONS['phone'].word)}=090-0000-0000"
                )
            )
        return tuple(sorted(read_value(default, text).items()))
    values = (
        {}
        if not text[: begins[0].start()].strip()
        else read_value(default or "address", text[: begins[0].start()])
    )
    for begin, following in zip(begins, [*begins[1:], None], strict=True):
        value = text[begin.end() : following.start() if following else len(text)]
        values |= read_value(names[begin[1]], value)
    return tuple(sorted(values.items()))


def with_parts(ctx: RunContext, decision: Decision) -> Decision:
    """Return the decision with the order's one destination and one line filled in where none is named.

    Raises DecisionRefusedError with the parts that there are where there are several.
    """
    scopes = {FIELDS[name].scope for name, _value in decision.values}
    dest_id, line_id = decision.dest_id, decision.line_id
    if "dest:" in scopes and not dest_id:
        dest_id = _only_part(ctx, decision, "dest_id", "--dest")
    if "line:" in scopes and not line_id:
        line_id = _only_part(ctx, decision, "line_id", "--line")
    return replace(decision, dest_id=dest_id, line_id=line_id)


def _only_part(ctx: RunContext, decision: Decision, column: str, option: str) -> str:
    parts = [
        str(row[0])
        for row in ctx.rows(
            f"SELECT DISTINCT {column} FROM order_line WHERE channel = :channel AND order_no = :order_no "  # noqa: S608
            f"AND qty > 0 ORDER BY {column}",
            channel=decision.channel,
            order_no=decision.order_no,
        )
    ]
    if len(parts) != 1:
        raise DecisionRefusedError(
            _("say which part of order {order} is meant; there are: {parts}").format(
                order=decision.subject, parts=", ".join(parts) or "-"
            ),
            hint=option,
        )
    return parts[0]


def _code(name: str) -> str:
    names = names_of_corrections()
    plain = name.strip()
    if plain in names:
        return names[plain]
    if plain in _OUT_OF_REACH:
        raise UsageError(
            _(
                "{field} changes what the customer pays: change it on the mall's screen, it comes with the next file"
            ).format(field=plain)
        )
    raise UsageError(_("there is no such field to correct; there are: {fields}").format(fields=_known()))


def _known() -> str:
    return ", ".join(CORRECTIONS)
