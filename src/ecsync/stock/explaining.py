"""The chain that made the figure of one SKU: counts, movements, promises, and what each channel was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import fill, scratch_tables
from ecsync.stock import sellable
from ecsync.stock.places import counting_sources
from ecsync.stock.shops import SHOP_COLUMNS, open_shops

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

MOST_TOLD: Final = 3

_FILES_OF_RUN: Final = """
SELECT DISTINCT f.name FROM file_tally t JOIN inbox_file f ON f.file_id = t.file_id
WHERE t.run_id = :run AND t.entity = :entity AND f.party = :party ORDER BY f.name
"""

_MOVEMENTS: Final = """
SELECT m.effective_at, m.kind, m.qty, m.reference, m.run_id, m.movement_key, COALESCE(f.name, ''), COALESCE(s.line, 0),
       COALESCE(t.remote_name, '')
FROM stock_movement m
LEFT JOIN event_source s ON s.warehouse = m.warehouse AND m.movement_key = 'event:' || m.warehouse || ':' || s.event_id
                        AND s.event_id = SUBSTR(m.movement_key, LENGTH('event:' || m.warehouse || ':') + 1)
LEFT JOIN inbox_file f ON f.file_id = s.file_id
LEFT JOIN outbox_key k ON k.document = 'core_receipts'
                      AND k.business_key = m.kind || ':' || m.warehouse || ':' || s.event_id
LEFT JOIN outbox_file t ON t.outbox_id = k.outbox_id
WHERE m.warehouse = :warehouse AND m.sku = :sku
ORDER BY m.effective_at, m.recorded_at, m.movement_key
"""

_COUNTED: Final = """
SELECT s.source, s.qty, s.as_of, s.run_id FROM stock_snapshot s WHERE s.sku = :sku ORDER BY s.source
"""

_PROMISES: Final = """
SELECT a.channel, a.order_no, a.line_id, a.needed, a.qty, COALESCE(o.ordered_at, ''), COALESCE(l.sku, '')
FROM allocation a
LEFT JOIN sales_order o ON o.channel = a.channel AND o.order_no = a.order_no
LEFT JOIN order_line l ON l.channel = a.channel AND l.order_no = a.order_no AND l.line_id = a.line_id
WHERE a.warehouse = :warehouse AND a.sku = :sku AND (a.needed > 0 OR a.qty > 0)
ORDER BY o.ordered_at, a.channel, a.order_no, a.line_id
"""

_HOLDS: Final = """
SELECT 'hold', h.reason FROM order_hold h
WHERE h.channel = :channel AND h.order_no = :order_no AND h.closed_at = ''
UNION
SELECT 'wait', w.kind FROM order_wait w WHERE w.channel = :channel AND w.order_no = :order_no
UNION
SELECT 'parcel', i.parcel_no FROM shipping_instruction i
WHERE i.channel = :channel AND i.order_no = :order_no AND i.state IN ('instructed', 'recalling')
ORDER BY 1, 2
"""

_LISTINGS: Final = """
SELECT l.item_key, l.sku_key, l.unlimited_flag, c.qty_seen, COALESCE(c.seen_at, ''), c.qty_sent,
       COALESCE(c.sent_at, '')
FROM channel_listing l
LEFT JOIN channel_stock c ON c.channel = l.channel AND c.item_key = l.item_key AND c.sku_key = l.sku_key
WHERE l.channel = :channel AND l.sku = :sku
ORDER BY l.item_key, l.sku_key
"""

_SEEN_IN: Final = """
SELECT f.name FROM inbox_file f JOIN file_tally t ON t.file_id = f.file_id AND t.entity = 'channel_listings'
WHERE f.party = :channel AND f.as_of = :as_of ORDER BY f.name
"""

_TOLD: Final = """
SELECT q.qty, q.previous_qty, q.decided_at, q.run_id, COALESCE(f.remote_name, ''), COALESCE(f.state, '')
FROM channel_quantity q
LEFT JOIN outbox_key k ON k.document = 'channel_quantities'
                      AND k.business_key = q.channel || ':' || q.item_key || ':' || q.sku_key || ':' || q.sequence
