"""Every table of the master, gathered: importing this module fills METADATA."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from ecsync.master import (
    tables_decisions,
    tables_money,
    tables_orders,
    tables_products,
    tables_running,
    tables_shipping,
    tables_stock,
)
from ecsync.master.columns import METADATA, business_tables

MODULES: Final = (
    tables_products,
    tables_orders,
    tables_stock,
    tables_shipping,
    tables_money,
    tables_running,
    tables_decisions,
)

INDEXES: Final = (
    sa.Index(
        "ix_movement_place",
        tables_stock.STOCK_MOVEMENT.c.warehouse,
        tables_stock.STOCK_MOVEMENT.c.sku,
        tables_stock.STOCK_MOVEMENT.c.effective_at,
        tables_stock.STOCK_MOVEMENT.c.qty,
    ),
    sa.Index("ix_movement_run", tables_stock.STOCK_MOVEMENT.c.run_id),
    sa.Index("ix_allocation_sku", tables_stock.ALLOCATION.c.warehouse, tables_stock.ALLOCATION.c.sku),
    sa.Index(
        "ix_instruction_order",
        tables_shipping.SHIPPING_INSTRUCTION.c.channel,
        tables_shipping.SHIPPING_INSTRUCTION.c.order_no,
    ),
    sa.Index(
        "ix_instruction_line_order",
        tables_shipping.INSTRUCTION_LINE.c.channel,
        tables_shipping.INSTRUCTION_LINE.c.order_no,
        tables_shipping.INSTRUCTION_LINE.c.line_id,
    ),
    sa.Index("ix_instruction_state", tables_shipping.SHIPPING_INSTRUCTION.c.state),
    sa.Index("ix_tracking_noticed", tables_shipping.PARCEL_TRACKING.c.noticed_flag),
    sa.Index("ix_label_verdict", tables_shipping.PARCEL_RESULT.c.verdict),
    sa.Index("ix_event_posted", tables_shipping.WAREHOUSE_EVENT.c.posted_flag),
    sa.Index("ix_event_parcel", tables_shipping.WAREHOUSE_EVENT.c.parcel_no),
    sa.Index(
        "ix_event_booked",
        tables_shipping.WAREHOUSE_EVENT.c.kind,
        tables_shipping.WAREHOUSE_EVENT.c.booked_flag,
    ),
    sa.Index("ix_order_state", tables_orders.SALES_ORDER.c.state),
    sa.Index(
        "ix_order_hold_closed",
        tables_orders.ORDER_HOLD.c.closed_at,
        tables_orders.ORDER_HOLD.c.channel,
        tables_orders.ORDER_HOLD.c.order_no,
    ),
    sa.Index("ix_order_line_sku", tables_orders.ORDER_LINE.c.sku),
    sa.Index("ix_booking_order", tables_money.BOOKING.c.channel, tables_money.BOOKING.c.order_no),
    sa.Index("ix_core_entry_booking", tables_money.CORE_ENTRY.c.booking_key),
)

__all__ = ["METADATA", "business_tables"]
