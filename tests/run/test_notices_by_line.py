"""What a shop may be told of a parcel beside its number: its lines, each once, and which of its parcels it is."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from ecsync.run.explaining import chain_of_order
from story_shop import StoryShop, an_order, moment, number_of, utc

if TYPE_CHECKING:
    from ecsync.run.outcome import Outcome

MAPPING = """\
mapping: rakuten/shipping_report
title: {ja: 明細ごとの通知, en: Notices by line}
entity: notice_lines
file: {encoding: cp932, name: "lines_{seq:03}.csv"}
columns:
  - 商品: {value: item_name}
  - 個数: {value: ordered_qty}
  - 伝票: {value: tracking_no}
"""
ORDER = an_order(1, ("MUG-WHITE", 2), ("TOWEL-L", 1))


NUMBERED = """\
mapping: rakuten/shipping_report
title: {ja: 最初の個口だけ, en: The first parcel alone}
entity: shipping_notices
file: {encoding: cp932, name: "first_{seq:03}.csv"}
keep_rows_when:
  - {nth_parcel: 1}
columns:
  - 何個口目: {value: nth_parcel}
  - 伝票: {value: tracking_no}
"""


def declare(story: StoryShop, mapping: str) -> None:
    path = story.shop.settings.folder / "mappings/rakuten/shipping_report.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(mapping, encoding="utf-8")


def told(outcome: Outcome) -> list[tuple[str, str, str]]:
    (file,) = [file for file in outcome.published if file.document == "notice_lines"]
    rows = csv.DictReader(io.StringIO(file.payload.read_bytes().decode("cp932")))
    return [(row["商品"], row["個数"], row["伝票"]) for row in rows]


def test_each_line_is_told_with_the_number_of_its_parcel(story: StoryShop) -> None:
    declare(story, MAPPING)
    story.count(moment("08:00"))
    story.orders(moment("11:30"), ORDER)
    story.run("noon", moment("12:00"))
    story.events(moment("16:00"), *(story.shipped(line) for line in story.instructed()))
    outcome = story.run("night", moment("22:00"))
    lines = told(outcome)
    assert [(units, tracking) for _name, units, tracking in lines] == [
        ("2", "400900000012"),
        ("1", "400900000012"),
    ]
    assert len({name for name, _units, _tracking in lines}) == 2
    assert story.run("night", moment("22:30")).published == []
    (chain,) = chain_of_order(story.shop.settings, number_of(ORDER), "", utc(moment("23:00")))
    assert [step.file for step in chain.steps if step.kind == "notice"] == ["lines_001.csv"]


def test_a_shop_may_be_told_of_the_first_parcel_alone(story: StoryShop) -> None:
    declare(story, NUMBERED)
    story.count(moment("08:00"))
    story.orders(moment("11:30"), ORDER)
    story.run("noon", moment("12:00"))
    one, other = story.instructed()
    story.events(moment("15:00"), story.shipped(one), story.shipped(other, tracking="400900000023"))
    outcome = story.run("night", moment("22:00"))
    files = [file for file in outcome.published if file.document == "shipping_notices"]
    assert [file.payload.read_bytes().decode("cp932").splitlines()[1:] for file in files] == [
        ["1,400900000012"]
    ]
