from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.shipping.instructing import Instructed, instruct
from ecsync.stock.allocation import allocate
from stock.small_shop import destination, line, order, parcel, recipe, shelf, told

AFTER_CUT_OFF = "2026-11-24T04:00:00Z"


def run(master, **overrides):
    with master.context(**overrides) as ctx:
        allocate(ctx)
        result = instruct(ctx)
    return result, ctx


def parcels(master):
    return master.rows(
        "SELECT parcel_no, order_no, dest_id, ship_date FROM shipping_instruction ORDER BY parcel_no"
    )


def lines(master, parcel_no):
    return master.rows(
        "SELECT line_no, line_id, line_sku, sku, qty FROM instruction_line WHERE parcel_no = :p ORDER BY line_no",
        p=parcel_no,
    )


def waits(master):
    return master.rows("SELECT order_no, dest_id, kind, until FROM order_wait ORDER BY 1, 2, 3")


def change(master, sql, **params):
    with master.engine.begin() as conn:
        conn.execute(sa.text(sql), params)


class TestWhatIsInstructed:
    def test_a_destination_that_is_allocated_in_full_goes_at_once(self, master):
        shelf(master, A=3, B=1)
        order(master, "1", ("A", 2), ("B", 1), revision=4)
        result, _ctx = run(master)
        assert result == Instructed(parcels=1, late=0)
        assert parcels(master) == [("00000001", "1", "1", "2026-11-24")]
        assert lines(master, "00000001") == [(1, "1", "A", "A", 2), (2, "2", "B", "B", 1)]
        assert master.rows(
            "SELECT channel, warehouse, state, instructed_at, revision, cod_amount FROM shipping_instruction"
        ) == [("rakuten1", "main", "instructed", "2026-11-24T03:00:00Z", 4, None)]

    def test_it_goes_once(self, master):
        shelf(master, A=5)
        order(master, "1", ("A", 2))
        run(master)
        result, ctx = run(master)
        assert result.parcels == 0
        assert ctx.changes == 0

    def test_after_the_cut_off_it_ships_the_next_day(self, master):
        shelf(master, A=2)
        order(master, "1", ("A", 2))
        run(master, now=AFTER_CUT_OFF)
        assert parcels(master) == [("00000001", "1", "1", "2026-11-25")]

    def test_parcels_are_numbered_in_the_order_of_the_orders(self, master):
        prefixed = master.make_settings(warehouses={"main": {"parcel_prefix": "M"}})
        shelf(master, A=9)
        order(master, "b", ("A", 1), at="2026-11-23T08:00:00Z")
        order(master, "c", ("A", 1), at="2026-11-22T08:00:00Z", dest_id="2")
        destination(master, "c", "1")
        line(master, "c", "9", "A", 1, dest_id="1")
        order(master, "a", ("A", 1), at="2026-11-23T08:00:00Z")
        run(master, settings=prefixed)
        order(master, "d", ("A", 1), at="2026-11-20T08:00:00Z")
        run(master, settings=prefixed)
        assert [(number, order_no, dest) for number, order_no, dest, _date in parcels(master)] == [
            ("M00000001", "c", "1"),
            ("M00000002", "c", "2"),
            ("M00000003", "a", "1"),
            ("M00000004", "b", "1"),
            ("M00000005", "d", "1"),
        ]

    def test_a_set_is_told_as_its_components(self, master):
        shelf(master, A=4, B=2)
        recipe(master, "S", B=1, A=2)
        order(master, "1", ("S", 2))
        run(master)
        assert lines(master, "00000001") == [(1, "1", "S", "A", 4), (2, "1", "S", "B", 2)]

    def test_a_line_of_no_units_is_not_told(self, master):
        shelf(master, A=1)
        order(master, "1", ("A", 1), ("B", 0))
        run(master)
        assert lines(master, "00000001") == [(1, "1", "A", "A", 1)]


