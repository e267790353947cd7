"""Apply a work list that somebody filled in: row by row, each whole or not at all, twice as good as once."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ecsync.errors import DecisionRefusedError, InputRefusedError, UsageError
from ecsync.locale import _, speaking
from ecsync.master.decisions import Decision
from ecsync.orders.amendable import FIELDS
from ecsync.orders.corrections import read_cell, with_parts
from ecsync.orders.decision_catalogue import DECISIONS
from ecsync.report import filled_worklist
from ecsync.report.matter_words import decision_word
from ecsync.report.matters import gather_matters
from ecsync.report.worklist_key import KeyFault, read_key
from ecsync.run.deciding import decide, deciding
from ecsync.text.spreadsheet import is_damaged

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.config import Settings
    from ecsync.master.context import RunContext
    from ecsync.report.filled_worklist import FilledRow
    from ecsync.report.matters import Matter
    from ecsync.report.worklist_key import RowKey
    from ecsync.run.deciding import Decided

Fate = Literal["applied", "unchanged", "blank", "refused"]

_KEPT: Final = """
SELECT decision_id, kind FROM staff_decision WHERE source_key = :source_key ORDER BY decision_id
"""
_KEPT_VALUES: Final = """
SELECT a.field, CASE WHEN a.personal = 1 THEN v.value ELSE a.value END, COALESCE(v.erased_at, '')
FROM order_amendment a LEFT JOIN person_amendment v ON v.channel = a.channel AND v.order_no = a.order_no
  AND v.scope = a.scope AND v.field = a.field
WHERE a.decision_id = :number ORDER BY a.scope, a.field
"""


@dataclass(frozen=True)
class RowFate:
    """What became of a row: its number in the sheet, its order, and why, where it was refused."""

    number: int
    subject: str
    fate: Fate
    message: str = ""
    kind: str = ""
    decided: Decided | None = None


@dataclass(frozen=True)
class Applied:
    """What became of a list. `kept` is False where everything was undone."""

    rows: tuple[RowFate, ...]
    kept: bool

    def count(self, fate: Fate) -> int:
        """Return how many rows met a fate."""
        return sum(1 for row in self.rows if row.fate == fate)

    @property
    def exit_status(self) -> int:
        """Return 0 where all is done, 3 where some rows were refused, 14 where nothing could be used."""
        if not self.count("refused"):
            return 0
        return 3 if self.kept and self.count("applied") + self.count("unchanged") else 14


class _UndoneError(Exception):
    """Everything of the list is undone; what would have become of its rows."""

    def __init__(self, fates: list[RowFate]) -> None:
        super().__init__("undone")
        self.fates = fates


@dataclass(frozen=True)
class Filled:
    """A filled list and how it is to be taken."""

    path: Path
    rows: tuple[FilledRow, ...]
    by: str = ""


def apply_worklist(
    settings: Settings,
    path: Path,
    *,
    by: str,
    clock: str,
    wait_minutes: float = 0,
    dry: bool = False,
    all_or_nothing: bool = False,
) -> Applied:
    """Apply the rows of a filled list in one transaction.

    A row is refused where its order has moved since the list was written, where its decision, correction or person
    is missing, or does not fit; the others are kept, unless `all_or_nothing`. Raises InputRefusedError for a file
    that cannot be used at all, LockedError where a run holds the lock.
    """
    filled = Filled(path, tuple(filled_worklist.read_filled(path)), by)
    try:
        with deciding(
            settings, owner="worklist apply", clock=clock, wait_minutes=wait_minutes, dry=dry
        ) as ctx:
            fates = _apply_rows(ctx, settings, filled)
            if all_or_nothing:
                _undo_where_refused(fates)
    except _UndoneError as undone:
        return Applied(tuple(undone.fates), kept=False)
    return Applied(tuple(fates), kept=True)


def _undo_where_refused(fates: list[RowFate]) -> None:
    if any(row.fate == "refused" for row in fates):
        raise _UndoneError(fates)


def _apply_rows(ctx: RunContext, settings: Settings, filled: Filled) -> list[RowFate]:
    standing = {matter.identity: matter for matter in gather_matters(ctx.conn, settings, ctx.now)}
    keys = [_key(row, settings, filled) for row in filled.rows]
    fates = []
    for row, key in zip(filled.rows, keys, strict=True):
        subject = f"{key.identity[1]} {key.identity[2]}" if key is not None else row.order_no
        if row.is_blank:
            fates.append(RowFate(row.number, subject, "blank"))
            continue
        changes = ctx.changes
        try:
            with ctx.conn.begin_nested():
                fates.append(_apply_row(ctx, filled, row, key, standing))
        except (DecisionRefusedError, UsageError) as error:
            ctx.changes = changes
            fates.append(RowFate(row.number, subject, "refused", error.message))
    return fates


def _key(row: FilledRow, settings: Settings, filled: Filled) -> RowKey | None:
    """Return a row's key, None where it is damaged; raise where the whole list is another's or an older program's."""
    try:
        key = read_key(row.key)
    except KeyFault as fault:
        if fault.older:
            raise InputRefusedError(
                _("{file} was not taken: it was written by another version of the program").format(
                    file=filled.path.name
                ),
                hint=_("write a new list with `ecsync worklist write`, and fill that in"),
            ) from None
        return None
    if key.project != settings.project.name:
        raise InputRefusedError(
            _("{file} was not taken: it is a work list of {project}").format(
                file=filled.path.name, project=key.project
            )
        )
    return key


