from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.stock.allocation import allocate
from ecsync.stock.publishing import decide_quantities
from stock.small_shop import order, recipe, shelf

BEFORE = "2026-11-23T00:00:00Z"
NOON = "2026-11-24T03:00:00Z"


def listing(master, sku, *, item_key=None, channel="rakuten1", seen=None, seen_at="", **columns):
    item_key = item_key or f"item-{sku}".lower()
    master.insert(
        "channel_listing",
        {"channel": channel, "item_key": item_key, "sku_key": "", "sku": sku, **columns},
    )
    if seen is not None:
        master.insert(
            "channel_stock",
            {
                "channel": channel,
                "item_key": item_key,
                "sku_key": "",
                "qty_seen": seen,
                "seen_at": seen_at or BEFORE,
            },
        )


def publish(master, **overrides):
    with master.context(**overrides) as ctx:
        allocate(ctx)
        decide_quantities(ctx)
    return ctx


def shown(master):
    """Return the newest decision per listing."""
    rows = master.rows("SELECT item_key, qty FROM channel_quantity ORDER BY item_key, sequence")
    return dict(rows)


def test_what_is_neither_promised_nor_waited_for_is_shown(master):
    shelf(master, A=10, B=3)
    order(master, "1", ("A", 4), ("B", 5))
    listing(master, "A")
    listing(master, "B")
    publish(master)
    assert shown(master) == {"item-a": 6, "item-b": 0}


def test_the_channels_safety_comes_off_and_its_cap_holds(master):
    careful = master.make_settings(channels={"rakuten1": {"safety": 2, "max_published": 50}})
    shelf(master, A=10, B=1, C=500)
    for sku in "ABC":
        listing(master, sku)
    publish(master, settings=careful)
    assert shown(master) == {"item-a": 8, "item-b": 0, "item-c": 50}


def test_a_set_is_shown_as_often_as_its_scarcest_component_allows(master):
    careful = master.make_settings(channels={"rakuten1": {"safety": 1}})
    shelf(master, A=9, B=7)
    recipe(master, "S", A=2, B=3)
    recipe(master, "N", A=1, C=1)
    order(master, "1", ("B", 1))
    listing(master, "S")
    listing(master, "N")
    publish(master, settings=careful)
    assert shown(master) == {"item-s": 1, "item-n": 0}


def test_a_set_that_cannot_be_taken_apart_is_shown_as_none(master):
    shelf(master, S=5, A=5)
    recipe(master, "S", S=1)
    listing(master, "S")
    publish(master)
    assert shown(master) == {"item-s": 0}


def test_only_what_differs_from_what_the_channel_shows_is_told(master):
    shelf(master, A=5, B=5)
    listing(master, "A", seen=5)
    listing(master, "B", seen=9)
    publish(master)
    assert master.rows(
        "SELECT item_key, sku, qty, previous_qty, sequence, decided_at FROM channel_quantity"
    ) == [("item-b", "B", 5, 9, "000000000001", NOON)]
    ctx = publish(master)
    assert ctx.changes == 0


def test_what_was_sent_counts_until_something_newer_was_seen(master):
    shelf(master, A=5)
    listing(master, "A", seen=9)
    publish(master)
    assert master.rows("SELECT qty_sent, sent_at, sent_count, qty_seen FROM channel_stock") == [
        (5, NOON, 1, 9)
    ]
    with master.engine.begin() as conn:
        conn.execute(sa.text("UPDATE channel_stock SET qty_seen = 3, seen_at = '2026-11-24T04:00:00Z'"))
    publish(master, now="2026-11-24T05:00:00Z")
    assert master.rows("SELECT sequence, qty, previous_qty FROM channel_quantity ORDER BY 1") == [
        ("000000000001", 5, 9),
        ("000000000002", 5, 3),
    ]


def test_a_listing_never_seen_is_told_once(master):
    shelf(master, A=5)
    listing(master, "A")
    publish(master)
    publish(master)
    assert master.rows("SELECT qty, previous_qty FROM channel_quantity") == [(5, None)]


def test_unknown_and_unlimited_listings_are_left_alone(master):
    shelf(master, A=5)
    listing(master, "", item_key="unknown")
    listing(master, "A", item_key="endless", unlimited_flag=1)
    publish(master)
    assert shown(master) == {}


def test_a_sku_that_the_warehouse_never_had_is_shown_as_none(master):
    shelf(master, A=5)
    listing(master, "NEW", seen=4)
    publish(master)
    assert shown(master) == {"item-new": 0}


def test_before_anything_was_counted_nothing_is_told(master):
    listing(master, "A", seen=4)
    publish(master)
    assert shown(master) == {}


