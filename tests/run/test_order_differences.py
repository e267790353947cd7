"""Every class of order difference, as staff read it: a mall's real order files, compared by the real command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from difference_shop import told
from ecsync.run.looking import LookRequest
from ecsync.run.order_reconciling import OrderQuestion, reconcile_orders
from face import Ecsync, speaker
from partner_files.base import Order
from postgres_server import PostgresServer
from shop import utc
from story_shop import OpenStory, Row, StoryShop, an_order, moment, new_story, number_of, order_file

GOLDENS = Path(__file__).parent / "goldens"
AFTERNOON = ("--as-of", moment("16:00").isoformat())
COMPARE = (*AFTERNOON, "reconcile", "orders")
PERSONAL = (
    "髙橋",
    "浜﨑",
    "田中",
    "佐藤",
    "鈴木",
    "山田",
    "さくら",
    "本町",
    "神宮前",
    "090-0000",
    "example.jp",
)
SECOND = """
[channels.rakuten2]
platform = "rakuten"
title = "楽天市場 2号店"
shop_ids = ["000001"]
warehouse = "main"
retention_days = 365

[[inbound]]
name = "rakuten2-orders"
party = "rakuten2"
mapping = "rakuten/orders"
endpoint = "rms"
path = "orders2"
pattern = "order_*.csv"

