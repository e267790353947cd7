"""A Shopify shop beside the mall: its export in, parcels, quantities and freee's journals out, over a day or two."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from accounting import freee_checker
from partner_files.shopify import (
    COLUMNS,
    GIFT_CARD,
    Level,
    Line,
    Order,
    Variant,
    inventory_by_location,
    inventory_of_all_kinds,
    order_rows,
    orders_file,
    table,
)
from story_shop import OpenStory, Row, StoryShop, an_order, codes, moment, new_story, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postgres_server import PostgresServer

NOON, NIGHT = moment("12:00"), moment("22:00")
HERE, STORE = "横浜倉庫", "実店舗"
MUG = Line("MUG-WHITE", "波佐見焼マグカップ - 白", 1650)
COOKIE = Line("COOKIE-12", "米粉クッキー 12枚", 1080, 2, rate=8)
VARIANTS = [
    Variant("mug", "マグカップ", "MUG-WHITE", {HERE: Level(24), STORE: Level(2)}, (("色", "白"),)),
    Variant("cookie-12", "米粉クッキー 12枚", "COOKIE-12", {HERE: Level(40, 1)}),
    Variant("towel", "タオル", "TOWEL-L", {STORE: Level(5)}),
]
NOTE = {"お届け希望日": "2026-11-27", "お届け希望時間帯": "午前中"}
CONFIGURATION = f"""
[channels.own]
platform = "shopify"
title = "みなと雑貨店 公式"
warehouse = "main"
options = {{ location = "{HERE}" }}
cutover = "2026-11-20T00:00:00+09:00"
safety = 1
payer = "Shopify Payments"

