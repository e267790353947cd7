from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.shipping.results import take_events
from stock.small_shop import line, order, parcel, told

AT = "2026-11-24T02:00:00Z"


def event(event_id, kind, qty=None, *, parcel_no="P1", line_no=1, sku="A", at=AT, **columns):
    return {
        "event_id": event_id,
        "kind": kind,
        "parcel_no": parcel_no,
        "line_no": line_no,
        "sku": sku,
        "qty": qty,
        "at": at,
        "at_offset": 540,
        **columns,
    }


def tell(master, *events, warehouse="main", **overrides):
    if events:
        master.load("warehouse_events", list(events), party=warehouse)
    with master.context(**overrides) as ctx:
        take_events(ctx)
    return ctx


def verdicts(master):
    return dict(master.rows("SELECT event_id, verdict FROM warehouse_event"))


def units(master):
    """Return (qty, shipped, short, recalled, returned) by parcel and line."""
    rows = master.rows(
        "SELECT parcel_no, line_no, qty, shipped_qty, short_qty, recalled_qty, returned_qty FROM instruction_line"
    )
    return {(parcel_no, line_no): tuple(rest) for parcel_no, line_no, *rest in rows}


def state(master, parcel_no="P1"):
    return master.scalar("SELECT state FROM shipping_instruction WHERE parcel_no = :p", p=parcel_no)


def answer(master):
    return master.rows("SELECT answer, answered_at FROM recall")[0]


def order_state(master):
    return master.scalar("SELECT state FROM sales_order")


def recalled(master, parcel_no="P1"):
    master.insert("recall", {"parcel_no": parcel_no, "reason": "cancelled", "requested_at": AT})
    with master.engine.begin() as conn:
        conn.execute(
            sa.text("UPDATE shipping_instruction SET state = 'recalling' WHERE parcel_no = :p"),
            {"p": parcel_no},
        )


@pytest.fixture
def shop(master):
    """An order of 3 A and 2 B in parcel P1."""
    order(master, "1", ("A", 3), ("B", 2))
    parcel(master, "P1", "1", ("1", "A", 3), ("2", "B", 2))
    for line_id, sku, qty in (("1", "A", 3), ("2", "B", 2)):
        master.insert(
            "allocation",
            {
                "channel": "rakuten1",
                "order_no": "1",
                "line_id": line_id,
                "sku": sku,
                "warehouse": "main",
                "needed": qty,
                "qty": qty,
            },
        )
    return master


class TestShipments:
    def test_units_that_left_are_kept_on_their_line(self, shop):
        tell(shop, event("E1", "shipped", 2))
        assert units(shop)["P1", 1] == (3, 2, 0, 0, 0)
        assert verdicts(shop) == {"E1": "ok"}
        assert (state(shop), order_state(shop)) == ("instructed", "open")

    def test_when_everything_left_parcel_and_order_are_shipped(self, shop):
        tell(shop, event("E1", "shipped", 3), event("E2", "shipped", 2, line_no=2, sku="B"))
        assert (state(shop), order_state(shop)) == ("shipped", "shipped")

    def test_the_same_file_again_changes_nothing(self, shop):
        events = [event("E1", "shipped", 3), event("E2", "shipped", 2, line_no=2, sku="B")]
        tell(shop, *events)
        ctx = tell(shop, *reversed(events))
        assert ctx.changes == 0
        assert len(ctx.findings) == 0

    def test_an_order_with_a_line_that_nothing_is_known_of_stays_open(self, shop):
        line(shop, "1", "3", "", 1)
        tell(shop, event("E1", "shipped", 3), event("E2", "shipped", 2, line_no=2, sku="B"))
        assert order_state(shop) == "open"

    def test_a_cancelled_order_that_left_stays_cancelled(self, shop):
        with shop.engine.begin() as conn:
            conn.execute(sa.text("UPDATE sales_order SET state = 'cancelled'"))
        tell(shop, event("E1", "shipped", 3), event("E2", "shipped", 2, line_no=2, sku="B"))
        assert order_state(shop) == "cancelled"

    def test_an_order_of_two_parcels_is_shipped_with_the_second(self, master):
        order(master, "1", ("A", 2))
        for number in (1, 2):
            parcel(master, f"P{number}", "1", ("1", "A", 1))
        master.insert(
            "allocation",
            {"channel": "rakuten1", "order_no": "1", "line_id": "1", "sku": "A", "needed": 2, "qty": 2},
        )
        tell(master, event("E1", "shipped", 1))
        assert order_state(master) == "open"
        tell(master, event("E2", "shipped", 1, parcel_no="P2"))
        assert order_state(master) == "shipped"

    def test_a_set_has_left_when_all_its_components_have(self, master):
        order(master, "1", ("S", 1))
        parcel(master, "P1", "1", ("1", "A", 2), ("1", "B", 1))
        for sku, per_unit in (("A", 2), ("B", 1)):
            row = {"channel": "rakuten1", "order_no": "1", "line_id": "1", "sku": sku, "per_unit": per_unit}
            master.insert("allocation", row)
        tell(master, event("E1", "shipped", 2))
        assert order_state(master) == "open"
        tell(master, event("E2", "shipped", 1, line_no=2, sku="B"))
        assert order_state(master) == "shipped"