class TestWhatWaits:
    def test_nothing_is_shipped_in_part_by_our_choice(self, master):
        shelf(master, A=1, B=9)
        order(master, "1", ("A", 2), ("B", 1))
        run(master)
        assert parcels(master) == []
        assert waits(master) == [("1", "1", "stock", "")]
        change(master, "UPDATE stock_balance SET on_hand = 2 WHERE sku = 'A'")
        run(master)
        assert len(parcels(master)) == 1
        assert waits(master) == []

    def test_a_destination_that_is_there_does_not_wait_for_another(self, master):
        shelf(master, A=1)
        order(master, "1", ("A", 1))
        destination(master, "1", "2")
        line(master, "1", "9", "B", 1, dest_id="2")
        run(master)
        assert [(p[1], p[2]) for p in parcels(master)] == [("1", "1")]
        assert waits(master) == [("1", "2", "stock", "")]

    @pytest.mark.parametrize("state", ["cancelled", "foreign", "shipped"])
    def test_orders_that_are_not_open_are_not_told(self, master, state):
        shelf(master, A=1)
        order(master, "1", ("A", 1), state=state)
        run(master)
        assert parcels(master) == []

    @pytest.mark.parametrize(
        ("dest_id", "closed_at", "goes"), [("", "", 0), ("1", "", 0), ("2", "", 1), ("", "x", 1)]
    )
    def test_a_hold_keeps_what_it_holds(self, master, dest_id, closed_at, goes):
        shelf(master, A=1)
        order(master, "1", ("A", 1))
        hold = {"channel": "rakuten1", "order_no": "1", "dest_id": dest_id, "reason": "bad_address"}
        master.insert("order_hold", {**hold, "opened_at": "2026-11-23", "closed_at": closed_at})
        run(master)
        assert len(parcels(master)) == goes

    @pytest.mark.parametrize(("payment", "goes"), [("waiting", 0), ("confirmed", 1), ("not_needed", 1)])
    def test_money_is_waited_for(self, master, payment, goes):
        shelf(master, A=1)
        order(master, "1", ("A", 1), payment_state=payment)
        run(master)
        assert len(parcels(master)) == goes
        assert waits(master) == []

    def test_a_wait_for_money_keeps_the_order_and_stays_untouched(self, master):
        shelf(master, A=1)
        order(master, "1", ("A", 1))
        master.insert("order_wait", {"channel": "rakuten1", "order_no": "1", "dest_id": "", "kind": "money"})
        run(master)
        assert parcels(master) == []
        assert waits(master) == [("1", "", "money", "")]

    def test_a_line_of_unknown_sku_keeps_its_destination(self, master):
        shelf(master, A=1)
        order(master, "1", ("A", 1), ("", 1))
        run(master)
        assert parcels(master) == []

    def test_a_wished_date_is_waited_for(self, master):
        shelf(master, A=1)
        order(master, "1", ("A", 1), wished_date="2026-11-27")
        run(master)
        assert parcels(master) == []
        assert waits(master) == [("1", "1", "date", "2026-11-26")]
        _result, ctx = run(master)
        assert ctx.changes == 0
        run(master, now="2026-11-26T00:00:00Z", business_date="2026-11-26")
        assert parcels(master) == [("00000001", "1", "1", "2026-11-26")]
        assert waits(master) == []

    def test_a_wished_date_that_moves_moves_the_wait(self, master):
        order(master, "1", ("A", 1), wished_date="2026-11-27")
        run(master)
        change(master, "UPDATE order_destination SET wished_date = '2026-11-28'")
        run(master)
        assert waits(master) == [("1", "1", "date", "2026-11-27"), ("1", "1", "stock", "")]

    def test_the_waits_of_a_closed_order_end(self, master):
        order(master, "1", ("A", 1), wished_date="2026-11-27")
        run(master)
        change(master, "UPDATE sales_order SET state = 'cancelled'")
        run(master)
        assert waits(master) == []


class TestLate:
    def test_a_ship_date_that_has_passed_is_named_with_the_next_possible_one(self, master):
        shelf(master, A=1)
        order(master, "1", ("A", 1), wished_date="2026-11-24")
        result, ctx = run(master)
        assert parcels(master) == [("00000001", "1", "1", "2026-11-24")]
        assert result.late == 1
        assert told(ctx.findings, "ship_date_passed") == [("rakuten1 1", {"ship_date": "2026-11-24"})]
        assert told(run(master)[1].findings, "ship_date_passed") == []

    @pytest.mark.parametrize(
        ("held", "units", "reason"),
        [(True, 1, "it is held"), (False, 0, "stock is short"), (True, 0, "it is held, and stock is short")],
    )
    def test_what_should_leave_today_and_cannot_is_named(self, master, held, units, reason):
        shelf(master, A=units)
        order(master, "1", ("A", 1), wished_date="2026-11-25")
        if held:
            master.insert(
                "order_hold",
                {
                    "channel": "rakuten1",
                    "order_no": "1",
                    "dest_id": "",
                    "reason": "bad_address",
                    "opened_at": "x",
                },
            )
        _result, ctx = run(master)
        ((subject, params),) = told(ctx.findings, "ship_by_today")
        assert subject == "rakuten1 1"
        assert params == {"by": "12:30", "reason": reason}

    def test_an_order_without_a_wished_date_may_wait(self, master):
        order(master, "1", ("A", 1))
        assert told(run(master)[1].findings, "ship_by_today") == []

    def test_an_order_whose_day_is_to_come_may_wait(self, master):
        order(master, "1", ("A", 1), wished_date="2026-11-27")
        assert told(run(master)[1].findings, "ship_by_today") == []


