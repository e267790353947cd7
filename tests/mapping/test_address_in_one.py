"""An address in one cell, and a case of `when` whose header may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecsync.errors import FileRefusedError
from mapping_reading import Read, order_file, orders

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {
    "ship_prefecture": {"from": "住所", "as": "prefecture"},
    "ship_address": {"from": "住所", "as": "after_prefecture"},
    "ship_address_ok": {"from": "住所", "as": "address_check"},
}


@pytest.mark.parametrize(
    ("address", "prefecture", "rest", "arrives"),
    [
        ("神奈川県横浜市中区山下町1-2", "神奈川県", "横浜市中区山下町1-2", 1),
        ("東京都　千代田区千代田1-1", "東京都", "千代田区千代田1-1", 1),
        ("京都府京都市中京区", "京都府", "京都市中京区", 0),
        ("横浜市中区山下町1-2", "", "横浜市中区山下町1-2", 0),
        ("北海道", "北海道", "", 0),
        ("", "", "", 0),
    ],
)
def test_an_address_in_one_cell(
    address: str, prefecture: str, rest: str, arrives: int, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(order_file({"住所": [address]}), encoding="utf-8")
    (row,) = Read(path, orders(COLUMNS)).rows
    assert (row["ship_prefecture"], row["ship_address"], row["ship_address_ok"]) == (
        prefecture,
        rest,
        arrives,
    )


@pytest.mark.parametrize(
    ("first", "second", "arrives"),
    [
        ("神奈川県横浜市中区", "山下町1-2", 1),
        ("神奈川県", "横浜市中区山下町1-2", 1),
        ("神奈川県横浜市中区", "山下町", 0),
        ("横浜市中区", "山下町1-2", 0),
    ],
)
def test_a_prefecture_may_lead_the_first_of_several_cells(
    first: str, second: str, arrives: int, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(order_file({"住所１": [first], "住所２": [second]}), encoding="utf-8")
    check = {"ship_address_ok": {"join": ["住所１", "住所２"], "as": "address_check"}}
    assert Read(path, orders(check)).column("ship_address_ok") == [arrives]


QTY: dict[str, Any] = {
    "when": [{"if": {"明細取消": ["Y"]}, "then": {"const": 0}, "optional": True}, {"then": "個数"}]
}


@pytest.mark.parametrize(("extra", "qty"), [({}, 2), ({"明細取消": [""]}, 2), ({"明細取消": ["Y"]}, 0)])
def test_a_case_of_a_newer_column_is_passed_over_where_the_file_is_older(
    extra: dict[str, list[str]], qty: int, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(order_file(extra), encoding="utf-8")
    assert Read(path, orders({"qty": QTY})).column("qty") == [qty]


def test_what_the_other_cases_read_is_still_required(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(order_file().replace("個数", "数量"), encoding="utf-8")
    with pytest.raises(FileRefusedError) as refused:
        Read(path, orders({"qty": QTY}))
    assert "個数" in str(refused.value.params)
