"""Sales orders, their lines, destinations, revisions, holds, waits and payment events."""

from __future__ import annotations

from typing import Final

from ecsync.master.columns import integer, key, number_key, run_id, table, text

# state: open | cancelled | shipped (every line shipped) | foreign (before the cut-over, not in the opening)
SALES_ORDER: Final = table(
    "sales_order",
    key("channel"),
    key("order_no"),
    text("shop_id"),
    text("ordered_at"),
    integer("ordered_at_offset", default=0),
    text("updated_at"),
    text("order_status"),
    text("payment_method"),
    text("buyer_prefecture"),
    text("currency", default="JPY"),
    integer("checking_flag", default=0),
    integer("multi_destination_flag", default=0),
    integer("unfixed_flag", default=0),
    integer("goods"),
    integer("wrapping"),
    integer("shipping"),
    integer("cod_fee"),
    integer("payment_fee"),
    integer("buyer_fee"),
    integer("tax_excluded"),
    integer("adjustment"),
    integer("discount"),
    integer("points"),
    integer("coupon_shop"),
    integer("coupon_mall"),
    integer("gift_card"),
    integer("billed"),
    integer("fee_rate"),
    integer("taxed_standard"),
    integer("tax_standard"),
    integer("taxed_reduced"),
    integer("tax_reduced"),
    integer("taxed_zero"),
    text("state", default="open"),
    text("payment_state", default="waiting"),  # waiting | confirmed | not_needed
    integer("revision", default=1),
    text("as_of"),  # of the file that holds the newest state
    integer("totals_ok", default=1),  # the mapping's control totals hold
    run_id(),
    text("partner_id"),  # the partner's own number, where people see another one
    area="orders",
)

ORDER_DESTINATION: Final = table(
    "order_destination",
    key("channel"),
    key("order_no"),
    key("dest_id"),
    text("ship_prefecture"),
    text("wished_date"),
    text("wished_slot"),
    text("delivery_method"),
    integer("address_ok", default=1),
    run_id(),
    area="orders",
)

ORDER_LINE: Final = table(
    "order_line",
    key("channel"),
    key("order_no"),
    key("line_id"),
    text("dest_id"),
    text("item_key"),
    text("sku_key"),
    text("sku_code"),
    text("sku"),  # ours, '' while unknown
    text("item_name"),
    integer("unit_price", default=0),
    integer("qty", default=0),
    integer("tax_rate"),  # basis points; from the file, else from the product master, NULL while unknown
    integer("file_tax_rate"),  # as the file stated it
    integer("price_includes_tax", default=1),
    run_id(),
    integer("ships_flag", default=1),  # 0: no warehouse packs it
    integer("left_flag", default=0),  # 1: the shop says that something of it has left
    area="orders",
)

# Orders of nothing but lines that no warehouse packs: on which day they were done.
ORDER_WITHOUT_PARCEL: Final = table(
    "order_without_parcel",
    key("channel"),
    key("order_no"),
    text("done_on"),
    integer("booked_flag", default=0),
    run_id(),
    area="orders",
)

# One row per revision; `changed` lists the fields (personal ones by name only), comma separated, sorted.
ORDER_REVISION: Final = table(
    "order_revision",
    key("channel"),
    key("order_no"),
    number_key("revision"),
    text("kind"),  # new | changed | cancelled | reopened
    text("changed"),
    text("as_of"),
    text("recorded_at"),
    run_id(),
    area="orders",
)

# One row per changed field that is not personal.
ORDER_CHANGE: Final = table(
    "order_change",
    key("channel"),
    key("order_no"),
    number_key("revision"),
    key("scope"),  # '' for the order, 'dest:<id>', 'line:<id>'
    key("field"),
    text("old_value"),
    text("new_value"),
    run_id(),
    area="orders",
)

# Every reason that holds a destination ('' for the whole order); closed_at '' while it stands.
ORDER_HOLD: Final = table(
    "order_hold",
    key("channel"),
    key("order_no"),
    key("dest_id"),
    key("reason"),
    key("opened_at"),
    text("subject"),  # SKU code or amounts, never a personal value
    text("closed_at"),
    run_id(),
    area="orders",
)

# Rebuilt by every run for open orders: money | stock | date.
ORDER_WAIT: Final = table(
    "order_wait",
    key("channel"),
    key("order_no"),
    key("dest_id"),
    key("kind"),
    text("until"),
    run_id(),
    area="orders",
)

PAYMENT_EVENT: Final = table(
    "payment_event",
    key("channel"),
    key("order_no"),
    key("event"),  # confirmed | withdrawn
    key("at"),
    text("source"),
    run_id(),
    area="orders",
)

# Orders from before the cut-over that are ours all the same.
OPENING_ORDER: Final = table(
    "opening_order",
    key("channel"),
    key("order_no"),
    run_id(),
    area="orders",
)

# role: buyer (dest_id '') | ship. Erasing blanks every field and sets erased_at; nothing else refers to the values.
PERSON: Final = table(
    "person",
    key("channel"),
    key("order_no"),
    key("role"),
    key("dest_id"),
    text("name"),
    text("kana"),
    text("postcode"),
    text("city"),
    text("address"),
    text("phone"),
    text("email"),
    text("comment"),
    text("noshi"),
    text("erased_at"),
    run_id(),
    area="customers",
)

PERSON_LINE: Final = table(
    "person_line",
    key("channel"),
    key("order_no"),
    key("line_id"),
    text("options"),
    text("erased_at"),
    run_id(),
    area="customers",
)
