"""What one run leaves behind it: the counts that it tells, its name on the lock, and nothing open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import Pool

from ecsync.errors import StalePlanError
from ecsync.master.schema import business_tables
from ecsync.run.apply import apply_plan
from ecsync.run.plan import PlanRequest, make_plan
from shop import utc
from story_shop import StoryShop, moment, plain_table

AT = moment("12:00")


@contextmanager
def connections() -> Iterator[list[int]]:
    """Count the connections to the master that are open."""
    opened = [0, 0]

    def count_opened(*_words: object) -> None:
        opened[0] += 1
        opened[1] += 1

    def count_closed(*_words: object) -> None:
        opened[0] -= 1

    sa.event.listen(Pool, "connect", count_opened)
    sa.event.listen(Pool, "close", count_closed)
    try:
        yield opened
    finally:
        sa.event.remove(Pool, "connect", count_opened)
        sa.event.remove(Pool, "close", count_closed)


def plan(story: StoryShop) -> None:
    make_plan(story.shop.settings, PlanRequest("stock", utc(AT), story.shop.root / "plan"))


def test_neither_a_plan_nor_a_run_nor_applying_leaves_a_connection_open(story: StoryShop) -> None:
    with connections() as opened:
        plan(story)
        assert opened[0] == 0
        made = opened[1]
        apply_plan(story.shop.settings, story.shop.root / "plan")
        assert opened[0] == 0
        with pytest.raises(StalePlanError):
            apply_plan(story.shop.settings, story.shop.root / "plan")
        assert opened[0] == 0
        assert opened[1] > made > 0


def test_a_run_tells_how_many_rows_of_each_table_are_its_own_and_keeps_its_figures(story: StoryShop) -> None:
    story.count(AT)
    outcome = story.run("stock", AT)
    counted = {
        table.name: story.shop.rows(f"SELECT COUNT(*) FROM {table.name} WHERE run_id = 1")[0][0]
        for table in business_tables()
        if "run_id" in table.c
    }
    assert outcome.changes == {name: count for name, count in counted.items() if count}
    assert outcome.changes["product"]
    assert outcome.figures["change:product"] == outcome.changes["product"]
    assert dict(story.shop.rows("SELECT name, value FROM run_figure WHERE run_id = 1")) == outcome.figures
    assert {name for (name,) in story.shop.rows("SELECT name FROM run_proof WHERE run_id = 1")} == {
        proof.name for proof in outcome.proofs
    }
    assert story.shop.rows("SELECT owner FROM lock_owner") == [("sync",)]


def test_columns_that_no_mapping_knows_are_named_with_their_file(story: StoryShop) -> None:
    content = plain_table(("sku", "qty", "shelf"), [("MUG-WHITE", 5, "A-1")])
    story.shop.put("warehouse/out/stock_20261124_1100.csv", content, moment("11:00"))
    outcome = story.run("stock", AT)
    said = [(f.subject, f.params) for f in outcome.findings if f.code == "unknown_columns"]
    assert said == [("stock_20261124_1100.csv", {"flow": "main-stock", "columns": "shelf"})]


def test_a_row_that_cannot_be_read_is_counted_as_put_aside(story: StoryShop) -> None:
    content = plain_table(("sku", "qty"), [("MUG-WHITE", 5), ("MUG-BLUE", "five"), ("TOWEL-L", "?")])
    story.shop.put("warehouse/out/stock_20261124_1100.csv", content, moment("11:00"))
    story.run("stock", AT)
    tally = "SELECT rows_in, rows_new, rows_quarantined FROM file_tally WHERE entity = 'stock_levels'"
    assert story.shop.rows(tally) == [(3, 1, 2)]
    assert len(story.shop.rows("SELECT * FROM quarantined_row")) == 2
