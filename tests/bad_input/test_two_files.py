"""Two files that say different things of one order: of the same time, and an older one after a newer one."""

from __future__ import annotations

from dataclasses import replace

from bad_input.cases_rest import TWO_FILES
from bad_input.cases_shop import CAME, LATER, MENDED, NOON, OF_RAKUTEN, CasesShop, rakuten_orders
from bad_input.noon import LANGUAGES, command, told_on
from story_shop import moment

CONTRADICTION, OLDER = TWO_FILES
FEW = [replace(OF_RAKUTEN[0], lines=[("TOWEL-L", 2)])]
MANY = [replace(OF_RAKUTEN[0], lines=[("TOWEL-L", 5)])]
UNITS = "SELECT qty FROM order_line WHERE order_no LIKE '%0000000101'"
EARLIER = moment("10:00")


def test_two_files_of_the_same_time(before_noon: CasesShop) -> None:
    shop = before_noon
    shop.shop.put("rakuten/orders/order_a.csv", rakuten_orders(FEW), CAME)
    shop.shop.put("rakuten/orders/order_b.csv", rakuten_orders([*MANY, OF_RAKUTEN[1]]), CAME)
    words = ("sync", "noon", "--format", "csv", "--as-of", NOON.isoformat())
    said = [command(shop, LANGUAGES[0], *words, "--dry-run"), command(shop, LANGUAGES[1], *words)]
    for one, sentence in zip(said, CONTRADICTION.said, strict=True):
        assert one.status == CONTRADICTION.status
        assert sentence in one.out
    assert told_on(shop, *said) == []
    assert shop.shop.rows("SELECT COUNT(*) FROM shipping_instruction WHERE order_no LIKE '%0000000101'") == [
        (0,)
    ]
    assert shop.shop.rows("SELECT COUNT(*) FROM shipping_instruction WHERE order_no LIKE '%0000000102'") == [
        (1,)
    ]
    assert shop.shop.rows("SELECT COUNT(*) FROM quarantined_row")[0][0] != 0
    shop.put("rakuten-orders", rakuten_orders(MANY), MENDED)
    assert shop.run(LATER).exit_status == 0
    assert shop.shop.rows(UNITS) == [(5,)]
    assert shop.shop.rows("SELECT COUNT(*) FROM shipping_instruction WHERE order_no LIKE '%0000000101'") == [
        (1,)
    ]


def test_an_older_file_after_a_newer_one(before_noon: CasesShop) -> None:
    shop = before_noon
    shop.put("rakuten-orders", rakuten_orders(MANY))
    assert shop.run(NOON).exit_status == 0
    sent = shop.shop.delivered()
    shop.put("rakuten-orders", rakuten_orders(FEW), EARLIER)
    said = command(shop, "ja", "sync", "noon", "--as-of", LATER.isoformat())
    assert said.status == OLDER.status, said.out
    assert shop.shop.rows(UNITS) == [(5,)]
    assert shop.shop.delivered() == sent
    assert told_on(shop, said) == []
