"""Canonical frames that outbound mappings take: one row per row of the partner's file."""

from __future__ import annotations

from typing import Final

from ecsync.entities.model import Column, Entity

SHIPPING_INSTRUCTIONS: Final = Entity(
    name="shipping_instructions",
    direction="out",
    key=("parcel_no", "line_no"),
    columns=(
        Column("parcel_no", required=True),
        Column("line_no", "count", required=True),
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("dest_id"),
        Column("warehouse", required=True),
        Column("ship_date", "date", required=True),
        Column("sku", required=True),
        Column("item_name", prose=True),
        Column("qty", "count", required=True, minimum=1),
        Column("payment_method", "code", codes="payment_method"),
        Column("cod_amount", "yen"),
        Column("wished_date", "date"),
        Column("wished_slot", "code", codes="time_slot"),
        Column("delivery_method"),
        Column("ship_name", personal=True),
        Column("ship_kana", personal=True),
        Column("ship_postcode", personal=True),
        Column("ship_prefecture"),
        Column("ship_city", personal=True),
        Column("ship_address", personal=True),
        Column("ship_phone", personal=True),
        Column("buyer_name", personal=True),
        Column("noshi", personal=True),
    ),
)

# One row per parcel, for carriers' label software; `ship_full_address` is prefecture, city and address in one.
PARCELS: Final = Entity(
    name="parcels",
    direction="out",
    key=("parcel_no",),
    columns=(
        Column("parcel_no", required=True),
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("dest_id"),
        Column("warehouse", required=True),
        Column("ship_date", "date", required=True),
        Column("wished_date", "date"),  # only where it can still be kept
        Column("wished_slot", "code", codes="time_slot"),
        Column("delivery_method"),
        Column("payment_method", "code", codes="payment_method"),
        Column("cod_amount", "yen"),  # null where this parcel collects no cash
        Column("cod_tax", "yen"),  # the tax in it as the mall states it
        Column("item_name_1", prose=True),
        Column("item_name_2", prose=True),
        Column("line_count", "count", required=True),
        Column("units", "count", required=True),
        Column("ship_name", personal=True),
        Column("ship_kana", personal=True),
        Column("ship_postcode", personal=True),
        Column("ship_prefecture"),
        Column("ship_city", personal=True),
        Column("ship_address", personal=True),
        Column("ship_full_address", personal=True),
        Column("ship_phone", personal=True),
        Column("buyer_name", personal=True),
        Column("buyer_phone", personal=True),
        Column("noshi", personal=True),
    ),
)

RECALLS: Final = Entity(
    name="recalls",
    direction="out",
    key=("parcel_no",),
    columns=(
        Column("parcel_no", required=True),
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("warehouse", required=True),
        Column("reason", required=True, prose=True),
        Column("requested_on", "date", required=True),
    ),
)

SHIPPING_NOTICES: Final = Entity(
    name="shipping_notices",
    direction="out",
    key=("order_no", "dest_id", "tracking_no"),
    columns=(
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("dest_id"),
        Column("multi_destination_flag", "flag"),
        Column("payment_method", "code", codes="payment_method"),
        Column("tracking_no"),
        Column("carrier", "code", codes="carrier"),
        Column("ship_date", "date", required=True),
        Column("nth_parcel", "count", required=True, minimum=1),  # of its destination, as they were decided
    ),
)

# The same parcels line by line, for partners who are told of each line of an order.
NOTICE_LINES: Final = Entity(
    name="notice_lines",
    direction="out",
    key=("order_no", "dest_id", "tracking_no", "line_id"),
    columns=(
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("dest_id"),
        Column("line_id", required=True),
        Column("item_key"),
        Column("sku_key"),
        Column("sku_code"),
        Column("item_name", prose=True),
        Column("ordered_qty", "count", required=True),  # units of the line, however many parcels they went in
        Column("payment_method", "code", codes="payment_method"),
        Column("tracking_no"),
        Column("carrier", "code", codes="carrier"),
        Column("ship_date", "date", required=True),
    ),
)

