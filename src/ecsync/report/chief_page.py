"""The manager's part of a run report: figures, what waits for whom, files, what was sent, and the proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.report import words
from ecsync.report.blocks import Block, Column
from ecsync.report.deadlines import moment_text
from ecsync.report.staff_lines import counted
from ecsync.report.subjects import Names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.config import Settings
    from ecsync.report.staff_lines import Line
    from ecsync.run.facts import FileFact, RunFacts

_FIGURES: Final = (
    (N_("new orders"), "orders_new", "orders_new_yen", "orders"),
    (N_("cancelled orders"), "orders_cancelled", "", "orders"),
    (N_("parcels instructed"), "parcels_instructed", "", "parcels"),
    (N_("units instructed"), "units_instructed", "", "units"),
    (N_("units shipped"), "units_shipped", "", "units"),
    (N_("shipping notices"), "notices", "", "orders"),
    (N_("bookings"), "bookings", "booked_yen", "orders"),
)


def manager_blocks(facts: RunFacts, settings: Settings, lines: Sequence[Line]) -> tuple[Block, ...]:
    """Return the blocks of the manager's page below its own lines."""
    return (
        _whom(lines),
        _standing(facts),
        _figures(facts),
        files_block(facts.files, settings),
        _sent(facts, settings),
        _proofs(facts),
        _changes(facts),
    )


def _whom(lines: Sequence[Line]) -> Block:
    rows = []
    for desk in words.DESKS:
        counts = counted(line for line in lines if line.desk == desk)
        rows.append((words.said(words.DESKS, desk), counts["cut_off"], counts["today"], counts["note"]))
    unit = words.unit("orders")
    columns = (
        _("desk"),
        Column(words.due_word("cut_off"), "count", unit),
        Column(words.due_word("today"), "count", unit),
        Column(words.due_word("note"), "count", unit),
    )
    return Block(_("What waits for whom"), columns=columns, rows=tuple(rows))


def _standing(facts: RunFacts) -> Block:
    kinds = {"hold": words.WORDS["hold"], **words.WAITS}
    rows = tuple(
        (_(word), facts.figures[f"standing_{kind}"], facts.figures[f"standing_{kind}_yen"])
        for kind, word in kinds.items()
        if f"standing_{kind}" in facts.figures
    )
    columns = (
        _("state"),
        Column(_("orders"), "count", words.unit("orders")),
        Column(_("amount"), "yen", _(" incl. tax")),
    )
    return Block(_("Orders that do not ship yet"), columns=columns, rows=rows, empty=_("nothing"))


def _figures(facts: RunFacts) -> Block:
    rows = tuple(
        (
            _(word),
            f"{facts.figures.get(count, 0):,}{words.unit(unit)}",
            facts.figures.get(yen) if yen and facts.figures.get(count) else None,
        )
        for word, count, yen, unit in _FIGURES
    )
    columns = (_("what"), _("how many"), Column(_("amount"), "yen", _(" incl. tax")))
    return Block(_("Counts and amounts of this run"), columns=columns, rows=rows)


def files_block(files: Sequence[FileFact], settings: Settings) -> Block:
    """Return the files that were taken in, as of when, with what became of their rows."""
    names = Names(settings)
    rows = tuple(
        (
            names.party(file.party),
            words.said(words.DOCUMENTS, file.entity),
            _("as of {when}").format(when=moment_text(file.as_of, settings)),
            file.rows_in,
            file.rows_new,
            file.rows_changed,
            file.rows_unchanged,
            file.rows_duplicate,
            file.rows_quarantined,
            file.name,
        )
        for file in files
    )
    columns = (
        _("partner"),
        _("contents"),
        _("as of"),
        Column(_("rows"), "count"),
        Column(_("new"), "count"),
        Column(_("changed"), "count"),
        Column(_("unchanged"), "count"),
        Column(_("repeated"), "count"),
        Column(_("errors"), "count"),
        Column(_("file"), "code"),
    )
    return Block(_("Files taken in"), columns=columns, rows=rows, empty=_("nothing"))


def _sent(facts: RunFacts, settings: Settings) -> Block:
    names = Names(settings)
    rows = tuple(
        (
            words.said(words.DOCUMENTS, sent.document),
            names.party(sent.party),
            sent.row_count,
            words.said(words.DELIVERY_STATES, sent.state),
            "/".join(part for part in (sent.path, sent.name) if part),
        )
        for sent in facts.sent
    )
    columns = (
        _("document"),
        _("partner"),
        Column(_("rows"), "count"),
        _("state"),
        Column(_("file"), "code"),
    )
    heading = _("What would be sent") if facts.dry else words.said(words.WORDS, "outbox")
    return Block(heading, columns=columns, rows=rows, empty=_("nothing"))


def _proofs(facts: RunFacts) -> Block:
    rows = tuple(
        (
            words.said(words.PROOFS, proof.name),
            proof.checked,
            proof.expected,
            proof.found,
            _("{count} broken").format(count=proof.broken) if proof.broken else _("holds"),
        )
        for proof in facts.proofs
    )
    columns = (
        _("what must be equal"),
        Column(_("checked"), "count"),
        Column(_("expected"), "count"),
        Column(_("found"), "count"),
        _("result"),
    )
    return Block(words.said(words.WORDS, "proof"), columns=columns, rows=rows, empty=_("nothing"))


def _changes(facts: RunFacts) -> Block:
    rows = tuple(
        (_(words.TABLES[name]), count)
        for name, count in sorted(facts.changes.items())
        if name in words.TABLES
    )
    heading = _("What would change") if facts.dry else _("What changed")
    columns = (_("what"), Column(_("rows written"), "count"))
    return Block(heading, columns=columns, rows=rows, empty=_("nothing"))
