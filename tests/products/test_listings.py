"""Listings: what a channel calls an item, which SKU of ours that is, and how many it shows at which time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecsync.products.intake import merge_listings, merge_products
from master_under_test import NOW

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from master_under_test import MasterUnderTest

LATER = "2026-11-25T03:00:00Z"
EARLIER = "2026-11-23T03:00:00Z"


def listing(item_key: str = "cup", sku_key: str = "cup-1", **values: Any) -> dict[str, Any]:
    return {
        "item_key": item_key,
        "sku_key": sku_key,
        "sku_code": "",
        "item_code": "SKU-A",
        "qty": 5,
        **values,
    }


def take(
    master: MasterUnderTest,
    *rows: dict[str, Any],
    as_of: str = NOW,
    products: tuple[str, ...] = (),
    party: str = "rakuten1",
) -> tuple[list[str], RunContext]:
    if products:
        master.load("products", [{"sku": sku} for sku in products], party="erp")
    if rows:
        master.load("channel_listings", list(rows), party=party, as_of=as_of)
    with master.context() as ctx:
        merge_products(ctx)
        merge_listings(ctx)
        verdicts = ctx.rows("SELECT verdict FROM stg_channel_listings ORDER BY src_row")
        return [str(verdict) for (verdict,) in verdicts], ctx


def skus(master: MasterUnderTest) -> list[tuple[Any, ...]]:
    return master.rows("SELECT item_key, sku FROM channel_listing ORDER BY channel, item_key, sku_key")


def shown(master: MasterUnderTest) -> list[tuple[Any, ...]]:
    return master.rows(
        "SELECT item_key, qty_seen, seen_at FROM channel_stock ORDER BY channel, item_key, sku_key"
    )


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ({"sku_code": "SKU-B", "item_code": "SKU-A"}, "SKU-B"),
        ({"sku_code": "", "item_code": "SKU-A"}, "SKU-A"),
        ({"sku_code": "SKU-Z", "item_code": "SKU-A"}, "SKU-A"),
        ({"sku_code": "SKU-Z", "item_code": ""}, ""),
        ({"sku_code": "", "item_code": ""}, ""),
    ],
)
def test_the_sku_of_a_listing(master: MasterUnderTest, codes: dict[str, str], expected: str) -> None:
    take(master, listing(**codes), products=("SKU-A", "SKU-B"))

    assert skus(master) == [("cup", expected)]


def test_a_product_that_comes_later_is_found(master: MasterUnderTest) -> None:
    _verdicts, ctx = take(master, listing())
    assert [f.subject for f in ctx.findings] == ["cup/cup-1"]

    _verdicts, ctx = take(master, products=("SKU-A",))

    assert skus(master) == [("cup", "SKU-A")]
    assert list(ctx.findings) == []


def test_an_unknown_listing_is_said_once(master: MasterUnderTest) -> None:
    take(master, listing(sku_key=""))

    _verdicts, ctx = take(master, listing(sku_key="", qty=4), as_of=LATER)

    assert [f.code for f in ctx.findings] == []


def test_keys_are_kept_as_they_were_seen(master: MasterUnderTest) -> None:
    take(master, listing("Cup－００１", "normal-inventory"), listing("cup-2", "normal-inventory"))

    assert master.rows("SELECT item_key, sku_key FROM channel_listing ORDER BY item_key") == [
        ("Cup－００１", "normal-inventory"),
        ("cup-2", "normal-inventory"),
    ]


def test_what_the_channel_shows_and_since_when(master: MasterUnderTest) -> None:
    assert take(master, listing(qty=5))[0] == ["new"]
    assert shown(master) == [("cup", 5, NOW)]

    assert take(master, listing(qty=4), as_of=LATER)[0] == ["changed"]
    assert shown(master) == [("cup", 4, LATER)]


def test_an_equal_look_at_a_later_time_is_a_new_observation(master: MasterUnderTest) -> None:
    take(master, listing())

    verdicts, ctx = take(master, listing(), as_of=LATER)

    assert verdicts == ["unchanged"]
    assert ctx.changes == 1
    assert shown(master) == [("cup", 5, LATER)]


def test_the_same_look_again_writes_nothing(master: MasterUnderTest) -> None:
    rows = [listing(), listing("bowl", "", qty=None, unlimited_flag=1)]
    take(master, *rows, products=("SKU-A",))

    verdicts, ctx = take(master, *reversed(rows))

    assert verdicts == ["unchanged", "unchanged"]
    assert ctx.changes == 0


def test_an_older_look_changes_nothing(master: MasterUnderTest) -> None:
    take(master, listing(qty=5))

    verdicts, ctx = take(master, listing(qty=9, sku_code="SKU-B"), as_of=EARLIER)

    assert verdicts == ["unchanged"]
    assert ctx.changes == 0
    assert shown(master) == [("cup", 5, NOW)]


def test_what_was_sent_is_left_alone(master: MasterUnderTest) -> None:
    take(master, listing(qty=5))
    with master.context() as ctx:
        ctx.execute("UPDATE channel_stock SET qty_sent = 3, sent_at = :at, sent_count = 2", at=NOW)

    take(master, listing(qty=3), as_of=LATER)

    assert master.rows("SELECT qty_seen, qty_sent, sent_count FROM channel_stock") == [(3, 3, 2)]


def test_unlimited_and_no_longer(master: MasterUnderTest) -> None:
    take(master, listing(unlimited_flag=1, qty=None))
    assert take(master, listing(unlimited_flag=0, qty=2), as_of=LATER)[0] == ["changed"]

    assert master.rows("SELECT unlimited_flag FROM channel_listing") == [(0,)]
    assert shown(master) == [("cup", 2, LATER)]


def test_two_channels_may_use_one_key(master: MasterUnderTest) -> None:
    take(master, listing(qty=5))
    take(master, listing(qty=7), party="rakuten2")

    assert shown(master) == [("cup", 5, NOW), ("cup", 7, NOW)]


def test_contradicting_rows_are_put_aside(master: MasterUnderTest) -> None:
    verdicts, _ctx = take(master, listing(sku_code="SKU-A"), listing(sku_code="SKU-B"), listing("bowl"))

    assert verdicts == ["quarantined", "quarantined", "new"]
