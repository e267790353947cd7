"""What people type as a correction, what it becomes, and what they are told where it cannot be right."""

from __future__ import annotations

import pytest

from ecsync.errors import DecisionRefusedError, UsageError
from ecsync.locale import speaking
from ecsync.orders.amendable import CORRECTIONS, FIELDS, words_of
from ecsync.orders.corrections import read_cell, read_pairs

ADDRESS = {
    "ship_prefecture": "東京都",
    "ship_city": "",
    "ship_address": "港区芝公園4-2-8",
    "ship_address_ok": "1",
}

READ: list[tuple[str, dict[str, str]]] = [
    ("address=東京都港区芝公園4-2-8", ADDRESS),
    ("住所=東京都 港区芝公園4-2-8", ADDRESS),
    ("address=〒105-0011 東京都港区芝公園4-2-8", {**ADDRESS, "ship_postcode": "1050011"}),
    ("address=〒1050011東京都港区芝公園4-2-8", {**ADDRESS, "ship_postcode": "1050011"}),
    ("address=〒１０５－００１１　東京都港区芝公園4-2-8", {**ADDRESS, "ship_postcode": "1050011"}),
    ("address=東京都港区芝公園四丁目", {**ADDRESS, "ship_address": "港区芝公園四丁目"}),
    ("postcode=060-0001", {"ship_postcode": "0600001"}),
    ("郵便番号=０６０－０００１", {"ship_postcode": "0600001"}),
    ("name= 架空  太郎 ", {"ship_name": "架空 太郎"}),
    ("フリガナ=カクウ タロウ", {"ship_kana": "カクウ タロウ"}),
    ("phone=090 0000 0001", {"ship_phone": "090-0000-0001"}),
    ("phone=9000000001", {"ship_phone": "09000000001"}),
    ("noshi=なし", {"noshi": ""}),
    ("wished_date=2026-12-01", {"wished_date": "2026-12-01"}),
    ("wished_date=2026/12/1", {"wished_date": "2026-12-01"}),
    ("お届け日=2026年12月1日", {"wished_date": "2026-12-01"}),
    ("wished_date=46357", {"wished_date": "2026-12-01"}),
    ("wished_date=指定なし", {"wished_date": ""}),
    ("wished_slot=午前中", {"wished_slot": "am"}),
    ("wished_slot=14時〜16時", {"wished_slot": "14-16"}),
    ("時間帯=14-16", {"wished_slot": "14-16"}),
    ("wished_slot=なし", {"wished_slot": ""}),
    ("delivery_method=メール便", {"delivery_method": "メール便"}),
    ("sku=MUG-WHITE", {"sku": "MUG-WHITE"}),
    ("商品コード=00123", {"sku": "00123"}),
    ("tax_rate=10%", {"tax_rate": "1000"}),
    ("税率=8", {"tax_rate": "800"}),
    ("tax_rate=0.1", {"tax_rate": "1000"}),
    ("tax_rate=0", {"tax_rate": "0"}),
]  # fmt: skip

REFUSED: list[tuple[str, str]] = [
    ("address=", "It is empty"),
    ("address=港区芝公園4-2-8", "It does not begin with a prefecture"),
    ("address=東京都港区芝公園", "It has no house number"),
    ("address=〒12-345 東京都港区芝公園1", "not a postcode of seven digits"),
    ("postcode=600001", "not a postcode of seven digits (for example 060-0001)"),
    ("postcode=6.00E+05", "not a postcode"),
    ("phone=12345", "not a phone number"),
    ("phone=9.00E+10", "A spreadsheet program has changed it"),
    ("name=", "It is empty"),
    ("name=" + "あ" * 201, "longer than the receiver takes"),
    ("wished_date=あした", "not a date"),
    ("wished_date=2026-02-30", "not a date"),
    ("wished_slot=夜中", "not a delivery time"),
    ("tax_rate=5%", "not a tax rate"),
    ("tax_rate=高い", "not a tax rate"),
]


@pytest.mark.parametrize(("pair", "fields"), READ)
def test_a_correction_is_read_as_imports_read_it(pair: str, fields: dict[str, str]) -> None:
    assert dict(read_pairs([pair])) == fields


@pytest.mark.parametrize(("pair", "words"), REFUSED)
def test_what_cannot_be_right_is_refused_without_its_value(pair: str, words: str) -> None:
    with speaking("en"), pytest.raises(DecisionRefusedError) as refused:
        read_pairs([pair])
    assert words in refused.value.message
    value = pair.partition("=")[2]
    assert not value or value not in refused.value.message.partition("(for example")[0]


@pytest.mark.parametrize("field", ["qty", "unit_price", "shipping", "billed"])
def test_what_changes_the_customers_bill_is_changed_at_the_mall(field: str) -> None:
    with speaking("en"), pytest.raises(UsageError, match="changes what the customer pays"):
        read_pairs([f"{field}=1"])


def test_an_unknown_field_says_what_there_is() -> None:
    with (
        speaking("en"),
        pytest.raises(UsageError, match="no such field to correct; there are: address, postcode, name"),
    ):
        read_pairs(["colour=red"])
    with pytest.raises(UsageError):
        read_pairs([])


@pytest.mark.parametrize(
    ("cell", "default", "fields"),
    [
        ("東京都港区芝公園4-2-8", "address", ADDRESS),
        ("MUG-WHITE", "sku", {"sku": "MUG-WHITE"}),
        ("0.08", "tax_rate", {"tax_rate": "800"}),
        ("電話番号=090-0000-0001", "address", {"ship_phone": "090-0000-0001"}),
        ("電話番号：090-0000-0001\n氏名＝架空 太郎", "", {"ship_phone": "090-0000-0001", "ship_name": "架空 太郎"}),
        ("東京都港区芝公園4-2-8; 電話番号=090-0000-0001", "address", {**ADDRESS, "ship_phone": "090-0000-0001"}),
        ("郵便番号=060-0001、お届け日=2026-12-01", "", {"ship_postcode": "0600001", "wished_date": "2026-12-01"}),
    ],
)  # fmt: skip
def test_a_cell_holds_a_bare_value_or_named_ones(cell: str, default: str, fields: dict[str, str]) -> None:
    assert dict(read_cell(cell, default)) == fields


def test_a_bare_value_without_a_field_asks_for_one() -> None:
    with speaking("en"), pytest.raises(DecisionRefusedError, match="say which field"):
        read_cell("090-0000-0001", "")


def test_every_example_is_right_and_every_field_has_its_word() -> None:
    for code, correction in CORRECTIONS.items():
        assert not isinstance(correction.read(correction.example), Exception)
        assert set(dict(read_pairs([f"{code}={correction.example}"]))) <= set(FIELDS)
    assert all(words_of([field]) for field in FIELDS)
