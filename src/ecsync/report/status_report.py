"""One screen: what the last runs did, what waits for whom, what comes next."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.report.blocks import Block, Column, Report
from ecsync.run import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecsync.config import Settings
    from ecsync.findings import Finding
    from ecsync.report.status_facts import StatusFacts
    from ecsync.run.due import DueRun, WarehouseDays

_STATE_WORDS: Final = {
    "open": N_("not finished"),
    "committed": N_("decided, not all sent"),
    "delivered": N_("finished"),
    "abandoned": N_("given up"),
    "failed": N_("failed"),
}

# Desk, count, what it is, where to look.
_DESKS: Final = (
    (N_("orders"), "held", N_("orders to check"), "ecsync orders held"),
    (N_("orders"), "waits_for_money", N_("orders that wait for payment"), ""),
    (N_("orders"), "changed_after_instruction", N_("changed after the shipping instruction"), "ecsync orders held"),
    (N_("shipping"), "instructed", N_("instructed, not shipped yet"), ""),
    (N_("shipping"), "instructed_late", N_("of them past their ship date"), ""),
    (N_("shipping"), "waits_for_date", N_("orders that wait for their ship date"), ""),
    (N_("shipping"), "recalls_unanswered", N_("recalls without an answer"), ""),
    (N_("products and stock"), "held_for_products", N_("orders with an unknown code"), "ecsync orders held"),
    (N_("products and stock"), "waits_for_stock", N_("orders that wait for stock"), ""),
    (N_("accounting"), "held_for_books", N_("orders with an unknown tax rate"), "ecsync orders held"),
    (N_("files"), "rows_put_aside", N_("rows that could not be used"), "ecsync quarantine list"),
    (N_("files"), "files_stopped", N_("files that a guard stopped"), ""),
    (N_("files"), "files_missing", N_("files missing or too old"), ""),
    (N_("files"), "deliveries_waiting", N_("files that wait to be sent"), "ecsync outbox list"),
    (N_("files"), "deliveries_unknown", N_("files whose outcome is unknown"), "ecsync outbox list"),
)  # fmt: skip


def status_report(
    settings: Settings,
    facts: StatusFacts,
    *,
    now: str,
    late_files: Sequence[Finding],
    runs: Sequence[DueRun],
    warehouses: Sequence[WarehouseDays],
    status_words: Mapping[int, str],
) -> Report:
    """Return the screen. `late_files` are findings of expected files; `status_words` msgids by exit status."""
    counts = {**facts.counts, "files_missing": len(late_files)}
    title = _("{name}, {clock}").format(
        name=settings.project.name, clock=clock.local_text(now, settings.zone)
    )
    return Report(
        title,
        (
            Block(title),
            _last_runs(settings, facts, status_words),
            _waiting(counts, late_files),
            _next(settings, facts, runs, warehouses),
        ),
        data={
            "as_of": now,
            "runs": [vars(run) for run in facts.runs],
            "waiting": counts,
            "files_missing": [finding.subject for finding in late_files],
            "next": {
                "runs": [{"kind": run.kind, "at": clock.to_text(run.upcoming)} for run in runs],
                "missed": [{"kind": run.kind, "at": clock.to_text(run.missed)} for run in runs if run.missed],
                "cut_offs": {place.warehouse: clock.to_text(place.cut_off) for place in warehouses},
                "closed": {place.warehouse: [str(day) for day in place.closed] for place in warehouses},
                "ship_day": facts.next_ship_day,
            },
        },
    )


def _last_runs(settings: Settings, facts: StatusFacts, words: Mapping[int, str]) -> Block:
    rows = tuple(
        (
            run.run_id,
            run.kind,
            clock.local_text(run.clock, settings.zone),
            _(_STATE_WORDS.get(run.state, run.state)),
            ""
            if run.exit_status is None
            else f"{run.exit_status} {_(words.get(run.exit_status, ''))}".strip(),
        )
        for run in facts.runs
    )
    columns = (Column("#", "count"), _("kind"), _("as of"), _("state"), _("result"))
    nothing = _("nothing has run yet; see what would happen: ecsync sync night --dry-run")
    return Block(_("Last runs"), columns=columns, rows=rows, empty=nothing)


def _waiting(counts: Mapping[str, int], late_files: Sequence[Finding]) -> Block:
    rows = tuple(
        (_(desk), _(what), counts[name], where) for desk, name, what, where in _DESKS if counts.get(name)
    )
    columns = (_("desk"), _("what waits"), Column(_("count"), "count"), _("where to look"))
    return Block(
        _("What waits for whom"),
        columns=columns,
        rows=rows,
        notes=tuple(finding.sentence() for finding in late_files),
        empty=_("nothing"),
    )


def _next(
    settings: Settings, facts: StatusFacts, runs: Sequence[DueRun], warehouses: Sequence[WarehouseDays]
) -> Block:
    lines = []
    for run in runs:
        lines.append(_("run {kind}: {at}").format(kind=run.kind, at=_local(settings, run.upcoming)))
        if run.missed is not None:
            lines.append(
                _("missed: run {kind} of {at}; make it up with `ecsync sync {kind}`").format(
                    kind=run.kind, at=_local(settings, run.missed)
                )
            )
    if not runs:
        lines.append(_("no run is scheduled; name times in [schedule] of ecsync.toml"))
    for place in warehouses:
        lines.append(
            _("cut-off of {warehouse}: {at}").format(
                warehouse=place.title, at=_local(settings, place.cut_off)
            )
        )
        if place.closed:
            days = " ".join(_day(settings, day) for day in place.closed)
            lines.append(_("{warehouse} is closed on {days}").format(warehouse=place.title, days=days))
    if facts.next_ship_day:
        day = _day(settings, date.fromisoformat(facts.next_ship_day))
        lines.append(_("next ship day of open orders: {day}").format(day=day))
    return Block(_("What comes next"), tuple(lines))


def _local(settings: Settings, moment: datetime) -> str:
    return clock.local_text(clock.to_text(moment), settings.zone)


def _day(settings: Settings, day: date) -> str:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=settings.zone)
    return _local(settings, noon).rpartition(" ")[0]
