"""What happens to orders over a day or two, from the mall's file to the warehouse's."""

from __future__ import annotations

from story_shop import OLD_COLUMNS, Row, StoryShop, an_order, codes, moment, number_of

NOON, NIGHT = moment("12:00"), moment("22:00")


def test_an_order_paid_overnight_ships_in_the_morning(story: StoryShop) -> None:
    story.count(moment("08:00"))
    unpaid = an_order(1, ("MUG-WHITE", 2), status="100", payment="銀行振込")
    story.orders(moment("21:30"), unpaid)
    outcome = story.run("night", NIGHT)
    assert story.instructed() == []
    assert [(s.order_no, s.kind) for s in outcome.standing] == [(number_of(unpaid), "money")]
    assert story.published()["w01"] == 24 - 2 - 1, "its units are kept while it waits for money"

    story.count(moment("07:30", 25))
    story.orders(moment("08:30", 25), an_order(1, ("MUG-WHITE", 2), status="300", payment="銀行振込"))
    story.run("morning", moment("09:00", 25))
    assert [(r["order_no"], r["sku"], r["qty"], r["ship_date"]) for r in story.instructed()] == [
        (number_of(unpaid), "MUG-WHITE", "2", "2026-11-25")
    ]


def test_an_order_cancelled_before_its_instruction_frees_its_units_for_the_next_one(story: StoryShop) -> None:
    first = an_order(1, ("COFFEE-500", 3), status="100", ordered="2026-11-24 07:00:00")
    second = an_order(2, ("COFFEE-500", 2), ordered="2026-11-24 08:00:00")
    story.count(moment("08:00"), COFFEE_500=3)
    story.orders(moment("11:30"), first, second)
    outcome = story.run("noon", NOON)
    assert story.instructed() == []
    assert {(s.order_no, s.kind) for s in outcome.standing} == {
        (number_of(first), "money"),
        (number_of(second), "stock"),
    }

    story.orders(moment("21:30"), an_order(1, ("COFFEE-500", 3), status="900", ordered="2026-11-24 07:00:00"))
    story.run("night", NIGHT)
    assert [(r["order_no"], r["qty"]) for r in story.instructed()] == [(number_of(second), "2")]
    assert story.recalled() == [], "nobody was told of the cancelled order, so nobody is called back"


def test_noon_then_night_follow_the_statuses_that_the_mall_shows(story: StoryShop) -> None:
    story.count(moment("08:00"))
    statuses = {1: "100", 2: "200", 3: "300", 4: "400", 5: "500", 6: "600", 7: "700", 8: "800", 9: "900"}
    story.orders(
        moment("11:30"), *(an_order(n, ("TOWEL-L", 1), status=status) for n, status in statuses.items())
    )
    outcome = story.run("noon", NOON)
    standing = [(int(s.order_no[-2:]), s.kind, s.reason) for s in outcome.standing]
    assert [int(r["order_no"][-2:]) for r in story.instructed()] == [3]
    assert {n for n, kind, _reason in standing if kind == "money"} >= {1, 2, 4}
    assert {n for n, _kind, reason in standing if reason == "shipped_at_mall"} == {5, 6, 7}
    assert [n for n, _kind, reason in standing if reason == "cancel_pending"] == [8]
    assert 9 not in {n for n, _kind, _reason in standing}

    story.orders(moment("21:30"), an_order(1, ("TOWEL-L", 1)), an_order(8, ("TOWEL-L", 1)))
    story.run("night", NIGHT)
    assert [int(r["order_no"][-2:]) for r in story.instructed()] == [3, 1, 8]


def test_an_order_that_the_mall_checks_waits_until_it_is_released(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1), checking="1"))
    assert [(s.kind, s.reason) for s in story.run("noon", NOON).standing] == [("hold", "mall_checking")]
    assert story.instructed() == []
    story.orders(moment("21:30"), an_order(1, ("TOWEL-L", 1)))
    assert story.run("night", NIGHT).standing == ()
    assert len(story.instructed()) == 1