[endpoints.
"""
FLOWS = """
[[inbound]]
name = "own-orders"
party = "own"
mapping = "shopify/orders"
endpoint = "rms"
path = "shopify/orders"
pattern = "orders_export*.csv"

[[inbound]]
name = "own-items"
party = "own"
mapping = "shopify/inventory"
endpoint = "rms"
path = "shopify/items"
pattern = "inventory_export*.csv"

[[outbound]]
name = "own-stock"
party = "own"
mapping = "shopify/inventory_available"
endpoint = "rms"
path = "shopify/in"
"""


def with_shopify(text: str) -> str:
    """Add the Shopify shop to ecsync.toml, and let freee keep the books."""
    head, sign, rest = text.partition("[endpoints.")
    assert sign
    return head + CONFIGURATION.strip() + rest.replace("yayoi/journals", "freee/journals") + FLOWS


class ShopifyStory:
    """The story shop with its Shopify side."""

    def __init__(self, story: StoryShop) -> None:
        self.story = story
        self.files = 0
        self.shown(moment("05:00"))
        story.count(moment("08:00"))

    def shown(self, at: object, content: bytes = inventory_of_all_kinds(VARIANTS, [HERE, STORE])) -> None:
        self.files += 1
        self.put(f"items/inventory_export_{self.files}.csv", content, at)

    def export(self, at: object, *orders: Order, content: bytes = b"", **form: object) -> None:
        self.files += 1
        made = content or orders_file(orders, **form)  # type: ignore[arg-type]
        self.put(f"orders/orders_export_{self.files}.csv", made, at)

    def put(self, path: str, content: bytes, at: object) -> None:
        self.story.shop.put(f"rms/shopify/{path}", content, at)  # type: ignore[arg-type]

    def packed(self) -> list[tuple[str, str, str]]:
        return [(row["order_no"], row["sku"], row["qty"]) for row in self.story.instructed()]

    def quantities(self) -> list[Row]:
        return self.story.told("rms/shopify/in/*.csv")

    def books(self) -> list[freee_checker.Books]:
        paths = sorted((self.story.shop.partners / "kaikei/journals").glob("*.csv"))
        return [freee_checker.read_books(path.read_bytes()) for path in paths]

    def standing(self, kind: str = "noon", at: object = NOON) -> list[tuple[str, str, str]]:
        outcome = self.story.run(kind, at)  # type: ignore[arg-type]
        assert all(proof.holds for proof in outcome.proofs)
        return [(s.order_no, s.kind, s.reason) for s in outcome.standing]


@pytest.fixture
def shop(open_story: OpenStory) -> ShopifyStory:
    return ShopifyStory(open_story(change=with_shopify))


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ShopifyStory]:
    """Give the shop once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield ShopifyStory(new_story(tmp_path / "story").open_up(with_shopify))
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database("ecsync_empty") as url:
        yield ShopifyStory(new_story(tmp_path / "story", url).open_up(with_shopify))


def test_a_day_from_the_export_to_the_journals(either: ShopifyStory) -> None:
    mixed = Order(1001, [MUG, COOKIE], discount=200, code="WELCOME")
    gift = Order(1002, [MUG, GIFT_CARD], person="吉﨑", fulfillment="partial")
    card = Order(1003, [GIFT_CARD], shipping=0)
    cash = Order(1004, [COOKIE], person="小鳥遊", payment="代金引換", financial="pending")
    gone = Order(1005, [MUG], cancelled="2026-11-24 10:00:00")
    both = [mixed, replace(gift, lines=[MUG, replace(GIFT_CARD, status="fulfilled")]), card, cash, gone]
    either.export(moment("11:30"), *both)
    either.story.orders(moment("11:30"), an_order(1, ("MUG-WHITE", 1)))
    assert either.standing() == []
    assert sorted(either.packed()) == [
        ("#1001", "COOKIE-12", "2"),
        ("#1001", "MUG-WHITE", "1"),
        ("#1002", "MUG-WHITE", "1"),
        ("#1004", "COOKIE-12", "2"),
        (number_of(an_order(1)), "MUG-WHITE", "1"),
    ]
    told = {row["order_no"]: row for row in either.story.instructed()}
    assert told["#1001"]["ship_name"] == "高槻 みなと"
    assert {number: row["cod_amount"] for number, row in told.items() if row["cod_amount"]} == {
        "#1004": "2710"
    }
    # What three orders took off the shelf, and one unit that is never shown; the other location is not ours to touch.
    assert [(row["Handle"], row["Option1 Value"], row["SKU"], row[HERE]) for row in either.quantities()] == [
        ("cookie-12", "Default Title", "COOKIE-12", "35"),
        ("mug", "白", "MUG-WHITE", "20"),
    ]

    either.story.events(moment("16:00"), *map(either.story.shipped, either.story.instructed()))
    either.story.count(moment("16:30"), MUG_WHITE=21, COOKIE_12=36)
    either.export(moment("21:00"), *[replace(order, fulfillment="fulfilled") for order in both[:4]])
    assert either.standing("night", NIGHT) == []
    (books,) = either.books()
    paid = sum(order.total for order in both[:4])
    assert books.by_sub_account["売掛金", "Shopify Payments"] == paid
    assert books.by_tax["非課売上"] == -6000, "two gift cards, one of them in an order of nothing else"
    # The discount is spread over both rates: 200 x 2160 / 3810 = 113.
    assert books.by_tax["課税売上8%（軽）"] == -(2160 - 113 + 2160)
    assert len(books.entries) == 5


def test_nothing_new_is_said_by_a_file_that_is_sent_again_in_whatever_form(shop: ShopifyStory) -> None:
    orders = [
        Order(1001, [MUG, COOKIE, COOKIE, replace(COOKIE, qty=1)]),
        Order(1002, [COOKIE, MUG], discount=100, person="吉﨑"),
    ]
    shop.export(moment("11:30"), *orders)
    shop.standing()
    before, packed = shop.story.shop.master(), shop.packed()
    turned = [replace(order, lines=list(reversed(order.lines))) for order in reversed(orders)]
    rows = [row for order in turned for row in order_rows(order)]
    at = moment("11:30")
    shop.export(at, content=table(COLUMNS, rows))
    shop.export(at, orders[1])
    shop.export(at, *orders, repeat=True, money="{}.00")
    shop.standing("noon", moment("12:10"))
    after = shop.story.shop.master()
    assert {name for name in after if after[name] != before[name]} == set()
    assert shop.packed() == packed


def test_exports_that_overlap_tell_each_order_once(shop: ShopifyStory) -> None:
    first, second, third = (Order(number, [MUG]) for number in (1001, 1002, 1003))
    shop.export(moment("11:00"), first, second)
    shop.export(moment("11:30"), second, third)
    shop.standing()
    assert Counter(number for number, _sku, _qty in shop.packed()) == {"#1001": 1, "#1002": 1, "#1003": 1}


def test_an_order_waits_for_its_money_and_its_day(shop: ShopifyStory) -> None:
    unpaid = Order(1001, [MUG], payment="銀行振込", financial="pending")
    wished = Order(1002, [MUG], person="小鳥遊", attributes=NOTE)
    shop.export(moment("11:30"), unpaid, wished)
    assert shop.standing() == [("#1001", "money", ""), ("#1002", "date", "")]
    shop.export(moment("21:30"), replace(unpaid, financial="paid"))
    shop.story.count(moment("16:00"))
    assert [standing[:2] for standing in shop.standing("night", NIGHT)] == [("#1002", "date")]
    assert [row["order_no"] for row in shop.story.instructed()] == ["#1001"]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (Order(1001, [Line("", "名入れタオル", 1500)]), "unknown_sku"),
        (Order(1001, [replace(MUG, sku="MUG-RED")]), "unknown_sku"),
        (Order(1001, [MUG], financial="partially_refunded", refunded=500), "refunded"),
        (Order(1001, [MUG], financial="voided"), "refunded"),
        (Order(1001, [MUG], fulfillment="fulfilled"), "shipped_at_mall"),
        (Order(1001, [replace(MUG, status="fulfilled"), COOKIE], fulfillment="partial"), "shipped_at_mall"),
        (Order(1001, [MUG], person="番地"), "bad_address"),
        (Order(1001, [MUG], person="abroad"), "bad_address"),
        (
            Order(1001, [replace(GIFT_CARD, rate=10)], shipping=0, tax_names=["税"], financial="paid"),
            "no_tax_rate",
        ),
    ],
)
def test_what_a_person_must_see_first(shop: ShopifyStory, order: Order, reason: str) -> None:
    shop.export(moment("11:30"), order)
    assert ("#1001", "hold", reason) in shop.standing()
    assert shop.packed() == []


