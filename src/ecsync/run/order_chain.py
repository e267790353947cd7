"""The chain of one order: every row of the master that says what happened to it, by time, with where it is from.

No personal value is read: of persons only when they were erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.stock.documents import RECEIPT_KEY

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

NEAR: Final = 2_000

_ORDER: Final = """
SELECT o.ordered_at, o.order_status, o.state, o.payment_state, o.payment_method, o.billed, o.revision, o.as_of
FROM sales_order o WHERE o.channel = :channel AND o.order_no = :order_no ORDER BY o.order_no
"""

# Every step: time, rank within a moment, kind, what (codes for the report to say), file, line, run.
_STEPS: Final[tuple[tuple[str, str], ...]] = (
    (
        "ordered",
        "SELECT o.ordered_at, 0, '', '', '', '', 0, 0 FROM sales_order o WHERE {order}",
    ),
    (
        "quarantined",
        (
            "SELECT q.quarantined_at, 10, q.reason, q.column_name, q.state, q.file_name, q.line, q.run_id "
            "FROM quarantined_row q JOIN inbox_file f ON f.file_id = q.file_id AND f.party = :channel "
            "WHERE q.business_key = :order_no"
        ),
    ),
    (
        "revision",
        (
            "SELECT o.recorded_at, 20, o.kind, o.changed, CAST(o.revision AS TEXT), COALESCE(f.name, ''), "
            "COALESCE(s.line, 0), o.run_id FROM order_revision o "
            "LEFT JOIN order_source s ON s.channel = o.channel AND s.order_no = o.order_no AND s.revision = o.revision "
            "LEFT JOIN inbox_file f ON f.file_id = s.file_id WHERE {order}"
        ),
    ),
    (
        "decision",
        (
            "SELECT o.decided_at, 30, o.kind, o.fields, o.decided_by, o.source, o.source_row, o.run_id "
            "FROM staff_decision o WHERE {order}"
        ),
    ),
    (
        "decision_ended",
        (
            "SELECT o.ended_at, 31, o.kind, o.state, '', '', 0, o.run_id FROM staff_decision o "
            "WHERE {order} AND o.ended_at <> ''"
        ),
    ),
    (
        "payment",
        "SELECT o.at, 40, o.event, o.source, '', '', 0, o.run_id FROM payment_event o WHERE {order}",
    ),
    (
        "held",
        "SELECT o.opened_at, 50, o.reason, o.subject, '', '', 0, o.run_id FROM order_hold o WHERE {order}",
    ),
    (
        "hold_over",
        (
            "SELECT o.closed_at, 15, o.reason, '', '', '', 0, o.run_id FROM order_hold o "
            "WHERE {order} AND o.closed_at <> ''"
        ),
    ),
    (
        "instructed",
        (
            "SELECT o.instructed_at, 60, o.parcel_no, o.warehouse, o.ship_date, COALESCE(f.remote_name, ''), 0, "
            "o.run_id, "
            "COALESCE(f.state, '') FROM shipping_instruction o "
            "LEFT JOIN outbox_key k ON k.document = 'shipping_instructions' AND k.business_key = "
            "o.channel || ':' || o.order_no || ':' || o.dest_id || ':' || CAST(o.sequence AS TEXT) "
            "LEFT JOIN outbox_file f ON f.outbox_id = k.outbox_id WHERE {order}"
        ),
    ),
    (
        "recall",
        (
            "SELECT r.requested_at, 61, r.parcel_no, r.reason, '', COALESCE(f.remote_name, ''), 0, r.run_id, "
            "COALESCE(f.state, '') FROM shipping_instruction o JOIN recall r ON r.parcel_no = o.parcel_no "
            "LEFT JOIN outbox_key k ON k.document = 'recalls' AND k.business_key = r.parcel_no "
            "LEFT JOIN outbox_file f ON f.outbox_id = k.outbox_id WHERE {order}"
        ),
    ),
    (
        "recall_answer",
        (
            "SELECT r.answered_at, 62, r.parcel_no, r.answer, '', '', 0, r.run_id "
            "FROM shipping_instruction o JOIN recall r ON r.parcel_no = o.parcel_no "
            "WHERE {order} AND r.answered_at <> ''"
        ),
    ),
    (
        "parcel_change",
        "SELECT o.told_at, 63, o.parcel_no, o.fields, o.state, '', 0, o.run_id FROM parcel_change o WHERE {order}",
    ),
    (
        "event",
        (
            "SELECT e.at, 70, e.kind, e.sku || ' ' || COALESCE(CAST(e.qty AS TEXT), ''), "
            "CASE WHEN e.verdict = 'ok' THEN e.tracking_no ELSE e.verdict END, COALESCE(f.name, ''), "
            "COALESCE(s.line, 0), e.run_id FROM shipping_instruction o "
            "JOIN warehouse_event e ON e.parcel_no = o.parcel_no AND e.warehouse = o.warehouse "
            "LEFT JOIN event_source s ON s.warehouse = e.warehouse AND s.event_id = e.event_id "
            "LEFT JOIN inbox_file f ON f.file_id = s.file_id WHERE {order}"
        ),
    ),
    (
        "notice",
        (
            "SELECT o.decided_at, 80, o.tracking_no, o.carrier, o.ship_date, COALESCE(f.remote_name, ''), 0, "
            "o.run_id, "
            "COALESCE(f.state, '') FROM shipping_notice o "
            "LEFT JOIN outbox_file f ON f.outbox_id = (SELECT MIN(k.outbox_id) FROM outbox_key k "
            "WHERE (k.document = 'shipping_notices' AND k.business_key = "
            "o.channel || ':' || o.order_no || ':' || o.dest_id || ':' || o.tracking_no) "
            "OR (k.document = 'notice_lines' AND k.business_key IN (SELECT "
            "o.channel || ':' || o.order_no || ':' || o.dest_id || ':' || o.tracking_no || ':' || l.line_id "
            "FROM order_line l WHERE l.channel = o.channel AND l.order_no = o.order_no))) WHERE {order}"
        ),
    ),
    (
        "booking",
        (
            "SELECT COALESCE(r.clock, o.booked_on), 90, o.kind, CAST(COALESCE(a.gross, 0) AS TEXT), "
            "o.booked_on, '', 0, o.run_id FROM booking o LEFT JOIN run r ON r.run_id = o.run_id "
            "LEFT JOIN (SELECT booking_key, SUM(gross) AS gross FROM booking_amount GROUP BY booking_key) a "
            "ON a.booking_key = o.booking_key WHERE {order}"
        ),
    ),
    (
        "journal",
        (
            "SELECT COALESCE(r.clock, e.entry_date), 91, CAST(e.entry_no AS TEXT), e.entry_date, e.kind, "
            "COALESCE(f.remote_name, ''), 0, e.run_id, COALESCE(f.state, '') FROM booking o "
            "JOIN booking_journal b ON b.booking_key = o.booking_key JOIN journal_entry e ON e.entry_no = b.entry_no "
            "LEFT JOIN run r ON r.run_id = e.run_id "
            "LEFT JOIN outbox_key k ON k.document = 'journal_lines' AND k.business_key = e.entry_key "
            "LEFT JOIN outbox_file f ON f.outbox_id = k.outbox_id WHERE {order}"
        ),
    ),
    (
        "core_entry",
        (
            "SELECT DISTINCT COALESCE(r.clock, o.booked_on), 92, o.kind, o.booked_on, '', f.remote_name, 0, "
            "o.run_id, "
            "f.state FROM core_entry o LEFT JOIN run r ON r.run_id = o.run_id "
            "JOIN outbox_key k ON k.document = 'core_entries' AND k.business_key = o.entry_id "
            "JOIN outbox_file f ON f.outbox_id = k.outbox_id WHERE {order}"
        ),
    ),
    (
        "core_receipt",
        (
            "SELECT f.created_at, 93, e.kind, e.business_date, e.sku, f.remote_name, 0, f.run_id, f.state "
            "FROM shipping_instruction o "
            "JOIN warehouse_event e ON e.parcel_no = o.parcel_no AND e.warehouse = o.warehouse "
            "JOIN outbox_key k ON k.document = 'core_receipts' AND k.business_key = " + RECEIPT_KEY + " "
            "JOIN outbox_file f ON f.outbox_id = k.outbox_id WHERE {order}"
        ),
    ),
    (
        "erased",
        "SELECT DISTINCT o.erased_at, 99, '', '', '', '', 0, 0 FROM person o WHERE {order} AND o.erased_at <> ''",
    ),
)

_STANDS: Final[tuple[tuple[str, str], ...]] = (
    (
        "line",
        "SELECT o.line_id, o.sku, o.qty, o.unit_price FROM order_line o WHERE {order} ORDER BY o.line_id",
    ),
    (
        "allocation",
        "SELECT o.line_id, o.sku, o.needed, o.qty FROM allocation o WHERE {order} ORDER BY o.line_id, o.sku",
    ),
    (
        "wait",
        "SELECT o.dest_id, o.kind, o.until, '' FROM order_wait o WHERE {order} ORDER BY o.dest_id, o.kind",
    ),
    (
        "hold",
        (
            "SELECT o.dest_id, o.reason, o.subject, '' FROM order_hold o WHERE {order} AND o.closed_at = '' "
            "ORDER BY o.dest_id, o.reason"
        ),
    ),
    (
        "parcel",
        (
            "SELECT o.parcel_no, o.state, COALESCE(t.tracking_no, ''), COALESCE(t.carrier, '') "
            "FROM shipping_instruction o LEFT JOIN parcel_tracking t ON t.parcel_no = o.parcel_no WHERE {order} "
            "ORDER BY o.parcel_no, t.tracking_no"
        ),
    ),
)

# Rows that later runs write over keep their time: the run whose clock it is did it.
_OF_THE_CLOCK: Final = frozenset(
    {"held", "hold_over", "instructed", "recall", "notice", "parcel_change", "decision"}
)
_CLOCKS: Final = "SELECT clock, MIN(run_id) FROM run GROUP BY clock ORDER BY clock"

_CHANGES: Final = """
SELECT c.revision, c.scope, c.field, c.old_value, c.new_value FROM order_change c
WHERE c.channel = :channel AND c.order_no = :order_no ORDER BY c.revision, c.scope, c.field
"""


@dataclass(frozen=True)
class Step:
    """One thing that happened. `what`, `detail` and `more` are codes and numbers; `state` is that of the file sent."""

    at: str
    rank: int
    kind: str
    what: str
    detail: str
    more: str
    file: str
    line: int
    run_id: int
    state: str = ""


@dataclass(frozen=True)
class OrderChain:
    """What one order is now, and everything that happened to it, by time.

    `stands` are rows (kind, four values); `changes` are (revision, scope, field, old, new) of fields that are
    not personal.
    """

    channel: str
    order_no: str
    ordered_at: str
    order_status: str
    state: str
    payment_state: str
    payment_method: str
    billed: int | None
    revision: int
    as_of: str
    stands: tuple[tuple[str, str, str, str, str], ...]
    changes: tuple[tuple[int, str, str, str, str], ...]
    steps: tuple[Step, ...]


def find_orders(ctx: RunContext, asked: str, channel: str) -> list[tuple[str, str]]:
    """Return (channel, order number) of every order of that number, also where only rows put aside know it."""
    rows = ctx.rows(
        "SELECT channel, order_no FROM sales_order WHERE order_no = :asked ORDER BY channel, order_no",
        asked=asked,
    )
    if not rows:
        put_aside = ctx.rows(
            "SELECT DISTINCT f.party, q.business_key FROM quarantined_row q JOIN inbox_file f ON f.file_id = q.file_id "
            "WHERE q.business_key = :asked ORDER BY f.party, q.business_key",
            asked=asked,
        )
        rows = [row for row in put_aside if row[0] in ctx.settings.channels]
    return [(str(name), str(number)) for name, number in rows if channel in {"", name}]


def near_orders(ctx: RunContext, asked: str, channel: str) -> list[str]:
    """Return order numbers that begin or end alike, for a person who mistyped."""
    rows = ctx.rows(
        "SELECT order_no FROM sales_order WHERE (:channel = '' OR channel = :channel) "
        "AND (SUBSTR(order_no, 1, :length) = :start OR order_no LIKE :end) ORDER BY order_no DESC LIMIT :most",
        channel=channel,
        length=max(len(asked) - 3, 1),
        start=asked[: max(len(asked) - 3, 1)],
        end=f"%{asked[-4:]}",
        most=NEAR,
    )
    return [str(row[0]) for row in rows]


def order_chain(ctx: RunContext, channel: str, order_no: str) -> OrderChain:
    """Return the chain of one order."""
    known = ctx.rows(_ORDER, channel=channel, order_no=order_no)
    ordered_at, status, state, payment, method, billed, revision, as_of = (
        known[0] if known else ("", "", "", "", "", None, 0, "")
    )
    mine = "o.channel = :channel AND o.order_no = :order_no"
    key = {"channel": channel, "order_no": order_no}
    clocks = {str(clock): int(number) for clock, number in ctx.rows(_CLOCKS)}
    steps = []
    for kind, sql in _STEPS:
        text = sql.format(order=mine)
        params = {name: value for name, value in key.items() if f":{name}" in text}
        for at, rank, what, detail, more, file, line, run_id, *rest in ctx.rows(
            f"{text} ORDER BY 1, 2, 3, 4, 5", **params
        ):
            steps.append(
                Step(
                    str(at),
                    int(rank),
                    kind,
                    str(what),
                    str(detail),
                    str(more),
                    str(file),
                    int(line or 0),
                    clocks.get(str(at), int(run_id)) if kind in _OF_THE_CLOCK else int(run_id),
                    str(rest[0]) if rest else "",
                )
            )
    stands = tuple(
        (kind, *(("" if value is None else str(value)) for value in row))
        for kind, sql in _STANDS
        for row in ctx.rows(sql.format(order=mine), **key)
    )
    return OrderChain(
        channel=channel,
        order_no=order_no,
        ordered_at=str(ordered_at),
        order_status=str(status),
        state=str(state),
        payment_state=str(payment),
        payment_method=str(method),
        billed=billed,
        revision=int(revision),
        as_of=str(as_of),
        stands=stands,  # type: ignore[arg-type]
        changes=tuple(
            (int(number), str(scope), str(name), str(old), str(new))
            for number, scope, name, old, new in ctx.rows(_CHANGES, **key)
        ),
        steps=tuple(sorted(steps, key=lambda step: (step.at, step.rank, step.kind, step.what))),
    )