class TestWhatDoesNotFit:
    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            (event("E1", "shipped", 1, parcel_no="P9"), "unknown_parcel"),
            (event("E1", "shipped", 1, parcel_no=""), "unknown_parcel"),
            (event("E1", "shipped", 1, line_no=9), "unknown_line"),
            (event("E1", "short", 1, line_no=None), "unknown_line"),
            (event("E1", "shipped", 1, sku="B"), "sku_differs"),
            (event("E1", "shipped", 0), "bad_quantity"),
            (event("E1", "shipped", -1), "bad_quantity"),
            (event("E1", "short"), "bad_quantity"),
            (event("E1", "shipped", 4), "over_shipment"),
            (event("E1", "short", 4), "over_shipment"),
            (event("E1", "return", 1), "over_return"),
            (event("E1", "recalled", 1), "no_recall"),
            (event("E1", "refused"), "no_recall"),
            (event("E1", "receipt", 0, parcel_no=""), "bad_quantity"),
            (event("E1", "receipt", -1, parcel_no=""), "bad_quantity"),
            (event("E1", "adjustment", 0, parcel_no=""), "bad_quantity"),
            (event("E1", "sold", 0, parcel_no=""), "bad_quantity"),
            (event("E1", "sold", 1, sku="", parcel_no=""), "no_sku"),
            (event("E1", "receipt", 1, parcel_no="", sku=""), "no_sku"),
        ],
    )
    def test_it_is_kept_with_its_reason_and_named_once(self, shop, wrong, reason):
        ctx = tell(shop, wrong)
        assert verdicts(shop) == {"E1": reason}
        assert [subject for subject, _params in told(ctx.findings, "event_rejected")] == ["main E1"]
        assert units(shop)["P1", 1] == (3, 0, 0, 0, 0)
        again = tell(shop, wrong)
        assert again.changes == 0
        assert told(again.findings, "event_rejected") == []

    def test_a_parcel_of_another_warehouse_is_unknown(self, shop):
        tell(shop, event("E1", "shipped", 1), warehouse="east")
        assert verdicts(shop) == {"E1": "unknown_parcel"}

    def test_it_is_judged_again_when_its_parcel_is_known(self, shop):
        tell(shop, event("E1", "shipped", 1, parcel_no="P2"))
        parcel(shop, "P2", "1", ("1", "A", 1))
        ctx = tell(shop)
        assert verdicts(shop) == {"E1": "ok"}
        assert units(shop)["P2", 1] == (1, 1, 0, 0, 0)
        assert told(ctx.findings, "event_rejected") == []

    def test_another_reason_is_named_again(self, shop):
        tell(shop, event("E1", "shipped", 9, parcel_no="P2"))
        parcel(shop, "P2", "1", ("1", "A", 1))
        ctx = tell(shop)
        assert verdicts(shop) == {"E1": "over_shipment"}
        assert len(told(ctx.findings, "event_rejected")) == 1

    @pytest.mark.parametrize("way", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1)])
    def test_events_fill_a_line_in_the_order_of_their_time_whatever_the_order_of_rows(self, shop, way):
        events = [
            event("E1", "shipped", 1, at="2026-11-24T01:00:00Z"),
            event("E2", "shipped", 3, at="2026-11-24T02:00:00Z"),
            event("E3", "short", 1, at="2026-11-24T03:00:00Z"),
            event("E4", "shipped", 1, at="2026-11-24T04:00:00Z"),
        ]
        tell(shop, *(events[i] for i in way))
        assert verdicts(shop) == {"E1": "ok", "E2": "over_shipment", "E3": "ok", "E4": "ok"}
        assert units(shop)["P1", 1] == (3, 2, 1, 0, 0)


