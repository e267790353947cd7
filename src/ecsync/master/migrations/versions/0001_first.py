"""Every table of the first release, frozen: later changes of the program's tables do not reach it.

A line is a table with its columns, or an index as `@name table columns`; lines may be continued, indented. A
column is `key!` (text) or `key#` (integer) of the primary key, `text`, `text:default`, `integer?` (may be NULL)
or `integer=default`; text is never NULL.
"""

from __future__ import annotations

import re
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMN: Final = re.compile(r"(?P<name>\w+)(?P<sign>[!#?:=]?)(?P<default>.*)")

SCHEMA: Final = """\
allocation channel! order_no! line_id! sku! warehouse per_unit=1 needed=0 qty=0 run_id=0
@ix_allocation_sku allocation warehouse sku
booking booking_key! kind reverses channel order_no parcel_no payer booked_on sequence=1 final_flag=0
     revision=1 run_id=0
@ix_booking_order booking channel order_no
booking_amount booking_key! tax_rate# goods=0 fees=0 gross=0 tax=0 run_id=0
booking_journal booking_key! entry_no# run_id=0
channel_listing channel! item_key! sku_key! sku_code item_code sku unlimited_flag=0 run_id=0
channel_quantity channel! item_key! sku_key! sequence! sku qty=0 previous_qty? decided_at run_id=0
channel_stock channel! item_key! sku_key! qty_seen? seen_at qty_sent? sent_at sent_count=0 run_id=0
core_entry entry_id! booking_key kind reverses booked_on channel order_no line_id parcel_no sku description
     qty=0 tax_rate=0 amount=0 tax=0 run_id=0
@ix_core_entry_booking core_entry booking_key
counter name! value=0
delivery_attempt attempt_id# outbox_id=0 state at detail run_id=0
file_tally file_id# run_id# entity rows_in=0 rows_new=0 rows_changed=0 rows_unchanged=0 rows_duplicate=0
     rows_quarantined=0
finding run_id# position# code subject params urgent_flag=0 recorded_at
generation id# value=0
guard_override override_id# guard subject given_by given_at used_at run_id=0
inbox_file file_id# flow party mapping name sha256 size=0 mtime as_of spool_path state:spooled reason
     remote_done run_id=0
@ix_inbox_file_sha inbox_file flow sha256
inbox_sighting sighting_id# flow name size=0 mtime sha256 seen_at outcome run_id=0
instruction_line parcel_no! line_no# channel order_no line_id line_sku sku qty=0 shipped_qty=0 short_qty=0
     recalled_qty=0 returned_qty=0 run_id=0
@ix_instruction_line_order instruction_line channel order_no line_id
journal_entry entry_no# entry_key entry_date kind channel description run_id=0
journal_line entry_no# line_no# side account sub_account tax_class tax_rate? amount=0 tax_amount? run_id=0
lock_owner id# fence=0 owner host pid? since
opening_order channel! order_no! run_id=0
opening_receivable channel! order_no! payer amount=0 run_id=0
order_change channel! order_no! revision# scope! field! old_value new_value run_id=0
order_destination channel! order_no! dest_id! ship_prefecture wished_date wished_slot delivery_method
     address_ok=1 run_id=0
order_hold channel! order_no! dest_id! reason! opened_at! subject closed_at run_id=0
@ix_order_hold_closed order_hold closed_at channel order_no
order_line channel! order_no! line_id! dest_id item_key sku_key sku_code sku item_name unit_price=0 qty=0
     tax_rate? file_tax_rate? price_includes_tax=1 run_id=0
@ix_order_line_sku order_line sku
order_revision channel! order_no! revision# kind changed as_of recorded_at run_id=0
order_wait channel! order_no! dest_id! kind! until run_id=0
outbox_file outbox_id# flow document party mapping endpoint remote_dir remote_name sha256 size=0 row_count=0
     payload_path handover done_suffix on_exists on_unknown receiver_removes=0 readable=1 priority=50
     state:planned temp_name attempts=0 detail created_at updated_at erased_at run_id=0
@ix_outbox_state outbox_file state
outbox_key document! business_key! outbox_id=0 reference run_id=0
@ix_outbox_key_file outbox_key outbox_id
parcel_tracking parcel_no! tracking_no! carrier ship_date noticed_flag=0 run_id=0
@ix_tracking_noticed parcel_tracking noticed_flag
payment_event channel! order_no! event! at! source run_id=0
person channel! order_no! role! dest_id! name kana postcode city address phone email comment noshi erased_at
     run_id=0
person_line channel! order_no! line_id! options erased_at run_id=0
product sku! name jan supplier cost? price? tax_rate? as_of run_id=0
quarantined_row row_id# file_id=0 flow mapping file_name line=0 column_name reason params raw_value raw_record
     business_key state:open quarantined_at erased_at run_id=0
@ix_quarantine_state quarantined_row state
recall parcel_no! reason requested_at requested_on answer answered_at run_id=0
run run_id# kind business_date clock state:open started_at ended_at exit_status? host pid? program_version
sales_order channel! order_no! shop_id ordered_at ordered_at_offset=0 updated_at order_status payment_method
     buyer_prefecture currency:JPY checking_flag=0 multi_destination_flag=0 unfixed_flag=0 goods? wrapping?
     shipping? cod_fee? payment_fee? buyer_fee? tax_excluded? adjustment? discount? points? coupon_shop?
     coupon_mall? gift_card? billed? fee_rate? taxed_standard? tax_standard? taxed_reduced? tax_reduced?
     taxed_zero? state:open payment_state:waiting revision=1 as_of totals_ok=1 run_id=0
@ix_order_state sales_order state
set_component set_sku! component_sku! qty=1 as_of run_id=0
shipping_instruction parcel_no! channel order_no dest_id warehouse ship_date cod_amount? state:instructed
     instructed_at revision=1 sequence=1 run_id=0
@ix_instruction_order shipping_instruction channel order_no
@ix_instruction_state shipping_instruction state
shipping_notice channel! order_no! dest_id! tracking_no! carrier ship_date decided_at run_id=0
stage_run run_id# position# stage summary
stock_balance warehouse! sku! on_hand=0 blocked_flag=0 run_id=0
stock_movement movement_key! warehouse sku kind qty=0 effective_at recorded_at reference run_id=0
@ix_movement_place stock_movement warehouse sku effective_at qty
@ix_movement_run stock_movement run_id
stock_snapshot source! sku! qty=0 as_of run_id=0
warehouse_event warehouse! event_id! kind parcel_no line_no? sku qty? tracking_no carrier at at_offset=0
     business_date verdict:ok posted_flag=0 booked_flag=0 run_id=0
@ix_event_booked warehouse_event kind booked_flag
@ix_event_parcel warehouse_event parcel_no
@ix_event_posted warehouse_event posted_flag
"""


def upgrade() -> None:
    for line in SCHEMA.replace("\n     ", " ").splitlines():
        table, *words = line.split()
        if table.startswith("@"):
            op.create_index(table[1:], words[0], words[1:])
        else:
            op.create_table(table, *map(_column, words), sqlite_strict=True)


def _column(notation: str) -> sa.Column[Any]:
    match = COLUMN.fullmatch(notation)
    if match is None:
        raise ValueError(notation)
    name, sign, default = match.groups()
    if sign in {"!", "#"}:
        kind = TEXT if sign == "!" else INTEGER
        return sa.Column(name, kind, primary_key=True, nullable=False, autoincrement=False)
    if sign == "?":
        return sa.Column(name, INTEGER, nullable=True)
    if sign == "=":
        return sa.Column(name, INTEGER, nullable=False, server_default=sa.text(default))
    return sa.Column(name, TEXT, nullable=False, server_default=sa.text(f"'{default}'"))