[[outbound]]"""
FAR = "2026-12-20"  # not due yet, so the warehouse is not told

# number, what happens to the order; in the order of the golden table
CASES = {
    1: "changed after the warehouse was told",
    2: "changed after the warehouse was told, and a run has taken the change in",
    3: "cancelled after the warehouse was told",
    4: "cancelled before anybody was told",
    5: "address, wished date and quantity changed",
    6: "open again after its cancellation",
    7: "no longer in the file",
    8: "new",
    9: "new and cancelled already",
    10: "two files of the same time contradict each other",
    11: "a row of it cannot be used",
    13: "same buyer, lines and total as another number",
    14: "same number and content in two shops",
    15: "amount billed is not the sum of its parts",
    16: "amount of goods is not the sum of its lines",
    17: "stated tax is not ours",
    18: "tax rate is not the product master's",
    19: "nothing changed",
    20: "its file says what an older file said",
}


def order(number: int, sku: str = "TOWEL-L", qty: int = 1, **facts: object) -> Order:
    return an_order(number, (sku, qty), **facts)


def mend(row: Row) -> Row:
    """Let the mall make its mistakes: wrong goods, wrong tax, a wrong rate, a row that nobody can use."""
    number = int(row["注文番号"][-4:])
    if number == 16:
        row |= {"商品合計金額": "1500"}
    elif number == 17:
        row |= {"10%請求額に対する税額": "999"}
    elif number == 18:
        row |= {"商品税率": "0.08"}
    elif number == 11:
        row |= {"個数": "一個"}
    return row


def play(story: StoryShop) -> StoryShop:
    """Play until half past three: two runs have taken two files, the third file nobody has taken."""
    for folder in ("rms/orders2",):
        (story.shop.partners / folder).mkdir(parents=True, exist_ok=True)
    story.count(moment("08:00"), TOWEL_L=200)
    twin = order(12, "FILTER-100", 2, person="山田", wished=FAR)
    first = [
        order(1, "MUG-WHITE"),
        order(2, "MUG-WHITE", person="浜﨑"),
        order(3, "MUG-BLUE"),
        order(4, "MUG-BLUE", person="浜﨑", status="100", payment="銀行振込"),
        order(5, "COOKIE-12", person="鈴木", wished=FAR),
        order(6, "COOKIE-12", status="900"),
        order(7, "COFFEE-200"),
        twin,
        order(14, "DRIPPER", wished=FAR),
        order(16, wished=FAR, person="佐藤", postage=0),
        order(19, "COFFEE-200", person="佐藤", wished=FAR),
        order(20, "FILTER-100", wished=FAR),
    ]
    story.orders(moment("11:30"), *first)
    story.run("noon", moment("12:00"))
    changed = {1: order(2, "MUG-WHITE", 2, person="浜﨑"), 11: order(20, "FILTER-100", 3, wished=FAR)}
    story.orders(moment("12:30"), *(changed.get(place, one) for place, one in enumerate(first)))
    story.run("noon", moment("13:00"))
    now = [
        order(1, "MUG-WHITE", 2),
        order(2, "MUG-WHITE", 2, person="浜﨑"),
        order(3, "MUG-BLUE", status="900"),
        order(4, "MUG-BLUE", person="浜﨑", status="900", payment="銀行振込"),
        order(5, "COOKIE-12", 2, person="田中", wished="2026-12-21"),
        order(6, "COOKIE-12"),
        order(8, "COOKIE-12", 4),
        order(9, "COOKIE-12", 5, status="900"),
        order(10, "TRAY-OAK"),
        order(11, "TRAY-OAK", 2),
        twin,
        order(13, "FILTER-100", 2, person="山田", wished=FAR, ordered="2026-11-24 14:00:00"),
        order(14, "DRIPPER", wished=FAR),
        order(15, "TOWEL-L", 6, wrong_billed=7),
        order(16, wished=FAR, person="佐藤", postage=0),
        order(17, "TOWEL-L", 4),
        order(18, "TOWEL-L", 3),
        order(19, "COFFEE-200", person="佐藤", wished=FAR),
    ]
    story.orders(moment("15:30"), *now, change=mend)
    story.orders(moment("15:30"), order(10, "TRAY-OAK", 3), name="order_20261124_1530b.csv")
    story.orders(moment("11:45"), order(20, "FILTER-100", wished=FAR), name="order_20261124_late.csv")
    story.shop.put("rms/orders2/order_1.csv", order_file([order(14, "DRIPPER", wished=FAR)]), moment("15:30"))
    return story


def change(text: str) -> str:
    """Declare what an order file holds, and a second shop."""
    text = text.replace(
        'archive_path = "orders/done"\n', 'archive_path = "orders/done"\nscope = { days = 3 }\n'
    )
    return text.replace("\n[[outbound]]", SECOND, 1)


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> StoryShop:
    """Give the shop at four in the afternoon on SQLite; nobody changes it."""
    return play(new_story(tmp_path_factory.mktemp("afternoon") / "shop").open_up(change))


@pytest.fixture
def ecsync(capsys: pytest.CaptureFixture[str], afternoon: StoryShop) -> Ecsync:
    """Give the command line on that shop."""
    return speaker(capsys, afternoon.shop.project)


def golden(text: str) -> str:
    """Return one line per case: what happens, the class, and the cells of its rows."""
    rows = [(kind, cells) for kind, cells in told(text) if len(cells) == 8]
    lines = []
    for number, title in CASES.items():
        own = [row for row in rows if row[1][1].endswith(f"{number:010d}")]
        said = [" | ".join([kind, *(cell for cell in cells if cell)]) for kind, cells in own]
        lines.append(f"{title}: {' // '.join(said) or '-'}")
        rows = [row for row in rows if row not in own]
    assert rows == [], "every row belongs to a case"
    return "\n".join(lines) + "\n"


def compare_with_golden(text: str, lang: str) -> None:
    path = GOLDENS / f"order_differences.{lang}.txt"
    if os.environ.get("ECSYNC_WRITE_GOLDENS"):
        path.write_text(golden(text), encoding="utf-8")
    assert golden(text) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_class_of_order_in_the_words_that_staff_see(ecsync: Ecsync, lang: str) -> None:
    done = ecsync(*COMPARE, "--pull", lang=lang)
    assert (done.status, done.err) == (0, "")
    compare_with_golden(done.out, lang)


def test_postgresql_finds_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, postgres_server: PostgresServer
) -> None:
    with postgres_server.database("ecsync_empty") as url:
        shop = play(new_story(tmp_path / "shop", url).open_up(change)).shop
        compare_with_golden(speaker(capsys, shop.project)(*COMPARE, "--pull", lang="ja").out, "ja")


def test_no_personal_value_is_printed_in_any_form(ecsync: Ecsync) -> None:
    for words in ((), ("--format", "json"), ("--format", "html")):
        said = ecsync(*COMPARE, "--pull", *words)
        assert [word for word in PERSONAL if word in said.out + said.err] == []


def test_it_writes_nothing_and_ends_with_4_where_that_is_asked_for(
    ecsync: Ecsync, afternoon: StoryShop
) -> None:
    shop = afternoon.shop
    before = (shop.master(), shop.remote(), sorted(p.name for p in (shop.project / "spool").rglob("*")))
    assert ecsync(*COMPARE, "--pull", "--exit-code").status == 4
    assert ecsync(*COMPARE).status == 0
    assert (
        shop.master(),
        shop.remote(),
        sorted(p.name for p in (shop.project / "spool").rglob("*")),
    ) == before


def test_without_files_the_newest_one_of_the_spool_says_whether_everything_is_in(
    open_story: OpenStory,
) -> None:
    story = open_story(change=change)
    story.count(moment("08:00"))
    story.orders(moment("11:30"), order(1), order(2, "MUG-WHITE"), change=lambda row: row)
    story.run("noon", moment("12:00"))

    def look() -> dict[str, int]:
        found = reconcile_orders(story.shop.settings, OrderQuestion(), LookRequest(utc(moment("16:00"))))
        return {kind: total.orders for kind, total in found.comparison.totals.items()} | {
            "unchanged": found.comparison.unchanged
        }

    assert look() == {"unchanged": 2}
    story.orders(moment("15:30"), order(1), order(3, "MUG-BLUE"), change=_without_quantity)
    story.run("noon", moment("15:40"))
    assert look() == {"missing": 1, "unreadable": 1, "unchanged": 1}


def _without_quantity(row: Row) -> Row:
    return row | {"個数": ""} if row["注文番号"].endswith("3") else row


@pytest.fixture(scope="module")
def scoped(tmp_path_factory: pytest.TempPathFactory) -> StoryShop:
    """Give a shop whose newest file, not taken yet, holds the last of four orders only."""
    story = new_story(tmp_path_factory.mktemp("scoped") / "shop").open_up()
    story.count(moment("08:00"))
    unpaid = order(2, "MUG-WHITE", status="100", payment="銀行振込")
    early = order(3, "MUG-BLUE", ordered="2026-11-20 08:00:00")
    story.orders(moment("11:30"), order(1), unpaid, early, order(4, "DRIPPER"))
    story.run("noon", moment("12:00"))
    story.orders(moment("15:30"), order(4, "DRIPPER"))
    return story


# What a file leaves out is missing only inside what the file claims to hold.
@pytest.mark.parametrize(
    ("scope", "missing"),
    [
        ("{ days = 3 }", [1, 2]),
        ("{ days = 30 }", [1, 2, 3]),
        ('{ days = 3, statuses = ["ready"] }', [1]),
        ('{ days = 3, statuses = ["awaiting_confirmation"] }', [2]),
        ('{ by = "changed", days = 1 }', [1, 2, 3]),
        ("", []),
    ],
)
def test_what_is_missing_is_missing_inside_the_scope_of_the_file(
    scoped: StoryShop, scope: str, missing: list[int]
) -> None:
    toml = scoped.shop.project / "ecsync.toml"
    text = toml.read_text(encoding="utf-8")
    archive = 'archive_path = "orders/done"\n'
    toml.write_text(
        text.replace(archive, archive + (f"scope = {scope}\n" if scope else "")), encoding="utf-8"
    )
    request = LookRequest(utc(moment("16:00")), pull=True)
    found = reconcile_orders(scoped.shop.settings, OrderQuestion(), request)
    toml.write_text(text, encoding="utf-8")
    rows = [row for row in found.comparison.rows if row.kind == "missing"]
    assert sorted(int(row.order_no[-4:]) for row in rows) == missing
    assert (found.unscoped == ()) == bool(scope)


# Beside an order of so many units: another one, and from how many days on it is its twin (None: never).
TWINS: list[tuple[dict[str, object], int | None]] = [
    ({}, 0),
    ({"ordered": "2026-11-20 09:00:00"}, 4),
    ({"person": "佐藤"}, None),
    ({"qty": 50}, None),
    ({"sku": "MUG-WHITE"}, None),
    ({"postage": 0}, None),
    ({"status": "900"}, None),
]


def test_two_orders_are_twins_by_buyer_lines_total_and_days(open_story: OpenStory) -> None:
    story = open_story()
    story.count(moment("08:00"), TOWEL_L=500)
    orders = []
    for case, (other, _days) in enumerate(TWINS, start=1):
        orders.append(order(10 * case, qty=case))
        orders.append(order(10 * case + 1, **{"qty": case, **other}))  # type: ignore[arg-type]
    story.orders(moment("11:30"), *orders)
    story.run("noon", moment("12:00"))
    for days in (3, 4):
        question = OrderQuestion(twin_days=days)
        found = reconcile_orders(story.shop.settings, question, LookRequest(utc(moment("16:00"))))
        rows = [row for row in found.comparison.rows if row.kind == "duplicate"]
        assert {int(row.order_no[-4:]) // 10 for row in rows} == {
            case for case, (_other, least) in enumerate(TWINS, start=1) if least is not None and least <= days
        }
    assert (number_of(orders[1]), number_of(orders[0])) in {(row.order_no, row.other_order) for row in rows}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--channel", "nobody"), 2, "rakuten1"),
        (("--file", "rakuten1-items=x.csv"), 2, "rakuten1-orders"),
        (("--twin-days", "-1"), 2, "twin-days"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    ecsync: Ecsync, words: tuple[str, ...], status: int, said: str
) -> None:
    done = ecsync(*COMPARE, *words)
    assert (done.status, said in done.err) == (status, True)


def test_a_scope_with_an_unknown_status_is_a_fault_of_the_configuration(
    open_story: OpenStory, capsys: pytest.CaptureFixture[str]
) -> None:
    scope = 'archive_path = "orders/done"\nscope = { days = 3, statuses = ["paid"] }\n'
    story = open_story(change=lambda text: text.replace('archive_path = "orders/done"\n', scope))
    done = speaker(capsys, story.shop.project)(*COMPARE)
    assert (done.status, "paid" in done.err, "ready" in done.err) == (10, True, True)


def test_a_refused_file_is_named_with_its_place(ecsync: Ecsync, tmp_path: Path) -> None:
    cut = tmp_path / "order_1545.csv"
    cut.write_bytes(order_file([order(1)])[:-40])
    done = ecsync(*COMPARE, "--file", f"rakuten1-orders={cut}")
    assert (done.status, "order_1545.csv" in done.out) == (14, True)
