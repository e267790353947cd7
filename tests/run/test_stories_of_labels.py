"""Shops that ship with Yamato's labels: told in B2's layout, shipped by its issued data, each exactly once."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa

from ecsync.master.engine import open_engine
from partner_files import yamato_b2
from story_shop import OpenStory, StoryShop, an_order, codes, moment, number_of

NOON, NIGHT = moment("12:00"), moment("22:00")

SENDER = """[sender]
name = "みなと雑貨店"
phone = "090-0000-0001"
"""
LABELS = """[sender]
name = "みなと雑貨店"
phone = "090-0000-0001"
postcode = "2310005"
address = "神奈川県横浜市中区本町1-1"

[carriers.yamato]
customer_code = "090000000000"
fare_no = "01"
"""
OUT = """[[outbound]]
name = "main-labels"
party = "main"
mapping = "yamato_b2/shipping_instruction"
endpoint = "warehouse"
path = "in"

"""
IN = """[[inbound]]
name = "main-issued"
party = "main"
mapping = "yamato_b2/issued"
endpoint = "warehouse"
path = "out"
pattern = "issued_*.csv"
after = "archive"
archive_path = "out/done"

"""


def with_labels(text: str, *, only: bool) -> str:
    """Return ecsync.toml with B2's two files beside the warehouse's instruction, or instead of it."""
    assert SENDER in text
    text = text.replace(SENDER, LABELS)
    before, mark, rest = text.partition('[[outbound]]\nname = "main-instructions"')
    assert mark
    instruction, sep, rest = (mark + rest).partition('[[outbound]]\nname = "main-recalls"')
    assert sep
    return before + IN + OUT + ("" if only else instruction) + sep + rest


@pytest.fixture
def labels_only(open_story: OpenStory) -> StoryShop:
    """Give a shop that ships itself: its warehouse is told by labels alone."""
    story = open_story(change=lambda text: with_labels(text, only=True))
    story.count(moment("08:00"))
    return story


@pytest.fixture
def beside(open_story: OpenStory) -> StoryShop:
    """Give a shop whose warehouse gets an instruction and the labels."""
    story = open_story(change=lambda text: with_labels(text, only=False))
    story.count(moment("08:00"))
    return story


def label_files(story: StoryShop) -> list[bytes]:
    folder = story.shop.partners / "warehouse" / "in"
    return [path.read_bytes() for path in sorted(folder.glob("b2_*.csv"))]


def told_labels(story: StoryShop) -> list[dict[str, str]]:
    return [
        row
        for content in label_files(story)
        for row in csv.DictReader(io.StringIO(content.decode("cp932"), newline=""))
    ]


def issue(story: StoryShop, at: str, day: int = 24, **facts: object) -> None:
    """Let B2's user export what was issued."""
    moment_ = moment(at, day)
    content = yamato_b2.issued(label_files(story), **facts)  # type: ignore[arg-type]
    story.shop.put(f"warehouse/out/issued_{moment_:%Y%m%d_%H%M}.csv", content, moment_)


def test_a_parcel_is_told_shipped_noticed_and_booked_once(labels_only: StoryShop) -> None:
    story = labels_only
    order = an_order(1, ("MUG-WHITE", 1), ("COFFEE-200", 2))
    cash = an_order(2, ("TOWEL-L", 2), payment="cod", cod=330)
    story.orders(moment("11:30"), order, cash)
    story.run("noon", NOON)
    first, second = told_labels(story)
    assert first["お届け先名"] == "高橋 さくら", "髙 is written as JIS has it"
    assert (first["送り状種類"], first["コレクト代金引換額（税込）"]) == ("0", "")
    assert (second["送り状種類"], second["コレクト代金引換額（税込）"]) == ("2", str(2 * 1100 + 550 + 330))
    assert first["出荷予定日"] == "2026/11/24"
    assert first["品名２"] == "自家焙煎コーヒー豆 200g"
    assert story.instructed() == []

    issue(story, "17:30")
    story.orders(moment("21:30"), order, cash)
    story.run("night", NIGHT)
    assert [row["お荷物伝票番号"] for row in story.noticed()] == [
        yamato_b2.tracking_number(n) for n in (1, 2)
    ]
    sold, booked = len(story.sold()), len(story.booked())
    assert sold
    assert booked
    assert story.shop.rows("SELECT on_hand FROM stock_balance WHERE sku = 'TOWEL-L'") == [(58,)]

    for day in (25, 26):
        issue(story, "17:30", day, header=day == 25)
        story.count(moment("18:00", day), MUG_WHITE=23, COFFEE_200=28, TOWEL_L=58)
        story.orders(moment("21:30", day), order, cash)
        again = story.run("night", moment("22:00", day))
        assert set(codes(again)) <= {"file_known", "file_missing"}
    assert (len(told_labels(story)), len(story.noticed())) == (2, 2)
    assert (len(story.sold()), len(story.booked())) == (sold, booked)