LEFT JOIN outbox_file f ON f.outbox_id = k.outbox_id
WHERE q.channel = :channel AND q.item_key = :item_key AND q.sku_key = :sku_key
ORDER BY q.sequence DESC
LIMIT :most
"""

_SOLD_SINCE: Final = """
SELECT COALESCE(CAST(SUM(l.qty) AS BIGINT), 0) FROM order_line l
JOIN sales_order o ON o.channel = l.channel AND o.order_no = l.order_no
WHERE l.channel = :channel AND l.sku = :sku AND o.ordered_at > :at AND o.state <> 'cancelled'
"""


@dataclass(frozen=True)
class Movement:
    """One movement, the balance after it, the file (and line) that told it, and the one that tells the core system."""

    at: str
    kind: str
    qty: int
    after: int
    reference: str
    run_id: int
    files: tuple[str, ...]
    line: int
    told: str


@dataclass(frozen=True)
class Count:
    """The newest count of one source. `rules`: what it counts is what we hold."""

    source: str
    qty: int
    as_of: str
    rules: bool
    files: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    """Units that a line of an open order keeps: needed, allocated of them, and what the order waits for."""

    channel: str
    order_no: str
    line_id: str
    needed: int
    allocated: int
    ordered_at: str
    line_sku: str
    because: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shelf:
    """One SKU in one warehouse: `spoken_for` is the larger of needed and allocated, line by line."""

    warehouse: str
    sku: str
    per_unit: int
    on_hand: int
    blocked: bool
    counts: tuple[Count, ...]
    movements: tuple[Movement, ...]
    promises: tuple[Promise, ...]
    spoken_for: int

    @property
    def free(self) -> int:
        """Return the units that nothing speaks for."""
        return self.on_hand - self.spoken_for


@dataclass(frozen=True)
class Told:
    """One figure that was decided for a listing, and what became of the file with it ('' where none was written)."""

    qty: int
    previous: int | None
    at: str
    run_id: int
    file: str
    state: str


@dataclass(frozen=True)
class Shown:
    """One listing: what was seen, in which files, what was told (newest first), and what it sold since it was seen."""

    item_key: str
    sku_key: str
    unlimited: bool
    seen: int | None
    seen_at: str
    seen_in: tuple[str, ...]
    sent: int | None
    sent_at: str
    sold_since: int
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Side:
    """One channel: what can be sold there, what it keeps back, and its listings of the SKU."""

    channel: str
    warehouse: str
    open: bool
    units: int
    safety: int
    withheld: int
    most: int
    listings: tuple[Shown, ...]

    @property
    def target(self) -> int:
        """Return what the channel should show."""
        return max(0, min(self.most, self.units - self.withheld))


@dataclass(frozen=True)
class StockExplained:
    """Everything that made the figure of one SKU. `parts` of a set are (SKU, units in one)."""

    sku: str
    name: str
    price: int | None
    cost: int | None
    is_set: bool
    parts: tuple[tuple[str, int], ...]
    part_of: tuple[tuple[str, int], ...]
    shelves: tuple[Shelf, ...]
    sides: tuple[Side, ...]


def known_sku(ctx: RunContext, asked: str) -> str:
    """Return the SKU that is meant: by its own code, a listing's code or a JAN code; '' where there is none."""
    for query in (
        "SELECT sku FROM product WHERE sku = :asked",
        "SELECT sku FROM stock_balance WHERE sku = :asked",
        "SELECT MIN(sku) FROM channel_listing WHERE sku <> '' AND (sku_key = :asked OR item_key = :asked)",
        "SELECT MIN(sku) FROM product WHERE jan = :asked AND jan <> ''",
    ):
        found = ctx.scalar(query, asked=asked)
        if found:
            return str(found)
    return ""


def near_skus(ctx: RunContext, asked: str, most: int = 2_000) -> list[str]:
    """Return SKUs that begin alike, for a person who mistyped; at most so many."""
    for length in (3, 1, 0):
        rows = ctx.rows(
            "SELECT sku FROM product WHERE SUBSTR(sku, 1, :length) = :start ORDER BY sku LIMIT :most",
            length=length,
            start=asked[:length],
            most=most,
        )
        if rows:
            return [str(row[0]) for row in rows]
    return []


def explain_stock(ctx: RunContext, sku: str, channel: str = "") -> StockExplained:
    """Return the chain behind the figures of a SKU; `channel` limits the sides to one."""
    product = ctx.rows("SELECT name, price, cost FROM product WHERE sku = :sku ORDER BY sku", sku=sku)
    name, price, cost = product[0] if product else ("", None, None)
    is_set = bool(ctx.scalar("SELECT COUNT(*) FROM set_component WHERE set_sku = :sku", sku=sku))
    with scratch_tables(ctx, tmp_shop=SHOP_COLUMNS, **sellable.SCRATCH):
        shops = open_shops(ctx)
        fill(ctx, "tmp_shop", shops)
        sellable.fill_sellable(ctx)
        parts = ctx.rows("SELECT sku, per_unit FROM tmp_component WHERE set_sku = :sku ORDER BY sku", sku=sku)
        part_of = ctx.rows(
            "SELECT set_sku, per_unit FROM tmp_component WHERE sku = :sku AND set_sku <> :sku ORDER BY set_sku",
            sku=sku,
        )
        sides = tuple(
            _side(ctx, name, sku, next((s for s in shops if s["channel"] == name), None))
            for name in sorted(ctx.settings.channels)
            if channel in {"", name}
        )
        shelves = tuple(
            _shelf(ctx, warehouse, part, per_unit)
            for part, per_unit in ([(sku, 1)] if not is_set else parts)
            for warehouse in sorted(ctx.settings.warehouses)
            if not channel or ctx.settings.channels[channel].warehouse == warehouse
        )
    return StockExplained(
        sku=sku,
        name=str(name),
        price=price,
        cost=cost,
        is_set=is_set,
        parts=tuple((str(part), int(units)) for part, units in parts),
        part_of=tuple((str(whole), int(units)) for whole, units in part_of),
        shelves=tuple(shelf for shelf in shelves if shelf.movements or shelf.promises or shelf.counts),
        sides=sides,
    )