def test_an_order_with_a_wished_date_is_instructed_from_its_ship_date_on(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1), wished="2026-11-27", person="田中"))
    outcome = story.run("noon", NOON)
    assert [(s.kind, s.until) for s in outcome.standing] == [("date", "2026-11-25")], "Hokkaido: two days"
    story.count(moment("07:30", 25))
    story.run("morning", moment("08:00", 25))
    assert [(r["ship_date"], r["wished_date"]) for r in story.instructed()] == [("2026-11-25", "2026-11-27")]


def test_a_destination_leaves_whole_or_not_at_all(story: StoryShop) -> None:
    story.count(moment("08:00"), COFFEE_500=1)
    order = an_order(1, ("COFFEE-500", 2), ("TOWEL-L", 1))
    story.orders(moment("11:30"), order)
    story.run("noon", NOON)
    assert story.instructed() == []
    story.count(moment("16:00"), COFFEE_500=5)
    story.orders(moment("21:30"), order)
    story.run("night", NIGHT)
    assert [(r["sku"], r["qty"]) for r in story.instructed()] == [("COFFEE-500", "2"), ("TOWEL-L", "1")]


def without_rate(row: Row) -> Row:
    return {name: value for name, value in row.items() if name in OLD_COLUMNS}


def test_a_file_of_107_columns_takes_its_tax_from_the_product_master(story: StoryShop) -> None:
    story.count(moment("08:00"))
    order = an_order(1, ("TOWEL-L", 1), ("COOKIE-12", 2))
    story.orders(moment("11:30"), order, columns=OLD_COLUMNS, change=without_rate)
    story.run("noon", NOON)
    assert sorted((r["sku"], r["qty"]) for r in story.instructed()) == [("COOKIE-12", "2"), ("TOWEL-L", "1")]
    told = story.instructed()
    story.events(moment("16:00"), *(story.shipped(line) for line in told))
    story.count(moment("16:30"), TOWEL_L=59, COOKIE_12=38)
    story.run("night", NIGHT)
    goods = {(r["sku"], r["tax_rate"], r["amount"], r["tax"]) for r in story.sold() if r["sku"]}
    assert goods == {("TOWEL-L", "10", "1100", "100"), ("COOKIE-12", "8", "2160", "160")}


def test_a_product_without_a_rate_is_held_and_never_guessed(story: StoryShop) -> None:
    products = (story.shop.partners / "erp/out/products_20261124.csv").read_bytes()
    blank = products.replace(b",1100,10%", b",1100,")
    assert blank != products
    story.shop.put("erp/out/products_20261124.csv", blank, moment("05:00"))
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)), columns=OLD_COLUMNS, change=without_rate)
    outcome = story.run("noon", NOON)
    assert [(s.kind, s.reason) for s in outcome.standing] == [("hold", "no_tax_rate")]
    assert story.instructed() == []

    story.shop.put("erp/out/products_20261124b.csv", products, moment("15:00"))
    story.run("night", NIGHT)
    assert [r["sku"] for r in story.instructed()] == ["TOWEL-L"]


def test_a_row_of_a_shop_that_is_not_ours_is_put_aside_and_the_rest_goes_on(story: StoryShop) -> None:
    def of_another_shop(row: Row) -> Row:
        other = (
            row["注文番号"].replace("000001-", "000999-")
            if row["注文番号"].endswith("2")
            else row["注文番号"]
        )
        return {**row, "注文番号": other}

    story.count(moment("08:00"))
    orders = an_order(1, ("TOWEL-L", 1)), an_order(2, ("TOWEL-L", 1))
    story.orders(moment("11:30"), *orders, change=of_another_shop)
    outcome = story.run("noon", NOON)
    assert codes(outcome).count("rows_quarantined") == 1
    assert [r["order_no"] for r in story.instructed()] == [number_of(orders[0])]
    assert story.shop.rows("SELECT reason, line, business_key FROM quarantined_row") == [
        ("unknown_shop", 3 + 1, "000999-20261124-0000000002")
    ]
