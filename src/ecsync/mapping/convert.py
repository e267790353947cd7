"""Read one text as a canonical value: the words `as`, `map`, `table`, `before`, `empty` and `required`.

Every function here sees a distinct text once per batch, or once per file where it is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecsync.entities.codes import CODE_LISTS
from ecsync.mapping.convert_times import date_reader, time_reader
from ecsync.mapping.rejects import RowFault
from ecsync.mapping.tables import fold_name
from ecsync.text.addresses import split_prefecture
from ecsync.text.amounts import parse_integer, parse_rate, parse_yen
from ecsync.text.dates import Moment
from ecsync.text.faults import TextFault
from ecsync.text.folding import fold_key
from ecsync.text.names import family_first
from ecsync.text.phones import normalise_phone
from ecsync.text.postcodes import normalise_postcode
from ecsync.text.spreadsheet import is_damaged, is_scientific
from ecsync.text.tracking import normalise_tracking

if TYPE_CHECKING:
    from ecsync.entities import Column
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_in import Reading, Reads


@dataclass(frozen=True)
class Refusal:
    """A text that is not what its column holds: a code of ROW_REASONS and its parameters, never the text."""

    reason: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unfixed:
    """An amount that the partner has not fixed yet."""


UNFIXED: Final = Unfixed()
# None is an integer that is absent; a text that is absent is "".
Value = str | int | Moment | Unfixed | None
Outcome = Value | Refusal
TextReader = Callable[[str], Outcome]

_REQUIRED: Final = Refusal(RowFault.REQUIRED)
_NOT_A_FLAG: Final = Refusal(RowFault.NOT_A_FLAG)
_NO_TIME: Final = Moment("", 0)
_SHOWN_CODES: Final = 40
_PERCENTAGE: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?\s*%", re.ASCII)
# A product code may well be 1E5 or 3E001; what a spreadsheet program leaves has a sign and two digits.
_EXCEL_NUMBER: Final = re.compile(r"-?[0-9](?:\.[0-9]+)?E\+[0-9]{2,3}", re.ASCII)


def text_reader(source: Reads, column: Column, mapping: InboundMapping) -> TextReader:
    """Return what reads one text of `column` as the mapping says; blank texts are absent."""
    reading = source.as_ or mapping.reading(column.name)
    read = _reader_of(reading, source, column, mapping.unfixed)
    codes = code_map(source, mapping)
    if codes is not None and reading == "rate":
        read = int  # in our own terms, as the check of the mapping has seen
    unknown = _unknown_code(source.map or (mapping.tables[source.table].entries if source.table else ()))
    is_empty = _empty_test(source)
    keys = tuple(map(fold_name, source.entry))
    wanted = frozenset(map(fold_name, source.is_))
    absent = _absent(reading)
    missing: Outcome = _REQUIRED if source.required else absent

    def simple(text: str) -> Outcome:
        text = text.strip()
        return read(text) if text else missing

    def convert(text: str) -> Outcome:
        if keys:
            text = _entry(text, keys)
        if source.before:
            text = text.partition(source.before)[0]
        if source.between:
            text = _between(text, *source.between)
        text = text.strip()
        if source.drop_leading:
            text = text.removeprefix(source.drop_leading).strip()
        if wanted:
            return int(fold_name(text) in wanted)
        if codes is not None:
            coded = codes.get(fold_name(text))
            if coded is None and text and not is_empty(text):
                return unknown
            text = coded or ""
        elif is_empty(text):
            text = ""
        return read(text) if text else missing

    return convert if is_worked_on(source) else simple


def is_worked_on(source: Reads) -> bool:
    """Tell whether the mapping does something with the text before it is read."""
    return bool(
        source.map
        or source.table
        or source.empty
        or source.empty_starts
        or source.before
        or source.between
        or source.entry
        or source.drop_leading
        or source.is_
    )


def _entry(text: str, keys: tuple[str, ...]) -> str:
    """Return the value of the first of `keys` among lines `key: value`; "" where there is none."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        # Keys are written by apps and by people: a full-width colon is one too.
        key, sign, value = line.replace("\N{FULLWIDTH COLON}", ":", 1).partition(":")
        if sign:
            found.setdefault(fold_name(key), value.strip())
    return next((found[key] for key in keys if found.get(key)), "")


def _between(text: str, opening: str, closing: str) -> str:
    """Return what stands between the last pair of these marks; "" where there is none."""
    before, mark, _after = text.rpartition(closing)
    return before.rpartition(opening)[2] if mark and opening in before else ""


def _empty_test(source: Reads) -> Callable[[str], bool]:
    texts = frozenset(map(fold_name, source.empty))
    starts = tuple(map(fold_name, source.empty_starts))
    if not texts and not starts:
        return lambda _text: False

    def is_empty(text: str) -> bool:
        folded = fold_name(text)
        return folded in texts or folded.startswith(starts)

    return is_empty


