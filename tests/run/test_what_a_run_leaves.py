"""What one run leaves behind it: the counts that it tells, its name on the lock, and nothing open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import Pool

from ecsync.errors import StalePlanError
from ecsync.master import generation
from ecsync.master.engine import open_engine
from ecsync.run import session
from ecsync.run.apply import apply_plan
from ecsync.run.plan import PlanRequest, make_plan
from master_under_test import MasterUnderTest
from shop import utc
from story_shop import StoryShop, moment, new_story, plain_table

AT = moment("12:00")


@pytest.fixture
def idle(tmp_path: Path) -> StoryShop:
    """Give a shop to which nobody has sent anything yet."""
    story = new_story(tmp_path / "idle")
    story.shop.set_up()
    return story


@pytest.fixture
def opened() -> Iterator[Counter[str]]:
    """Count the connections to the master: those that were made, and those that are open."""
    counts = Counter[str]()

    def count_opened(*_words: object) -> None:
        counts.update(("made", "open"))

    def count_closed(*_words: object) -> None:
        counts.subtract(("open",))

    sa.event.listen(Pool, "connect", count_opened)
    sa.event.listen(Pool, "close", count_closed)
    yield counts
    sa.event.remove(Pool, "connect", count_opened)
    sa.event.remove(Pool, "close", count_closed)


def plan(story: StoryShop) -> Path:
    return make_plan(story.shop.settings, PlanRequest("stock", utc(AT), story.shop.root / "plan")).folder


def test_a_run_to_which_nothing_came_leaves_its_name_its_figures_and_no_connection(
    idle: StoryShop, opened: Counter[str]
) -> None:
    outcome = idle.run("stock", AT)
    assert (opened["open"], opened["made"] > 0) == (0, True)
    kept = (
        "SELECT name, value FROM run_figure WHERE run_id = 1 UNION ALL "
        "SELECT name, -1 FROM run_proof WHERE run_id = 1 UNION ALL SELECT owner, -2 FROM lock_owner"
    )
    proofs = {proof.name: -1 for proof in outcome.proofs}
    assert dict(idle.shop.rows(kept)) == outcome.figures | proofs | {"sync": -2}
    assert outcome.figures["orders_new"] == 0
    assert outcome.changes == {}


def test_a_plan_leaves_no_connection_open(idle: StoryShop, opened: Counter[str]) -> None:
    plan(idle)
    assert (opened["open"], opened["made"] > 0) == (0, True)


def test_applying_a_plan_of_another_master_leaves_no_connection_open(
    idle: StoryShop, opened: Counter[str]
) -> None:
    folder = plan(idle)
    engine = open_engine(idle.shop.settings)
    with engine.begin() as conn:
        generation.raise_to(conn, 9)
    engine.dispose()
    made = opened["made"]
    with pytest.raises(StalePlanError):
        apply_plan(idle.shop.settings, folder)
    assert (opened["open"], opened["made"] > made) == (0, True)


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_run_tells_of_each_table_how_many_rows_are_its_own(master: MasterUnderTest) -> None:
    master.insert("product", {"sku": "A", "run_id": 1}, {"sku": "B", "run_id": 1}, {"sku": "C", "run_id": 2})
    master.insert("booking", {"booking_key": "1", "run_id": 1})
    master.insert("sales_order", {"channel": "rakuten1", "order_no": "1", "run_id": 2})
    with master.context() as ctx:
        assert session.changed_rows(ctx) == {"product": 2, "booking": 1}


def test_columns_that_no_mapping_knows_are_named_and_rows_that_cannot_be_read_are_counted(
    story: StoryShop,
) -> None:
    rows = [("MUG-WHITE", 5, "A-1"), ("MUG-BLUE", "five", "A-2"), ("TOWEL-L", "?", "A-3")]
    content = plain_table(("sku", "qty", "shelf"), rows)
    story.shop.put("warehouse/out/stock_20261124_1100.csv", content, moment("11:00"))
    outcome = story.run("stock", AT)
    said = [(f.subject, f.params) for f in outcome.findings if f.code == "unknown_columns"]
    assert said == [("stock_20261124_1100.csv", {"flow": "main-stock", "columns": "shelf"})]
    tally = "SELECT rows_in, rows_new, rows_quarantined FROM file_tally WHERE entity = 'stock_levels'"
    assert story.shop.rows(tally) == [(3, 1, 2)]


def test_a_flow_whose_file_was_stopped_has_brought_nothing(idle: StoryShop) -> None:
    idle.orders(moment("11:30"))  # without a row
    outcome = idle.run("stock", moment("12:10"))
    said = {(finding.code, finding.subject) for finding in outcome.findings}
    assert {("guard_stopped", "rakuten1-orders"), ("file_missing", "rakuten1-orders")} <= said
