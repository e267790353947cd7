"""Stock: movements, snapshots, balances, allocations, and what each channel shows."""

from __future__ import annotations

from typing import Final

from ecsync.master.columns import integer, key, run_id, table, text

# kind: opening receipt shipment short return adjustment sold count transfer scrap. Append-only.
# Units on hand of a warehouse and SKU = sum of qty. A snapshot adds a `count` movement for its difference.
STOCK_MOVEMENT: Final = table(
    "stock_movement",
    key("movement_key"),  # opening:<wh>:<sku> | event:<wh>:<event_id> | count:<wh>:<sku>:<as_of>:<n>
    text("warehouse"),
    text("sku"),
    text("kind"),
    integer("qty", default=0),
    text("effective_at"),
    text("recorded_at"),
    text("reference"),
    run_id(),
    area="stock",
)

STOCK_BALANCE: Final = table(
    "stock_balance",
    key("warehouse"),
    key("sku"),
    integer("on_hand", default=0),
    integer("blocked_flag", default=0),  # a broken proof: only falls are published
    run_id(),
    area="stock",
)

# Newest snapshot per source and SKU; the source is a warehouse, or a system that is only compared.
STOCK_SNAPSHOT: Final = table(
    "stock_snapshot",
    key("source"),
    key("sku"),
    integer("qty", default=0),
    text("as_of"),
    run_id(),
    area="stock",
)

# Units promised to a line. qty counts units allocated and not yet shipped, short or released.
ALLOCATION: Final = table(
    "allocation",
    key("channel"),
    key("order_no"),
    key("line_id"),
    key("sku"),  # a component when the line's SKU is a set
    text("warehouse"),
    integer("per_unit", default=1),  # units in one unit of the line; kept once instructed
    integer("needed", default=0),  # units still to be shipped
    integer("qty", default=0),  # of them allocated, 0..needed
    run_id(),
    area="stock",
)

CHANNEL_STOCK: Final = table(
    "channel_stock",
    key("channel"),
    key("item_key"),
    key("sku_key"),
    integer("qty_seen"),
    text("seen_at"),
    integer("qty_sent"),
    text("sent_at"),
    integer("sent_count", default=0),
    run_id(),
    area="stock",
)

# Decisions of the publish-stock stage that are to be told; sequence makes the business key unique.
CHANNEL_QUANTITY: Final = table(
    "channel_quantity",
    key("channel"),
    key("item_key"),
    key("sku_key"),
    key("sequence"),  # zero-padded sent_count
    text("sku"),
    integer("qty", default=0),
    integer("previous_qty"),
    text("decided_at"),
    run_id(),
    area="stock",
)
