"""The laws hold with decisions in between: shuffled files, two databases, a kill, and nobody's name anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecsync.errors import DecisionRefusedError
from face import speaker
from orders.decided_orders import came, decide, known_shop
from orders.staged_orders import row, state
from story_shop import StoryShop, an_order, moment, new_story, number_of

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest

TIMES = ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")
States = list[tuple[list[dict[str, Any]], str]]
Decisions = list[tuple[str, tuple[str, ...]]]


@st.composite
def states_of_an_order(draw: st.DrawFn) -> States:
    """The states that a shop sends of one order after it came in, each later than the one before."""
    return [
        (
            [
                row(
                    ship_address=draw(st.sampled_from(["千代田1-1", "二番町2-2", "三番町3-3"])),
                    wished_slot=draw(st.sampled_from(["", "am"])),
                    goods=draw(st.sampled_from([1000, 1200])),
                    checking_flag=draw(st.integers(0, 1)),
                    sku_code=draw(st.sampled_from(["SKU-A", "SKU-Z"])),
                    order_status=draw(st.sampled_from(["ready", "ready", "cancel_pending"])),
                )
            ],
            as_of,
        )
        for as_of in TIMES[1:]
    ]


DECISIONS: st.SearchStrategy[Decisions] = st.lists(
    st.sampled_from(
        [
            ("amend", ("address=東京都港区芝公園4-2-8",)),
            ("amend", ("wished_slot=14-16",)),
            ("amend", ("sku=SKU-B",)),
            ("hold", ()),
            ("cancel", ()),
        ]
    ),
    min_size=1,
    max_size=3,
)


def play(master: MasterUnderTest, decisions: Decisions, files: States) -> None:
    """Let an order come in, decide, and let the later files come in as given, each in a run of its own."""
    came(known_shop(master), ([row()], TIMES[0]))
    for kind, pairs in decisions:
        try:
            decide(master, kind, *pairs)
        except DecisionRefusedError:
            continue
    for number, file in enumerate(files, start=2):
        came(master, file, run_id=number, now=TIMES[3])


# What is history: which states passed by, and when, is not the same where they came in another order.
HISTORY = {"order_revision", "order_change", "order_hold", "payment_event"}


def standing(master: MasterUnderTest) -> dict[str, str]:
    """Return the fingerprint of what now is, without the revisions that led there."""
    return {
        table: found
        for table, found in state(master, without=["sales_order.revision"]).items()
        if table not in HISTORY
    }


@pytest.mark.parametrize(
    "master", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)], indirect=True
)
def test_whatever_was_decided_files_in_any_order_and_again_leave_one_master(master: MasterUnderTest) -> None:
    few = settings(
        max_examples=6 if master.dialect == "sqlite" else 2,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )

    def law(decisions: Decisions, states: States, data: st.DataObject) -> None:
        master.wipe()
        play(master, decisions, states)
        expected = standing(master)
        whole = state(master)
        again = data.draw(st.permutations(states))
        assert came(master, *again, run_id=8, now=TIMES[3]).changes == 0
        assert state(master) == whole, "what came once changes nothing when it comes again"

        master.wipe()
        play(master, decisions, data.draw(st.permutations(states)))
        assert standing(master) == expected, "the newest state counts, whichever came first"

    few(given(decisions=DECISIONS, states=states_of_an_order(), data=st.data())(law))()


def test_both_databases_decide_alike(both_masters: tuple[MasterUnderTest, MasterUnderTest]) -> None:
    decisions: Decisions = [("amend", ("address=東京都港区芝公園4-2-8", "sku=SKU-B")), ("hold", ())]
    changed = [row(ship_address="三番町3-3", points=5, checking_flag=1)]
    for master in both_masters:
        play(master, decisions, [(changed, TIMES[1])])
        decide(master, "take_mall")
        decide(master, "release", reason="staff_hold")
    sqlite, postgres = both_masters
    assert state(sqlite) == state(postgres)


# The points: before and after the lock's row, before and after the commit.
@pytest.mark.parametrize("point", [pytest.param(3, marks=pytest.mark.long), 4])
def test_a_kill_leaves_a_decision_made_or_not_made_and_the_same_command_ends_it(
    tmp_path: Path, point: int
) -> None:
    story = new_story(tmp_path).open_up()
    story.count(moment("08:00"))
    order = an_order(1, ("TOWEL-L", 1), checking="1")
    story.orders(moment("11:30"), order)
    story.run("noon", moment("12:00"))
    words = ["orders", "decide", "cancel", number_of(order), "--by", "佐藤", "--note", "電話"]
    command = [sys.executable, "-m", "ecsync", "--project", str(story.shop.project), *words]
    environment = {**os.environ, "ECSYNC_FAULT": f"kill:{point}"}
    killed = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    made = [row[0] for row in story.shop.rows("SELECT state FROM sales_order")]
    kept = list(story.shop.rows("SELECT kind, state FROM staff_decision"))
    assert (made, kept) in ((["open"], []), (["cancelled"], [("cancel", "active")]))
    assert (point == 4) is bool(kept), "the last point is after the commit"
    if not kept:
        subprocess.run(command, capture_output=True, check=True)
    assert list(story.shop.rows("SELECT kind, state FROM staff_decision")) == [("cancel", "active")]
    assert list(story.shop.rows("SELECT value FROM counter WHERE name = 'staff_decision'")) == [(1,)]


CANARIES = ("金糸雀", "止り木町", "090-0000-7071", "9999876")


def said_with_canaries(story: StoryShop, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Decide with personal values in every place where a person may type one, right or wrong."""
    ecsync = speaker(capsys, story.shop.project)
    number = number_of(an_order(1))
    who = ("--by", "佐藤", "--note", "金糸雀様に電話 090-0000-7071", "--as-of", moment("13:00").isoformat())
    address = "東京都港区止り木町1-2-3"
    commands: list[tuple[str, ...]] = [
        ("orders", "amend", number, f"address={address}", "name=金糸雀", "phone=090-0000-7071", *who),
        ("orders", "amend", number, f"address={address}", *who, "--dry-run", "--json"),
        ("orders", "amend", number, f"住所:{address}", *who),
        ("orders", "amend", f"address {address}", *who),
        ("orders", "amend", number, f"{address}=住所", *who),
        ("orders", "amend", number, "postcode=9999876x", "name=金糸雀", *who),
        ("orders", "amend", number, f"sku={address}", *who),
        ("orders", "amend", number, "wished_date=金糸雀", *who),
        ("orders", "release", "金糸雀", *who),
        ("orders", "release", number, "--reason", "mall_checking", *who),
        ("orders", "decide", "hold", number, *who),
        ("orders", "held", "--json"),
        ("orders", "held", "--format", "csv"),
        ("worklist", "write", "--json", "--as-of", moment("13:00").isoformat()),
        ("sync", "noon", "--as-of", moment("13:30").isoformat(), "--verbose"),
        ("runs", "show", "2"),
    ]
    said = []
    for words in commands:
        done = ecsync(*words)
        assert done.status != 1, (words, done.err)
        said.append(f"{words} {done.out} {done.err}".partition("(")[0] + done.out + done.err)
    return said


def test_no_personal_value_that_somebody_typed_is_said_or_stands_outside_the_personal_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = new_story(tmp_path).open_up()
    story.count(moment("08:00"), TOWEL_L=0)
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1), checking="1"))
    story.run("noon", moment("12:00"))
    for text in said_with_canaries(story, capsys):
        assert [word for word in CANARIES if word in text] == []
    rows = story.shop.rows
    for table in (
        "staff_decision",
        "order_amendment",
        "order_change",
        "order_revision",
        "finding",
        "parcel_change",
    ):
        told = repr(list(rows(f"SELECT * FROM {table}")))
        assert [word for word in CANARIES if word in told] == [], table
    assert "金糸雀" in repr(list(rows("SELECT note FROM decision_note"))), "they stand where they are erased"
    assert list(rows("SELECT DISTINCT name FROM person WHERE role = 'ship'")) == [("金糸雀",)]