def _shelf(ctx: RunContext, warehouse: str, sku: str, per_unit: int) -> Shelf:
    balance = ctx.rows(
        "SELECT on_hand, blocked_flag FROM stock_balance WHERE warehouse = :warehouse AND sku = :sku ORDER BY sku",
        warehouse=warehouse,
        sku=sku,
    )
    promises = tuple(
        Promise(
            str(name),
            str(number),
            str(line),
            int(needed),
            int(given),
            str(at),
            str(whole),
            _because(ctx, name, number),
        )
        for name, number, line, needed, given, at, whole in ctx.rows(_PROMISES, warehouse=warehouse, sku=sku)
    )
    return Shelf(
        warehouse=warehouse,
        sku=sku,
        per_unit=per_unit,
        on_hand=int(balance[0][0]) if balance else 0,
        blocked=bool(balance and balance[0][1]),
        counts=_counts(ctx, warehouse, sku),
        movements=_movements(ctx, warehouse, sku),
        promises=promises,
        spoken_for=sum(max(promise.needed, promise.allocated) for promise in promises),
    )


def _movements(ctx: RunContext, warehouse: str, sku: str) -> tuple[Movement, ...]:
    found: list[Movement] = []
    after = 0
    for at, kind, qty, reference, run_id, _key, name, line, told in ctx.rows(
        _MOVEMENTS, warehouse=warehouse, sku=sku
    ):
        after += int(qty)
        files: tuple[str, ...] = (str(name),) if name else ()
        if kind == "count":
            files = _files(ctx, int(run_id), "stock_levels", str(reference))
        elif kind == "opening":
            files = _files(ctx, int(run_id), "opening_stock", "opening")
        found.append(
            Movement(
                str(at), str(kind), int(qty), after, str(reference), int(run_id), files, int(line), str(told)
            )
        )
    return tuple(found)


def _counts(ctx: RunContext, warehouse: str, sku: str) -> tuple[Count, ...]:
    rules = {row["source"] for row in counting_sources(ctx.settings) if row["warehouse"] == warehouse}
    return tuple(
        Count(
            str(source),
            int(qty),
            str(as_of),
            source in rules,
            _files(ctx, int(run_id), "stock_levels", str(source)),
        )
        for source, qty, as_of, run_id in ctx.rows(_COUNTED, sku=sku)
        if source in rules or source == warehouse or source in ctx.settings.core
    )


def _files(ctx: RunContext, run: int, entity: str, party: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in ctx.rows(_FILES_OF_RUN, run=run, entity=entity, party=party))


def _because(ctx: RunContext, channel: str, order_no: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(kind), str(what)) for kind, what in ctx.rows(_HOLDS, channel=channel, order_no=order_no)
    )


def _side(ctx: RunContext, channel: str, sku: str, shop: dict[str, object] | None) -> Side:
    settings = ctx.settings.channels[channel]
    units = ctx.scalar(
        "SELECT units FROM tmp_sellable WHERE warehouse = :warehouse AND sku = :sku",
        warehouse=settings.warehouse,
        sku=sku,
    )
    listings = tuple(
        Shown(
            item_key=str(item_key),
            sku_key=str(sku_key),
            unlimited=bool(unlimited),
            seen=seen,
            seen_at=str(seen_at),
            seen_in=tuple(str(row[0]) for row in ctx.rows(_SEEN_IN, channel=channel, as_of=seen_at)),
            sent=sent,
            sent_at=str(sent_at),
            sold_since=int(ctx.scalar(_SOLD_SINCE, channel=channel, sku=sku, at=seen_at)),
            told=tuple(
                Told(*row)
                for row in ctx.rows(
                    _TOLD, channel=channel, item_key=item_key, sku_key=sku_key, most=MOST_TOLD
                )
            ),
        )
        for item_key, sku_key, unlimited, seen, seen_at, sent, sent_at in ctx.rows(
            _LISTINGS, channel=channel, sku=sku
        )
    )
    return Side(
        channel=channel,
        warehouse=settings.warehouse,
        open=shop is not None,
        units=int(units or 0),
        safety=settings.safety,
        withheld=int(str(shop["withheld"])) if shop else settings.safety,
        most=settings.max_published,
        listings=listings,
    )
