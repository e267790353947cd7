"""What stands inside a cell: a line among others, an apostrophe, a rate in a name, a yes or a no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mapping_reading import Read, order_file, orders

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, column: str, source: Any, *cells: dict[str, str], **words: Any) -> Read:
    """Read one order line per dict of further cells, with one more column."""
    names = {name for each in cells for name in each}
    path = folder / "orders.csv"
    extra = {name: [each.get(name, "") for each in cells] for name in sorted(names)}
    path.write_text(order_file(extra, count=len(cells)), encoding="utf-8")
    return Read(path, orders({column: source}, **words))


NOTE = {
    "from": "備考",
    "entry": ["お届け希望日", "delivery"],
    "formats": ["%Y-%m-%d", "%Y/%m/%d"],
    "empty": ["なし"],
}


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("お届け希望日: 2026-11-27", "2026-11-27"),
        ("gift: yes\nお届け希望日: 2026/11/27\nnoshi: no", "2026-11-27"),
        ("お届け希望日：2026-11-27", "2026-11-27"),
        ("delivery:2026-11-28", "2026-11-28"),
        # The first key that says something, and the first line of it.
        ("delivery: 2026-11-28\nお届け希望日: 2026-11-27", "2026-11-27"),
        ("お届け希望日: \ndelivery: 2026-11-28", "2026-11-28"),
        ("delivery: 2026-11-28\ndelivery: 2026-11-29", "2026-11-28"),
        ("お届け希望日: なし", ""),
        ("お届け希望日について: ご相談", ""),
        ("2026-11-27", ""),
        ("", ""),
    ],
)
def test_a_line_of_a_cell_by_its_key(cell: str, day: str, tmp_path: Path) -> None:
    found = read(tmp_path, "wished_date", NOTE, {"備考": cell})
    assert found.column("wished_date") == [day]


def test_a_line_that_cannot_be_read_puts_the_row_aside(tmp_path: Path) -> None:
    found = read(tmp_path, "wished_date", NOTE, {"備考": "delivery: tomorrow"})
    assert [(reject.column, reject.reason) for reject in found.rejects] == [("備考", "not_a_date")]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("'+819000000101", "09000000101"),
        ("+81 90-0000-0102", "090-0000-0102"),
        ("'09000000103", "09000000103"),
        ("", ""),
    ],
)
def test_the_apostrophe_of_a_spreadsheet_is_no_part_of_a_number(
    cell: str, phone: str, tmp_path: Path
) -> None:
    source = {"from": "連絡先", "drop_leading": "'", "as": "phone"}
    assert read(tmp_path, "buyer_phone", source, {"連絡先": cell}).column("buyer_phone") == [phone]


def test_only_one_is_dropped(tmp_path: Path) -> None:
    source = {"from": "型番", "drop_leading": "'"}
    found = read(tmp_path, "sku_code", source, {"型番": "''7"}, {"型番": "7'"}, {"型番": " '7 "})
    assert found.column("sku_code") == ["'7", "7'", "7"]


RATES = {"only": ["税1", "税2", "税3"], "unit": "named"}


@pytest.mark.parametrize(
    ("cells", "rate"),
    [
        (["消費税 10%"], 1000),
        (["消費税10％"], 1000),
        (["JP CT 8%"], 800),
        (["GB VAT 20%"], 2000),
        (["NJ State Tax 6.625%"], None),
        (["消費税 10%", "消費税 10%"], 1000),
        (["", "", "軽減税率 8%"], 800),
        (["消費税 10%", "軽減税率 8%"], None),
        # A name without a rate: nobody knows which lines it is of.
        (["消費税"], None),
        (["消費税 10%", "消費税"], None),
        ([""], None),
    ],
)
def test_the_only_rate_of_an_order_is_every_lines(cells: list[str], rate: int | None, tmp_path: Path) -> None:
    row = {f"税{place}": cells[place - 1] if place <= len(cells) else "" for place in (1, 2, 3)}
    found = read(tmp_path, "tax_rate", RATES, row)
    if cells == ["NJ State Tax 6.625%"]:
        # No consumption tax, and finer than basis points.
        assert [reject.reason for reject in found.rejects] == ["not_a_rate"]
    else:
        assert found.column("tax_rate") == [rate]


@pytest.mark.parametrize(
    ("cell", "flag"), [("宅配", 1), ("店頭", 1), ("ﾀﾞｳﾝﾛｰﾄﾞ", 0), ("ダウンロード", 0), ("", 0), (" 宅配 ", 1)]
)
def test_a_question_of_yes_or_no(cell: str, flag: int, tmp_path: Path) -> None:
    found = read(tmp_path, "ships_flag", {"from": "種別", "is": ["宅配", "店頭"]}, {"種別": cell})
    assert found.column("ships_flag") == [flag]


@pytest.mark.parametrize(
    ("prefecture", "city", "rest", "plausible"),
    [
        ("JP-13", "渋谷区", "神宮前9丁目8番7号", 1),
        ("東京都", "渋谷区", "神宮前9-8-7", 1),
        ("JP-13", "渋谷区", "神宮前", 0),
        ("NSW", "Exampleville", "9 Example Road", 0),
        ("", "渋谷区", "神宮前9-8-7", 0),
    ],
)
def test_a_code_of_a_prefecture_is_as_good_as_its_name(
    prefecture: str, city: str, rest: str, plausible: int, tmp_path: Path
) -> None:
    source = {"join": ["県", "市", "番地"], "as": "address_check", "map": {"JP-13": "東京都"}}
    cells = {"県": prefecture, "市": city, "番地": rest}
    assert read(tmp_path, "ship_address_ok", source, cells).column("ship_address_ok") == [plausible]
