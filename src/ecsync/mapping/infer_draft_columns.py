"""The column lines of a draft: what a header or its cells give reason for, and what is still missing, as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.entities.codes import CODE_LISTS
from ecsync.locale import _
from ecsync.mapping.infer_codes import meanings
from ecsync.mapping.scaffold_columns import ADDRESS, OFFSET, reading_of
from ecsync.mapping.tables import fold_name
from ecsync.mapping.yaml_patch import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ecsync.entities import Column, Entity
    from ecsync.mapping.infer_columns import ColumnSeen
    from ecsync.mapping.infer_reasons import Reason, Reasons
    from ecsync.mapping.model import Mapping as AnyMapping

# Readings that put a row aside where a cell is something else: taken only where no cell is.
_STRICT: Final = {
    "postcode": frozenset({"postcode"}),
    "phone": frozenset({"phone"}),
    "tracking": frozenset({"tracking", "jan"}),
}
_ONE: Final = 1.0


def remarked(line: str, *remarks: str) -> str:
    """Return a line of YAML with what is to be said of it as its comment."""
    told = "; ".join(remark for remark in remarks if remark)
    printable = "".join(sign if sign.isprintable() else " " for sign in told)
    return f"{line}  # {printable}" if line and told else line or f"# {printable}"


def column_lines(
    entity: Entity,
    columns: Sequence[ColumnSeen],
    reasons: Reasons,
    mappings: Sequence[AnyMapping],
    vouched: frozenset[str],
) -> Iterator[str]:
    """Yield the lines below `columns:`; what cells contradict, and required columns without a reason, as comments."""
    chosen = reasons.chosen
    for column in entity.columns:
        reason = chosen.get(column.name)
        if reason is not None and column.codes:
            yield from _code_lines(column, columns[reason.at], reason, mappings, vouched)
        elif reason is not None:
            yield _line(column, columns[reason.at], reason, entity)
        elif column.name in reasons.contradicted:
            yield _contradicted(column, columns, reasons.contradicted[column.name])
        elif column.name == "ship_address_ok" and set(ADDRESS) <= chosen.keys():
            joined = ", ".join(written(columns[chosen[name].at].name) for name in ADDRESS)
            yield f"  ship_address_ok: {{join: [{joined}], as: address_check}}"
    for column in entity.columns:
        there = column.name in chosen or column.name in reasons.contradicted or column.name.endswith(OFFSET)
        if column.required and not there:
            told = _("MISSING: required, and no column of the file gives reason for it")
            yield remarked(f"  # {column.name}: {_instead(column, columns, chosen)}", told)
            if column.codes:
                yield f"  {remarked('', _ours(column))}"


def _contradicted(column: Column, columns: Sequence[ColumnSeen], reason: Reason) -> str:
    """Return the column as a comment: taken, it would put aside every row whose cell is something else."""
    seen = columns[reason.at]
    told = _("the cells are something else")
    if seen.nearly is not None:
        against = seen.nearly[1].against
        told = _("{count} of {filled} cells are something else, first in line {line}").format(
            count=f"{against.count:,}", filled=f"{seen.filled:,}", line=against.lines[0]
        )
    missing = _("MISSING: required") if column.required else ""
    return remarked(f"  # {column.name}: {written(seen.name)}", missing, _why(reason), told)


def _instead(column: Column, columns: Sequence[ColumnSeen], chosen: Mapping[str, Reason]) -> str:
    """Return what could stand for a column that the file lacks; rows of an order can be counted."""
    if column.name != "line_id" or not {"order_no", "sku_code"} <= chosen.keys():
        return "..."
    order, sku = (written(columns[chosen[name].at].name) for name in ("order_no", "sku_code"))
    return f"{{counted: [{sku}], within: [{order}]}}"


def _line(column: Column, seen: ColumnSeen, reason: Reason, entity: Entity) -> str:
    told: tuple[str, ...] = (_why(reason), _filled(seen))
    name = written(seen.name)
    if column.kind in {"time", "date"}:
        return _date_line(column, seen, told)
    if column.kind == "rate":
        return remarked(f"  {column.name}: {{from: {name}, unit: {_unit(seen)}}}", *told)
    reading = reading_of(column, entity)
    if reading in _STRICT and seen.filled and not _STRICT[reading] & set(seen.fitting):
        left = _("not every cell is as {reading} reads it, so it is read as it stands").format(
            reading=reading
        )
        told, reading = (*told, left), ""
    source = f"{{from: {name}, as: {reading}}}" if reading else name
    return remarked(f"  {column.name}: {source}", *told)


def _why(reason: Reason) -> str:
    if reason.why == "own_name":
        return _("its header is our own name")
    if reason.why == "known":
        return _("GUESS: read so in {count} of the known formats, as in {mapping}").format(
            mapping=reason.source, count=reason.formats
        )
    if reason.why == "like":
        return _("GUESS: its header is like {header}, read so in {count} of the known formats").format(
            header=reason.source, count=reason.formats
        )
    return _("GUESS: by its cells")


def _filled(seen: ColumnSeen) -> str:
    if not seen.filled:
        return _("always empty here")
    if seen.blank:
        return _("{filled} cells filled, {blank} blank").format(
            filled=f"{seen.filled:,}", blank=f"{seen.blank:,}"
        )
    return _("all {count} cells filled").format(count=f"{seen.filled:,}")


def _date_line(column: Column, seen: ColumnSeen, told: tuple[str, ...]) -> str:
    forms = ", ".join(f'"{form}"' for form in seen.forms)
    name = written(seen.name)
    if not forms:
        return remarked(f"  # {column.name}: {{from: {name}, formats: [...]}}", *told)
    zone = ", zone: Asia/Tokyo" if column.kind == "time" else ""
    line = f"{column.name}: {{from: {name}, formats: [{forms}]{zone}}}"
    if {"month_first", "day_first"} <= {seen.kind, *seen.also}:
        return remarked(f"  # {line}", *told, _("no cell shows whether the day or the month comes first"))
    guess = _("GUESS: the zone") if zone and "%z" not in forms else ""
    return remarked(f"  {line}", *told, guess)


def _unit(seen: ColumnSeen) -> str:
    if seen.kind == "percent":
        return "percent"
    values = [float(code) for code in seen.codes or ()]
    return "fraction" if seen.kind == "decimal" and all(value < _ONE for value in values) else "percent"


def _code_lines(
    column: Column, seen: ColumnSeen, reason: Reason, mappings: Sequence[AnyMapping], vouched: frozenset[str]
) -> Iterator[str]:
    meant = meanings(column.codes, mappings) | meanings(column.codes, mappings, header=seen.name)
    codes: dict[str, int] = dict(seen.codes or {})
    known = {code: meant[fold_name(code)] for code in sorted(codes) if fold_name(code) in meant}
    others = sorted(codes.keys() - known.keys())
    mark = "  " if known else "  # "
    yield remarked(f"{mark}{column.name}:", _why(reason), _filled(seen))
    yield f"{mark}  from: {written(seen.name)}"
    yield f"{mark}  map:"
    for code, ours in known.items():
        rows = _("GUESS: known formats mean it so; rows: {count}").format(count=f"{codes[code]:,}")
        yield remarked(f"      {written(code)}: {ours}", rows)
    if others and seen.name in vouched:
        for code in others:
            yield remarked(f"  #   {written(code)}: ...", _("rows: {count}").format(count=f"{codes[code]:,}"))
    elif others or not codes:
        count = _("too many") if seen.codes is None else f"{len(others):,}"
        missing = _("values that nobody knows: {count}; --show {header} names them").format(
            count=count, header=seen.name
        )
        yield remarked("  #   ...: ...", missing)
    if others or not codes:
        yield f"  {remarked('', _ours(column))}"


def _ours(column: Column) -> str:
    return _("our codes: {codes}").format(codes=", ".join(filter(None, CODE_LISTS[column.codes])))
