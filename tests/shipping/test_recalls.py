from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.shipping.recalls import RecallsRequested, request_recalls
from stock.small_shop import line, order, parcel, told


def run(master, **overrides):
    with master.context(**overrides) as ctx:
        result = request_recalls(ctx)
    return result, ctx


def change(master, sql, **params):
    with master.engine.begin() as conn:
        conn.execute(sa.text(sql), params)


def recalls(master):
    return master.rows("SELECT parcel_no, reason, requested_at, requested_on, answer FROM recall ORDER BY 1")


def states(master):
    return dict(master.rows("SELECT parcel_no, state FROM shipping_instruction"))


@pytest.fixture
def shop(master):
    """An order of 3 A and 2 B, told to the warehouse as P1."""
    order(master, "1", ("A", 3), ("B", 2))
    parcel(master, "P1", "1", ("1", "A", 3), ("2", "B", 2))
    change(master, "UPDATE instruction_line SET line_sku = sku")
    return master


def test_an_order_as_it_was_told_is_left_alone(shop):
    result, ctx = run(shop)
    assert result == RecallsRequested(0, 0)
    assert ctx.changes == 0


def test_a_cancelled_order_is_recalled_and_named(shop):
    change(shop, "UPDATE sales_order SET state = 'cancelled'")
    result, ctx = run(shop)
    assert result == RecallsRequested(1, 0)
    assert recalls(shop) == [("P1", "cancelled", "2026-11-24T03:00:00Z", "2026-11-24", "")]
    assert states(shop) == {"P1": "recalling"}
    assert told(ctx.findings, "cancelled_after_instruction") == [("rakuten1 1", {"parcel_no": "P1"})]


def test_a_parcel_is_recalled_once(shop):
    change(shop, "UPDATE sales_order SET state = 'cancelled'")
    run(shop)
    change(shop, "UPDATE recall SET answer = 'refused'")
    change(shop, "UPDATE shipping_instruction SET state = 'instructed'")
    _result, ctx = run(shop)
    assert ctx.changes == 0
    assert len(ctx.findings) == 0


@pytest.mark.parametrize("state", ["shipped", "recalled"])
def test_what_is_done_is_not_recalled(shop, state):
    change(shop, "UPDATE sales_order SET state = 'cancelled'")
    change(shop, "UPDATE shipping_instruction SET state = :state", state=state)
    assert run(shop)[0] == RecallsRequested(0, 0)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM order_line WHERE line_id = '2'",
        "UPDATE order_line SET qty = 2 WHERE line_id = '1'",
        "UPDATE order_line SET qty = 0 WHERE line_id = '1'",
        "UPDATE order_line SET dest_id = '2' WHERE line_id = '1'",
        "UPDATE order_line SET sku = 'C' WHERE line_id = '1'",
    ],
)
def test_a_parcel_that_holds_what_is_not_wanted_is_recalled(shop, sql):
    change(shop, sql)
    _result, ctx = run(shop)
    assert [row[:2] for row in recalls(shop)] == [("P1", "changed")]
    assert told(ctx.findings, "recall_requested") == [("rakuten1 1 (P1)", {})]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE order_line SET qty = 4 WHERE line_id = '1'",
        "UPDATE order_line SET sku = '' WHERE line_id = '1'",
    ],
)
def test_more_units_or_a_sku_that_is_not_known_for_now_need_no_recall(shop, sql):
    change(shop, sql)
    assert run(shop)[0] == RecallsRequested(0, 0)


def test_a_line_that_has_left_already_is_not_recalled(shop):
    change(shop, "UPDATE instruction_line SET shipped_qty = qty WHERE line_no = 1")
    change(shop, "UPDATE order_line SET qty = 1 WHERE line_id = '1'")
    assert run(shop)[0] == RecallsRequested(0, 0)


def test_of_several_parcels_the_newest_come_back_as_far_as_needed(master):
    order(master, "1", ("A", 6))
    for number in (1, 2, 3):
        parcel(master, f"P{number}", "1", ("1", "A", 2))
    change(master, "UPDATE order_line SET qty = 3")
    run(master)
    assert states(master) == {"P1": "instructed", "P2": "recalling", "P3": "recalling"}
    _result, ctx = run(master)
    assert ctx.changes == 0


def test_parcels_on_their_way_back_count_before_others_are_recalled(master):
    order(master, "1", ("A", 2))
    parcel(master, "P1", "1", ("1", "A", 2), state="recalling")
    master.insert("recall", {"parcel_no": "P1", "reason": "changed"})
    parcel(master, "P2", "1", ("1", "A", 2))
    run(master)
    assert states(master) == {"P1": "recalling", "P2": "instructed"}