def _absent(reading: Reading) -> Value:
    if reading in {"yen", "count", "rate"}:
        return None
    if reading == "flag":
        return 0
    return _NO_TIME if reading == "datetime" else ""


def code_map(source: Reads, mapping: InboundMapping) -> dict[str, str] | None:
    """Return the partner's codes, folded, and ours; None where the mapping names none."""
    if source.map is not None:
        return {fold_name(code): value for code, value in source.map.items()}
    return None if source.table is None else mapping.tables[source.table].on()


def _unknown_code(known: Iterable[str]) -> Refusal:
    shown = sorted(code for code in known if code)
    more = ["..."] if len(shown) > _SHOWN_CODES else []
    return Refusal(RowFault.UNKNOWN_CODE, {"known": ", ".join(shown[:_SHOWN_CODES] + more)})


def _reader_of(reading: Reading, source: Reads, column: Column, unfixed: tuple[int, ...]) -> TextReader:
    simple: dict[str, TextReader] = {
        "text": str,
        "key": _key,
        "flag": _flag,
        "count": _faulted(parse_integer),
        "postcode": _faulted(normalise_postcode),
        "phone": _faulted(lambda text: normalise_phone(text, restore_zero=True)),
        "tracking": _faulted(normalise_tracking),
        "prefecture": lambda text: split_prefecture(text)[0],
        "after_prefecture": lambda text: split_prefecture(text)[1],
        "family_first": family_first,
    }
    if reading in simple:
        return simple[reading]
    if reading == "yen":
        return _yen(frozenset(unfixed) if column.kind == "yen" else frozenset(), unsigned=source.unsigned)
    if reading == "rate":
        return _rate(source.unit)
    if reading == "code":
        return _code(column)
    if reading == "date":
        return _faulted(date_reader(source.formats))
    if reading == "datetime":
        return _faulted(time_reader(source.formats, source.zone))
    message = f"{reading} reads several texts, not one"
    raise ValueError(message)


def _faulted(read: Callable[[str], Value | TextFault]) -> TextReader:
    def convert(text: str) -> Outcome:
        found = read(text)
        if not isinstance(found, TextFault):
            return found
        return _damage(text) if found is TextFault.EXCEL_DAMAGE else Refusal(found.value)

    return convert


def _damage(text: str) -> Refusal:
    reason = RowFault.EXCEL_SCIENTIFIC if is_scientific(fold_key(text)) else TextFault.EXCEL_DAMAGE
    return Refusal(reason.value)


def _key(text: str) -> Outcome:
    folded = text if text.isascii() else fold_key(text)
    if _EXCEL_NUMBER.fullmatch(folded):
        return Refusal(RowFault.EXCEL_SCIENTIFIC)
    if folded.startswith("#") and is_damaged(folded):
        return Refusal(TextFault.EXCEL_DAMAGE.value)
    return folded


def _flag(text: str) -> Outcome:
    folded = fold_key(text)
    return int(folded) if folded in {"0", "1"} else _NOT_A_FLAG


def _yen(unfixed: frozenset[int], *, unsigned: bool) -> TextReader:
    def convert(text: str) -> Outcome:
        amount = parse_yen(text)
        if isinstance(amount, TextFault):
            return _damage(text) if amount is TextFault.EXCEL_DAMAGE else Refusal(amount.value)
        if amount in unfixed:
            return UNFIXED
        return abs(amount) if unsigned else amount

    return convert


def _rate(unit: str) -> TextReader:
    not_a_rate = Refusal(TextFault.NOT_A_RATE.value)
    if unit == "named":
        return _named_rate

    def convert(text: str) -> Outcome:
        folded = fold_key(text)
        # `0.5` is half a percent where percent is declared, and `10` no fraction where fraction is.
        written = folded if folded.endswith("%") or unit == "fraction" else f"{folded}%"
        if not written.endswith("%") and not re.match(r"0?\.|0+$", written, re.ASCII):
            return not_a_rate
        points = parse_rate(f"0{written}" if written.startswith(".") else written)
        return not_a_rate if isinstance(points, TextFault) else points

    return convert


def _named_rate(text: str) -> Outcome:
    """Return the rate in a name; a name without one says nothing of it."""
    match = _PERCENTAGE.search(fold_key(text))
    if match is None:
        return None
    points = parse_rate(match[0])
    return Refusal(TextFault.NOT_A_RATE.value) if isinstance(points, TextFault) else points


def _code(column: Column) -> TextReader:
    known = CODE_LISTS[column.codes]
    unknown = _unknown_code(known)

    def convert(text: str) -> Outcome:
        code = fold_name(text)
        return code if code in known else unknown

    return convert