class TestTheRest:
    def test_what_was_short_goes_as_a_new_parcel_once_it_is_there(self, master):
        shelf(master, A=3)
        order(master, "1", ("A", 3))
        run(master)
        change(master, "UPDATE instruction_line SET shipped_qty = 1, short_qty = 2")
        change(master, "UPDATE shipping_instruction SET state = 'shipped'")
        change(master, "UPDATE allocation SET qty = 0")
        change(master, "UPDATE stock_balance SET on_hand = 1")
        run(master)
        assert len(parcels(master)) == 1
        change(master, "UPDATE stock_balance SET on_hand = 2")
        run(master)
        assert lines(master, "00000002") == [(1, "1", "A", "A", 2)]

    def test_a_line_added_to_an_instructed_order_goes_as_a_parcel_of_its_own(self, master):
        shelf(master, A=3, B=1)
        order(master, "1", ("A", 3))
        run(master)
        line(master, "1", "2", "B", 1)
        run(master)
        assert lines(master, "00000002") == [(1, "2", "B", "B", 1)]

    def test_units_of_a_recalled_parcel_wait_for_its_answer(self, master):
        shelf(master, A=6)
        order(master, "1", ("A", 3))
        run(master)
        change(master, "UPDATE shipping_instruction SET state = 'recalling'")
        run(master)
        assert len(parcels(master)) == 1
        change(master, "UPDATE shipping_instruction SET state = 'recalled'")
        change(master, "UPDATE instruction_line SET recalled_qty = 3")
        run(master)
        assert lines(master, "00000002") == [(1, "1", "A", "A", 3)]


class TestCashOnDelivery:
    def order(self, master, **columns):
        facts = {"payment_method": "cod", "payment_state": "not_needed", "billed": 3_300, **columns}
        order(master, "1", ("A", 1), **facts)

    def amounts(self, master):
        return [
            row[0] for row in master.rows("SELECT cod_amount FROM shipping_instruction ORDER BY parcel_no")
        ]

    def test_the_parcel_carries_what_is_billed(self, master):
        shelf(master, A=1)
        self.order(master)
        run(master)
        assert self.amounts(master) == [3_300]

    @pytest.mark.parametrize("columns", [{"billed": 0}, {"billed": None}, {"payment_method": "card"}])
    def test_where_nothing_is_to_be_collected_it_carries_none(self, master, columns):
        shelf(master, A=1)
        self.order(master, **columns)
        run(master)
        assert self.amounts(master) == [None]

    def test_of_several_destinations_the_first_collects_all(self, master):
        shelf(master, A=2)
        self.order(master)
        destination(master, "1", "2")
        line(master, "1", "9", "A", 1, dest_id="2")
        run(master)
        assert self.amounts(master) == [3_300, None]

    def test_the_rest_after_a_short_pick_collects_nothing_again(self, master):
        shelf(master, A=2)
        self.order(master)
        line(master, "1", "9", "A", 1)
        run(master)
        change(master, "UPDATE instruction_line SET shipped_qty = 1 WHERE line_no = 1")
        change(master, "UPDATE instruction_line SET short_qty = 1 WHERE line_no = 2")
        change(master, "UPDATE shipping_instruction SET state = 'shipped'")
        run(master)
        assert self.amounts(master) == [3_300, None]

    @pytest.mark.parametrize("column", ["recalled_qty", "short_qty"])
    def test_a_parcel_that_never_left_is_followed_by_one_that_collects(self, master, column):
        shelf(master, A=1)
        self.order(master)
        parcel(master, "P1", "1", ("1", "A", 1), state="recalled", cod_amount=3_300)
        change(master, f"UPDATE instruction_line SET {column} = 1")
        run(master)
        assert self.amounts(master) == [3_300, 3_300]


def test_noon_and_night_instruct_what_one_run_would_have(master):
    shelf(master, A=3)
    order(master, "1", ("A", 1))
    order(master, "2", ("A", 1), wished_date="2026-11-25")
    order(master, "3", ("A", 1), wished_date="2026-11-26")
    run(master)
    _result, ctx = run(master, now="2026-11-24T13:00:00Z")
    assert [row[1] for row in parcels(master)] == ["1", "2"]
    assert ctx.changes == 0


def test_a_prefix_longer_counter_keeps_every_digit(master):
    master.insert("counter", {"name": "parcel", "value": 123_456_788})
    shelf(master, A=1)
    order(master, "1", ("A", 1))
    run(master)
    assert parcels(master)[0][0] == "123456789"