def test_a_set_is_recalled_when_fewer_sets_are_wanted(master):
    order(master, "1", ("S", 2))
    parcel(master, "P1", "1", ("1", "A", 4), ("1", "B", 2))
    for sku, per_unit in (("A", 2), ("B", 1)):
        row = {"channel": "rakuten1", "order_no": "1", "line_id": "1", "sku": sku, "per_unit": per_unit}
        master.insert("allocation", row)
    assert run(master)[0] == RecallsRequested(0, 0)
    change(master, "UPDATE order_line SET qty = 1")
    assert run(master)[0] == RecallsRequested(1, 0)


def test_what_no_file_has_told_is_withdrawn_without_a_recall(master):
    order(master, "1", ("A", 3), state="cancelled")
    parcel(master, "P1", "1", ("1", "A", 3), told=False)
    result, ctx = run(master)
    assert result == RecallsRequested(0, 1)
    assert recalls(master) == []
    assert states(master) == {"P1": "recalled"}
    assert master.rows("SELECT recalled_qty FROM instruction_line") == [(3,)]
    assert len(ctx.findings) == 0


def test_an_order_of_which_the_rest_is_not_wanted_any_more_is_done(shop):
    for line_id, sku in (("1", "A"), ("2", "B")):
        shop.insert("allocation", {"channel": "rakuten1", "order_no": "1", "line_id": line_id, "sku": sku})
    change(shop, "UPDATE instruction_line SET shipped_qty = 3 WHERE line_no = 1")
    change(shop, "DELETE FROM order_line WHERE line_id = '2'")
    run(shop)
    assert shop.scalar("SELECT state FROM sales_order") == "shipped"


class TestChanges:
    def revise(self, master, fields, *, revision=2):
        change(master, "UPDATE sales_order SET revision = :n", n=revision)
        row = {
            "channel": "rakuten1",
            "order_no": "1",
            "revision": revision,
            "kind": "changed",
            "changed": fields,
        }
        master.insert("order_revision", row)

    def named(self, master):
        return told(run(master)[1].findings, "changed_after_instruction")

    @pytest.mark.parametrize(
        "field",
        ["ship_address", "ship_name", "wished_date", "wished_slot", "line_added", "noshi", "payment_method"],
    )
    def test_a_change_in_what_is_packed_by_is_named_once(self, shop, field):
        self.revise(shop, field)
        assert self.named(shop) == [("rakuten1 1", {"parcel_no": "P1", "fields": field})]
        _result, ctx = run(shop)
        assert ctx.changes == 0
        assert len(ctx.findings) == 0

    @pytest.mark.parametrize("field", ["order_status", "buyer_email", "points", "billed"])
    def test_other_changes_are_not_the_warehouses_business(self, shop, field):
        self.revise(shop, field)
        assert self.named(shop) == []

    def test_the_amount_matters_where_it_is_collected(self, shop):
        change(shop, "UPDATE shipping_instruction SET cod_amount = 3300")
        self.revise(shop, "billed")
        assert [params["fields"] for _subject, params in self.named(shop)] == ["billed"]

    def test_several_revisions_are_named_together(self, shop):
        self.revise(shop, "order_status,ship_city")
        self.revise(shop, "ship_address,wished_date", revision=3)
        assert [params["fields"] for _s, params in self.named(shop)] == [
            "ship_address, ship_city, wished_date"
        ]

    def test_a_parcel_that_is_recalled_is_not_named_again(self, shop):
        self.revise(shop, "qty")
        change(shop, "UPDATE order_line SET qty = 1 WHERE line_id = '1'")
        assert self.named(shop) == []

    def test_a_parcel_that_has_left_is_not_named(self, shop):
        change(shop, "UPDATE shipping_instruction SET state = 'shipped'")
        self.revise(shop, "ship_address")
        assert self.named(shop) == []

    def test_a_cancelled_order_is_recalled_and_not_named_as_changed(self, shop):
        change(shop, "UPDATE sales_order SET state = 'cancelled'")
        self.revise(shop, "order_status,ship_address")
        assert self.named(shop) == []


def test_a_line_that_comes_on_top_is_no_reason_for_a_recall(shop):
    line(shop, "1", "3", "C", 1)
    assert run(shop)[0] == RecallsRequested(0, 0)