def test_a_parcel_told_by_its_label_alone_is_recalled_and_not_withdrawn(labels_only: StoryShop) -> None:
    story = labels_only
    story.orders(moment("11:30"), an_order(1, ("DRIPPER", 1)))
    story.run("noon", NOON)
    (label,) = told_labels(story)
    story.orders(moment("15:00"), an_order(1, ("DRIPPER", 1), status="cancelled"))
    outcome = story.run("noon", moment("15:30"))
    assert "cancelled_after_instruction" in codes(outcome)
    assert [row["parcel_no"] for row in story.recalled()] == [label["お客様管理番号"]]


def test_a_parcel_that_no_file_could_carry_is_withdrawn(labels_only: StoryShop) -> None:
    story = labels_only
    story.orders(moment("11:30"), an_order(1, ("TRAY-OAK", 99), payment="cod"))
    story.count(moment("11:00"), TRAY_OAK=99)
    outcome = story.run("noon", NOON)
    assert [f.params["column"] for f in outcome.findings if f.code == "row_not_writable"] == [
        "コレクト代金引換額（税込）"
    ]
    assert outcome.exit_status == 3
    assert told_labels(story) == []
    story.orders(moment("15:00"), an_order(1, ("TRAY-OAK", 99), payment="cod", status="cancelled"))
    story.run("noon", moment("15:30"))
    assert story.recalled() == []
    assert story.shop.rows("SELECT state FROM shipping_instruction") == [("recalled",)]


def test_an_instruction_and_a_label_are_two_documents_of_one_parcel(beside: StoryShop) -> None:
    story = beside
    story.orders(moment("11:30"), an_order(1, ("DRIPPER", 1)), an_order(2, ("DRIPPER", 1), slot="1214"))
    outcome = story.run("noon", NOON)
    assert len(story.instructed()) == 2
    assert [row["お客様管理番号"] for row in told_labels(story)] == [story.instructed()[0]["parcel_no"]]
    assert "row_not_writable" in codes(outcome), "Yamato has no 12-14"
    story.run("noon", moment("12:10"))
    assert (len(story.instructed()), len(told_labels(story))) == (2, 1)


def test_a_label_that_could_be_told_later_is_not_told_of_a_parcel_that_is_recalled(beside: StoryShop) -> None:
    story = beside
    story.orders(moment("11:30"), an_order(1, ("DRIPPER", 1), slot="1214"))
    story.run("noon", NOON)
    story.orders(moment("15:00"), an_order(1, ("DRIPPER", 1), slot="1416", status="cancelled"))
    story.run("noon", moment("15:30"))
    assert len(story.recalled()) == 1
    assert told_labels(story) == []


def test_boxes_waiting_labels_and_labels_by_hand(labels_only: StoryShop) -> None:
    story = labels_only
    orders = [an_order(number, ("TOWEL-L", 1)) for number in (1, 2, 3)]
    story.orders(moment("11:30"), *orders)
    story.run("noon", NOON)
    one, two, three = (row["お客様管理番号"] for row in told_labels(story))
    issue(
        story,
        "17:30",
        boxes={one: 2},
        not_issued=[two],
        ship_dates={three: "2026/11/25"},
        by_hand=1,
        header=False,
    )
    story.orders(moment("21:30"), *orders)
    night = story.run("night", NIGHT)
    assert {"labels_not_issued", "labels_by_hand"} <= set(codes(night))
    assert [row["注文番号"] for row in story.noticed()] == [number_of(orders[0])] * 2
    states = "SELECT parcel_no, state FROM shipping_instruction ORDER BY parcel_no"
    assert story.shop.rows(states) == [(one, "shipped"), (two, "instructed"), (three, "instructed")]

    story.count(moment("08:00", 25), TOWEL_L=59)
    story.orders(moment("21:30", 25), *orders)
    story.run("night", moment("22:00", 25))
    assert story.shop.rows(states)[2] == (three, "shipped")
    assert story.noticed()[-1]["発送日"] == "2026-11-25"


def test_a_restored_master_keeps_the_number_that_only_a_label_told(labels_only: StoryShop) -> None:
    story = labels_only
    story.orders(moment("11:30"), an_order(1, ("DRIPPER", 1)))
    story.run("noon", NOON)
    (label,) = told_labels(story)
    # What is left of the parcel after an older backup and `outbox reconcile`: the key, and the number it was told by.
    engine = open_engine(story.shop.settings)
    with engine.begin() as conn:
        for table in ("shipping_instruction", "instruction_line", "allocation"):
            conn.execute(sa.text(f"DELETE FROM {table}"))
        conn.execute(sa.text("UPDATE outbox_key SET reference = 'P9999999' WHERE document = 'parcels'"))
    engine.dispose()
    story.run("noon", moment("12:20"))
    assert told_labels(story) == [label], "it is not told twice"
    assert story.shop.rows("SELECT parcel_no FROM shipping_instruction") == [("P9999999",)]
