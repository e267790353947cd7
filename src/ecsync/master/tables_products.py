"""Product master: products, set components, channel listings."""

from __future__ import annotations

from typing import Final

from ecsync.master.columns import integer, key, run_id, table, text

PRODUCT: Final = table(
    "product",
    key("sku"),
    text("name"),
    text("jan"),
    text("supplier"),
    integer("cost"),
    integer("price"),
    integer("tax_rate"),
    text("as_of"),  # of the file that first said what the row says
    run_id(),
    area="products",
)

SET_COMPONENT: Final = table(
    "set_component",
    key("set_sku"),
    key("component_sku"),
    integer("qty", default=1),
    text("as_of"),  # of the file that first gave the set these components
    run_id(),
    area="products",
)

# What a channel calls an item; `sku` is ours, '' while unknown. Keys are written back as they were seen.
CHANNEL_LISTING: Final = table(
    "channel_listing",
    key("channel"),
    key("item_key"),
    key("sku_key"),
    text("sku_code"),
    text("item_code"),
    text("sku"),
    integer("unlimited_flag", default=0),
    run_id(),
    text("title"),
    integer("not_stocked_flag", default=0),  # 1: the channel keeps no stock of it at our place
    area="products",
)
