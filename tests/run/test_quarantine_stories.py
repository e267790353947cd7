"""Rows that cannot be used: named, kept as the partner wrote them, mended, and back in with one command."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsync.cli import main
from partner_files.rakuten import COLUMNS
from story_shop import (
    OpenStory,
    Row,
    StoryShop,
    an_order,
    codes,
    cp932_table,
    moment,
    number_of,
    order_file,
    setting,
)

NOON, NIGHT = moment("12:00"), moment("22:00")
ORDERS = [an_order(n, ("TOWEL-L", 1), ("COOKIE-12", 1)) for n in range(1, 9)]
SICK = number_of(ORDERS[1])
Damage = Callable[[Row], Row]


def cell(name: str, value: str) -> Damage:
    """Return a damage of one cell in the first row of the second order."""

    def change(row: Row) -> Row:
        sick = row["注文番号"] == SICK and row["商品管理番号"] == "towel-l"
        return {**row, name: value} if sick else row

    return change


# The damage, and the (column, reason) under which its rows are listed; the order's other row is `incomplete_order`.
DAMAGES: dict[str, tuple[Damage, str, str]] = {
    "a number in words": (cell("個数", "五"), "個数", "not_a_number"),
    "a date in words": (cell("注文日時", "きのう"), "注文日時", "not_a_time"),
    "a status that nobody knows": (cell("ステータス", "301"), "ステータス", "unknown_code"),
    "a number that a spreadsheet rounded": (cell("商品明細ID", "1.23E+12"), "商品明細ID", "excel_scientific"),
    "an empty key": (cell("商品明細ID", ""), "商品明細ID", "required"),
    "a shop that is not ours": (
        lambda row: (
            {**row, "注文番号": row["注文番号"].replace("000001-", "000999-")}
            if row["注文番号"] == SICK
            else row
        ),
        "",
        "unknown_shop",
    ),
    "two totals in one order": (cell("請求金額", "9999"), "", "order_rows_disagree"),
}


def noon_with(story: StoryShop, change: Damage) -> list[tuple[int, str, str]]:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), *ORDERS, change=change)
    outcome = story.run("noon", NOON)
    assert outcome.exit_status == 3
    assert all(proof.holds for proof in outcome.proofs), "rows in = new + ... + quarantined"
    assert SICK not in {r["order_no"] for r in story.instructed()}, "never half an order"
    assert len({r["order_no"] for r in story.instructed()}) == len(ORDERS) - 1
    rows = story.shop.rows("SELECT line, column_name, reason FROM quarantined_row ORDER BY line, row_id")
    return [(int(str(line)), str(column), str(reason)) for line, column, reason in rows]


@pytest.mark.parametrize("kind", DAMAGES)
def test_every_kind_of_reject_is_listed_with_line_column_and_reason(story: StoryShop, kind: str) -> None:
    change, column, reason = DAMAGES[kind]
    found = noon_with(story, change)
    # Each order has two rows of two physical lines (a comment holds a newline): the second order begins in line 6.
    assert {line for line, _column, _reason in found} == {6, 8}, "both rows of the order are put aside"
    first = [(c, r) for line, c, r in found if line == 6]
    assert any(r == reason and (c == column or not column) for c, r in first), found
    (tally,) = story.shop.rows(
        "SELECT rows_in, rows_new, rows_quarantined FROM file_tally t JOIN inbox_file f ON f.file_id = t.file_id "
        "WHERE f.flow = 'rakuten1-orders'"
    )
    assert tally == (16, 14, 2)


def ecsync(story: StoryShop, *words: str) -> int:
    at = ("--as-of", NIGHT.isoformat())
    return main(["--project", str(story.shop.project), "--lang", "en", *at, *words])


def records(content: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content.decode("cp932"), newline="")))


@pytest.mark.parametrize("kind", ["a number in words", "a date in words", "two totals in one order"])
def test_exported_rows_are_the_partner_s_bytes_and_mended_ones_go_back_in(
    story: StoryShop, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    change, _column, _reason = DAMAGES[kind]
    noon_with(story, change)
    out, healthy = tmp_path / "mend.csv", ORDERS[1]
    assert ecsync(story, "quarantine", "export", "--flow", "rakuten1-orders", "--out", str(out)) == 0
    assert out.read_bytes() == order_file([healthy], change=change), "header and records, byte for byte"
    assert out.stat().st_mode & 0o777 == 0o600

    out.write_bytes(order_file([healthy]))
    assert ecsync(story, "quarantine", "retry", str(out), "--flow", "rakuten1-orders") == 0
    outcome = story.run("noon", moment("12:10"))
    assert "rows_quarantined" not in codes(outcome)
    assert "guard_stopped" not in codes(outcome), "a mended file is short by its nature"
    assert [(r["sku"], r["qty"]) for r in story.instructed() if r["order_no"] == SICK] == [
        ("TOWEL-L", "1"),
        ("COOKIE-12", "1"),
    ]
    assert ecsync(story, "quarantine", "list") == 0
    heard = capsys.readouterr()
    assert SICK not in heard.out
    for personal in ("髙橋", "横浜市中区", "090-0000", "buyer2"):
        assert personal not in heard.out + heard.err


def test_the_list_names_the_row_and_nothing_of_the_customer(
    story: StoryShop, capsys: pytest.CaptureFixture[str]
) -> None:
    noon_with(story, DAMAGES["a number in words"][0])
    capsys.readouterr()
    assert ecsync(story, "quarantine", "list", "--flow", "rakuten1-orders") == 0
    out = capsys.readouterr().out
    for word in ("order_20261124_1130.csv", "6", "個数", SICK):
        assert word in out
    for personal in ("髙橋", "タカハシ", "横浜", "090", "example.jp", "五"):
        assert personal not in out


def test_a_mended_file_does_not_overrule_a_newer_state(story: StoryShop, tmp_path: Path) -> None:
    noon_with(story, DAMAGES["a number in words"][0])
    newer = an_order(2, ("TOWEL-L", 1), ("COOKIE-12", 1), status="900")
    story.orders(moment("15:00"), *[newer if o is ORDERS[1] else o for o in ORDERS])
    story.run("noon", moment("15:30"))
    mended = tmp_path / "mended.csv"
    mended.write_bytes(order_file([ORDERS[1]]))
    assert ecsync(story, "quarantine", "retry", str(mended), "--flow", "rakuten1-orders") == 0
    story.run("night", NIGHT)
    assert SICK not in {r["order_no"] for r in story.instructed()}
    assert story.shop.rows(f"SELECT state FROM sales_order WHERE order_no = '{SICK}'") == [("cancelled",)]


def test_rows_of_two_files_mended_in_one_are_each_as_old_as_their_own_file(
    either_story: StoryShop, tmp_path: Path
) -> None:
    story = either_story
    noon_with(story, DAMAGES["a number in words"][0])
    cancelled = an_order(2, ("TOWEL-L", 1), ("COOKIE-12", 1), status="900")
    late = an_order(9, ("TOWEL-L", 1))

    def ninth_is_sick(row: Row) -> Row:
        return {**row, "個数": "九"} if row["注文番号"] == number_of(late) else row

    rest = [cancelled if order is ORDERS[1] else order for order in ORDERS]
    story.orders(moment("15:00"), *rest, late, change=ninth_is_sick)
    story.run("noon", moment("15:30"))
    mended = tmp_path / "mended.csv"
    mended.write_bytes(order_file([ORDERS[1], late]))
    assert ecsync(story, "quarantine", "retry", str(mended), "--flow", "rakuten1-orders") == 0
    outcome = story.run("night", NIGHT)
    assert "order_conflict" not in codes(outcome)
    assert SICK not in {r["order_no"] for r in story.instructed()}
    assert number_of(late) in {r["order_no"] for r in story.instructed()}


def test_a_mended_count_says_nothing_of_the_rest_of_the_shelf(open_story: OpenStory, tmp_path: Path) -> None:
    story = open_story(
        change=setting('stock = "snapshot"', 'stock = "snapshot"\nabsent_in_snapshot = "zero"')
    )
    story.count(moment("08:00"), TOWEL_L=60)
    path = story.shop.partners / "warehouse/out/stock_20261124_0800.csv"
    story.shop.put(
        str(path.relative_to(story.shop.partners)),
        path.read_bytes().replace(b"TOWEL-L,60", b"TOWEL-L,many"),
        moment("08:00"),
    )
    story.orders(moment("11:30"), *ORDERS)
    story.run("noon", NOON)
    mended = tmp_path / "mended.csv"
    mended.write_bytes(b"sku,qty\r\nTOWEL-L,60\r\n")
    assert ecsync(story, "quarantine", "retry", str(mended), "--flow", "main-stock") == 0
    story.run("noon", moment("12:10"))
    assert story.shop.rows("SELECT sku, on_hand FROM stock_balance WHERE on_hand = 0 ORDER BY sku") == [
        ("TRAY-OAK", 0)
    ]
    assert story.shop.rows("SELECT on_hand FROM stock_balance WHERE sku = 'TOWEL-L'") == [(60,)]


def test_a_row_that_is_still_wrong_is_put_aside_again(story: StoryShop, tmp_path: Path) -> None:
    noon_with(story, DAMAGES["a number in words"][0])
    mended = tmp_path / "mended.csv"
    mended.write_bytes(order_file([ORDERS[1]], change=cell("個数", "六")))
    assert ecsync(story, "quarantine", "retry", str(mended), "--flow", "rakuten1-orders") == 0
    outcome = story.run("noon", moment("12:10"))
    assert "rows_quarantined" in codes(outcome)
    standing = story.shop.rows("SELECT COUNT(*) FROM quarantined_row WHERE state = 'open'")
    assert standing == [(2,)]


def test_two_rows_of_one_key_that_differ_are_put_aside_and_equal_ones_count_once(story: StoryShop) -> None:
    rows = list(records(order_file([an_order(1, ("TOWEL-L", 1))])))
    same = records(order_file([an_order(2, ("TOWEL-L", 1))])) * 2
    story.count(moment("08:00"))
    story.order_bytes(moment("11:30"), cp932_table(COLUMNS, [*rows, {**rows[0], "個数": "7"}, *same]))
    outcome = story.run("noon", NOON)
    assert all(proof.holds for proof in outcome.proofs)
    assert [r["order_no"][-1] for r in story.instructed()] == ["2"]
    assert story.shop.rows("SELECT DISTINCT reason FROM quarantined_row") == [("duplicate_key",)]


def test_unknown_flows_and_files_are_answered_with_those_there_are(
    story: StoryShop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noon_with(story, DAMAGES["a number in words"][0])
    assert ecsync(story, "quarantine", "export", "--flow", "rakuten9", "--out", str(tmp_path / "x.csv")) == 2
    assert "rakuten1-orders" in capsys.readouterr().err
    (tmp_path / "there.csv").write_bytes(b"mine")
    assert (
        ecsync(
            story, "quarantine", "export", "--flow", "rakuten1-orders", "--out", str(tmp_path / "there.csv")
        )
        == 2
    )
    assert (tmp_path / "there.csv").read_bytes() == b"mine"
    assert ecsync(story, "quarantine", "retry", str(tmp_path / "gone.csv"), "--flow", "rakuten1-orders") == 2
    assert "gone.csv" in capsys.readouterr().err
    assert ecsync(story, "quarantine", "list", "--flow", "rakuten9") == 2
