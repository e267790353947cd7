"""From findings, holds and waits to the lines that staff work by: shop, number, what, why, what to do, by when, who."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ecsync.finding_catalogue import CATALOGUE, HOLD_REASONS, Due
from ecsync.locale import _
from ecsync.report import words
from ecsync.report.deadlines import Deadlines, day_or_text, moment_text
from ecsync.report.subjects import Names, about, order_of
from ecsync.run.clock import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ecsync.config import Settings
    from ecsync.findings import Finding
    from ecsync.run.facts import RunFacts, StandingOrder

_URGENCY: Final[dict[Due, int]] = {"cut_off": 0, "today": 1, "note": 2}
_PARTIES: Final = frozenset({"source", "channel", "warehouse"})
_DAYS: Final = frozenset({"ship_date", "until"})
_HELD: Final = "order_held"
_SHIP_BY_TODAY: Final = "ship_by_today"


@dataclass(frozen=True)
class Line:
    """One line of a staff page; `order` is (channel, order number) where the line is about one."""

    due: Due
    desk: str
    shop: str
    number: str
    what: str
    why: str
    next_step: str
    by: str
    who: str
    code: str
    order: tuple[str, str] | None = None


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def lines_of(facts: RunFacts, settings: Settings) -> list[Line]:
    """Return every line of a run: the most urgent first, then by desk, kind, shop and number."""
    return _Writer(facts, settings).write()


class _Writer:
    def __init__(self, facts: RunFacts, settings: Settings) -> None:
        self._facts = facts
        self._settings = settings
        self._names = Names(settings)
        self._deadlines = Deadlines.at(settings, facts.clock)
        self._holds = self._lines_of_holds()

    def write(self) -> list[Line]:
        """Write findings, holds and waits."""
        urgent = [f for f in self._facts.findings if f.code == _SHIP_BY_TODAY]
        promoted = {order for f in urgent if (order := order_of(f.subject)) in self._holds}
        lines = []
        for finding in self._facts.findings:
            order = order_of(finding.subject)
            # A hold that stands has a line of its own; what should ship today is told with the hold's reason.
            if finding.code == _HELD and order in self._holds:
                continue
            if finding.code == _SHIP_BY_TODAY and order in promoted:
                continue
            lines.append(self._of_finding(finding))
        for order, held in self._holds.items():
            lines.extend(self._promoted(line) if order in promoted else line for line in held)
        lines.extend(self._of_wait(wait) for wait in self._facts.standing if wait.kind != "hold")
        desks = list(words.DESKS)
        return sorted(
            dict.fromkeys(lines),
            key=lambda line: (
                _URGENCY[line.due],
                desks.index(line.desk),
                line.code,
                line.next_step,
                line.shop,
                line.number,
                line.why,
            ),
        )

    def _promoted(self, line: Line) -> Line:
        kind = CATALOGUE[_SHIP_BY_TODAY]
        channel = line.order[0] if line.order else ""
        return replace(
            line, due="cut_off", what=_(kind.what), by=self._by("cut_off", channel), code=_SHIP_BY_TODAY
        )

    def _lines_of_holds(self) -> dict[tuple[str, str], list[Line]]:
        found: dict[tuple[str, str], list[Line]] = {}
        for order in self._facts.standing:
            if order.kind == "hold":
                reason, next_step = HOLD_REASONS.get(order.reason, (order.reason, ""))
                line = self._of_order(order, "today", "orders", "order_held", words.WORDS["hold"])
                found.setdefault((order.channel, order.order_no), []).append(
                    replace(line, why=_(reason), next_step=_(next_step))
                )
        return found

    def _of_wait(self, order: StandingOrder) -> Line:
        desk = words.WAIT_DESKS.get(order.kind, "orders")
        line = self._of_order(
            order, "note", desk, f"wait_{order.kind}", words.WAITS.get(order.kind, order.kind)
        )
        return replace(line, why=_("until {day}").format(day=day_or_text(order.until)) if order.until else "")

    def _of_order(self, order: StandingOrder, due: Due, desk: str, code: str, what: str) -> Line:
        return Line(
            due=due,
            desk=desk,
            shop=self._names.party(order.channel),
            number=order.order_no,
            what=_(what),
            why="",
            next_step="",
            by=self._by(due, order.channel),
            who=words.said(words.DESKS, desk),
            code=code,
            order=(order.channel, order.order_no),
        )

    def _of_finding(self, finding: Finding) -> Line:
        kind = finding.kind
        of = about(finding, self._names)
        shop = of.shop or self._shop_of_file(finding)
        said = self._said(finding)
        sentence = finding.sentence() if not kind.what else ""
        return Line(
            due=kind.deadline,
            desk=kind.desk,
            shop=shop,
            number=of.number,
            what=_(kind.what) if kind.what else sentence,
            why=_(kind.why).format_map(said),
            next_step=_(kind.next_step or kind.action).format_map(said),
            by=self._by(kind.deadline, of.order[0] if of.order else ""),
            who=words.said(words.DESKS, kind.desk),
            code=finding.code,
            order=of.order,
        )

    def _shop_of_file(self, finding: Finding) -> str:
        files = (f for f in self._facts.files if f.name == finding.subject)
        return next((self._names.party(file.party) for file in files), "")

    def _by(self, due: Due, channel: str) -> str:
        if due == "note":
            return ""
        if due == "today":
            return self._deadlines.within_day()
        shop = self._settings.channels.get(channel)
        return self._deadlines.before(self._deadlines.cut_off(shop.warehouse if shop else ""))

    def _said(self, finding: Finding) -> _Blank:
        """Return the parameters as staff read them."""
        found = _Blank(finding.words())
        for name in finding.params:
            found[name] = self._param(name, found[name])
        if finding.code == _HELD and finding.params.get("hold") in HOLD_REASONS:
            reason, advice = HOLD_REASONS[finding.params["hold"]]
            found.update(reason=_(reason), advice=_(advice))
        return found

    def _param(self, name: str, value: str) -> str:
        read: dict[str, Callable[[str], str]] = {
            **dict.fromkeys(_PARTIES, self._names.party),
            **dict.fromkeys(_DAYS, day_or_text),
            "as_of": self._moment,
            "since": self._moment,
            "first": self._moment,
            "newest": self._moment,
            "fields": words.field_words,
            "guard": lambda code: words.said(words.GUARDS, code),
            "proof": lambda code: words.said(words.PROOFS, code),
        }
        return read[name](value) if name in read else value

    def _moment(self, value: str) -> str:
        try:
            datetime.strptime(value, FORMAT)  # noqa: DTZ007  (only whether it is one)
        except ValueError:
            return _("nothing so far") if value == "-" else value
        return moment_text(value, self._settings)


def counted(lines: Iterable[Line]) -> dict[Due, int]:
    """Return how many lines there are for each deadline."""
    counts: dict[Due, int] = dict.fromkeys(_URGENCY, 0)
    for line in lines:
        counts[line.due] += 1
    return counts
