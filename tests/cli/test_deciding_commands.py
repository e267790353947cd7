"""`orders` and `worklist` as they are typed: what they say, and how they end."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from ecsync.locale import speaking
from ecsync.master import lock as locks
from ecsync.master.engine import open_engine
from face import Ecsync
from story_shop import StoryShop, an_order, moment, number_of

ONE = ("--as-of", moment("13:00").isoformat())
WHO = ("--by", "佐藤", "--note", "電話で確認")
ORDER = number_of(an_order(1))


@pytest.fixture
def held(story: StoryShop) -> StoryShop:
    """A shop with one order that the mall checks, and one that waits for money."""
    story.count(moment("08:00"))
    unpaid = an_order(2, ("TOWEL-L", 1), status="100", payment="銀行振込")
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1), checking="1"), unpaid)
    story.run("noon", moment("12:00"))
    return story


@pytest.mark.usefixtures("held")
def test_held_lists_what_waits_why_what_to_do_and_by_when(ecsync: Ecsync) -> None:
    told = ecsync("orders", "held", *ONE, lang="ja")
    assert told.status == 0
    for word in (
        ORDER,
        "要確認",
        "モールが受注を確認中です",
        "「出荷する」",
        "11/25(水) 12:30",
        "入金待ち",
        "mall_checking",
    ):
        assert word in told.out
    rows = ecsync("orders", "held", "--json", *ONE).data
    assert [(row["reason"], row["by"], row["decisions"]) for row in rows] == [
        ("mall_checking", "2026-11-25T12:30:00+09:00", ["release", "amend", "hold", "cancel"]),
        ("money", "", ["hold", "cancel"]),
    ]
    for words, count in (
        (("--desk", "orders"), 2), (("--desk", "shipping"), 0), (("--channel", "rakuten1"), 2),
        (("--reason", "money"), 1),
    ):  # fmt: skip
        assert len(ecsync("orders", "held", "--json", *words, *ONE).data) == count
    other = ecsync("orders", "held", "--reason", "bad_address", *ONE)
    assert "there is: mall_checking, money" in other.err


def test_a_dry_run_says_what_would_change_and_keeps_nothing(held: StoryShop, ecsync: Ecsync) -> None:
    before = held.shop.master()
    for words in (("release", ORDER), ("decide", "cancel", ORDER), ("amend", ORDER, "wished_slot=午前中")):
        done = ecsync("orders", *words, *WHO, *ONE, "--dry-run")
        assert done.status == 0
        assert done.out.startswith(f"rakuten1 {ORDER}: ")
        assert "nothing was kept" in done.err
    assert held.shop.master() == before


@pytest.mark.usefixtures("held")
def test_what_was_changed_is_said_with_values_that_are_nobodys(ecsync: Ecsync) -> None:
    done = ecsync("orders", "amend", ORDER, "wished_slot=午前中", "name=架空 次郎", *WHO, *ONE)
    assert "corrected: delivery time (dest:" in done.out
    assert "- → am" in done.out
    assert "corrected: receiver (dest:" in done.out
    assert "次郎" not in done.out + done.err
    assert "nothing changes" in ecsync("orders", "amend", ORDER, "wished_slot=am", *WHO, *ONE).out


# What is typed, how it ends, and what is said.
ENDS: list[tuple[tuple[str, ...], int, str]] = [
    (("orders", "release", ORDER, "--by", "", "--note", "x"), 2, "say who decides"),
    (("orders", "release", ORDER, "--by", "佐藤"), 2, ""),
    (("orders", "release", "999", *WHO), 2, "orders of: rakuten1"),
    (("orders", "amend", ORDER, *WHO), 2, "say what is to be corrected"),
    (("orders", "amend", ORDER, "qty=2", *WHO), 2, "changes what the customer pays"),
    (("orders", "decide", "release", ORDER, *WHO), 2, "is a command of its own"),
    (("orders", "decide", "ponder", ORDER, *WHO), 2, "there are: release, amend, keep_ours"),
    (("orders", "held", "--desk", "garden"), 2, "there are: orders, shipping, stock, accounting"),
    (("orders", "held", "--channel", "garden"), 2, "there are: rakuten1"),
    (("worklist", "write", "--desk", "garden"), 2, "there are: orders, shipping, stock, accounting"),
    (("worklist", "apply", "nowhere.xlsx"), 2, ""),
    (("orders", "release", ORDER, "--reason", "bad_address", *WHO), 14, "it is held for: mall_checking"),
    (("orders", "amend", ORDER, "postcode=1", *WHO), 14, "not a postcode"),
    (("orders", "decide", "recall", ORDER, *WHO), 14, "was told of no parcel"),
    (("orders", "decide", "reopen", ORDER, *WHO), 14, "it is open"),
]  # fmt: skip


def test_what_is_not_there_or_not_possible_ends_with_a_status_and_what_there_is(
    held: StoryShop, ecsync: Ecsync
) -> None:
    before = held.shop.master()
    for words, status, said in ENDS:
        done = ecsync(*words, *ONE)
        assert (done.status, said in done.err) == (status, True), (words, done.err)
    assert held.shop.master() == before


def test_a_run_at_work_is_not_disturbed(held: StoryShop, ecsync: Ecsync) -> None:
    settings = held.shop.settings
    engine = open_engine(settings)
    with locks.run_lock(settings, engine, owner="noon", now="2026-11-24T03:00:00Z"):
        for words in (("orders", "release", ORDER, *WHO), ("orders", "decide", "hold", ORDER, *WHO)):
            assert ecsync(*words, *ONE).status == 11
        assert ecsync("orders", "held", *ONE).status == 0, "who only reads waits for nobody"
    engine.dispose()


def test_a_master_that_forgot_what_it_told_takes_no_decision(held: StoryShop, ecsync: Ecsync) -> None:
    backup = held.shop.root / "backup.db"
    assert ecsync("db", "backup", "--out", str(backup)).status == 0
    assert ecsync("orders", "release", ORDER, *WHO, *ONE).status == 0
    assert ecsync("sync", "noon", "--as-of", moment("13:30").isoformat()).status == 0
    assert ecsync("db", "restore", str(backup)).status == 0
    assert ecsync("orders", "decide", "cancel", ORDER, *WHO, *ONE).status == 16
    assert ecsync("outbox", "reconcile").status == 0
    assert ecsync("orders", "release", ORDER, *WHO, *ONE).status == 0, "lost with the backup, and made again"
    assert ecsync("sync", "noon", "--as-of", moment("14:00").isoformat()).status == 0
    assert len(held.instructed()) == 1


def test_a_work_list_goes_out_and_comes_back(held: StoryShop, ecsync: Ecsync, tmp_path: Path) -> None:
    written = ecsync("worklist", "write", "--out", str(tmp_path / "lists"), "--json", *ONE).data
    assert [(made["desk"], made["rows"]) for made in written] == [
        ("orders", 1), ("shipping", 0), ("stock", 0), ("accounting", 0),
    ]  # fmt: skip
    path = Path(written[0]["path"])
    assert ecsync("worklist", "apply", str(path), *ONE).status == 0, "left blank"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    with speaking("ja"):
        titles = [cell.value for cell in sheet[4]]
    sheet.cell(5, titles.index("判断") + 1).value = "出荷する"
    book.save(path)
    refused = ecsync("worklist", "apply", str(path), *ONE, lang="ja")
    assert refused.status == 14
    assert "「担当」が空欄です" in refused.out
    dry = ecsync("worklist", "apply", str(path), "--by", "佐藤", "--dry-run", "--json", *ONE)
    assert (dry.status, dry.data["applied"], dry.data["kept"]) == (0, 1, False)
    done = ecsync("worklist", "apply", str(path), "--by", "佐藤", *ONE)
    assert done.status == 0
    assert "1 taken, 0 known already, 0 left blank, 0 refused" in done.err
    held.run("noon", moment("13:30"))
    assert [line["order_no"] for line in held.instructed()] == [ORDER]
    assert "1 known already" in ecsync("worklist", "apply", str(path), "--by", "佐藤", *ONE).err
