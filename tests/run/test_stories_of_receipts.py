"""What came into the warehouse reaches the core system: each event once, in the file of the next night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsync.config import Channel, Warehouse
from ecsync.locale import speaking
from ecsync.report import stock_explained
from ecsync.report.blocks import Column
from ecsync.report.order_explained import step_words
from ecsync.run.explaining import chain_of_order, stock_chain
from postgres_server import PostgresServer
from shop import utc
from story_shop import OpenStory, Row, StoryShop, an_order, moment, new_story, setting

NIGHT = moment("22:00")
FLOW = """
[[outbound]]
name = "erp-receipts"
party = "erp"
mapping = "core/receipts"
endpoint = "erp"
path = "in/receipts"
"""
TOLD = Column("told to the core system", "code")
RECEIPT = {"event_id": "N-1", "kind": "receipt", "sku": "MUG-WHITE", "qty": "48"}
MENDED = {"event_id": "N-2", "kind": "adjustment", "sku": "MUG-WHITE", "qty": "-8"}


def with_receipts(text: str) -> str:
    return text + FLOW


@pytest.fixture(params=["sqlite", "postgres"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoryShop]:
    """Give an open shop whose core system is told of receipts, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield new_story(tmp_path / "story").open_up(with_receipts)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database("ecsync_empty") as url:
        yield new_story(tmp_path / "story", url).open_up(with_receipts)


def received(story: StoryShop) -> list[Row]:
    return story.told("erp/in/receipts/*.csv")


def test_a_receipt_and_what_mends_it_are_told_once_however_often_they_are_sent(story: StoryShop) -> None:
    story.events(moment("16:00"), RECEIPT)
    outcome = story.run("night", NIGHT)
    (file,) = [file for file in outcome.published if file.document == "core_receipts"]
    assert (file.remote_name, file.row_count) == ("receipts_20261124_001.csv", 1)
    story.events(moment("09:00", 25), RECEIPT | {"at": moment("16:00").isoformat()}, MENDED)
    story.run("night", moment("22:00", 25))
    story.run("night", moment("23:00", 25))
    assert [(row["receipt_id"], row["received_on"], row["qty"]) for row in received(story)] == [
        ("receipt:main:N-1", "2026-11-24", "48"),
        ("adjustment:main:N-2", "2026-11-25", "-8"),
    ]


def test_a_run_without_write_back_tells_nothing_and_the_night_makes_good_for_it(story: StoryShop) -> None:
    story.events(moment("11:00"), RECEIPT)
    story.run("noon", moment("12:00"))
    assert received(story) == []
    story.run("night", NIGHT)
    assert [row["event_id"] for row in received(story)] == ["N-1"]


def test_a_return_is_told_to_the_stock_and_to_the_money_under_one_number(story: StoryShop) -> None:
    story.count(moment("08:00"))
    order = an_order(1, ("DRIPPER", 1))
    story.orders(moment("11:30"), order)
    story.run("noon", moment("12:00"))
    (line,) = story.instructed()
    story.events(moment("16:00"), story.shipped(line))
    story.run("night", NIGHT)
    story.events(moment("16:00", 25), story.returned(line))
    story.run("night", moment("22:00", 25))
    (back,) = received(story)
    (entry,) = [row for row in story.sold() if row["kind"] == "return"]
    assert (back["kind"], back["sku"], back["qty"]) == ("return", "DRIPPER", "1")
    assert entry["entry_id"].startswith(f"{back['receipt_id']}/")
    assert (back["order_no"], back["line_id"], back["parcel_no"]) == (
        *(entry["order_no"], entry["line_id"], line["parcel_no"]),
    )
    at = utc(moment("23:00", 25))
    (chain,) = chain_of_order(story.shop.settings, back["order_no"], "", at)
    with speaking("en"):
        (said,) = [
            step_words(story.shop.settings, chain, one) for one in chain.steps if one.kind == "core_receipt"
        ]
        explained = stock_explained.report_of(
            story.shop.settings, stock_chain(story.shop.settings, "DRIPPER", "", at)
        )
    assert said == "told to the core system: back in stock, DRIPPER, received on 2026-11-25"
    (moves,) = [block for block in explained.blocks if block.columns[-1:] == (TOLD,)]
    assert [row[-1] for row in moves.rows if row[4] == line["parcel_no"]] == ["", "receipts_20261125_001.csv"]


def test_receipts_from_before_the_cut_over_of_their_warehouse_are_not_told(open_story: OpenStory) -> None:
    cut = setting("[warehouses.main]\n", '[warehouses.main]\ncutover = "2026-11-24T12:00:00+09:00"\n')
    story = open_story(change=lambda text: with_receipts(cut(text)))
    story.events(moment("11:59"), RECEIPT)
    story.events(moment("12:00"), MENDED)
    story.run("night", NIGHT)
    assert [row["event_id"] for row in received(story)] == ["N-2"]
    assert story.shop.rows("SELECT COUNT(*) FROM warehouse_event WHERE posted_flag = 1") == [(2,)]


@pytest.mark.parametrize("model", [Channel, Warehouse])
def test_a_cut_over_says_its_offset(model: type[Channel | Warehouse]) -> None:
    with pytest.raises(ValueError, match="cutover needs an offset"):
        model.model_validate({"platform": "rakuten", "warehouse": "main", "cutover": "2026-11-24T12:00:00"})