class TestShortPicks:
    def test_a_short_pick_is_named_with_what_is_missing(self, shop):
        ctx = tell(shop, event("E1", "short", 1), event("E2", "short", 1))
        assert told(ctx.findings, "short_pick") == [("rakuten1 1", {"sku": "A", "qty": "2"})]

    def test_a_parcel_of_which_nothing_is_left_is_done(self, shop):
        tell(shop, event("E1", "short", 3), event("E2", "shipped", 2, line_no=2, sku="B"))
        assert (state(shop), order_state(shop)) == ("shipped", "open")


class TestRecalls:
    def test_a_recall_that_stops_everything_is_answered(self, shop):
        recalled(shop)
        ctx = tell(
            shop,
            event("E1", "recalled", 3),
            event("E2", "recalled", 2, line_no=2, sku="B", at="2026-11-24T02:30:00Z"),
        )
        assert (state(shop), answer(shop)) == ("recalled", ("recalled", "2026-11-24T02:30:00Z"))
        assert told(ctx.findings, "recall_failed") == []

    def test_until_the_whole_parcel_is_back_it_is_not_answered(self, shop):
        recalled(shop)
        tell(shop, event("E1", "recalled", 3))
        assert (state(shop), answer(shop)) == ("recalling", ("", ""))

    @pytest.mark.parametrize("sku", ["", "A"])
    def test_an_answer_without_a_quantity_means_all_that_is_open_of_the_line(self, shop, sku):
        recalled(shop)
        tell(shop, event("E1", "shipped", 1), event("E2", "recalled", sku=sku))
        assert units(shop) == {("P1", 1): (3, 1, 0, 2, 0), ("P1", 2): (2, 0, 0, 0, 0)}

    def test_an_answer_without_a_line_means_the_whole_parcel(self, shop):
        recalled(shop)
        tell(shop, event("E1", "recalled", line_no=None, sku=""))
        assert units(shop) == {("P1", 1): (3, 0, 0, 3, 0), ("P1", 2): (2, 0, 0, 2, 0)}
        assert (state(shop), answer(shop)) == ("recalled", ("recalled", AT))

    def test_a_second_such_answer_has_nothing_left_to_stop(self, shop):
        recalled(shop)
        tell(shop, event("E1", "recalled", line_no=None), event("E2", "recalled", line_no=None))
        assert verdicts(shop) == {"E1": "ok", "E2": "nothing_left"}

    def test_a_shipment_after_the_request_means_that_the_recall_failed(self, shop):
        recalled(shop)
        ctx = tell(shop, event("E1", "shipped", 3), event("E2", "shipped", 2, line_no=2, sku="B"))
        assert (state(shop), answer(shop)) == ("shipped", ("shipped", AT))
        assert [subject for subject, _p in told(ctx.findings, "recall_failed")] == ["rakuten1 1 (P1)"]
        assert told(tell(shop).findings, "recall_failed") == []

    def test_a_refusal_means_that_the_recall_failed_and_the_parcel_ships(self, shop):
        recalled(shop)
        ctx = tell(shop, event("E1", "refused", line_no=None, sku=""))
        assert (state(shop), answer(shop)) == ("instructed", ("refused", AT))
        assert len(told(ctx.findings, "recall_failed")) == 1
        tell(shop, event("E2", "shipped", 3), event("E3", "shipped", 2, line_no=2, sku="B"))
        assert (state(shop), answer(shop)) == ("shipped", ("refused", AT))

    def test_a_refusal_after_everything_came_back_does_not_fit(self, shop):
        recalled(shop)
        tell(shop, event("E1", "recalled", line_no=None))
        tell(shop, event("E2", "refused"))
        assert verdicts(shop) == {"E1": "ok", "E2": "nothing_left"}
        assert state(shop) == "recalled"

    def test_an_answer_that_comes_before_the_request_waits_for_it(self, shop):
        tell(shop, event("E1", "recalled", line_no=None))
        assert verdicts(shop) == {"E1": "no_recall"}
        recalled(shop)
        tell(shop)
        assert (state(shop), answer(shop)) == ("recalled", ("recalled", AT))

    def test_what_was_short_needs_no_answer_any_more(self, shop):
        recalled(shop)
        ctx = tell(shop, event("E1", "short", 3), event("E2", "short", 2, line_no=2, sku="B"))
        assert answer(shop) == ("recalled", AT)
        assert told(ctx.findings, "recall_failed") == []


