"""Tell the warehouses what to ship: whole destinations, when they are due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.locale import N_
from ecsync.master import counters
from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.master.told import TOLD_NUMBER
from ecsync.shipping import destinations
from ecsync.shipping.waits import refresh_waits

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

COUNTER: Final = "parcel"

_READY: Final = """
INSERT INTO tmp_ready (position, channel, order_no, dest_id, warehouse, ship_date, late)
SELECT ROW_NUMBER() OVER (ORDER BY d.ordered_at, d.channel, d.order_no, d.dest_id),
       d.channel, d.order_no, d.dest_id, d.warehouse, d.ship_date, d.late
FROM tmp_destination d
WHERE d.due = 1 AND d.short = 0 AND d.unknown = 0 AND d.held = 0 AND d.unpaid = 0
"""

# Cash is collected once: with the order's first parcel, and again only when that one never left.
_COLLECTS: Final = """CASE WHEN o.payment_method = 'cod' AND COALESCE(o.billed, 0) > 0
        AND NOT EXISTS (SELECT 1 FROM tmp_ready e
                        WHERE e.channel = r.channel AND e.order_no = r.order_no AND e.position < r.position)
        AND NOT EXISTS (SELECT 1 FROM shipping_instruction c
                        JOIN instruction_line l ON l.parcel_no = c.parcel_no
                        WHERE c.channel = r.channel AND c.order_no = r.order_no AND c.cod_amount IS NOT NULL
                          AND l.qty > l.short_qty + l.recalled_qty)
       THEN o.billed END"""

_INSTRUCT: Final = f"""
INSERT INTO shipping_instruction (parcel_no, channel, order_no, dest_id, warehouse, ship_date, cod_amount, state,
                                  instructed_at, revision, sequence, run_id)
SELECT n.parcel_no, r.channel, r.order_no, r.dest_id, r.warehouse, r.ship_date,
       {_COLLECTS}, 'instructed', :now, o.revision, n.sequence, :run
FROM tmp_ready r
JOIN tmp_number n ON n.position = r.position
JOIN sales_order o ON o.channel = r.channel AND o.order_no = r.order_no
ORDER BY n.parcel_no
"""  # noqa: S608

_KEY: Final = "r.channel || ':' || r.order_no || ':' || r.dest_id || ':' || CAST(r.sequence AS TEXT)"

# After a restored backup the outbox knows what the master forgot: such a parcel keeps the number it was told by.
_NUMBER: Final = f"""
INSERT INTO tmp_number (position, sequence, parcel_no)
SELECT r.position, r.sequence,
  COALESCE({TOLD_NUMBER.format(key=_KEY)}, p.prefix || SUBSTR('0000000' || CAST(:first + r.position - 1 AS TEXT),
  CASE WHEN :first + r.position - 1 > 99999999 THEN 8 ELSE LENGTH(CAST(:first + r.position - 1 AS TEXT)) END))
FROM (
  SELECT t.position, t.channel, t.order_no, t.dest_id, t.warehouse,
         1 + (SELECT COUNT(*) FROM shipping_instruction s
              WHERE s.channel = t.channel AND s.order_no = t.order_no AND s.dest_id = t.dest_id) AS sequence
  FROM tmp_ready t
) r
JOIN tmp_prefix p ON p.warehouse = r.warehouse
"""  # noqa: S608

_LINES: Final = """
INSERT INTO instruction_line (parcel_no, line_no, channel, order_no, line_id, line_sku, sku, qty, run_id)
SELECT n.parcel_no, ROW_NUMBER() OVER (PARTITION BY n.parcel_no ORDER BY l.line_id, a.sku),
       l.channel, l.order_no, l.line_id, l.sku, a.sku, a.needed - COALESCE(p.units, 0), :run
FROM tmp_ready r
JOIN tmp_number n ON n.position = r.position
JOIN order_line l ON l.channel = r.channel AND l.order_no = r.order_no AND l.dest_id = r.dest_id AND l.qty > 0
JOIN allocation a ON a.channel = l.channel AND a.order_no = l.order_no AND a.line_id = l.line_id
                 AND a.warehouse = r.warehouse