def _apply_row(
    ctx: RunContext,
    filled: Filled,
    row: FilledRow,
    key: RowKey | None,
    standing: dict[tuple[str, ...], Matter],
) -> RowFate:
    if key is None:
        raise DecisionRefusedError(_("its key was changed; write a new list"))
    _refuse_torn_row(row, key)
    kind = _kind(row)
    who = row.who or filled.by
    if not who:
        raise DecisionRefusedError(_("nobody stands in the column 「{column}」").format(column=_("Who")))
    subject = f"{key.identity[1]} {key.identity[2]}"
    matter = standing.get(key.identity)
    values = _values(row, kind, matter, key)
    earlier = _kept_before(ctx, key, kind, values)
    if earlier:
        return RowFate(row.number, subject, "unchanged", kind=kind)
    if matter is None:
        raise DecisionRefusedError(
            _("it is settled already, or the order has moved on; nothing is to be decided")
        )
    if matter.fingerprint != key.fingerprint:
        raise DecisionRefusedError(_("the order has moved since the list was written; decide on a new list"))
    if kind not in matter.choices:
        raise DecisionRefusedError(
            _("「{decision}」 does not fit here; possible are: {choices}").format(
                decision=decision_word(kind), choices=", ".join(map(decision_word, matter.choices))
            )
        )
    decision = with_parts(ctx, _decision(matter, kind, who, row, filled, key, values))
    done = decide(ctx, decision)
    return RowFate(row.number, subject, "unchanged" if done.is_empty else "applied", kind=kind, decided=done)


def _refuse_torn_row(row: FilledRow, key: RowKey) -> None:
    """Refuse a row whose visible order number is another's: its cells were sorted or pasted apart."""
    shown = row.order_no.removeprefix("'")
    number = key.identity[2]
    if not shown or shown == number or shown == number.lstrip("0") or is_damaged(shown):
        return
    raise DecisionRefusedError(
        _("its order number is not the one that the row was written for; were cells sorted apart?")
    )


def _kind(row: FilledRow) -> str:
    written = unicodedata.normalize("NFKC", row.decision).strip(" 「」")
    if not written:
        raise DecisionRefusedError(_("there is a correction, but no decision"))
    for language in ("ja", "en"):
        with speaking(language):
            for name in DECISIONS:
                if written in {name, unicodedata.normalize("NFKC", decision_word(name))}:
                    return name
    raise DecisionRefusedError(
        _("the column 「{column}」 holds no decision of the list").format(column=_("Decision"))
    )


def _values(row: FilledRow, kind: str, matter: Matter | None, key: RowKey) -> tuple[tuple[str, str], ...]:
    if kind != "amend":
        if row.correction:
            raise DecisionRefusedError(
                _("a correction goes with 「{word}」 only").format(word=decision_word("amend"))
            )
        return ()
    if not row.correction:
        raise DecisionRefusedError(_("the correction is missing"))
    default = matter.correction if matter is not None else _default_of(key)
    return read_cell(row.correction, default)


def _default_of(key: RowKey) -> str:
    return {"bad_address": "address", "unknown_sku": "sku", "no_tax_rate": "tax_rate"}.get(
        key.identity[6], ""
    )


def _kept_before(ctx: RunContext, key: RowKey, kind: str, values: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether this row of this list was applied already; refuse it where it said something else then."""
    known = ctx.rows(_KEPT, source_key=key.source_key)
    if not known:
        return False
    number, kept = known[-1]
    if kept == kind:
        stored = ctx.rows(_KEPT_VALUES, number=number)
        given = dict(values)
        if all(erased or given.get(str(field)) == value for field, value, erased in stored):
            return True
    raise DecisionRefusedError(
        _("it was decided from this list already: 「{decision}」; decide anew on a new list").format(
            decision=decision_word(str(kept))
        )
    )


def _decision(
    matter: Matter,
    kind: str,
    who: str,
    row: FilledRow,
    filled: Filled,
    key: RowKey,
    values: tuple[tuple[str, str], ...],
) -> Decision:
    of_part = kind in {"release", "amend"}
    of_line = any(FIELDS[name].scope == "line:" for name, _value in values)
    return Decision(
        kind,
        matter.channel,
        matter.order_no,
        who,
        note=row.note,
        dest_id=matter.dest_id if of_part else "",
        line_id=matter.line_id if of_line else "",
        parcel_no=matter.parcel_no if DECISIONS[kind].on == "parcel" else "",
        reason=matter.reason if kind == "release" else "",
        values=values,
        source=filled.path.name,
        source_row=row.number,
        source_key=key.source_key,
    )
