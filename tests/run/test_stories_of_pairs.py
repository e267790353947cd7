"""Two files that are one export: together they are taken, one alone waits, and nothing of either is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsync.findings import FindingLog
from ecsync.master.staging import StagingWriter
from ecsync.run import fresh_files
from oracle import master_rows
from partner_files import yahoo
from partner_files.one_shop import WORLD
from postgres_server import PostgresServer
from story_shop import an_order, codes, moment
from yahoo_story import YahooStory, new_yahoo_story, numbers

NOON, NIGHT = moment("12:00"), moment("22:00")
ORDERS = [
    an_order(1, ("TOWEL-L", 1), ("COOKIE-12", 2), payment="paypay", points=100, mall_coupon=200),
    an_order(2, ("MUG-BLUE", 1), payment="cod", cod=330, status="2/0/1"),
    an_order(3, ("DRIPPER", 1), payment="bank", status="unpaid"),
    an_order(4, ("FILTER-100", 1), status="held"),
    an_order(5, ("TOWEL-L", 2), status="cancelled"),
]


@pytest.fixture
def story(tmp_path: Path) -> YahooStory:
    return new_yahoo_story(tmp_path / "story").open_up()


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[YahooStory]:
    if request.param == "sqlite":
        yield new_yahoo_story(tmp_path / "story").open_up()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database("ecsync_empty") as url:
        yield new_yahoo_story(tmp_path / "story", url).open_up()


def test_both_files_together_are_orders(either: YahooStory) -> None:
    story = either
    story.count(moment("08:00"))
    story.export(moment("11:30"), *ORDERS)
    outcome = story.run("noon", NOON)
    assert all(proof.holds for proof in outcome.proofs)
    assert story.lines() == [
        (numbers(ORDERS)[0], "ready", 3510, "1", "TOWEL-L", 1, 1),
        (numbers(ORDERS)[0], "ready", 3510, "2", "COOKIE-12", 2, 1),
        (numbers(ORDERS)[1], "ready", 2530, "1", "MUG-BLUE", 1, 1),
        (numbers(ORDERS)[2], "processing", 2750, "1", "DRIPPER", 1, 1),
        (numbers(ORDERS)[3], "ready", 880, "1", "FILTER-100", 1, 1),
        (numbers(ORDERS)[4], "cancelled", 2750, "1", "TOWEL-L", 2, 1),
    ]
    assert [row["order_no"] for row in story.instructed()] == [numbers(ORDERS)[0]] * 2 + [numbers(ORDERS)[1]]
    assert set(story.states().values()) == {"loaded"}
    assert story.there() == []
    tallies = story.shop.rows(
        "SELECT f.flow, t.rows_in, t.rows_new, t.rows_quarantined FROM file_tally t "
        "JOIN inbox_file f ON f.file_id = t.file_id WHERE f.party = 'yahoo1' ORDER BY f.flow"
    )
    assert tallies == [("yahoo1-items", 6, 6, 0), ("yahoo1-orders", 5, 5, 0)]


@pytest.mark.parametrize("first", ["orders", "items"])
def test_half_a_pair_waits_and_is_taken_with_its_other_half(story: YahooStory, first: str) -> None:
    (second,) = {"orders", "items"} - {first}
    story.count(moment("08:00"))
    story.export(moment("11:30"), *ORDERS, halves=(first,))
    outcome = story.run("noon", moment("11:50"))
    assert "pair_waits" in codes(outcome)
    assert outcome.exit_status == 0, "a first wait is nobody's work"
    assert story.lines() == []
    assert story.states() == {f"{first}_11241130.csv": "spooled"}
    assert story.there() == [f"{first}_11241130.csv"], "it stays at the mall until it is taken"

    story.export(moment("11:30"), *ORDERS, halves=(second,))
    outcome = story.run("noon", moment("12:20"))
    assert not {"pair_waits", "pair_incomplete"} & set(codes(outcome))
    assert len(story.lines()) == 6
    assert story.there() == []


def test_a_half_that_waits_too_long_needs_a_person(story: YahooStory) -> None:
    story.count(moment("08:00"))
    story.export(moment("11:30"), *ORDERS, halves=("orders",))
    assert "pair_waits" in codes(story.run("noon", NOON))
    outcome = story.run("noon", moment("15:00"))
    (finding,) = [one for one in outcome.findings if one.code == "pair_incomplete"]
    assert finding.subject == "orders_11241130.csv"
    assert finding.params["missing"] == "yahoo1-items"
    assert finding.params["since"].endswith("12:00")
    assert outcome.exit_status == 3
    story.export(moment("11:30"), *ORDERS, halves=("items",))
    assert "pair_incomplete" not in codes(story.run("night", NIGHT))
    assert len(story.lines()) == 6


def test_sent_again_renamed_and_shuffled_they_change_nothing(either: YahooStory) -> None:
    story = either
    story.count(moment("08:00"))
    story.export(moment("11:30"), *ORDERS)
    story.run("noon", NOON)
    master, sent = story.shop.master(), story.shop.delivered()

    def unchanged(at: str) -> None:
        outcome = story.run("noon", moment(at))
        assert outcome.published == []
        assert not {"pair_waits", "pair_incomplete"} & set(codes(outcome))
        assert story.shop.master() == master
        assert story.shop.delivered() == sent
        assert story.there() == []

    story.export(moment("11:30"), *ORDERS, name="again")
    unchanged("12:01")
    story.export(moment("11:30"), *reversed(ORDERS), name="shuffled")
    unchanged("12:02")
    # One file in another order, the other the very bytes; then names that do not tell what belongs together.
    story.export(moment("11:30"), *ORDERS[1:], ORDERS[0], halves=("orders",), name="one")
    story.export(moment("11:30"), *ORDERS, halves=("items",), name="one")
    unchanged("12:03")
    story.export(moment("11:30"), *ORDERS[2:], *ORDERS[:2], halves=("orders",), name="left")
    story.export(moment("11:30"), *ORDERS[3:], *ORDERS[:3], halves=("items",), name="right")
    unchanged("12:04")
    story.export(moment("11:30"), *ORDERS[4:], *ORDERS[:4], halves=("orders",), name="new")
    story.export(moment("11:30"), *ORDERS, halves=("items",), name="known")
    unchanged("12:05")


def test_only_the_statuses_moved_so_the_item_file_is_the_same_bytes(story: YahooStory) -> None:
    story.count(moment("08:00"))
    story.export(moment("11:30"), *ORDERS)
    story.run("noon", NOON)
    paid = an_order(3, ("DRIPPER", 1), payment="bank", status="ready")
    story.export(moment("15:00"), *ORDERS[:2], paid, *ORDERS[3:])
    outcome = story.run("noon", moment("15:30"))
    assert "file_known" in codes(outcome)
    assert not {"pair_waits", "pair_incomplete"} & set(codes(outcome))
    assert (numbers([paid])[0], "ready") in {line[:2] for line in story.lines()}
    assert numbers([paid])[0] in {row["order_no"] for row in story.instructed()}


def test_an_order_that_one_file_lacks_is_put_aside_in_the_other_and_the_rest_goes_on(
    either: YahooStory,
) -> None:
    story = either
    story.count(moment("08:00"))
    files = {
        "orders": yahoo.orders(WORLD, [o for o in ORDERS if o is not ORDERS[1]]),
        "items": yahoo.items(WORLD, [o for o in ORDERS if o is not ORDERS[0]]),
    }
    for half, content in files.items():
        story.half(moment("11:30"), half, content)
    outcome = story.run("noon", NOON)
    assert outcome.exit_status == 3
    assert all(proof.holds for proof in outcome.proofs)
    assert {line[0] for line in story.lines()} == set(numbers(ORDERS[2:]))
    rows = story.shop.rows("SELECT flow, line, reason, business_key FROM quarantined_row ORDER BY flow, line")
    assert rows == [
        ("yahoo1-items", 2, "not_in_the_other_file", numbers(ORDERS)[1]),
        ("yahoo1-orders", 2, "not_in_the_other_file", numbers(ORDERS)[0]),
    ]


def test_plan_and_apply_take_the_same_pairs(story: YahooStory) -> None:
    from ecsync.run.apply import apply_plan

    story.count(moment("08:00"))
    story.export(moment("11:30"), *ORDERS)
    plan = story.plan("noon", NOON)
    assert story.lines() == []
    assert story.there() == ["items_11241130.csv", "orders_11241130.csv"]
    apply_plan(story.shop.settings, plan.folder)
    assert len(story.lines()) == 6
    # A new order file beside the very item file of before, and half of another export.
    paid = an_order(3, ("DRIPPER", 1), payment="bank", status="ready")
    story.export(moment("15:00"), *ORDERS[:2], paid, *ORDERS[3:])
    story.export(moment("15:10"), an_order(9, ("TOWEL-L", 1)), halves=("items",))
    plan = story.plan("noon", moment("15:30"), "second")
    assert [out.flow for out in plan.manifest.outputs if out.document == "shipping_instructions"]
    applied = apply_plan(story.shop.settings, plan.folder)
    assert "pair_waits" in codes(applied)
    assert (numbers([paid])[0], "ready") in {line[:2] for line in story.lines()}
    assert story.states()["items_11241510.csv"] == "spooled"
    assert master_rows(story.shop)


def test_files_that_are_only_looked_at_are_paired_too(story: YahooStory, tmp_path: Path) -> None:
    settings = story.shop.settings
    files = {
        f"yahoo1-{half}": tmp_path / f"{half}_{stamp}.csv"
        for half, stamp in (("orders", "1"), ("items", "2"))
    }
    files["yahoo1-orders"].write_bytes(yahoo.orders(WORLD, ORDERS))
    files["yahoo1-items"].write_bytes(yahoo.items(WORLD, ORDERS))
    flows = {name: settings.inbound_flow(name) for name in files}
    for given, found in ((list(files), 1), (["yahoo1-items"], 0)):
        findings, looked = FindingLog(), fresh_files.Looked()
        words = [f"{name}={files[name]}" for name in given]
        fresh = fresh_files.given(settings, words, list(flows.values()))
        with StagingWriter(tmp_path / f"staging{found}", "sqlite") as staging:
            fresh_files.read(settings, fresh, staging, findings, looked)
        assert len(looked.loaded.pairs) == found
        assert len(looked.loaded.files) == 2 * found
        assert [finding.code for finding in findings] == ["pair_waits"] * (1 - found)