LEFT JOIN tmp_packed p ON p.channel = a.channel AND p.order_no = a.order_no
                      AND p.line_id = a.line_id AND p.sku = a.sku
WHERE a.needed > COALESCE(p.units, 0)
ORDER BY n.parcel_no, l.line_id, a.sku
"""

_LATE: Final = """
SELECT r.channel, r.order_no, r.ship_date FROM tmp_ready r WHERE r.late = 1
ORDER BY r.position
"""

_KEPT_BACK: Final = """
SELECT d.channel, d.order_no, d.warehouse, MAX(d.held), MAX(d.short)
FROM tmp_destination d
WHERE d.wished_date <> '' AND d.due = 1 AND (d.held = 1 OR d.short > 0)
GROUP BY d.channel, d.order_no, d.warehouse
ORDER BY d.channel, d.order_no, d.warehouse
"""

_REASONS: Final = {
    (True, False): N_("it is held"),
    (False, True): N_("stock is short"),
    (True, True): N_("it is held, and stock is short"),
}


@dataclass(frozen=True)
class Instructed:
    """Say how many parcels were instructed, and how many of them cannot keep their wished date."""

    parcels: int
    late: int


def instruct(ctx: RunContext) -> Instructed:
    """Instruct every destination that is due, allocated in full, not held and not waiting; one parcel each.

    Parcels are numbered in the order (ordered_at, channel, order_no, destination). After a short pick or
    a recall the rest goes as a new parcel once it is allocated. What waits for stock or for its date is
    kept in `order_wait`; what should leave today and cannot is named in the findings.
    """
    with scratch_tables(
        ctx,
        tmp_packed="channel TEXT, order_no TEXT, line_id TEXT, sku TEXT, units BIGINT, "
        "PRIMARY KEY (channel, order_no, line_id, sku)",
        tmp_destination=destinations.SCRATCH,
        tmp_ready="position BIGINT, channel TEXT, order_no TEXT, dest_id TEXT, warehouse TEXT, ship_date TEXT, "
        "late BIGINT, PRIMARY KEY (channel, order_no, dest_id)",
        tmp_number="position BIGINT, sequence BIGINT, parcel_no TEXT, PRIMARY KEY (position)",
        tmp_prefix="warehouse TEXT, prefix TEXT, PRIMARY KEY (warehouse)",
    ):
        destinations.gather_destinations(ctx)
        parcels = ctx.execute(_READY).rowcount
        if parcels:
            _write_parcels(ctx, parcels)
        late = ctx.rows(_LATE)
        for channel, order_no, ship_date in late:
            ctx.findings.add("ship_date_passed", f"{channel} {order_no}", ship_date=ship_date)
        _tell_kept_back(ctx)
        refresh_waits(ctx)
    return Instructed(parcels, len(late))


def _write_parcels(ctx: RunContext, count: int) -> None:
    first = counters.take(ctx.conn, COUNTER, count)
    prefixes: list[dict[str, object]] = [
        {"warehouse": name, "prefix": warehouse.parcel_prefix}
        for name, warehouse in sorted(ctx.settings.warehouses.items())
    ]
    fill(ctx, "tmp_prefix", prefixes)
    analyze(ctx, "tmp_ready", "tmp_prefix")
    ctx.execute(_NUMBER, first=first)
    analyze(ctx, "tmp_number")
    ctx.execute(_INSTRUCT, now=ctx.now, run=ctx.run_id)
    ctx.execute(_LINES, run=ctx.run_id)


def _tell_kept_back(ctx: RunContext) -> None:
    for channel, order_no, warehouse, held, short in ctx.rows(_KEPT_BACK):
        ctx.findings.add(
            "ship_by_today",
            f"{channel} {order_no}",
            reason=_REASONS[bool(held), bool(short)],
            by=ctx.settings.warehouses[warehouse].cut_off.strftime("%H:%M"),
        )