def test_two_orders_of_one_name_are_put_aside_and_named(shop: ShopifyStory) -> None:
    first, second = Order(1001, [MUG], name="MB-1"), Order(1002, [COOKIE], name="MB-1", person="吉﨑")
    shop.export(moment("11:30"), first, second, Order(1003, [MUG]))
    outcome = shop.story.run("noon", NOON)
    assert "rows_quarantined" in codes(outcome)
    assert shop.packed() == [("#1003", "MUG-WHITE", "1")]
    reasons = shop.story.shop.rows("SELECT DISTINCT reason, business_key FROM quarantined_row")
    assert reasons == [("number_taken", "MB-1")]


def test_a_cancellation_after_the_instruction_recalls_the_parcel(shop: ShopifyStory) -> None:
    order = Order(1001, [MUG])
    shop.export(moment("11:30"), order)
    shop.standing()
    shop.export(moment("14:00"), replace(order, cancelled="2026-11-24 13:00:00"))
    shop.story.run("night", NIGHT)
    assert [row["order_no"] for row in shop.story.recalled()] == ["#1001"]


def test_what_the_shop_does_not_stock_here_is_never_stocked_by_us(shop: ShopifyStory) -> None:
    shop.export(moment("11:30"), Order(1001, [MUG]))
    shop.standing()
    assert "towel" not in {row["Handle"] for row in shop.quantities()}
    stocked = [replace(one, stock={HERE: Level(3)}) if one.handle == "towel" else one for one in VARIANTS]
    shop.shown(moment("20:00"), inventory_of_all_kinds(stocked, [HERE]))
    shop.story.run("night", NIGHT)
    told = [row for row in shop.quantities() if row["Handle"] == "towel"]
    assert [row[HERE] for row in told] == ["59"]


def test_a_shop_without_its_location_is_told_which_setting_is_missing(open_story: OpenStory) -> None:
    from ecsync.errors import ConfigurationError

    story = open_story(
        change=lambda text: with_shopify(text).replace(f'options = {{ location = "{HERE}" }}\n', "")
    )
    shop = ShopifyStory(story)
    shop.shown(moment("05:30"), inventory_by_location(VARIANTS, [HERE]))
    with pytest.raises(ConfigurationError, match="location"):
        story.run("noon", NOON)
