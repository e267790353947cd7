"""Rows of one file with the same key: one of identical ones counts, different ones wait for a person."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ecsync.entities import ENTITIES
from ecsync.run.duplicates import put_aside, settle
from master_under_test import MasterUnderTest

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
