"""The desks' spreadsheets: what they show, what comes back, and what is refused, in the words people read."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ecsync.errors import InputRefusedError, UsageError
from ecsync.locale import speaking
from master_under_test import NOW, MasterUnderTest
from orders.decided_orders import came, decided, known_shop, receiver
from orders.staged_orders import EARLIER, LATER, ORDER, OTHER, open_holds, row, state
from run.filled_lists import Fill, as_csv, fates, fill, hand_in, table, write

on_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
SATO = {"担当": "佐藤"}
KEY = "照合キー(変更しないでください)"
ADDRESS = "東京都港区芝公園4-2-8"
PERSONAL = ("太郎", "花子", "千代田1-1", "0000-0002", "hanako")


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    """A shop with four orders, held for an address, amounts, an unknown SKU and a missing rate."""
    known_shop(master)
    came(
        master,
        (
            [
                row(ORDER, ship_address_ok=0),
                row(OTHER, goods=1200, item_name="=HYPERLINK()"),
                row("0003", sku_code="00123", tax_rate=800, item_name="=cmd|calc"),
                row("0004", sku_code="SKU-Y", tax_rate=None),
            ],
            NOW,
        ),
    )
    return master


@pytest.fixture
def lists(shop: MasterUnderTest, tmp_path: Path) -> dict[str, Path]:
    return write(shop, tmp_path / "lists")


def order_rows(path: Path) -> dict[str, int]:
    """Return the position of each order in a list."""
    return {str(cells["注文番号"]): number for number, cells in enumerate(table(path))}


def filled(path: Path, by_order: dict[str, Fill]) -> Path:
    """Fill the rows of orders in."""
    places = order_rows(path)
    rows: list[Fill] = [{} for _row in places]
    for order_no, cells in by_order.items():
        rows[places[order_no]] = cells
    return fill(path, *rows)


def test_each_desk_gets_its_own_in_japanese(lists: dict[str, Path]) -> None:
    assert {desk: path.name for desk, path in lists.items()} == {
        "orders": "受注_20261124-1300.xlsx",
        "stock": "商品・在庫_20261124-1300.xlsx",
        "accounting": "経理_20261124-1300.xlsx",
    }
    (mismatch,) = [r for r in table(lists["orders"]) if r["注文番号"] == OTHER]
    assert mismatch["期限"] == "11/25(水) 12:30"
    assert mismatch["内容"] == "要確認"
    assert mismatch["理由"] == "金額の内訳と合計が合いません"
    assert "「出荷する」" in mismatch["すること"]
    unknown = {r["注文番号"]: r["理由"] for r in table(lists["stock"])}
    assert unknown["0003"].endswith(": 00123 =cmd|calc")


@on_sqlite
def test_the_file_is_private_made_for_paper_and_holds_no_person(lists: dict[str, Path]) -> None:
    for path in lists.values():
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        with zipfile.ZipFile(path) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
        assert not [word for word in PERSONAL if word in content]
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.freeze_panes == "D5"
        assert sheet.protection.sheet
        key = sheet.max_column
        assert sheet.column_dimensions[openpyxl.utils.get_column_letter(key)].hidden
        assert sheet.cell(5, key).protection.locked
        assert not sheet.cell(5, key - 1).protection.locked
        assert not [cell for cells in sheet.iter_rows() for cell in cells if cell.data_type == "f"]
        assert book.worksheets[1].title == "使い方"


@on_sqlite
def test_the_choices_are_those_that_fit_the_row(lists: dict[str, Path]) -> None:
    sheet = openpyxl.load_workbook(lists["orders"]).worksheets[0]
    offered = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    places = order_rows(lists["orders"])
    assert offered[f"H{5 + places[ORDER]}"] == '"修正する,出荷する,保留にする,キャンセル(出荷しない)"'
    assert offered[f"H{5 + places[OTHER]}"] == '"出荷する,修正する,保留にする,キャンセル(出荷しない)"'


@on_sqlite
def test_persons_are_shown_where_somebody_asks_for_them(shop: MasterUnderTest, tmp_path: Path) -> None:
    lists = write(shop, tmp_path, personal=True)
    (bad,) = [r for r in table(lists["orders"]) if r["注文番号"] == ORDER]
    assert (bad["お届け先氏名"], bad["郵便番号"], bad["住所"]) == (
        "架空 太郎",
        "100-0001",
        "東京都千代田区千代田1-1",
    )
    assert lists["orders"].stat().st_mode & 0o777 == 0o600


@on_sqlite
def test_a_list_that_somebody_may_be_filling_in_is_not_replaced(
    shop: MasterUnderTest, lists: dict[str, Path]
) -> None:
    with pytest.raises(UsageError):
        write(shop, lists["orders"].parent)


def test_a_filled_list_is_taken_whole_and_kept_with_who_and_where(
    shop: MasterUnderTest, lists: dict[str, Path]
) -> None:
    path = filled(
        lists["orders"],
        {
            ORDER: {"判断": "修正する", "修正値": ADDRESS, **SATO, "メモ": "架空様に電話"},
            OTHER: {"判断": "出荷する", **SATO},
        },
    )
    applied = hand_in(shop, path)
    assert (applied.exit_status, fates(applied)) == (0, [("applied", "")] * 2)
    assert receiver(shop, "address") == "港区芝公園4-2-8"
    kept = decided(shop, "order_no", "kind", "decided_by", "source")
    assert sorted(kept) == [
        (ORDER, "amend", "佐藤", "受注_20261124-1300.xlsx"),
        (OTHER, "release", "佐藤", "受注_20261124-1300.xlsx"),
    ]
    rows = dict(decided(shop, "order_no", "source_row"))
    assert rows == {order_no: 5 + place for order_no, place in order_rows(path).items() if order_no in rows}
    came(shop, run_id=2, now=LATER)
    assert open_holds(shop, ORDER) == open_holds(shop, OTHER) == []


def test_handing_it_in_again_changes_nothing(shop: MasterUnderTest, lists: dict[str, Path]) -> None:
    path = filled(
        lists["orders"],
        {
            ORDER: {"判断": "修正する", "修正値": ADDRESS, **SATO},
            OTHER: {"判断": "キャンセル(出荷しない)", **SATO},
        },
    )
    assert hand_in(shop, path).count("applied") == 2
    before = state(shop)
    for again in (path, as_csv(path, "cp932", path.with_name("again.csv"))):
        applied = hand_in(shop, again)
        assert (applied.exit_status, applied.count("unchanged")) == (0, 2)
        assert state(shop) == before


@on_sqlite
@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig", "utf-8"])
def test_csv_of_a_spreadsheet_program_is_taken(
    shop: MasterUnderTest, lists: dict[str, Path], encoding: str
) -> None:
    filled(lists["orders"], {ORDER: {"判断": "修正する", "修正値": f"〒060-0001 {ADDRESS}", **SATO}})
    path = as_csv(lists["orders"], encoding, lists["orders"].with_suffix(".csv"))
    assert hand_in(shop, path).count("applied") == 1
    assert receiver(shop, "postcode") == "0600001"


# (order, cells, what the person reads)
REFUSED: list[tuple[str, Fill, str]] = [
    (OTHER, {"判断": "たぶん出荷", **SATO}, "「判断」に一覧にない言葉が入っています"),
    (OTHER, {"判断": "出荷する"}, "「担当」が空欄です"),
    (OTHER, {"判断": "指示どおり出荷", **SATO}, "「指示どおり出荷」はこの行では選べません。選べるもの: 出荷する"),
    (OTHER, {"判断": "出荷する", "修正値": "123", **SATO}, "修正値は判断が「修正する」のときだけ入力します"),
    (OTHER, {"修正値": "123", **SATO}, "修正値がありますが、判断が空欄です"),
    (OTHER, {"判断": "修正する", "修正値": "090-0000-0009", **SATO}, "どの項目の修正か分かりません。例: 電話番号="),
    (ORDER, {"判断": "修正する", **SATO}, "修正値が空欄です"),
    (ORDER, {"判断": "修正する", "修正値": "港区芝公園4-2-8", **SATO}, "住所: 都道府県名で始まっていません"),
    (ORDER, {"判断": "修正する", "修正値": "郵便番号=600001", **SATO}, "郵便番号: "),
    (OTHER, {"判断": "出荷する", **SATO, "注文番号": ORDER}, "注文番号が行の照合キーと一致しません"),
    (OTHER, {"判断": "出荷する", **SATO, KEY: "ecsync-worklist-1|x"}, "照合キーが変わっています"),
]  # fmt: skip


@on_sqlite
@pytest.mark.parametrize(("order_no", "cells", "words"), REFUSED)
def test_a_row_that_does_not_fit_is_refused_in_words_and_keeps_nothing(
    shop: MasterUnderTest, lists: dict[str, Path], order_no: str, cells: Fill, words: str
) -> None:
    before = state(shop)
    with speaking("ja"):
        applied = hand_in(shop, filled(lists["orders"], {order_no: cells}))
    ((fate, message),) = fates(applied)
    assert (fate, applied.exit_status) == ("refused", 14)
    assert words in message
    assert not [value for value in ("0009", "600001", "芝公園4") if value in message]
    assert state(shop) == before


@on_sqlite
def test_an_unknown_code_is_answered_in_the_list_of_the_stock_desk(
    shop: MasterUnderTest, lists: dict[str, Path]
) -> None:
    path = filled(
        lists["stock"],
        {
            "0003": {"判断": "修正する", "修正値": "SKU-B", **SATO},
            "0004": {"判断": "修正する", "修正値": "SKU-X", **SATO},
        },
    )
    with speaking("ja"):
        applied = hand_in(shop, path)
    assert applied.exit_status == 3, "the one is taken, the other needs a person"
    assert ("refused", "その商品コードはありません。似た商品コード: SKU-A, SKU-B") in fates(applied)
    assert shop.scalar("SELECT sku FROM order_line WHERE order_no = '0003'") == "SKU-B"
    taxed = filled(lists["accounting"], {"0004": {"判断": "修正する", "修正値": 0.1, **SATO}})
    assert hand_in(shop, taxed).count("applied") == 1
    assert shop.scalar("SELECT tax_rate FROM order_line WHERE order_no = '0004'") == 1000


@on_sqlite
def test_an_order_that_moved_is_refused_and_the_rest_is_taken(
    shop: MasterUnderTest, lists: dict[str, Path]
) -> None:
    came(shop, ([row(OTHER, goods=1200, points=5)], LATER), run_id=2, now=LATER)
    path = filled(
        lists["orders"],
        {
            ORDER: {"判断": "修正する", "修正値": ADDRESS, **SATO},
            OTHER: {"判断": "出荷する", **SATO},
        },
    )
    with speaking("ja"):
        applied = hand_in(shop, path)
    assert applied.exit_status == 3
    assert sorted(fates(applied)) == [
        ("applied", ""),
        ("refused", "リスト作成後に注文の状態が変わりました。新しいリストで判断してください"),
    ]


@on_sqlite
def test_what_is_settled_needs_no_decision(shop: MasterUnderTest, lists: dict[str, Path]) -> None:
    came(shop, ([row(OTHER)], LATER), run_id=2, now=LATER)
    with speaking("ja"):
        applied = hand_in(shop, filled(lists["orders"], {OTHER: {"判断": "出荷する", **SATO}}))
    assert fates(applied) == [("refused", "すでに解決したか、注文の状態が進んだため、判断は不要です")]


@on_sqlite
def test_all_or_nothing_keeps_nothing_where_one_row_is_refused(
    shop: MasterUnderTest, lists: dict[str, Path]
) -> None:
    before = state(shop)
    path = filled(
        lists["orders"],
        {ORDER: {"判断": "修正する", "修正値": ADDRESS, **SATO}, OTHER: {"判断": "出荷する"}},
    )
    applied = hand_in(shop, path, all_or_nothing=True)
    assert (applied.kept, applied.exit_status) == (False, 14)
    assert state(shop) == before
    assert hand_in(shop, path, dry=True).count("applied") == 1
    assert state(shop) == before, "a dry run keeps nothing either"
    assert hand_in(shop, path, by="鈴木", all_or_nothing=True).exit_status == 0
    assert {by for (by,) in decided(shop, "decided_by")} == {"佐藤", "鈴木"}


@on_sqlite
def test_a_mind_that_changed_needs_a_new_list(shop: MasterUnderTest, lists: dict[str, Path]) -> None:
    hand_in(shop, filled(lists["orders"], {OTHER: {"判断": "出荷する", **SATO}}))
    with speaking("ja"):
        applied = hand_in(shop, filled(lists["orders"], {OTHER: {"判断": "キャンセル(出荷しない)", **SATO}}))
    assert fates(applied) == [
        ("refused", "このリストですでに「出荷する」と判断済みです。変更は新しいリストで行ってください")
    ]


@on_sqlite
def test_words_of_either_language_and_odd_widths_are_understood(
    shop: MasterUnderTest, lists: dict[str, Path]
) -> None:
    path = filled(
        lists["orders"],
        {ORDER: {"判断": "cancel it", **SATO}, OTHER: {"判断": " ｷｬﾝｾﾙ（出荷しない） ", **SATO}},
    )
    assert hand_in(shop, path).count("applied") == 2


@on_sqlite
def test_visible_cells_may_be_mangled_as_long_as_the_key_stands(
    shop: MasterUnderTest, lists: dict[str, Path]
) -> None:
    path = filled(
        lists["stock"],
        {
            "0003": {"判断": "修正する", "修正値": "SKU-B", "注文番号": 3, **SATO},
            "0004": {"判断": "修正する", "修正値": "SKU-B", "注文番号": "1.23E+15", "理由": None, **SATO},
        },
    )
    assert hand_in(shop, path).count("applied") == 2


def damage(path: Path, kind: str) -> Path:
    """Return a file that is no list any more."""
    target = path.with_name("damaged.xlsx")
    content = path.read_bytes()
    if kind == "cut":
        target.write_bytes(content[: len(content) // 2])
    elif kind == "torn":
        target.write_bytes(content[:2000] + b"\0" * 400 + content[2400:])
    elif kind == "old excel":
        target.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    elif kind == "picture":
        target.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))
    elif kind == "empty":
        target.write_bytes(b"")
    elif kind == "other workbook":
        book = openpyxl.Workbook()
        book.active.append(["注文番号", "判断"])  # type: ignore[union-attr]
        book.save(target)
    elif kind == "no column":
        book = openpyxl.load_workbook(path)
        book.worksheets[0].delete_cols(10)
        book.save(target)
    else:
        stem = {"older": "ecsync-worklist-0|", "foreign": ""}[kind]
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        for number in range(5, sheet.max_row + 1):
            cell = sheet.cell(number, sheet.max_column)
            cell.value = f"{stem}{cell.value}" if stem else foreign_key(str(cell.value))
        book.save(target)
    return target


def foreign_key(key: str) -> str:
    from ecsync.report.worklist_key import _check, _packed

    parts = key.split("|")
    body = "|".join([parts[0], _packed("よその店"), *parts[2:-1]])
    return f"{body}|{_check(body)}"


@on_sqlite
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("cut", "壊れているか、Excel のファイルではありません"),
        ("torn", "壊れているか、Excel のファイルではありません"),
        ("old excel", "古い Excel 形式です"),
        ("picture", "Excel ファイルでも、UTF-8 または Shift_JIS の CSV でもありません"),
        ("empty", "作業リストではないか"),
        ("other workbook", "作業リストではないか"),
        ("no column", "列 担当 がありません"),
        ("older", "別のバージョンで作られたリストです"),
        ("foreign", "よその店 の作業リストです"),
    ],
)
def test_a_file_that_is_no_list_of_ours_is_refused_whole(
    shop: MasterUnderTest, lists: dict[str, Path], kind: str, words: str
) -> None:
    before = state(shop)
    with speaking("ja"), pytest.raises(InputRefusedError) as refused:
        hand_in(shop, damage(lists["orders"], kind))
    assert words in refused.value.message
    assert refused.value.message.startswith("damaged.xlsx を取り込めませんでした。")
    assert refused.value.exit_status == 14
    assert state(shop) == before


@on_sqlite
def test_a_decision_makes_plans_stale_and_an_empty_list_does_not(
    shop: MasterUnderTest, lists: dict[str, Path]
) -> None:
    generation = "SELECT COALESCE(MAX(value), 0) FROM generation"
    before = shop.scalar(generation)
    assert hand_in(shop, lists["orders"]).exit_status == 0
    hand_in(shop, filled(lists["orders"], {OTHER: {"判断": "出荷する"}}))
    assert shop.scalar(generation) == before
    hand_in(shop, filled(lists["orders"], {OTHER: {"判断": "出荷する", **SATO}}))
    assert shop.scalar(generation) == before + 1


@on_sqlite
def test_several_rows_of_one_order_are_judged_by_the_state_of_the_list(
    master: MasterUnderTest, tmp_path: Path
) -> None:
    known_shop(master)
    came(master, ([row(goods=1200, ship_address_ok=0, checking_flag=1)], EARLIER))
    path = write(master, tmp_path)["orders"]
    answers: dict[str, Any] = {
        "住所": {"判断": "修正する", "修正値": ADDRESS, **SATO},
        "金額": {"判断": "出荷する", **SATO},
        "モール": {"判断": "出荷する", **SATO},
    }
    rows = [next(answers[word] for word in answers if word in r["理由"]) for r in table(path)]
    assert hand_in(master, fill(path, *rows)).count("applied") == 3
    came(master, run_id=2, now=LATER)
    assert open_holds(master) == []
