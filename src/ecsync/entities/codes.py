"""Closed code lists: the only values a `code` column may hold."""

from __future__ import annotations

from typing import Final

ORDER_STATUS: Final = (
    "awaiting_confirmation",
    "processing",
    "ready",
    "change_pending",
    "shipped",
    "settling",
    "settled",
    "cancel_pending",
    "refunded",
    "cancelled",
)
PAYMENT_METHOD: Final = (
    "card",
    "cod",
    "bank_transfer",
    "convenience",
    "postpay",
    "invoice",
    "points",
    "loan",
    "lease",
    "paypal",
    "alipay",
    "apple_pay",
    "wallet",
    "other",
)
EVENT_KIND: Final = ("shipped", "short", "receipt", "return", "adjustment", "sold", "recalled", "refused")
CARRIER: Final = (
    "yamato",
    "sagawa",
    "japan_post",
    "seino",
    "seino_super_express",
    "fukuyama",
    "meitetsu",
    "tonami",
    "eco",
    "rakuten_express",
    "other",
)
TIME_SLOT: Final = (
    "",
    "am",
    "pm",
    "12-14",
    "14-16",
    "16-18",
    "18-20",
    "18-21",
    "19-21",
    "20-21",
    "other",
)
CORE_ENTRY_KIND: Final = ("sale", "return", "reversal")
CORE_RECEIPT_KIND: Final = ("receipt", "return", "adjustment")

CODE_LISTS: Final[dict[str, tuple[str, ...]]] = {
    "order_status": ORDER_STATUS,
    "payment_method": PAYMENT_METHOD,
    "event_kind": EVENT_KIND,
    "carrier": CARRIER,
    "time_slot": TIME_SLOT,
    "core_entry_kind": CORE_ENTRY_KIND,
    "core_receipt_kind": CORE_RECEIPT_KIND,
}