# Orders whose money a payment company collects: to be registered, one row per order.
PAYMENT_ORDERS: Final = Entity(
    name="payment_orders",
    direction="out",
    key=("channel", "order_no"),
    columns=(
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("ordered_at", "time", required=True),
        Column("payment_method", "code", codes="payment_method"),
        Column("amount", "yen", required=True, minimum=1),
        Column("item_name", prose=True),  # of its first line
        Column("line_count", "count", required=True),
        *(
            Column(f"buyer_{name}", personal=True)
            for name in ("name", "kana", "postcode", "address", "phone", "email")
        ),
        *(Column(f"ship_{name}", personal=True) for name in ("name", "kana", "postcode", "address", "phone")),
    ),
)

# What has left of such orders, one row per tracking number.
PAYMENT_SHIPMENTS: Final = Entity(
    name="payment_shipments",
    direction="out",
    key=("channel", "order_no", "dest_id", "tracking_no"),
    columns=(
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("dest_id"),
        Column("payment_method", "code", codes="payment_method"),
        Column("amount", "yen"),
        Column("tracking_no"),
        Column("carrier", "code", codes="carrier"),
        Column("ship_date", "date", required=True),
    ),
)

# What is to be taken from cards and their kin, once all of the order has left.
PAYMENT_CAPTURES: Final = Entity(
    name="payment_captures",
    direction="out",
    key=("channel", "order_no"),
    columns=(
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("payment_method", "code", codes="payment_method"),
        Column("amount", "yen", required=True, minimum=1),
        Column("shipped_on", "date", required=True),
    ),
)

CHANNEL_QUANTITIES: Final = Entity(
    name="channel_quantities",
    direction="out",
    key=("item_key", "sku_key"),
    columns=(
        Column("channel", required=True),
        Column("item_key", required=True),
        Column("sku_key"),
        Column("sku_code"),
        Column("title"),
        Column("sku"),
        Column("qty", "count", required=True, minimum=0),
        Column("previous_qty", "count"),
    ),
)

CORE_ENTRIES: Final = Entity(
    name="core_entries",
    direction="out",
    key=("entry_id",),
    columns=(
        Column("entry_id", required=True),
        Column("kind", "code", required=True, codes="core_entry_kind"),
        Column("reverses"),
        Column("booked_on", "date", required=True),
        Column("channel", required=True),
        Column("order_no", required=True),
        Column("line_id"),
        Column("parcel_no"),
        Column("sku"),
        Column("description", prose=True),
        Column("qty", "count", required=True),
        Column("tax_rate", "rate", required=True),
        Column("amount", "yen", required=True),
        Column("tax", "yen", required=True),
    ),
)

# What came into a warehouse, one row per event: goods, returns to stock, and adjustments, which mend a wrong receipt.
CORE_RECEIPTS: Final = Entity(
    name="core_receipts",
    direction="out",
    key=("receipt_id",),
    columns=(
        Column("receipt_id", required=True),
        Column("kind", "code", required=True, codes="core_receipt_kind"),
        Column("received_on", "date", required=True),
        Column("warehouse", required=True),
        Column("event_id", required=True),  # the warehouse's own number
        Column("sku", required=True),
        Column("qty", "count", required=True),  # of an adjustment it may be less than 0
        Column("channel"),
        Column("order_no"),
        Column("line_id"),
        Column("parcel_no"),
    ),
)

JOURNAL_LINES: Final = Entity(
    name="journal_lines",
    direction="out",
    key=("entry_no", "line_no"),
    columns=(
        Column("entry_no", "count", required=True),
        Column("entry_key", required=True),
        Column("line_no", "count", required=True),
        Column("line_count", "count", required=True),
        Column("position", required=True),  # single | first | middle | last: the place in the record group
        Column("entry_date", "date", required=True),
        Column("tax_mode", required=True),  # included: the package works the tax out; excluded: it is told
        Column("debit_account"),
        Column("debit_sub"),
        Column("debit_tax"),
        Column("debit_amount", "yen", required=True),
        Column("debit_tax_amount", "yen"),
        Column("credit_account"),
        Column("credit_sub"),
        Column("credit_tax"),
        Column("credit_amount", "yen", required=True),
        Column("credit_tax_amount", "yen"),
        Column("description", prose=True),
    ),
)
