"""Shopify's orders export, written as the shop writes it: what each order, line and cell comes to."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ecsync.mapping.catalogue import load_inbound
from mapping_reading import Read
from partner_files.shopify import COLUMNS, GIFT_CARD, OLD_COLUMNS, Line, Order, order_rows, orders_file, table

if TYPE_CHECKING:
    from pathlib import Path

MUG = Line("MUG-WHITE", "波佐見焼マグカップ - 白", 1650)
COOKIE = Line("COOKIE-12", "米粉クッキー 12枚", 1080, 2, rate=8)
MIXED = Order(1001, [MUG, COOKIE], discount=200, code="WELCOME")


def read(folder: Path, content: bytes) -> Read:
    path = folder / "orders_export_1.csv"
    path.write_bytes(content)
    return Read(path, load_inbound("shopify/orders"))


def rows(folder: Path, *orders: Order, **form: Any) -> list[dict[str, Any]]:
    found = read(folder, orders_file(orders, **form))
    assert found.rejects == []
    assert found.reader.unknown_columns == ()
    return found.rows


def without_lines(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows without where they stand, in an order of their own."""
    plain = [{name: value for name, value in row.items() if name != "src_line"} for row in found]
    return sorted(plain, key=lambda row: (row["order_no"], row["line_id"]))


@pytest.mark.parametrize("money", ["{}", "{}.0", "{}.00"])
@pytest.mark.parametrize("repeat", [False, True])
@pytest.mark.parametrize("columns", [COLUMNS, OLD_COLUMNS], ids=["79", "73"])
def test_every_layout_says_the_same(
    columns: tuple[str, ...], repeat: bool, money: str, tmp_path: Path
) -> None:
    orders = [MIXED, Order(1002, [MUG, GIFT_CARD], person="吉﨑", attributes={"お届け希望日": "2026-11-27"})]
    plain = without_lines(rows(tmp_path, *orders))
    assert without_lines(rows(tmp_path, *orders, columns=columns, repeat=repeat, money=money)) == plain


def test_neither_the_order_of_orders_nor_of_their_lines_shows(tmp_path: Path) -> None:
    orders = [MIXED, Order(1002, [COOKIE, COOKIE, replace(COOKIE, qty=5)]), Order(1003, [GIFT_CARD, MUG])]
    plain = without_lines(rows(tmp_path, *orders))
    for seed in range(5):
        dice = random.Random(seed)  # noqa: S311  (a shuffle)
        shuffled = [replace(order, lines=dice.sample(order.lines, len(order.lines))) for order in orders]
        dice.shuffle(shuffled)
        written = [row for order in shuffled for row in order_rows(order)]
        assert without_lines(read(tmp_path, table(COLUMNS, written)).rows) == plain


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"financial": "paid"}, "ready"),
        ({"financial": "authorized"}, "ready"),
        ({"financial": "pending"}, "awaiting_confirmation"),
        ({"financial": "partially_paid"}, "awaiting_confirmation"),
        ({"financial": "expired"}, "awaiting_confirmation"),
        ({"financial": "pending", "payment": "代金引換"}, "ready"),
        ({"financial": "pending", "payment": "Cash on Delivery (COD)"}, "ready"),
        ({"financial": "pending", "payment": "銀行振込"}, "awaiting_confirmation"),
        ({"financial": "partially_refunded"}, "refunded"),
        ({"financial": "refunded"}, "refunded"),
        ({"financial": "voided"}, "refunded"),
        ({"fulfillment": "partial"}, "ready"),
        ({"fulfillment": "fulfilled"}, "shipped"),
        ({"fulfillment": "fulfilled", "financial": "refunded"}, "shipped"),
        ({"cancelled": "2026-11-24 09:00:00"}, "cancelled"),
        ({"cancelled": "2026-11-24 09:00:00", "financial": "voided"}, "cancelled"),
        (
            {"cancelled": "2026-11-24 09:00:00", "financial": "refunded", "fulfillment": "fulfilled"},
            "cancelled",
        ),
        ({"cancelled": "2026-11-24 09:00:00", "financial": "pending", "payment": "代金引換"}, "cancelled"),
    ],
)
def test_what_the_two_statuses_and_a_cancellation_come_to(
    facts: dict[str, str], status: str, tmp_path: Path
) -> None:
    found = rows(tmp_path, replace(MIXED, **facts))
    assert {row["order_status"] for row in found} == {status}


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"Financial Status": "on_hold"}, "Financial Status", "unknown_code"),
        ({"Payment Method": "代金引換 + Gift Card"}, "Payment Method", "unknown_code"),
        ({"Total": "4160.50"}, "Total", "fraction"),
        ({"Lineitem price": "1,6"}, "Lineitem price", "not_a_number"),
        (
            {"Shipping Province": "JP-48"},
            "Shipping Province + Shipping Province Name / Shipping Province",
            "unknown_code",
        ),
        ({"Shipping Zip": "2310"}, "Shipping Zip", "not_a_postcode"),
        ({"Note Attributes": "お届け希望時間帯: 真夜中"}, "Note Attributes", "unknown_code"),
        ({"Created at": "2026-11-24"}, "Created at", "not_a_time"),
    ],
)
def test_what_cannot_be_read_puts_the_order_aside(
    change: dict[str, str], column: str, reason: str, tmp_path: Path
) -> None:
    written = order_rows(replace(MIXED, lines=[MUG], discount=0))
    found = read(tmp_path, table(COLUMNS, [row | change for row in written]))
    assert (column, reason) in [(reject.column, reject.reason) for reject in found.rejects]
    assert found.rows == []


