"""Yahoo! Shopping's codes and texts, case by case: what the mall writes and what it means for us."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecsync.mapping.catalogue import check_file, load_inbound, load_mapping
from ecsync.mapping.reader import open_reader
from mapping_project import put
from partner_files import yahoo
from partner_files.base import Order
from partner_files.one_shop import WORLD

ORDER = Order("0000000001", "2026-11-24 08:00:00", "髙橋", [("TOWEL-L", 1)])


def read(
    folder: Path, *, columns: list[str] = yahoo.ORDER_COLUMNS, **cells: str
) -> tuple[dict[str, Any], list[str]]:
    """Return what an order with these cells yields, and the columns for which it is put aside."""
    path = folder / "orders.csv"
    path.write_bytes(yahoo.orders(WORLD, [ORDER], columns=columns, change=lambda row: row | cells))
    batches = list(open_reader(path, load_inbound("yahoo/orders")))
    rows = [row for batch in batches for row in batch.rows.to_pylist()]
    return (rows[0] if rows else {}), [reject.column for batch in batches for reject in batch.rejects]


# OrderStatus, PayStatus, ShipStatus, PayMethod, PayDate -> our status, and whether it is held.
STATUSES = [
    ("1", "1", "0", "payment_a1", "", "awaiting_confirmation", 0),
    ("2", "1", "1", "payment_a1", "", "ready", 0),
    ("2", "1", "2", "payment_a17", "", "ready", 0),
    ("2", "1", "0", "payment_a1", "", "processing", 0),
    ("2", "0", "1", "payment_b3", "", "processing", 0),
    ("2", "0", "1", "payment_e7", "", "processing", 0),
    ("2", "0", "1", "payment_d1", "", "ready", 0),
    ("2", "0", "1", "payment_c2", "", "ready", 0),
    ("2", "", "", "payment_b1", "", "processing", 0),
    ("2", "", "", "payment_b1", "0000-00-00", "processing", 0),
    ("2", "", "", "payment_b1", "2026/11/24", "ready", 0),
    ("2", "", "", "payment_a6", "", "processing", 0),
    ("2", "", "", "payment_a1", "", "ready", 0),
    ("3", "1", "1", "payment_a1", "", "ready", 1),
    ("3", "0", "1", "payment_b1", "", "processing", 1),
    ("2", "1", "3", "payment_a1", "", "shipped", 0),
    ("2", "1", "4", "payment_a1", "", "shipped", 0),
    ("5", "1", "3", "payment_a1", "", "settled", 0),
    ("4", "1", "3", "payment_a1", "", "cancelled", 0),
]


@pytest.mark.parametrize(("order", "pay", "ship", "method", "paid_on", "status", "held"), STATUSES)
def test_three_statuses_are_one(
    tmp_path: Path, order: str, pay: str, ship: str, method: str, paid_on: str, status: str, held: int
) -> None:
    cells = {
        "OrderStatus": order,
        "PayStatus": pay,
        "ShipStatus": ship,
        "PayMethod": method,
        "PayDate": paid_on,
    }
    row, aside = read(tmp_path, **cells)
    assert (row["order_status"], row["checking_flag"], aside) == (status, held, [])


@pytest.mark.parametrize(
    "cells", [{"OrderStatus": "9"}, {"PayMethod": "payment_x9"}, {"ShipRequestTime": "夜ふけ"}]
)
def test_a_code_that_nobody_knows_puts_the_order_aside(tmp_path: Path, cells: dict[str, str]) -> None:
    row, aside = read(tmp_path, **cells)
    assert row == {}
    assert aside


METHODS = {
    **{f"payment_b{n}": "bank_transfer" for n in range(1, 7)},
    **{f"payment_e{n}": "other" for n in range(1, 16)},
    **dict.fromkeys(("payment_a8", "payment_a9", "payment_a10", "payment_a11", "payment_a16", "payment_a19"), "wallet"),
    "payment_a1": "card", "payment_a6": "convenience", "payment_a7": "convenience", "payment_a15": "bank_transfer",
    "payment_a17": "wallet", "payment_c1": "bank_transfer", "payment_c2": "postpay", "payment_c3": "other",
    "payment_d1": "cod", "payment_z1": "points",
}  # fmt: skip


def test_every_way_to_pay_is_known_by_its_code() -> None:
    table = load_mapping("yahoo/orders").tables["yahoo/payment_methods"]
    assert table.on() == METHODS


@pytest.mark.parametrize(
    ("method", "combined", "ours"),
    [
        ("payment_a17", "payment_a1", "card"),
        ("payment_a17", "", "wallet"),
        ("payment_a1", "payment_a17", "card"),
    ],
)
def test_of_two_ways_to_pay_paypay_is_the_smaller(
    tmp_path: Path, method: str, combined: str, ours: str
) -> None:
    row, _aside = read(tmp_path, PayMethod=method, CombinedPayMethod=combined, PayMethodName="好きな名前")
    assert row["payment_method"] == ours


# The text of a cell, the column that it fills, and what stands there.
TEXTS = [
    ("OrderTime", "2026-11-24 08:00:01", "ordered_at", "2026-11-23T23:00:01Z"),
    ("OrderTime", "2026/11/24 08:00", "ordered_at", "2026-11-23T23:00:00Z"),
    ("OrderTime", "2026-11-24T08:00:00+09:00", "ordered_at", "2026-11-23T23:00:00Z"),
    ("OrderTime", "20261124080000", "ordered_at", "2026-11-23T23:00:00Z"),
    ("ShipRequestDate", "0000-00-00", "wished_date", ""),
    ("ShipRequestDate", "", "wished_date", ""),
    ("ShipRequestDate", "20261128", "wished_date", "2026-11-28"),
    ("ShipRequestDate", "2026/11/28", "wished_date", "2026-11-28"),
    ("ShipRequestTime", "12:00～14:00", "wished_slot", "12-14"),
    ("ShipRequestTime", "12:00-14:00", "wished_slot", "12-14"),
    ("ShipRequestTime", "12:00~14:00", "wished_slot", "12-14"),
    ("ShipRequestTime", "午前中", "wished_slot", "am"),
    ("ShipRequestTime", "", "wished_slot", ""),
    ("ShipZipCode", "2310005", "ship_postcode", "2310005"),
    ("ShipZipCode", "231-0005", "ship_postcode", "2310005"),
    ("ShipPhoneNumber", "090-0000-0001", "ship_phone", "090-0000-0001"),
    ("ShipPhoneNumber", "+819000000001", "ship_phone", "09000000001"),
    ("ShipName", "", "ship_name", "髙橋 さくら"),
    ("Discount", "-300", "discount", 300),
    ("Discount", "300", "discount", 300),
    ("TotalMallCouponDiscount", "-200", "coupon_mall", 200),
    ("Adjustments", "-50", "adjustment", -50),
    ("PayCharge", "330", "payment_fee", 330),
    ("BillName", "", "buyer_name", "髙橋 さくら"),
]


@pytest.mark.parametrize(("header", "text", "column", "value"), TEXTS)
def test_a_text_is_read(tmp_path: Path, header: str, text: str, column: str, value: str | int) -> None:
    row, aside = read(tmp_path, **{header: text})
    assert aside == []
    assert row[column] == value


def test_the_fee_of_cash_on_delivery_is_its_own(tmp_path: Path) -> None:
    row, _aside = read(tmp_path, PayMethod="payment_d1", PayCharge="330")
    assert (row["cod_fee"], row["payment_fee"]) == (330, 0)


def test_an_export_in_utf_8_is_read_by_the_project_s_own_copies(tmp_path: Path) -> None:
    for half in ("orders", "order_items"):
        text = load_inbound(f"yahoo/{half}").path.read_text(encoding="utf-8")
        path = put(tmp_path, f"yahoo/{half}", text.replace("encoding: cp932", "encoding: utf-8"))
        assert check_file(path, tmp_path) == []
    export = tmp_path / "orders.csv"
    export.write_bytes(yahoo.orders(WORLD, [ORDER], encoding="utf-8"))
    (batch,) = open_reader(export, load_inbound("yahoo/orders", tmp_path))
    assert batch.rows.column("ship_name").to_pylist() == ["髙橋 さくら"]


def test_no_carrier_of_ours_lacks_a_code_and_the_numbers_are_the_mall_s_own() -> None:
    from ecsync.entities.codes import CARRIER

    ours = load_mapping("yahoo/shipping").tables["yahoo/carriers"].on()
    assert set(ours) == set(CARRIER)
    assert {ours["yamato"], ours["sagawa"], ours["japan_post"], ours["seino"]} == {
        "1001",
        "1002",
        "1003",
        "1004",
    }
    assert ours["rakuten_express"] == "1000", "1028 is another carrier there"