def test_two_listings_of_one_sku_and_two_channels_show_the_same(master):
    two = master.make_settings(channels={"yahoo1": {"platform": "yahoo", "warehouse": "main", "safety": 1}})
    shelf(master, A=5)
    listing(master, "A", item_key="x")
    listing(master, "A", item_key="y")
    listing(master, "A", item_key="z", channel="yahoo1")
    publish(master, settings=two)
    assert shown(master) == {"x": 5, "y": 5, "z": 4}


def test_each_channel_shows_its_own_warehouse(master):
    two = master.make_settings(
        warehouses={"east": {"stock": "ledger"}},
        channels={"yahoo1": {"platform": "yahoo", "warehouse": "east"}},
    )
    shelf(master, A=5)
    shelf(master, warehouse="east", A=2)
    listing(master, "A", item_key="x")
    listing(master, "A", item_key="z", channel="yahoo1")
    publish(master, settings=two)
    assert shown(master) == {"x": 5, "z": 2}


class TestBrokenProofs:
    def block(self, master, sku):
        with master.engine.begin() as conn:
            conn.execute(
                sa.text("UPDATE stock_balance SET blocked_flag = 1, on_hand = on_hand + 1 WHERE sku = :sku"),
                {"sku": sku},
            )

    def test_a_sku_whose_units_do_not_add_up_only_falls(self, master):
        shelf(master, A=5, B=5, C=5)
        self.block(master, "A")
        self.block(master, "B")
        self.block(master, "C")
        listing(master, "A", seen=2)
        listing(master, "B", seen=9)
        listing(master, "C")
        publish(master)
        assert shown(master) == {"item-b": 6}

    def test_a_set_with_such_a_component_only_falls(self, master):
        shelf(master, A=5, B=5)
        recipe(master, "S", A=1, B=1)
        self.block(master, "A")
        listing(master, "S", seen=2)
        publish(master)
        assert shown(master) == {}

    def test_it_rises_again_once_its_ledger_adds_up(self, master):
        shelf(master, A=5)
        self.block(master, "A")
        listing(master, "A", seen=2)
        publish(master)
        with master.engine.begin() as conn:
            conn.execute(sa.text("UPDATE stock_balance SET on_hand = 5"))
        publish(master)
        assert shown(master) == {"item-a": 5}
        assert master.scalar("SELECT blocked_flag FROM stock_balance") == 0


class TestStaleData:
    FLOWS = (
        {"name": "orders", "party": "rakuten1", "mapping": "rakuten/orders", "endpoint": "door"},
        {"name": "levels", "party": "main", "mapping": "warehouse/stock", "endpoint": "door"},
        {"name": "prices", "party": "erp", "mapping": "core/products", "endpoint": "door"},
    )

    @pytest.mark.parametrize(("flow", "left"), [("orders", 2), ("levels", 2), ("prices", 5), ("", 5)])
    def test_the_buffer_comes_off_when_a_file_behind_the_channel_is_missing(self, master, flow, left):
        patch = {
            "channels": {"rakuten1": {"stale_buffer": 3}},
            "endpoints": {"door": {"kind": "folder", "root": "door"}},
            "inbound": self.FLOWS,
        }
        shelf(master, A=5)
        listing(master, "A", seen=0)
        publish(master, settings=master.make_settings(**patch), stale_flows=frozenset({flow} - {""}))
        assert shown(master) == {"item-a": left}

    def test_it_is_given_back_when_the_file_is_there_again(self, master):
        patch = {
            "channels": {"rakuten1": {"stale_buffer": 3}},
            "endpoints": {"door": {"kind": "folder", "root": "door"}},
            "inbound": self.FLOWS,
        }
        shelf(master, A=5)
        listing(master, "A", seen=5)
        settings = master.make_settings(**patch)
        publish(master, settings=settings, stale_flows=frozenset({"orders"}))
        publish(master, settings=settings)
        assert master.rows("SELECT qty, previous_qty FROM channel_quantity ORDER BY sequence") == [
            (2, 5),
            (5, 2),
        ]


@pytest.mark.parametrize(
    ("cutover", "told"), [("2026-11-25T00:00:00+09:00", {}), ("2026-11-24T00:00:00+09:00", {"item-a": 5})]
)
def test_a_channel_whose_cut_over_is_to_come_still_belongs_to_the_old_system(master, cutover, told):
    settings = master.make_settings(channels={"rakuten1": {"cutover": cutover}})
    shelf(master, A=5)
    listing(master, "A", seen=1)
    publish(master, settings=settings)
    assert shown(master) == told
