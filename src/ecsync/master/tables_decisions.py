"""What people decided about orders, and what they changed in them; personal values stand in tables of their own."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from ecsync.master.columns import integer, key, number_key, run_id, table, text

# One decision of one person. kind: orders.decision_catalogue. run_id 0 until a run has told it.
STAFF_DECISION: Final = table(
    "staff_decision",
    number_key("decision_id"),
    text("kind"),
    text("channel"),
    text("order_no"),
    text("dest_id"),
    text("line_id"),
    text("parcel_no"),
    text("reason"),  # the hold's reason that it answers
    text("subject"),  # what the hold was about when it was judged: a SKU, an as-of; never a personal value
    text("fields"),  # names of the fields that it amends, comma separated, sorted
    integer("revision", default=0),  # the order's, which the person saw
    text("decided_by"),
    text("decided_at"),
    text("source"),  # the command, or the work list's file name
    integer("source_row", default=0),  # of the work list
    text("source_key"),  # which row of which list: a list that is applied twice decides once
    text("state", default="active"),  # active | withdrawn | superseded
    text("ended_at"),
    integer("ended_by", default=0),  # the decision that withdrew or superseded it
    run_id(),
    area="orders",
)

# The note of a decision: people write names into it, so it goes when the order's persons go.
DECISION_NOTE: Final = table(
    "decision_note",
    number_key("decision_id"),
    text("channel"),
    text("order_no"),
    text("note"),
    text("erased_at"),
    run_id(),
    area="customers",
)

# A field of an order that is ours. value: ours; base_value: the partner's when it was decided; mall_value: the
# partner's newest. state: active | contested (the partner has sent a third value) | withdrawn | gone (its part is).
# Values of personal fields stand in person_amendment only.
ORDER_AMENDMENT: Final = table(
    "order_amendment",
    key("channel"),
    key("order_no"),
    key("scope"),  # as in order_change: 'dest:<id>', 'line:<id>'
    key("field"),
    integer("decision_id", default=0),
    integer("personal", default=0),
    text("value"),
    text("base_value"),
    text("mall_value"),
    text("state", default="active"),
    run_id(),
    area="orders",
)

PERSON_AMENDMENT: Final = table(
    "person_amendment",
    key("channel"),
    key("order_no"),
    key("scope"),
    key("field"),
    text("value"),
    text("base_value"),
    text("mall_value"),
    text("erased_at"),
    run_id(),
    area="customers",
)

# A parcel whose order changed in what a warehouse packs by, after it was told. state: open | accepted (ship as
# instructed) | recalled | over (it left, or came back, before anybody decided).
PARCEL_CHANGE: Final = table(
    "parcel_change",
    key("parcel_no"),
    number_key("revision"),
    text("channel"),
    text("order_no"),
    text("fields"),
    text("told_at"),
    text("state", default="open"),
    integer("decision_id", default=0),
    run_id(),
    area="shipping",
)

INDEXES: Final = (
    sa.Index("ix_decision_order", STAFF_DECISION.c.channel, STAFF_DECISION.c.order_no),
    sa.Index("ix_decision_note_order", DECISION_NOTE.c.channel, DECISION_NOTE.c.order_no),
    sa.Index("ix_decision_source", STAFF_DECISION.c.source_key),
    sa.Index("ix_decision_run", STAFF_DECISION.c.run_id),
    sa.Index("ix_amendment_state", ORDER_AMENDMENT.c.state),
    sa.Index("ix_parcel_change_state", PARCEL_CHANGE.c.state),
)
