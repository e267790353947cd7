"""What `explain` tells of a SKU and of an order: the whole chain, from real files, through real runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecsync.run.explaining import chain_of_order, stock_chain
from face import Ecsync, speaker
from partner_files.base import Order
from postgres_server import PostgresServer
from shop import utc
from story_shop import OpenStory, Row, StoryShop, an_order, moment, new_story, number_of

GOLDENS = Path(__file__).parent / "goldens"
LATE = ("--as-of", moment("23:00").isoformat())
PERSONAL = (
    "髙橋",
    "浜﨑",
    "伊藤",
    "佐藤",
    "鈴木",
    "さくら",
    "本町",
    "梅田",
    "神宮前",
    "090-0000",
    "example.jp",
)


def order(number: int, *lines: tuple[str, int], **facts: object) -> Order:
    return an_order(number, *(lines or (("DRIPPER", 1),)), **facts)


ONE, TWO, THREE, FOUR, FIVE = (number_of(order(number)) for number in range(1, 6))
SHIPPED_ORDER = order(1, ("MUG-WHITE", 2), ("SET-COFFEE", 1))


def cut(row: Row) -> Row:
    """Let the mall leave out the quantity of the fourth order."""
    return row | {"個数": ""} if row["注文番号"] == FOUR else row


def play(story: StoryShop, ecsync: Ecsync | None = None) -> StoryShop:
    """Play a day: a shipment, a released hold, a recall, a row put aside and mended, an order without its money."""
    story.count(moment("08:00"))
    unpaid = order(5, ("MUG-WHITE", 1), status="100", payment="銀行振込")
    story.orders(
        moment("11:30"),
        SHIPPED_ORDER,
        order(2, ("MUG-WHITE", 1), person="番地"),
        order(3),
        order(4),
        unpaid,
        change=cut,
    )
    story.run("noon", moment("12:00"))
    if ecsync is not None:
        release = (
            "orders",
            "release",
            TWO,
            "--by",
            "tanto",
            "--note",
            "電話で確認",
            "--as-of",
            moment("13:00").isoformat(),
        )
        assert ecsync(*release).status == 0
    lines = story.instructed()
    story.orders(
        moment("14:30"),
        SHIPPED_ORDER,
        order(2, ("MUG-WHITE", 1), person="番地"),
        order(3, status="900"),
        order(4, ("DRIPPER", 2), wished="2026-11-26"),
        unpaid,
    )
    story.run("noon", moment("15:00"))
    stopped = next(line for line in lines if line["order_no"] == THREE)
    story.events(
        moment("17:00"),
        *(story.shipped(line) for line in lines if line["order_no"] == ONE),
        {"kind": "recalled", "parcel_no": stopped["parcel_no"]},
        {"kind": "receipt", "sku": "MUG-WHITE", "qty": "5"},
    )
    story.count(moment("18:00"), MUG_WHITE=25, DRIPPER=11, FILTER_100=79)
    story.orders(
        moment("21:30"),
        SHIPPED_ORDER,
        order(2, ("MUG-WHITE", 1), person="佐藤"),
        order(4, ("DRIPPER", 2), wished="2026-11-26"),
    )
    story.run("night", moment("22:00"))
    return story


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> StoryShop:
    """Give the shop at the end of that day, on SQLite; nobody changes it."""
    return play(new_story(tmp_path_factory.mktemp("day") / "shop").open_up())


@pytest.fixture
def ecsync(capsys: pytest.CaptureFixture[str], day: StoryShop) -> Ecsync:
    """Give the command line on that shop."""
    return speaker(capsys, day.shop.project)


QUESTIONS = {"stock": ("stock", "MUG-WHITE"), "set": ("stock", "SET-COFFEE")} | {
    f"order_{name}": ("order", number)
    for name, number in {
        "shipped": ONE,
        "held": TWO,
        "recalled": THREE,
        "mended": FOUR,
        "unpaid": FIVE,
    }.items()
}


def compare_with_golden(text: str, name: str, lang: str) -> None:
    path = GOLDENS / f"explain_{name}.{lang}.txt"
    plain = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    if os.environ.get("ECSYNC_WRITE_GOLDENS"):
        path.write_text(plain, encoding="utf-8")
    assert plain == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_chain_in_the_words_that_staff_see(ecsync: Ecsync, name: str, lang: str) -> None:
    done = ecsync(*LATE, "explain", *QUESTIONS[name], lang=lang)
    assert (done.status, done.err) == (0, "")
    compare_with_golden(done.out, name, lang)
    assert [word for word in PERSONAL if word in done.out] == []


def test_postgresql_tells_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, postgres_server: PostgresServer
) -> None:
    with postgres_server.database("ecsync_empty") as url:
        shop = play(new_story(tmp_path / "shop", url).open_up()).shop
        for name, question in QUESTIONS.items():
            done = speaker(capsys, shop.project)(*LATE, "explain", *question, lang="ja")
            assert done.status == 0
            compare_with_golden(done.out, name, "ja")


def test_every_revision_and_every_event_names_the_line_that_brought_it(day: StoryShop) -> None:
    for number in (ONE, TWO, THREE, FOUR, FIVE):
        for step in chain_of_order(day.shop.settings, number, "", utc(moment("23:00")))[0].steps:
            if step.kind in {"revision", "event", "quarantined"}:
                path = next(day.shop.partners.rglob(step.file))
                encoding = "cp932" if step.kind != "event" else "utf-8"
                said = path.read_bytes().decode(encoding).splitlines()[step.line - 1]
                assert (number if step.kind != "event" else step.at[:10]) in said or step.kind == "event"


def test_the_balance_is_the_sum_of_the_movements_and_the_promises_are_those_of_the_master(
    day: StoryShop,
) -> None:
    for sku in ("MUG-WHITE", "SET-COFFEE", "DRIPPER", "TRAY-OAK"):
        explained = stock_chain(day.shop.settings, sku, "", utc(moment("23:00"))).explained
        for shelf in explained.shelves:
            assert shelf.on_hand == sum(movement.qty for movement in shelf.movements)
            assert not shelf.movements or shelf.on_hand == shelf.movements[-1].after
            assert all(movement.files for movement in shelf.movements), "every figure has a file"
        side = explained.sides[0]
        assert side.units == min(shelf.free // shelf.per_unit for shelf in explained.shelves)
        assert side.target == max(0, side.units - side.withheld)


@pytest.mark.parametrize("asked", ["MUG-WHITE", "w01", "2000000000015"])
def test_a_sku_is_found_by_its_code_the_shop_s_code_or_its_jan(day: StoryShop, asked: str) -> None:
    assert stock_chain(day.shop.settings, asked, "", utc(moment("23:00"))).explained.sku == "MUG-WHITE"


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("stock", "MUG-WITE"), "MUG-WHITE"),
        (("stock", "zzz"), "zzz"),
        (("order", ONE[:-1] + "9"), ONE),
        (("order", "no-such-order"), "no-such-order"),
        (("stock", "MUG-WHITE", "--channel", "nobody"), "rakuten1"),
        (("order", ONE, "--channel", "nobody"), "rakuten1"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_is_near(
    ecsync: Ecsync, words: tuple[str, ...], near: str
) -> None:
    done = ecsync(*LATE, "explain", *words)
    assert (done.status, near in done.err) == (2, True)


def test_every_form_tells_it_and_none_tells_a_person(ecsync: Ecsync) -> None:
    data = ecsync("--json", *LATE, "explain", "order", ONE).data
    assert [step["kind"] for step in data[0]["steps"]][:2] == ["ordered", "payment"]
    for form in ("csv", "html"):
        done = ecsync(*LATE, "explain", "order", TWO, "--format", form)
        assert [word for word in PERSONAL if word in done.out] == []


def test_it_writes_nothing(ecsync: Ecsync, day: StoryShop) -> None:
    before = (day.shop.master(), day.shop.remote())
    assert {ecsync(*LATE, "explain", *question).status for question in QUESTIONS.values()} == {0}
    assert (day.shop.master(), day.shop.remote()) == before


def test_a_decision_stands_in_the_history_with_who_made_it(
    open_story: OpenStory, capsys: pytest.CaptureFixture[str]
) -> None:
    story = open_story()
    ecsync = speaker(capsys, story.shop.project)
    play(story, ecsync)
    done = ecsync(*LATE, "explain", "order", TWO, lang="ja")
    assert "tanto" in done.out
    assert "電話で確認" not in done.out, "a note may name a customer"


# The oversold SKU's questions: what is done to the shop, and which of the eleven answers then asks for a look.
@pytest.mark.parametrize(
    ("at", "stale", "asked"),
    [("23:00", "", {11}), ("23:00", "expected = { max_age_hours = 1 }\n", {7, 10, 11})],
)
def test_the_questions_that_ask_for_a_look(
    open_story: OpenStory, capsys: pytest.CaptureFixture[str], at: str, stale: str, asked: set[int]
) -> None:
    archive = 'archive_path = "items/done"\n'
    story = play(open_story())
    toml = story.shop.project / "ecsync.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace(archive, archive + stale), encoding="utf-8")
    done = speaker(capsys, story.shop.project)(
        "--as-of", moment(at).isoformat(), "explain", "stock", "MUG-WHITE"
    )
    rows = [line.split("|") for line in done.out.splitlines() if line.strip()[:2].strip().isdigit()]
    questions = [row for row in rows if len(row) == 4]
    assert [int(row[0]) for row in questions] == list(range(1, 12))
    assert {int(row[0]) for row in questions if row[3].strip()} == asked
