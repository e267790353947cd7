"""Canonical frames that inbound mappings yield."""

from __future__ import annotations

from typing import Final

from ecsync.entities.model import Column, Entity


def _person(prefix: str, level: str) -> tuple[Column, ...]:
    names = ("name", "kana", "postcode", "prefecture", "city", "address", "phone")
    return tuple(
        Column(f"{prefix}_{name}", level=level, personal=name != "prefecture")  # type: ignore[arg-type]
        for name in names
    )


ORDER_LINES: Final = Entity(
    name="order_lines",
    direction="in",
    key=("order_no", "line_id"),
    columns=(
        Column("shop_id", level="order"),
        Column("order_no", required=True, level="order"),
        # The partner's own number of the order, where that which people see may stand twice.
        Column("partner_id", level="order"),
        Column("ordered_at", "time", required=True, level="order"),
        Column("ordered_at_offset", "count", required=True, level="order"),
        Column("updated_at", "time", level="order"),
        Column("order_status", "code", required=True, level="order", codes="order_status"),
        Column("payment_method", "code", required=True, level="order", codes="payment_method"),
        Column("checking_flag", "flag", level="order"),
        Column("multi_destination_flag", "flag", level="order"),
        Column("currency", level="order"),
        # Amounts of the whole order, yen. -9999 and its kin become null with `unfixed_flag` = 1.
        Column("unfixed_flag", "flag", level="order"),
        Column("goods", "yen", level="order"),
        Column("wrapping", "yen", level="order"),
        Column("shipping", "yen", level="order"),
        Column("cod_fee", "yen", level="order"),
        Column("payment_fee", "yen", level="order"),
        Column("buyer_fee", "yen", level="order"),
        Column("tax_excluded", "yen", level="order"),
        Column("adjustment", "yen", level="order"),
        Column("discount", "yen", level="order"),
        Column("points", "yen", level="order"),
        Column("coupon_shop", "yen", level="order"),
        Column("coupon_mall", "yen", level="order"),
        Column("gift_card", "yen", level="order"),
        Column("billed", "yen", level="order"),
        Column("fee_rate", "rate", level="order"),
        # The mall's own figures per rate, after coupons and before points; null where not stated.
        Column("taxed_standard", "yen", level="order"),
        Column("tax_standard", "yen", level="order"),
        Column("taxed_reduced", "yen", level="order"),
        Column("tax_reduced", "yen", level="order"),
        Column("taxed_zero", "yen", level="order"),
        *_person("buyer", "order"),
        Column("buyer_email", level="order", personal=True),
        Column("buyer_comment", level="order", personal=True),
        Column("dest_id", level="destination"),
        *_person("ship", "destination"),
        Column("ship_address_ok", "flag", level="destination"),
        Column("wished_date", "date", level="destination"),
        Column("wished_slot", "code", level="destination", codes="time_slot"),
        Column("delivery_method", level="destination"),
        Column("noshi", level="destination", personal=True),
        Column("line_id", required=True, level="line"),
        Column("item_key", level="line"),
        Column("sku_key", level="line"),
        Column("sku_code", level="line"),
        Column("item_name", level="line"),
        Column("options", level="line", personal=True),
        Column("unit_price", "yen", required=True, level="line"),
        Column("qty", "count", required=True, level="line", minimum=0, maximum=99_999),
        Column("tax_rate", "rate", level="line", minimum=0, maximum=10_000),
        Column("price_includes_tax", "flag", level="line"),
        # 0: a gift card, a download ... that no warehouse packs; its yen count all the same. Absent means 1.
        Column("ships_flag", "flag", level="line"),
        # 1: the shop says that of this line something has left.
        Column("left_flag", "flag", level="line"),
    ),
)

PRODUCTS: Final = Entity(
    name="products",
    direction="in",
    key=("sku",),
    columns=(
        Column("sku", required=True),
        Column("name"),
        Column("jan"),
        Column("supplier"),
        Column("cost", "yen", minimum=0),
        Column("price", "yen", minimum=0),
        Column("tax_rate", "rate", minimum=0, maximum=10_000),
    ),
)

SET_COMPONENTS: Final = Entity(
    name="set_components",
    direction="in",
    key=("set_sku", "component_sku"),
    columns=(
        Column("set_sku", required=True),
        Column("component_sku", required=True),
        Column("qty", "count", required=True, minimum=1, maximum=9_999),
    ),
)

STOCK_LEVELS: Final = Entity(
    name="stock_levels",
    direction="in",
    key=("sku",),
    columns=(
        Column("sku", required=True),
        Column("qty", "count", required=True, maximum=9_999_999),
        Column("observed_at", "time"),
        Column("observed_at_offset", "count"),
    ),
)

CHANNEL_LISTINGS: Final = Entity(
    name="channel_listings",
    direction="in",
    key=("item_key", "sku_key"),
    columns=(
        Column("item_key", required=True),
        Column("sku_key"),
        Column("sku_code"),
        Column("item_code"),
        Column("title"),
        Column("qty", "count", maximum=9_999_999),
        Column("unlimited_flag", "flag"),
        # 1: the channel keeps no stock of it at our place, and is told no quantity.
        Column("not_stocked_flag", "flag"),
    ),
)

WAREHOUSE_EVENTS: Final = Entity(
    name="warehouse_events",
    direction="in",
    key=("event_id",),
    columns=(
        Column("event_id", required=True),
        Column("kind", "code", required=True, codes="event_kind"),
        Column("parcel_no"),
        Column("line_no", "count"),
        Column("sku"),
        Column("qty", "count", maximum=9_999_999),
        Column("tracking_no"),
        Column("carrier", "code", codes="carrier"),
        Column("at", "time", required=True),
        Column("at_offset", "count", required=True),
    ),
)

# What label software says of whole parcels: no lines, no ids of events, the same rows for weeks. A row without a
# tracking number is a label not issued yet; one without a parcel number a label that was made by hand; one without a
# day left on the day that the parcel was instructed for.
PARCEL_RESULTS: Final = Entity(
    name="parcel_results",
    direction="in",
    key=("parcel_no", "tracking_no"),
    columns=(
        Column("parcel_no"),
        Column("tracking_no"),
        Column("carrier", "code", codes="carrier"),
        Column("ship_date", "date"),
        # 1: nothing has left with it, for it is only announced, or was cancelled.
        Column("not_shipped_flag", "flag"),
    ),
)

OPENING_STOCK: Final = Entity(
    name="opening_stock",
    direction="in",
    key=("warehouse", "sku"),
    columns=(
        Column("warehouse", required=True),
        Column("sku", required=True),
        Column("qty", "count", required=True, minimum=0, maximum=9_999_999),
    ),
)

OPENING_ORDERS: Final = Entity(
    name="opening_orders",
    direction="in",
    key=("channel", "order_no"),
    columns=(Column("channel", required=True), Column("order_no", required=True)),
)

OPENING_RECEIVABLES: Final = Entity(
    name="opening_receivables",
    direction="in",
    key=("channel", "order_no"),
    columns=(
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("payer", required=True),
        Column("amount", "yen", required=True),
    ),
)

OPENING_COUNTERS: Final = Entity(
    name="opening_counters",
    direction="in",
    key=("name",),
    columns=(Column("name", required=True), Column("value", "count", required=True, minimum=0)),
)
