"""When the time of personal data is over, no byte of it is left with us; figures stay, and nothing begins anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from postgres_server import PostgresServer
from story_shop import (
    JAPAN,
    Row,
    StoryShop,
    an_order,
    codes,
    moment,
    new_story,
    number_of,
    order_file,
    setting,
)

NOON, NIGHT = moment("12:00"), moment("22:00")
LATER = datetime(2027, 3, 1, 22, 0, tzinfo=JAPAN)
CANARIES = {
    "注文者姓": "金糸雀姓",
    "注文者名": "金糸雀名",
    "注文者姓カナ": "カナリヤセイ",
    "注文者住所それ以降の住所": "止り木町１の２の３金糸雀荘",
    "注文者メールアドレス": "canary-mail@example.jp",
    "送付先姓": "送付金糸雀",
    "送付先名": "送付小鳥",
    "送付先姓カナ": "ソウフカナリヤ",
    "送付先住所それ以降の住所": "羽根町４の５の６小鳥荘",
    "コメント": "[配送日時指定:]\n秘密の呼鈴は鳴らさない",
    "のし": "御祝 金糸雀",
    "項目・選択肢": "名入れ:カナリヤ刻印",
}
WORDS = ["金糸雀", "カナリヤ", "canary-mail", "小鳥", "羽根町", "止り木町", "秘密の呼鈴"]
ORDERS = [
    an_order(1, ("TOWEL-L", 1)),
    an_order(2, ("COOKIE-12", 2)),
    an_order(3, ("TOWEL-L", 1)),
    an_order(4, ("TRAY-OAK", 1)),
]
CANCELLED = an_order(3, ("TOWEL-L", 1), status="900")


def canary(row: Row) -> Row:
    return {**row, **CANARIES}


def sick_canary(row: Row) -> Row:
    return {**canary(row), **({"個数": "五"} if row["注文番号"] == number_of(ORDERS[3]) else {})}


def heard(story: StoryShop) -> set[tuple[str, str]]:
    """Return (file, word) wherever a canary is left in the project folder, in any encoding, or in the database."""
    needles = {
        form: word
        for word in WORDS
        for raw in (word.encode("utf-8"), word.encode("cp932"))
        for form in (raw, raw.hex().encode())
    }
    found = {
        (str(path.relative_to(story.shop.project)), word)
        for path in story.shop.project.rglob("*")
        if path.is_file()
        for content in [path.read_bytes()]
        for form, word in needles.items()
        if form in content
    }
    return found | in_tables(story)


def in_tables(story: StoryShop) -> set[tuple[str, str]]:
    from ecsync.master.schema import METADATA

    found = set()
    for table in METADATA.sorted_tables:
        text = repr(story.shop.rows(f"SELECT * FROM {table.name}"))
        for word in WORDS:
            forms = (word, word.encode("utf-8").hex(), word.encode("cp932").hex())
            found |= {(table.name, word) for form in forms if form in text}
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def kept_for_a_month(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoryShop]:
    change = setting("retention_days = 365", "retention_days = 30")
    if request.param == "sqlite":
        yield new_story(tmp_path / "story").open_up(change)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database("ecsync_empty") as url:
        yield new_story(tmp_path / "story", url).open_up(change)


def a_whole_life(story: StoryShop) -> None:
    """Play a day: shipped, cancelled and put aside rows, a dry run that keeps its inputs, journals."""
    from ecsync.run.plan import PlanRequest, make_plan
    from shop import utc

    story.count(moment("08:00"))
    story.orders(moment("11:30"), *ORDERS, change=sick_canary)
    plan = story.shop.project / "reports" / "dry-run" / "noon"
    make_plan(story.shop.settings, PlanRequest("noon", utc(NOON), plan))
    os.utime(plan, (NOON.timestamp(), NOON.timestamp()))
    story.run("noon", NOON)
    story.events(moment("16:00"), *(story.shipped(r) for r in story.instructed() if r["sku"] != "TRAY-OAK"))
    story.count(moment("16:30"), TOWEL_L=58, COOKIE_12=38)
    story.orders(moment("21:30"), *ORDERS[:2], CANCELLED, change=canary)
    story.run("night", NIGHT)


def test_no_byte_of_a_customer_is_left_when_the_time_is_over(kept_for_a_month: StoryShop) -> None:
    story = kept_for_a_month
    a_whole_life(story)
    assert {place.split("/")[0] for place, _word in heard(story)} >= {"spool", "outbox", "reports", "person"}
    figures = {
        table: story.shop.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in (
            "sales_order",
            "order_line",
            "booking",
            "journal_line",
            "stock_movement",
            "parcel_tracking",
        )
    }
    sent = story.shop.delivered()

    story.count(moment("08:00", 25), TOWEL_L=58, COOKIE_12=38)
    before = story.run("night", moment("22:00", 25))
    assert "erased" not in codes(before), "not before its time"
    outcome = story.run("night", LATER)
    assert "erased" in codes(outcome)
    assert heard(story) == set()
    for table, rows in figures.items():
        assert story.shop.rows(f"SELECT * FROM {table} ORDER BY 1, 2") == rows, table
    new = {path for path in story.shop.delivered() if path not in sent}
    assert not [path for path in new if "instruction" in path or "shipping" in path or "sales" in path], new

    # An old file that comes again brings nobody back, and begins nothing anew.
    instructed, sold = len(story.instructed()), len(story.sold())
    story.order_bytes(moment("11:30"), order_file(ORDERS, change=sick_canary), name="order_again.csv")
    shuffled = order_file([ORDERS[1], ORDERS[0], CANCELLED], change=canary)
    story.order_bytes(moment("21:30"), shuffled, name="order_once_more.csv")
    story.run("night", LATER.replace(day=2))
    assert heard(story) == set()
    assert len(story.instructed()) == instructed
    assert len(story.sold()) == sold
