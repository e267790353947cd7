"""The differences of `reconcile stock` in staff's words: what differs, why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.report import source_times
from ecsync.report.blocks import Block, Cell, Column, Report
from ecsync.report.figures import moment, party_title, unit, units, yen
from ecsync.run.sources import stale_of
from ecsync.stock.difference_rows import DIFFERENCES, KINDS, NOTES

if TYPE_CHECKING:
    from ecsync.config import Settings
    from ecsync.run.stock_reconciling import StockReconciled
    from ecsync.stock.difference_rows import KindTotal, StockDifference

KIND_WORDS: Final = {
    "oversell_risk": N_("oversell risk"),
    "lost_sale": N_("lost sale"),
    "drift": N_("stock drift"),
    "unlisted": N_("unlisted"),
    "unknown_code": N_("unknown code"),
    "in_flight": N_("on its way (no difference)"),
    "within_safety": N_("within the safety units (no difference)"),
    "listed_twice": N_("one SKU in several listings"),
    "unlimited": N_("listed without a limit"),
}

# Why two figures differ, and what to do about it.
CAUSES: Final[dict[str, tuple[str, str]]] = {
    "more_counted": (
        N_("more was counted than our ledger held at that time"),
        N_("Count again, or correct it at {party}"),
    ),
    "less_counted": (
        N_("less was counted than our ledger held at that time"),
        N_("Count again, or correct it at {party}"),
    ),
    "result_awaited": (
        N_("up to {detail} units were to leave before the count, and their result has not come"),
        N_("Wait for the warehouse's results"),
    ),
    "counted_unknown": (
        N_("the count names a code that the product master does not know"),
        N_("Add the SKU to the core system, or correct the code at {party}"),
    ),
    "moved_since": (
        N_("stock or orders have moved since the shop's figure was right"),
        N_("The next run tells the new figure; run it now if it is urgent"),
    ),
    "never_told": (
        N_("the shop was never told a figure for it"),
        N_("Check that a stock file goes to this shop, then run"),
    ),
    "not_sent": (
        N_("a new figure is decided, but its file was not sent"),
        N_("Look at what stopped the stock file; let it pass if it is right"),
    ),
    "not_arrived": (
        N_("the file {detail} with our figure did not arrive"),
        N_("Look at the partner's folder and settle the delivery"),
    ),
    "not_taken": (
        N_("the shop shows something else than we saw or told it last"),
        N_(
            "Look whether the shop took our file, or whether somebody changed it there; the next run tells it again"
        ),
    ),
    "blocked": (
        N_("its units do not add up, so its figure may only fall"),
        N_("Settle the proof of its units first"),
    ),
    "not_seen_since": (
        N_("our figure went out in {detail} after the shop's file was made"),
        N_("Fetch a newer file of the shop to be sure"),
    ),
    "waits_to_be_sent": (N_("our figure waits to be sent in {detail}"), ""),
    "outcome_unknown": (
        N_("whether {detail} arrived is not known"),
        N_("Ask the partner whether it arrived"),
    ),
    "listed_unknown": (
        N_("the shop lists a code that the product master does not know"),
        N_("Add the SKU to the core system, or correct the shop's code"),
    ),
    "nothing_free": (
        N_("the shop sells it without a limit, and no unit is free"),
        N_("Stop its sale in the shop, or set a limit there"),
    ),
    "no_limit": (N_("the shop sells it without a limit"), ""),
    "twice": (
        N_("{detail} listings show all units of this SKU each"),
        N_("Leave one listing, or keep more safety units"),
    ),
    "only_in_set": (
        N_("units are free, but the shop sells it only as a part of a set"),
        N_("List it by itself if it is to be sold so"),
    ),
    "not_listed": (
        N_("units are free, but it is not listed in the shop"),
        N_("List it, or leave it if it is not to be sold there"),
    ),
}
_COUNT_RULES: Final = N_("Count again; if it is right, the next run takes the count in")
_COMES_DOWN: Final = N_("The next run brings it down")


def report_of(settings: Settings, reconciled: StockReconciled) -> Report:
    """Return the report: sums first, then every kind with its rows, then the files with their times."""
    summary = _summary(settings, reconciled)
    rows = reconciled.comparison.rows
    return Report(
        summary.heading,
        tuple(_blocks(settings, reconciled, summary)),
        table=Block(
            summary.heading,
            columns=(_("kind"), *_columns()),
            rows=tuple((_(KIND_WORDS[row.kind]), *_cells(settings, reconciled, row)) for row in rows),
        ),
        data=as_data(settings, reconciled),
    )


def _blocks(settings: Settings, reconciled: StockReconciled, summary: Block) -> list[Block]:
    found = [summary]
    found += [
        _kind_block(settings, reconciled, kind) for kind in KINDS if kind in reconciled.comparison.totals
    ]
    if len(reconciled.findings):
        found.append(source_times.findings_block(reconciled.findings))
    found.append(source_times.sources_block(settings, reconciled.sources))
    return found


def _summary(settings: Settings, reconciled: StockReconciled) -> Block:
    comparison = reconciled.comparison
    lines = [
        _("{listings} listings of shops and {counts} counts were compared, as of {clock}").format(
            listings=f"{comparison.listings:,}",
            counts=f"{comparison.counts:,}",
            clock=moment(settings, reconciled.clock),
        )
    ]
    lines += [
        _("{channel} was not compared: its warehouse was never counted, or its cut-over is to come").format(
            channel=party_title(settings, channel)
        )
        for channel in comparison.left_alone
    ]
    if not comparison.differs:
        lines.append(_("No difference"))
    for kind in DIFFERENCES:
        if kind in comparison.totals:
            lines.append(_difference_line(kind, comparison.totals[kind]))
    for kind in NOTES:
        if kind in comparison.totals:
            count = _("{count} SKUs").format(count=f"{comparison.totals[kind].rows:,}")
            lines.append(f"{_(KIND_WORDS[kind])}: {count}")
    return Block(_("Stock: master, counts and shops compared"), tuple(lines))


def _difference_line(kind: str, total: KindTotal) -> str:
    line = _("{kind}: {count} SKUs, {units}").format(
        kind=_(KIND_WORDS[kind]), count=f"{total.rows:,}", units=units(total.units)
    )
    if total.unpriced < total.rows:
        line += _(", at stake {yen}").format(yen=yen(total.yen))
    if total.unpriced:
        line += _(" ({count} without a price)").format(count=f"{total.unpriced:,}")
    return line


def _kind_block(settings: Settings, reconciled: StockReconciled, kind: str) -> Block:
    rows = [row for row in reconciled.comparison.rows if row.kind == kind]
    left_out = reconciled.comparison.totals[kind].rows - len(rows)
    return Block(
        _(KIND_WORDS[kind]),
        columns=_columns(),
        rows=tuple(_cells(settings, reconciled, row) for row in rows),
        notes=(_("{count} more are not shown").format(count=f"{left_out:,}"),) if left_out else (),
        when="note" if kind in NOTES else "today",
    )


def _columns() -> tuple[str | Column, ...]:
    return (
        _("shop or warehouse"),
        Column("SKU", "code"),
        _("item"),
        Column(_("code there"), "code"),
        Column(_("shows"), "count", unit()),
        _("as of"),
        Column(_("since then"), "count", unit()),
        Column(_("should be"), "count", unit()),
        Column(_("difference"), "count", unit()),
        Column(_("yen at stake"), "yen"),
        _("why"),
        _("what to do"),
    )


def _cells(settings: Settings, reconciled: StockReconciled, row: StockDifference) -> tuple[Cell, ...]:
    as_of = moment(settings, row.theirs_at)
    stale = row.party in stale_of(reconciled.sources)
    why, action = cause_words(settings, row)
    return (
        party_title(settings, row.party),
        row.sku,
        row.name,
        listing_code(row),
        row.theirs,
        _("{as_of} (old data)").format(as_of=as_of) if stale and as_of else as_of,
        row.since or None,
        row.ours,
        row.apart,
        None if row.kind in NOTES else row.yen,
        why,
        action,
    )


def listing_code(row: StockDifference) -> str:
    """Return the channel's own code of a listing, both parts where they differ."""
    return "/".join(dict.fromkeys(part for part in (row.item_key, row.sku_key) if part))


def cause_words(settings: Settings, row: StockDifference) -> tuple[str, str]:
    """Return why a row differs and what to do, in the current language."""
    why, action = CAUSES[row.cause]
    if row.kind == "within_safety":
        action = _COMES_DOWN
    elif row.kind == "drift" and row.detail == "rules":
        action = _COUNT_RULES
    words = {"detail": row.detail, "party": party_title(settings, row.party)}
    return _(why).format_map(words), _(action).format_map(words) if action else ""


def as_data(settings: Settings, reconciled: StockReconciled) -> dict[str, object]:
    """Return the same as plain data for `--json`."""
    return {
        "as_of": reconciled.clock,
        "listings_compared": reconciled.comparison.listings,
        "counts_compared": reconciled.comparison.counts,
        "not_compared": list(reconciled.comparison.left_alone),
        "differs": reconciled.comparison.differs,
        "totals": {kind: vars(total) for kind, total in reconciled.comparison.totals.items()},
        "rows": [
            {**vars(row), **dict(zip(("why", "action"), cause_words(settings, row), strict=True))}
            for row in reconciled.comparison.rows
        ],
        "sources": source_times.sources_data(reconciled.sources),
        "findings": source_times.findings_data(reconciled.findings),
    }