@pytest.mark.parametrize(
    ("lines", "names", "expected"),
    [
        ([MUG], None, [1000]),
        ([COOKIE], ["消費税 8%"], [800]),
        # Postage is taxed at ten percent: two rates in the order, and the product master decides.
        ([COOKIE], None, [None]),
        ([MUG, COOKIE], None, [None, None]),
        ([MUG, GIFT_CARD], None, [1000, 0]),
        ([MUG], [], [None]),
        ([MUG], ["消費税"], [None]),
    ],
)
def test_the_rate_of_a_line(
    lines: list[Line], names: list[str] | None, expected: list[int | None], tmp_path: Path
) -> None:
    order = Order(1001, lines)
    written = order_rows(order)
    if names is not None:
        blank = {f"Tax {place} {word}": "" for place in range(1, 6) for word in ("Name", "Value")}
        written[0] |= blank | {f"Tax {place} Name": name for place, name in enumerate(names, start=1)}
    assert [row["tax_rate"] for row in read(tmp_path, table(COLUMNS, written)).rows] == expected


def test_the_amounts_of_an_order_add_up_before_and_after_its_discount(tmp_path: Path) -> None:
    found = rows(tmp_path, MIXED, Order(1002, [GIFT_CARD], shipping=0))
    amounts = {
        row["order_no"]: [row[name] for name in ("goods", "discount", "shipping", "billed")] for row in found
    }
    assert amounts == {"#1001": [3810, 200, 550, 4160], "#1002": [3000, 0, 0, 3000]}
    assert {row["src_totals_gap"] for row in found} == {0}


def test_a_total_that_does_not_hold_is_told_by_how_much(tmp_path: Path) -> None:
    written = [row | {"Total": "4165"} if "Total" in row else row for row in order_rows(MIXED)]
    assert {row["src_totals_gap"] for row in read(tmp_path, table(COLUMNS, written)).rows} == {5}


def test_times_are_the_shops_own_whatever_its_zone(tmp_path: Path) -> None:
    written = [row | {"Created at": "2026-06-08 23:02:14 +1000"} for row in order_rows(MIXED)]
    found = read(tmp_path, table(COLUMNS, written)).rows
    assert {(row["ordered_at"], row["ordered_at_offset"]) for row in found} == {("2026-06-08T13:02:14Z", 600)}


def test_a_cancelled_order_does_not_cancel_the_one_below_it(tmp_path: Path) -> None:
    gone = replace(MIXED, cancelled="2026-11-24 09:00:00", placed="2026-11-24 09:30:00")
    found = rows(tmp_path, gone, Order(1002, [MUG, COOKIE]))
    assert [(row["order_no"], row["order_status"]) for row in found] == [
        ("#1001", "cancelled"),
        ("#1001", "cancelled"),
        ("#1002", "ready"),
        ("#1002", "ready"),
    ]


def test_two_orders_of_one_name_are_never_mixed(tmp_path: Path) -> None:
    first = Order(1001, [MUG, COOKIE], name="JP-1", cancelled="2026-11-24 09:00:00", notes="一つ目")
    second = Order(1002, [MUG, COOKIE], name="JP-1", person="吉﨑")
    found = read(tmp_path, table(COLUMNS, [*order_rows(first), *order_rows(second)])).rows
    assert [(row["partner_id"][-4:], row["order_status"], row["buyer_comment"]) for row in found] == [
        ("1001", "cancelled", "一つ目"),
        ("1001", "cancelled", "一つ目"),
        ("1002", "ready", ""),
        ("1002", "ready", ""),
    ]
    assert [row["ship_name"] for row in found] == ["高槻 みなと"] * 2 + ["吉﨑 かえで"] * 2


def test_the_builder_writes_the_layout_of_the_real_file() -> None:
    content = orders_file([MIXED, Order(1002, [MUG], attributes={"a": "b", "c": "d"})])
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")
    found = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    assert tuple(found[0]) == COLUMNS
    later = dict(zip(COLUMNS, found[3], strict=True))
    filled = {name for name, cell in later.items() if cell}
    assert filled <= {
        "Name",
        "Email",
        "Created at",
        "Vendor",
        "Phone",
        *(n for n in COLUMNS if "Lineitem" in n),
    }
