"""A few orders and shelves, written straight into a master under test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from ecsync.master.schema import METADATA
from master_under_test import MasterUnderTest

MORNING = "2026-11-24T00:00:00Z"

Row = tuple[str, dict[str, Any]]


def put(master: MasterUnderTest, rows: Iterable[Row]) -> None:
    """Insert rows of several tables in one transaction."""
    with master.engine.begin() as conn:
        for table, row in rows:
            conn.execute(sa.insert(METADATA.tables[table]).values(row))


def shelf_rows(warehouse: str = "main", at: str = MORNING, **units: int) -> list[Row]:
    """Return the rows that put units of SKUs on the shelf, as an opening would."""
    rows: list[Row] = []
    for sku, qty in units.items():
        movement = {
            "movement_key": f"opening:{warehouse}:{sku}",
            "warehouse": warehouse,
            "sku": sku,
            "kind": "opening",
            "qty": qty,
            "effective_at": at,
            "recorded_at": at,
        }
        balance = {"warehouse": warehouse, "sku": sku, "on_hand": qty}
        rows += [("stock_movement", movement), ("stock_balance", balance)]
    return rows


def shelf(master: MasterUnderTest, *, warehouse: str = "main", at: str = MORNING, **units: int) -> None:
    """Put units of SKUs on the shelf."""
    put(master, shelf_rows(warehouse, at, **units))


def order_rows(
    order_no: str,
    *lines: tuple[str, int],
    channel: str = "rakuten1",
    at: str = "2026-11-23T10:00:00Z",
    state: str = "open",
    dest_id: str = "1",
    wished_date: str = "",
    prefecture: str = "東京都",
    **columns: Any,
) -> list[Row]:
    """Return the rows of an order of one destination; its lines are numbered 1, 2, ... and given as (sku, qty)."""
    facts = {"payment_method": "card", "payment_state": "confirmed", **columns}
    header = {"channel": channel, "order_no": order_no, "ordered_at": at, "state": state, **facts}
    return [
        ("sales_order", header),
        _destination_row(order_no, dest_id, channel, wished_date, prefecture),
        *(
            _line_row(order_no, str(number), sku, qty, channel, dest_id)
            for number, (sku, qty) in enumerate(lines, start=1)
        ),
    ]


def order(master: MasterUnderTest, order_no: str, *lines: tuple[str, int], **facts: Any) -> None:
    """Insert an order."""
    put(master, order_rows(order_no, *lines, **facts))


def _destination_row(order_no: str, dest_id: str, channel: str, wished_date: str, prefecture: str) -> Row:
    return "order_destination", {
        "channel": channel,
        "order_no": order_no,
        "dest_id": dest_id,
        "wished_date": wished_date,
        "ship_prefecture": prefecture,
    }


def _line_row(order_no: str, line_id: str, sku: str, qty: int, channel: str, dest_id: str) -> Row:
    return "order_line", {
        "channel": channel,
        "order_no": order_no,
        "line_id": line_id,
        "dest_id": dest_id,
        "sku": sku,
        "sku_code": sku,
        "qty": qty,
    }


def destination(
    master: MasterUnderTest,
    order_no: str,
    dest_id: str,
    channel: str = "rakuten1",
    wished_date: str = "",
    prefecture: str = "東京都",
) -> None:
    """Insert a destination of an order."""
    put(master, [_destination_row(order_no, dest_id, channel, wished_date, prefecture)])


def line(
    master: MasterUnderTest,
    order_no: str,
    line_id: str,
    sku: str,
    qty: int,
    *,
    channel: str = "rakuten1",
    dest_id: str = "1",
) -> None:
    """Insert a line of an order."""
    put(master, [_line_row(order_no, line_id, sku, qty, channel, dest_id)])


def recipe_rows(set_sku: str, **components: int) -> list[Row]:
    """Return the rows that say what a set is made of."""
    return [
        ("set_component", {"set_sku": set_sku, "component_sku": sku, "qty": qty})
        for sku, qty in components.items()
    ]


def recipe(master: MasterUnderTest, set_sku: str, **components: int) -> None:
    """Say what a set is made of."""
    put(master, recipe_rows(set_sku, **components))


def parcel(
    master: MasterUnderTest,
    parcel_no: str,
    order_no: str,
    *lines: tuple[str, str, int],
    channel: str = "rakuten1",
    warehouse: str = "main",
    dest_id: str = "1",
    state: str = "instructed",
    told: bool = True,
    **columns: Any,
) -> None:
    """Insert a parcel that a warehouse was told of; its lines are given as (line_id, sku, qty)."""
    earlier = master.scalar(
        "SELECT COUNT(*) FROM shipping_instruction WHERE channel = :channel AND order_no = :order AND dest_id = :dest",
        channel=channel,
        order=order_no,
        dest=dest_id,
    )
    header = {
        "parcel_no": parcel_no,
        "sequence": earlier + 1,
        "channel": channel,
        "order_no": order_no,
        "dest_id": dest_id,
        "warehouse": warehouse,
        "ship_date": "2026-11-24",
        "state": state,
        **columns,
    }
    rows: list[Row] = [("shipping_instruction", header)]
    for number, (line_id, sku, qty) in enumerate(lines, start=1):
        key = {"parcel_no": parcel_no, "line_no": number, "channel": channel, "order_no": order_no}
        rows.append(("instruction_line", {**key, "line_id": line_id, "sku": sku, "qty": qty}))
    if told:
        told_as = f"{channel}:{order_no}:{dest_id}:{earlier + 1}"
        key = {"document": "shipping_instructions", "business_key": told_as, "reference": parcel_no}
        rows.append(("outbox_key", key))
    put(master, rows)


def promised(master: MasterUnderTest) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Return (allocated, needed) by order, line and SKU."""
    rows = master.rows("SELECT order_no, line_id, sku, qty, needed FROM allocation")
    return {(order_no, line_id, sku): (qty, needed) for order_no, line_id, sku, qty, needed in rows}


def on_hand(master: MasterUnderTest, sku: str, warehouse: str = "main") -> int | None:
    """Return the balance of a SKU."""
    found = master.scalar(
        "SELECT on_hand FROM stock_balance WHERE warehouse = :warehouse AND sku = :sku",
        warehouse=warehouse,
        sku=sku,
    )
    return None if found is None else int(found)


def told(findings: Iterable[Any], code: str) -> list[tuple[str, dict[str, str]]]:
    """Return subject and parameters of the findings of one code."""
    return [(f.subject, dict(f.params)) for f in findings if f.code == code]
