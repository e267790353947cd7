"""The report of a run, in the order in which staff act: before the cut-off, today, for information; then the manager.

The terminal gets all lines by deadline; HTML and XLSX get a first page, a page per desk and the manager's page.
No personal data: shop, order number, SKU, file names and figures only, unless contacts are handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from ecsync.locale import _
from ecsync.report import words
from ecsync.report.blocks import Block, Cell, Column, Page, Report
from ecsync.report.chief_page import files_block, manager_blocks
from ecsync.report.deadlines import Deadlines, day_or_text, moment_text
from ecsync.report.run_data import as_data
from ecsync.report.staff_lines import Line, lines_of
from ecsync.report.subjects import Names

if TYPE_CHECKING:
    from ecsync.config import Settings
    from ecsync.finding_catalogue import Due
    from ecsync.run.facts import RunFacts

# How many lines of one kind are shown before the rest is counted (terminal) or folded away (HTML).
FIRST: Final = 20
_DUES: Final[tuple[Due, ...]] = ("cut_off", "today", "note")
Contacts = Mapping[tuple[str, str], str]


def report_of(
    facts: RunFacts, settings: Settings, *, place: str = "", contacts: Contacts | None = None
) -> Report:
    """Return the report of a run in the language spoken now.

    `place` is the file that holds every line, named where the terminal leaves some out. `contacts` gives the
    customer of an order (channel, order number): personal data, for a file that only its owner reads.
    """
    lines = lines_of(facts, settings)
    sections = _Sections(lines, Deadlines.at(settings, facts.clock), contacts)
    manager = manager_blocks(facts, settings, lines)
    about = _about(facts, settings)
    head = Block(_title(facts), about)
    front = Page(_("Overview"), (*(sections.overview(due) for due in _DUES),))
    desks = [
        Page(
            words.said(words.DESKS, desk),
            (*(sections.of_desk(desk, due) for due in _DUES), *_files_of_desk(facts, settings, desk)),
            sections.urgent(desk),
        )
        for desk in words.DESKS
        if desk != "system"
    ]
    chief = Page(
        words.said(words.DESKS, "system"),
        (*(sections.of_desk("system", due) for due in _DUES), *manager),
        sections.urgent("system"),
    )
    return Report(
        f"{settings.project.name} {_title(facts)}",
        (head, *(sections.told(due, place) for due in _DUES), *manager),
        pages=(front, *desks, chief),
        sheets=(
            Page(front.title, (*front.blocks, *manager)),
            *(sections.sheet(desk) for desk in words.DESKS),
        ),
        table=sections.whole(),
        data=as_data(facts, lines, settings),
        about=about,
    )


def _title(facts: RunFacts) -> str:
    kind = words.said(words.KINDS, facts.kind)
    if facts.dry:
        return f"{kind}: {words.said(words.WORDS, 'dry run')}"
    if facts.state in {"failed", "open"}:
        return _("{kind} that failed (nothing was sent)").format(kind=kind)
    return kind


def _about(facts: RunFacts, settings: Settings) -> tuple[str, ...]:
    names = Names(settings)
    lines = [
        _("as of {clock}, business date {date}").format(
            clock=moment_text(facts.clock, settings), date=day_or_text(facts.business_date)
        )
    ]
    if facts.run_id and not facts.dry:
        lines[0] += _(", run {number}").format(number=facts.run_id)
    lines.extend(
        _("{partner} {document}: as of {when}").format(
            partner=names.party(file.party),
            document=words.said(words.DOCUMENTS, file.entity),
            when=moment_text(file.as_of, settings),
        )
        for file in facts.files
    )
    return tuple(lines)


def _files_of_desk(facts: RunFacts, settings: Settings, desk: str) -> tuple[Block, ...]:
    own = [file for file in facts.files if words.DOCUMENT_DESKS.get(file.entity, "stock") == desk]
    return (files_block(own, settings),) if own else ()


class _Sections:
    """The three sections, for the terminal, the first page and each desk."""

    def __init__(self, lines: Sequence[Line], deadlines: Deadlines, contacts: Contacts | None) -> None:
        self._lines = lines
        self._contacts = contacts
        self._headings: dict[Due, str] = {
            "cut_off": deadlines.cut_off_heading(),
            "today": deadlines.today_heading(),
            "note": _("For your information"),
        }

    def _of(self, due: Due, desk: str = "") -> list[Line]:
        return [line for line in self._lines if line.due == due and desk in {"", line.desk}]

    def urgent(self, desk: str) -> int:
        """Return how many lines of a desk cannot wait."""
        return len(self._of("cut_off", desk))

    def told(self, due: Due, place: str) -> Block:
        """Return a section as text: a line per kind with what to do, the orders below it."""
        told: list[str] = []
        for members in _kinds(self._of(due)):
            told.append(_headline(members))
            told.extend(f"    {_named(line)}" for line in members[:FIRST])
            if len(members) > FIRST:
                told.append(f"    {_more(len(members) - FIRST, place)}")
        return Block(self._headings[due], tuple(told), when=due, empty=_("nothing"))

    def overview(self, due: Due) -> Block:
        """Return a section of the first page: each kind with its count."""
        rows = tuple(
            (members[0].what, len(members), members[0].who, members[0].by, members[0].next_step)
            for members in _kinds(self._of(due))
        )
        columns = (
            _("what"),
            Column(_("how many"), "count", words.unit("orders")),
            Column(_("who"), "short"),
            Column(_("by when"), "short"),
            _("what to do"),
        )
        return Block(self._headings[due], columns=columns, rows=rows, when=due, empty=_("nothing"))

    def of_desk(self, desk: str, due: Due) -> Block:
        """Return a section of a desk's page: each line whole; of each kind the first ones, the rest folded away."""
        shown: list[Line] = []
        rest: list[Line] = []
        for members in _kinds(self._of(due, desk)):
            shown.extend(members[:FIRST])
            rest.extend(members[FIRST:])
        return Block(
            self._headings[due],
            columns=self._columns(),
            rows=tuple(self._row(line) for line in shown),
            rest=tuple(self._row(line) for line in rest),
            when=due,
            empty=_("nothing"),
        )

    def sheet(self, desk: str) -> Page:
        """Return all lines of a desk as one table, for a workbook: the deadline is a column to filter by."""
        lines = [line for line in self._lines if line.desk == desk]
        columns = (Column(_("deadline"), "short"), *self._columns())
        rows = tuple((words.due_word(line.due), *self._row(line)) for line in lines)
        title = words.said(words.DESKS, desk)
        return Page(title, (Block(title, columns=columns, rows=rows, empty=_("nothing")),))

    def whole(self) -> Block:
        """Return all lines as one table."""
        columns = (Column(_("deadline")), *self._columns())
        rows = tuple((words.due_word(line.due), *self._row(line)) for line in self._lines)
        return Block(_("All lines"), columns=columns, rows=rows)

    def _columns(self) -> tuple[Column, ...]:
        columns = (
            Column(_("shop or partner")),
            Column(_("number or file"), "code"),
            Column(_("what")),
            Column(_("why")),
            Column(_("what to do")),
            Column(_("by when"), "short"),
            Column(_("who"), "short"),
        )
        return columns if self._contacts is None else (*columns, Column(_("customer")))

    def _row(self, line: Line) -> tuple[Cell, ...]:
        cells = (line.shop, line.number, line.what, line.why, line.next_step, line.by, line.who)
        if self._contacts is None:
            return cells
        return (*cells, self._contacts.get(line.order, "") if line.order else "")


def _kinds(lines: Sequence[Line]) -> list[list[Line]]:
    """Return lines of one kind together, in the order of the lines."""
    return [
        list(members)
        for _key, members in groupby(lines, key=lambda line: (line.desk, line.code, line.next_step, line.by))
    ]


def _headline(members: list[Line]) -> str:
    first = members[0]
    whom = _(", ").join(part for part in (first.by, first.who) if part)
    next_step = f" → {first.next_step}" if first.next_step else ""
    return _("● {what}: {count}{next_step} [{whom}]").format(
        what=first.what, count=len(members), next_step=next_step, whom=whom
    )


def _named(line: Line) -> str:
    name = " ".join(part for part in (line.shop, line.number) if part)
    return f"{name}: {line.why}" if line.why else name


def _more(count: int, place: str) -> str:
    if place:
        return _("{count} more; all of them are in {place}").format(count=f"{count:,}", place=place)
    return _("{count} more; --format html or xlsx shows all of them").format(count=f"{count:,}")
