"""Money: journal entries and lines, entries for the core system, opening receivables."""

from __future__ import annotations

from typing import Final

from ecsync.master.columns import integer, key, number_key, run_id, table, text

# One booking per shipment, return or reversal. booking_key: sale:<channel>:<order_no>:<n> | return:<wh>:<event_id>
# | reversal:<booking_key>. n counts the order's shipments.
BOOKING: Final = table(
    "booking",
    key("booking_key"),
    text("kind"),  # sale | return | reversal
    text("reverses"),
    text("channel"),
    text("order_no"),
    text("parcel_no"),
    text("payer"),
    text("booked_on"),  # business date
    integer("sequence", default=1),
    integer("final_flag", default=0),  # took the remainder
    integer("revision", default=1),  # the order's revision that it was last compared with
    run_id(),
    area="accounting",
)

# Per rate: gross (tax included) and the tax in it; signs as in the books (returns and reversals negative).
BOOKING_AMOUNT: Final = table(
    "booking_amount",
    key("booking_key"),
    number_key("tax_rate"),
    integer("goods", default=0),  # after shop-borne discounts
    integer("fees", default=0),
    integer("gross", default=0),
    integer("tax", default=0),
    run_id(),
    area="accounting",
)

# Per line and rate, for the core system; the sum per booking and rate equals booking_amount.gross.
CORE_ENTRY: Final = table(
    "core_entry",
    key("entry_id"),
    text("booking_key"),
    text("kind"),  # sale | return | reversal
    text("reverses"),
    text("booked_on"),
    text("channel"),
    text("order_no"),
    text("line_id"),
    text("parcel_no"),
    text("sku"),
    text("description"),
    integer("qty", default=0),
    integer("tax_rate", default=0),
    integer("amount", default=0),
    integer("tax", default=0),
    run_id(),
    area="accounting",
)

JOURNAL_ENTRY: Final = table(
    "journal_entry",
    number_key("entry_no"),
    text("entry_key"),  # per_order: the booking_key; per_day: day:<date>:<channel>:<payer>:<n>
    text("entry_date"),
    text("kind"),
    text("channel"),
    text("description"),
    run_id(),
    area="accounting",
)

JOURNAL_LINE: Final = table(
    "journal_line",
    number_key("entry_no"),
    number_key("line_no"),
    text("side"),  # debit | credit
    text("account"),
    text("sub_account"),
    text("tax_class"),
    integer("tax_rate"),
    integer("amount", default=0),
    integer("tax_amount"),
    run_id(),
    area="accounting",
)

BOOKING_JOURNAL: Final = table(
    "booking_journal",
    key("booking_key"),
    number_key("entry_no"),
    run_id(),
    area="accounting",
)

OPENING_RECEIVABLE: Final = table(
    "opening_receivable",
    key("channel"),
    key("order_no"),
    text("payer"),
    integer("amount", default=0),
    run_id(),
    area="accounting",
)
