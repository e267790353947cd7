"""The classes of `reconcile orders` in staff's words: which order, what, why, and what to do.

Order numbers stand exactly as the shop shows them. Personal fields are named, their values never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.orders.difference_rows import CLASSES
from ecsync.report import source_times
from ecsync.report.blocks import Block, Cell, Column, Report
from ecsync.report.field_words import change_words, revision_words
from ecsync.report.figures import moment, party_title, yen

if TYPE_CHECKING:
    from ecsync.config import Settings
    from ecsync.orders.difference_rows import OrderDifference
    from ecsync.run.order_reconciling import OrdersReconciled

CLASS_WORDS: Final = {
    "missing": N_("missing in the file"),
    "changed_after_instruction": N_("changed after instruction"),
    "cancelled": N_("cancelled in the shop"),
    "changed": N_("changed in the shop"),
    "new": N_("new and not taken in"),
    "conflict": N_("two files contradict each other"),
    "unreadable": N_("rows that could not be used"),
    "duplicate": N_("perhaps taken in twice"),
    "amount_mismatch": N_("amounts that do not add up"),
    "tax_mismatch": N_("tax that differs"),
}

CAUSES: Final[dict[str, tuple[str, str]]] = {
    "new": (N_("the file has it, the master has not"), N_("The next run takes it in")),
    "new_cancelled": (
        N_("the file has it, cancelled already; the master has not"),
        N_("Nothing: it will not be shipped"),
    ),
    "changed": ("{changes}", N_("The next run takes the change in")),
    "reopened": (
        N_("it was cancelled and is open again: {changes}"),
        N_("Make sure that the customer wants it; the next run takes it in"),
    ),
    "instructed": (
        N_("the warehouse was told before: {changes}"),
        N_("Call the warehouse: ship as instructed, or ask for a recall"),
    ),
    "in_master": (
        N_("changed after its shipping instruction {other}: {changes}"),
        N_("Call the warehouse: ship as instructed, or ask for a recall"),
    ),
    "cancelled": (N_("the shop cancelled it"), N_("The next run takes it in; nothing is shipped")),
    "cancelled_instructed": (
        N_("the shop cancelled it, and the warehouse was told to ship it"),
        N_("Call the warehouse now; the next run asks for a recall"),
    ),
    "cancelled_shipped": (
        N_("the shop cancelled it, and it has been shipped"),
        N_("Agree with the customer on the return"),
    ),
    "conflict": (
        N_("two files of the same time say different things about it"),
        N_("Fetch the order anew from the mall"),
    ),
    "unreadable": (
        N_("a row of it could not be used, so the order is not taken in"),
        N_("Mend the row and put it in again, or fetch the order anew"),
    ),
    "missing": (
        N_("it is open here, and the file that should hold it does not"),
        N_("Look at the order in the shop: cancelled, deleted, or in another status?"),
    ),
    "same_content": (
        N_("same buyer, lines and total as {other_shop} {other}"),
        N_("Ask the customer before shipping both"),
    ),
    "same_number": (
        N_("{other_shop} has an order of the same number and content"),
        N_("Look whether a file of one shop was put into the other's folder"),
    ),
    "billed_differs": (
        N_("the amount billed is not the sum of its parts"),
        N_("Check the order on the mall's screen"),
    ),
    "goods_differ": (
        N_("the amount of goods is not the sum of its lines"),
        N_("Check the order on the mall's screen"),
    ),
    "tax_differs": (
        N_("the mall states {theirs} of tax{rate}, we compute {ours}"),
        N_("Check the amounts per tax rate on the mall's screen"),
    ),
    "rate_differs": (
        N_("{detail}: the mall's tax rate is {theirs_rate}, the product master's {ours_rate}"),
        N_("Correct the tax rate in the shop or in the core system"),
    ),
}


def report_of(settings: Settings, reconciled: OrdersReconciled) -> Report:
    """Return the report: sums first, then every class with its orders, then the files with their times."""
    summary = _summary(settings, reconciled)
    rows = reconciled.comparison.rows
    blocks = [summary]
    blocks += [
        _class_block(settings, reconciled, kind) for kind in CLASSES if kind in reconciled.comparison.totals
    ]
    if len(reconciled.findings):
        blocks.append(source_times.findings_block(reconciled.findings))
    blocks.append(source_times.sources_block(settings, reconciled.sources))
    return Report(
        summary.heading,
        tuple(blocks),
        table=Block(
            summary.heading,
            columns=(_("kind"), *_columns()),
            rows=tuple((_(CLASS_WORDS[row.kind]), *_cells(settings, reconciled, row)) for row in rows),
        ),
        data=as_data(settings, reconciled),
    )


def _summary(settings: Settings, reconciled: OrdersReconciled) -> Block:
    comparison = reconciled.comparison
    lines = [
        _("{count} orders of the files were compared, as of {clock}").format(
            count=f"{comparison.orders_in_files:,}", clock=moment(settings, reconciled.clock)
        ),
        _counted(_("unchanged"), comparison.unchanged),
    ]
    if comparison.older:
        lines.append(_counted(_("older than what the master has"), comparison.older))
    if comparison.foreign:
        lines.append(_counted(_("from before the cut-over"), comparison.foreign))
    if not comparison.differs:
        lines.append(_("No difference"))
    for kind in CLASSES:
        if kind in comparison.totals:
            total = comparison.totals[kind]
            line = _counted(_(CLASS_WORDS[kind]), total.orders)
            lines.append(line + (_(", ") + yen(total.yen) if total.yen else ""))
    lines += [
        _("{channel}: what its order file should hold is not declared, so no order is called missing").format(
            channel=party_title(settings, channel)
        )
        for channel in reconciled.unscoped
    ]
    return Block(_("Orders: files and master compared"), tuple(lines))


def _counted(what: str, orders: int) -> str:
    return _("{what}: {count}").format(what=what, count=f"{orders:,}")


def _class_block(settings: Settings, reconciled: OrdersReconciled, kind: str) -> Block:
    rows = [row for row in reconciled.comparison.rows if row.kind == kind]
    orders = {(row.channel, row.order_no) for row in rows}
    left_out = reconciled.comparison.totals[kind].orders - len(orders)
    return Block(
        _(CLASS_WORDS[kind]),
        columns=_columns(),
        rows=tuple(_cells(settings, reconciled, row) for row in rows),
        notes=(_("{count} more are not shown").format(count=f"{left_out:,}"),) if left_out > 0 else (),
        when="today",
    )


def _columns() -> tuple[str | Column, ...]:
    return (
        _("shop"),
        Column(_("order"), "code"),
        Column(_("file"), "code"),
        Column(_("line"), "count"),
        _("as of"),
        Column(_("amount"), "yen"),
        _("why"),
        _("what to do"),
    )


def _cells(settings: Settings, reconciled: OrdersReconciled, row: OrderDifference) -> tuple[Cell, ...]:
    why, action = cause_words(settings, row)
    return (
        party_title(settings, row.channel),
        row.order_no,
        reconciled.names.get(row.src_file, ""),
        row.src_line or None,
        moment(settings, row.as_of),
        row.yen,
        why,
        action,
    )


def cause_words(settings: Settings, row: OrderDifference) -> tuple[str, str]:
    """Return why an order is in its class and what to do, in the current language."""
    cause = "instructed" if (row.kind, row.cause) == ("changed_after_instruction", "changed") else row.cause
    why, action = CAUSES[cause]
    changes = revision_words(row.detail) if row.cause == "in_master" else change_words(row.changes)
    words = {
        "changes": changes,
        "detail": row.detail,
        "other": row.other_order,
        "other_shop": party_title(settings, row.other_channel),
    }
    if row.kind == "tax_mismatch":
        rate = _(" at {rate}").format(rate=_percent(row.detail)) if row.detail.isdigit() else ""
        if row.cause == "rate_differs":
            words |= {"theirs_rate": _percent(row.other_channel), "ours_rate": _percent(row.other_order)}
        else:
            words |= {"theirs": yen(int(row.other_channel)), "ours": yen(int(row.other_order)), "rate": rate}
    said = why if why == "{changes}" else _(why)
    return said.format_map(words), _(action)


def _percent(basis_points: str) -> str:
    whole, rest = divmod(int(basis_points), 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def as_data(settings: Settings, reconciled: OrdersReconciled) -> dict[str, object]:
    """Return the same as plain data for `--json`."""
    comparison = reconciled.comparison
    return {
        "as_of": reconciled.clock,
        "orders_in_files": comparison.orders_in_files,
        "unchanged": comparison.unchanged,
        "older": comparison.older,
        "before_cutover": comparison.foreign,
        "scope_not_declared": list(reconciled.unscoped),
        "differs": comparison.differs,
        "totals": {kind: vars(total) for kind, total in comparison.totals.items()},
        "rows": [
            {
                **{name: value for name, value in vars(row).items() if name != "changes"},
                "file": reconciled.names.get(row.src_file, ""),
                "changes": [vars(change) for change in row.changes],
                **dict(zip(("why", "action"), cause_words(settings, row), strict=True)),
            }
            for row in comparison.rows
        ],
        "sources": source_times.sources_data(reconciled.sources),
        "findings": source_times.findings_data(reconciled.findings),
    }
