"""Two malls, one shelf: orders of both are instructed, told, published and booked, each in its mall's own layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecsync.cli import main
from ecsync.errors import EcsyncError
from ecsync.master.context import RunContext
from ecsync.run.outcome import Outcome
from ecsync.run.sync import Request, sync
from partner_files import yahoo
from partner_files.one_shop import WORLD
from shop import utc
from story_shop import Row, an_order, codes, moment, setting
from story_shop import number_of as rakuten_number
from yahoo_story import YahooStory, new_yahoo_story, numbers

NOON, NIGHT = moment("12:00"), moment("22:00")
SLIP, DEBIT_ACCOUNT, DEBIT, CREDIT = 1, 4, 8, 14
OURS = [
    an_order(
        1, ("TOWEL-L", 1), ("COOKIE-12", 2), payment="paypay", points=100, mall_coupon=200, shop_coupon=300
    ),
    an_order(2, ("MUG-BLUE", 1), payment="cod", cod=330, status="2/0/1"),
]
THEIRS = an_order(7, ("TOWEL-L", 1))
BILLED = 1100 + 2160 + 550 - 100 - 200 - 300


@pytest.fixture
def story(tmp_path: Path) -> YahooStory:
    return new_yahoo_story(tmp_path / "story").open_up()


def noon(story: YahooStory) -> Outcome:
    story.count(moment("08:00"))
    story.listed(moment("09:00"))
    story.export(moment("11:30"), *OURS)
    story.orders(moment("11:30"), THEIRS)
    return story.run("noon", NOON)


def test_from_the_order_to_the_books(story: YahooStory) -> None:
    noon(story)
    told = story.instructed()
    assert {row["order_no"] for row in told} == {*numbers(OURS), rakuten_number(THEIRS)}
    assert [
        (r["sku"], r["payment_method"], r["cod_amount"]) for r in told if r["order_no"] == numbers(OURS)[1]
    ] == [("MUG-BLUE", "cod", str(1650 + 550 + 330))]
    # 60 towels, one promised to each mall, one kept back; 9 blue mugs, one promised; of a set the scarcest part.
    (name,) = story.quantities()
    assert name == "quantity20261124120000.csv"
    shown = dict(line.rsplit(",", 1) for line in story.quantities()[name])
    assert (shown["TOWEL-L,"], shown["mug,MUG-BLUE"], shown["SET-COFFEE,"]) == ("57", "7", "11")
    assert story.published()["towel-l"] == 57, "the other mall shows the same shelf"

    story.events(moment("16:00"), *(story.shipped(line) for line in told))
    outcome = story.run("night", NIGHT)
    assert all(proof.holds for proof in outcome.proofs)
    notices = story.told("yahoo/shipping/*.csv", "cp932")
    assert [tuple(row.values()) for row in notices] == [
        (number, "1001", "400900000012", "2026-11-24", "3") for number in numbers(OURS)
    ]
    assert [row["注文番号"] for row in story.noticed()] == [rakuten_number(THEIRS)]
    slips = {line[SLIP] for line in story.booked()}
    for slip in slips:
        lines = [line for line in story.booked() if line[SLIP] == slip]
        assert sum(int(line[DEBIT]) for line in lines) == sum(int(line[CREDIT]) for line in lines)
    owed = sum(int(line[DEBIT]) for line in story.booked() if line[DEBIT_ACCOUNT] == "売掛金")
    assert owed == BILLED + 100 + 200 + (1650 + 550 + 330) + (1100 + 550), (
        "points and coupons are the malls' to pay"
    )

    # Shipped at the mall from now on; nothing is told again.
    done = [
        an_order(
            1, *OURS[0].lines, payment="paypay", points=100, mall_coupon=200, shop_coupon=300, status="done"
        ),
        OURS[1],
    ]
    story.export(moment("22:30"), *done)
    outcome = story.run("night", moment("23:00"))
    assert [published.flow for published in outcome.published if published.flow.startswith("yahoo1")] == []


def test_the_status_of_a_shipped_order_is_the_shop_s_choice(tmp_path: Path) -> None:
    change = setting('payer = "Yahoo!"', 'payer = "Yahoo!"\noptions = { ship_status = "2" }')
    story = new_yahoo_story(tmp_path / "story").open_up(change)
    noon(story)
    story.events(moment("16:00"), *(story.shipped(line) for line in story.instructed()))
    story.run("night", NIGHT)
    assert {row["ShipStatus"] for row in story.told("yahoo/shipping/*.csv", "cp932")} == {"2"}


def test_what_the_mall_shows_already_is_not_sent(story: YahooStory) -> None:
    right = {"TOWEL-L": 59, "COOKIE-12": 39, "FILTER-100": 79}
    story.count(moment("08:00"))
    story.listed(moment("09:00"), lambda sku: right.get(sku, 1))
    story.run("noon", NOON)
    ((_name, lines),) = story.quantities().items()
    assert not {line.partition(",")[0] for line in lines} & right.keys()
    story.run("noon", moment("12:30"))
    assert len(story.quantities()) == 1, "nothing changed since"


def test_more_rows_than_the_mall_takes_go_into_several_files_once(story: YahooStory) -> None:
    shipped = Path(yahoo.HEADERS).parents[2] / "mappings/yahoo/quantity.yaml"
    own = story.shop.project / "mappings/yahoo/quantity.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(shipped.read_text(encoding="utf-8").replace("20000", "4"), encoding="utf-8")
    noon(story)
    files = story.quantities()
    assert {name: len(lines) for name, lines in files.items()} == {
        "quantity20261124120000.csv": 4,
        "quantity20261124120001.csv": 4,
        "quantity20261124120002.csv": 1,
    }
    codes_told = [line for lines in files.values() for line in lines]
    assert codes_told == sorted(codes_told)
    assert len({line.rpartition(",")[0] for line in codes_told}) == 9, "each listing in one file"
    outbox = story.shop.rows(
        "SELECT o.remote_name, o.state, o.row_count, COUNT(k.business_key) FROM outbox_file o "
        "JOIN outbox_key k ON k.outbox_id = o.outbox_id WHERE o.flow = 'yahoo1-quantities' "
        "GROUP BY o.outbox_id, o.remote_name, o.state, o.row_count ORDER BY o.remote_name"
    )
    assert outbox == [(name, "verified", len(lines), len(lines)) for name, lines in files.items()]
    assert story.run("noon", moment("12:01")).published == []


def sick(row: Row) -> Row:
    return {**row, "Quantity": "二"} if row["OrderId"] == numbers(OURS)[0] and row["LineId"] == "2" else row


def test_rows_put_aside_come_back_from_both_files(
    story: YahooStory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story.count(moment("08:00"))
    story.export(moment("11:30"), *OURS, change_items=sick)
    outcome = story.run("noon", NOON)
    assert all(proof.holds for proof in outcome.proofs)
    assert {line[0] for line in story.lines()} == {numbers(OURS)[1]}, "never half an order"
    rows = story.shop.rows("SELECT flow, line, column_name, reason FROM quarantined_row ORDER BY flow, line")
    assert rows == [
        ("yahoo1-items", 2, "", "incomplete_order"),
        ("yahoo1-items", 3, "Quantity", "not_a_number"),
        ("yahoo1-orders", 2, "", "incomplete_order"),
    ]
    at = ("--project", str(story.shop.project), "--as-of", moment("12:05").isoformat())
    for half, whole in (
        ("orders", yahoo.orders(WORLD, OURS[:1])),
        ("items", yahoo.items(WORLD, OURS[:1], change=sick)),
    ):
        out = tmp_path / f"{half}-to-mend.csv"
        assert main([*at, "quarantine", "export", "--flow", f"yahoo1-{half}", "--out", str(out)]) == 0
        assert out.read_bytes() == whole, "each in its own layout, byte for byte"
    mended = tmp_path / "items-to-mend.csv"
    mended.write_bytes(yahoo.items(WORLD, OURS[:1]))
    assert main([*at, "quarantine", "retry", str(mended), "--flow", "yahoo1-items"]) == 0
    assert "pair_waits" in codes(story.run("noon", moment("12:10"))), "the other half is not there yet"
    heads = tmp_path / "orders-to-mend.csv"
    assert main([*at, "quarantine", "retry", str(heads), "--flow", "yahoo1-orders"]) == 0
    outcome = story.run("noon", moment("12:20"))
    assert not {"pair_waits", "rows_quarantined"} & set(codes(outcome))
    assert len(story.lines()) == 3
    assert main([*at, "quarantine", "list"]) == 0
    heard = capsys.readouterr()
    for personal in ("髙橋", "横浜市", "0900000", "buyer1"):
        assert personal not in heard.out + heard.err


def test_a_run_that_breaks_off_leaves_both_files_for_the_next(story: YahooStory) -> None:
    story.count(moment("08:00"))
    story.export(moment("11:30"), *OURS)

    def break_off(_ctx: RunContext, _outcome: Outcome) -> None:
        message = "the lights went out"
        raise EcsyncError(message)

    with pytest.raises(EcsyncError):
        sync(story.shop.settings, Request("noon", utc(NOON), before_commit=break_off))
    assert story.lines() == []
    assert set(story.states().values()) == {"spooled"}
    assert len(story.there()) == 2
    story.run("noon", moment("12:05"))
    assert len(story.lines()) == 3
    assert set(story.states().values()) == {"loaded"}


def test_a_half_that_is_refused_keeps_the_other_waiting_for_a_whole_one(story: YahooStory) -> None:
    story.count(moment("08:00"))
    story.export(moment("11:30"), *OURS, halves=("orders",))
    story.half(moment("11:30"), "items", yahoo.items(WORLD, OURS)[:-40])
    outcome = story.run("noon", NOON)
    assert "file_refused" in codes(outcome)
    assert story.states() == {"orders_11241130.csv": "spooled", "items_11241130.csv": "refused"}
    assert story.lines() == []
    story.export(moment("11:30"), *OURS, halves=("items",))
    story.run("noon", moment("12:10"))
    assert len(story.lines()) == 3


def test_when_the_time_is_over_both_halves_are_erased_and_so_is_one_that_waited(story: YahooStory) -> None:
    noon(story)
    story.export(moment("13:00"), an_order(9, ("TOWEL-L", 1)), halves=("items",))
    story.run("noon", moment("13:10"))
    later = moment("22:00").replace(year=2028)
    story.run("night", later)
    assert set(story.states().values()) == {"erased"}
    kept = {path.name for path in (story.shop.project / "spool").iterdir()}
    contents = story.shop.rows("SELECT spool_path FROM inbox_file WHERE party = 'yahoo1'")
    assert not {str(path) for (path,) in contents} & kept
    assert "pair_incomplete" not in codes(story.run("night", later.replace(hour=23)))