class TestReturns:
    def test_what_left_can_come_back_once(self, shop):
        tell(shop, event("E1", "shipped", 3), event("E2", "return", 2))
        tell(shop, event("E3", "return", 2), event("E4", "return", 1, at="2026-11-24T03:00:00Z"))
        assert verdicts(shop) == {"E1": "ok", "E2": "ok", "E3": "over_return", "E4": "ok"}
        assert units(shop)["P1", 1] == (3, 3, 0, 0, 3)

    def test_a_return_does_not_reopen_the_order(self, shop):
        tell(shop, event("E1", "shipped", 3), event("E2", "shipped", 2, line_no=2, sku="B"))
        tell(shop, event("E3", "return", 3))
        assert (state(shop), order_state(shop)) == ("shipped", "shipped")


class TestTrackingNumbers:
    def numbers(self, master):
        return master.rows(
            "SELECT parcel_no, tracking_no, carrier, ship_date FROM parcel_tracking ORDER BY parcel_no, tracking_no"
        )

    def test_a_parcel_may_have_several_and_each_is_kept_once(self, shop):
        tell(
            shop,
            event("E1", "shipped", 1, tracking_no="444413758703", carrier="yamato"),
            event(
                "E2", "shipped", 1, tracking_no="444413758703", carrier="yamato", at="2026-11-24T16:00:00Z"
            ),
            event("E3", "shipped", 2, line_no=2, sku="B", tracking_no="405548424886", carrier="japan_post"),
            event("E4", "shipped", 1),
        )
        assert self.numbers(shop) == [
            ("P1", "405548424886", "japan_post", "2026-11-24"),
            ("P1", "444413758703", "yamato", "2026-11-24"),
        ]

    def test_a_parcel_without_any_is_kept_without(self, shop):
        tell(shop, event("E1", "shipped", 1, carrier="other"))
        assert self.numbers(shop) == [("P1", "", "other", "2026-11-24")]

    def test_a_number_is_taken_from_shipments_that_fit_only(self, shop):
        tell(shop, event("E1", "shipped", 9, tracking_no="444413758703"))
        assert self.numbers(shop) == []

    @pytest.mark.parametrize(
        ("number", "carrier", "suspect"),
        [
            ("444413758703", "yamato", False),
            ("444413758704", "yamato", True),
            ("512547514335", "sagawa", True),
            ("405548424886", "japan_post", False),
            ("444413758704", "seino", False),
            ("4444137587", "yamato", False),
            ("44441375870", "yamato", True),
            ("44441375870", "japan_post", False),
            ("44441375870X", "yamato", False),
        ],
    )
    def test_a_wrong_check_digit_is_a_hint(self, shop, number, carrier, suspect):
        ctx = tell(shop, event("E1", "shipped", 1, tracking_no=number, carrier=carrier))
        assert told(ctx.findings, "tracking_suspect") == ([("rakuten1 1 (P1)", {})] if suspect else [])
        assert verdicts(shop) == {"E1": "ok"}
