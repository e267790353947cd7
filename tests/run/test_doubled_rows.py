"""Rows of one file with the same key: one of identical ones counts, different ones wait for a person."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import sqlalchemy as sa

from ecsync.entities import ENTITIES
from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.golden import samples_folder
from ecsync.run.duplicates import put_aside, settle
from master_under_test import MasterUnderTest
from story_shop import OpenStory, StoryShop, moment

LISTINGS = ENTITIES["channel_listings"]
KEY = ("item_code", "sku_key")


def listing(code: str, variant: str = "", qty: int = 1) -> dict[str, Any]:
    return {"item_key": code.lower(), "sku_key": variant, "item_code": code, "qty": qty}


def verdicts(master: MasterUnderTest, *, different: str = "quarantine") -> list[tuple[str, str]]:
    with master.context(undo=True) as ctx:
        settle(ctx, LISTINGS, 1, KEY, different)
        rows = ctx.rows("SELECT verdict, verdict_reason FROM stg_channel_listings ORDER BY src_row")
    return [(str(verdict), str(reason)) for verdict, reason in rows]


OPEN, TWICE = ("", ""), ("duplicate", "identical")
UNLIKE = ("quarantined", "duplicate_key:sku_key")


def test_the_first_of_identical_rows_stays_and_rows_that_differ_are_all_put_aside(
    master: MasterUnderTest,
) -> None:
    rows = [
        listing("A"), listing("B", "red"), listing("A"), listing("B", "blue"), listing("C", qty=1), listing("A"),
        listing("C", qty=2), listing("C", qty=1),
    ]  # fmt: skip
    master.load("channel_listings", rows)
    master.load("channel_listings", rows[:1])
    assert verdicts(master) == [OPEN, OPEN, TWICE, OPEN, UNLIKE, TWICE, UNLIKE, UNLIKE, OPEN]


def test_where_the_mapping_does_not_mind_the_first_stays(master: MasterUnderTest) -> None:
    master.load("channel_listings", [listing("C", qty=1), listing("C", qty=2), listing("D")])
    assert verdicts(master, different="keep") == [OPEN, TWICE, OPEN]


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_its_work_grows_with_the_rows_also_where_most_of_a_key_is_blank(master: MasterUnderTest) -> None:
    def work(count: int) -> int:
        rows = [*(listing(f"{n:05d}") for n in range(count)), *[listing("00000")] * 9]
        file = master.load("channel_listings", rows)
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        with master.context(undo=True) as ctx:
            driver = ctx.conn.connection.driver_connection
            assert driver is not None
            driver.set_progress_handler(step, 100)
            settle(ctx, LISTINGS, file, KEY, "quarantine")
            driver.set_progress_handler(None, 0)
            doubled = ctx.conn.execute(
                sa.text("SELECT COUNT(*) FROM stg_channel_listings WHERE verdict <> ''")
            )
            assert doubled.scalar() == 9
        return steps

    assert work(4_000) < 5 * work(1_000)


def test_amounts_are_added_over_the_rows_of_a_key_and_a_key_that_is_not_whole_waits(
    master: MasterUnderTest,
) -> None:
    levels = ENTITIES["stock_levels"]
    counted = [("A", 20), ("B", 5), ("A", 4), ("B", 5), ("C", 3), ("D", 1)]
    file = master.load("stock_levels", [{"sku": sku, "qty": qty} for sku, qty in counted])
    with master.context(undo=True) as ctx:
        put_aside(ctx, levels, file, ["C", "X"])
        settle(ctx, levels, file, ("sku",), "quarantine", ("qty",))
        rows = ctx.rows("SELECT sku, qty, verdict, verdict_reason FROM stg_stock_levels ORDER BY src_row")
    assert rows == [
        ("A", 24, *OPEN),
        ("B", 10, *OPEN),
        ("A", 4, *TWICE),
        ("B", 5, *TWICE),
        ("C", 3, "quarantined", "incomplete_sum:sku"),
        ("D", 1, *OPEN),
    ]


def aupay_story(open_story: OpenStory) -> StoryShop:
    def change(text: str) -> str:
        return text.replace('mapping = "rakuten/orders"', 'mapping = "aupay/orders"').replace(
            '["000001"]', "[]"
        )

    return open_story(change=change)


def aupay_rows() -> tuple[list[str], list[dict[str, str]]]:
    """Return the header of a file of au PAY, and the rows of its order with doubled ones."""
    content = (samples_folder(load_inbound("aupay/orders")) / "84-columns.csv").read_bytes().decode("cp932")
    rows = list(csv.DictReader(io.StringIO(content)))
    return list(rows[0]), [row for row in rows if row["orderId"] == "480000001"]


def aupay_file(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("cp932")


def test_rows_of_au_pay_that_are_alike_are_one_line_with_their_units(open_story: OpenStory) -> None:
    story = aupay_story(open_story)
    _header, (towel, again, mug) = aupay_rows()
    assert towel == again
    engraved = towel | {"itemOption": "色=白, 名入れ=さくら", "orderDetailId": towel["orderDetailId"]}
    lines = "SELECT sku_code, qty FROM order_line ORDER BY sku_code, qty"
    totals = "SELECT totals_ok, revision FROM sales_order"

    story.order_bytes(moment("10:00"), aupay_file([towel, again, mug]))
    assert story.run("noon", moment("12:00")).exit_status in {0, 3}
    assert story.shop.rows(lines) == [("mug", 2), ("towel-wt", 2)]
    ((adds_up, revision),) = story.shop.rows(totals)
    assert adds_up == 1

    # In another order, and as one row of as many units: nothing has changed.
    story.order_bytes(moment("13:00"), aupay_file([mug, again, towel]))
    story.order_bytes(moment("14:00"), aupay_file([towel | {"unit": "2", "totalItemPrice": "2200"}, mug]))
    story.run("noon", moment("15:00"))
    assert story.shop.rows(totals) == [(1, revision)]

    story.order_bytes(moment("16:00"), aupay_file([towel, engraved, mug]))
    story.run("noon", moment("17:00"))
    assert story.shop.rows(lines) == [*[("mug", 2), ("towel-wt", 1), ("towel-wt", 1)]], (
        "what is to be written on one of them keeps it apart"
    )
    assert story.shop.rows("SELECT SUM(rows_in) - SUM(rows_new + rows_changed + rows_unchanged + rows_duplicate"
                           " + rows_quarantined) FROM file_tally") == [(0,)]  # fmt: skip
