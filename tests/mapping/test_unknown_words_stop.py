"""A word of a partner that nobody knows stops its row, with the list of those that are known."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.golden import samples_folder
from ecsync.mapping.named_settings import with_settings
from ecsync.mapping.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path

CELLS = [
    ("aishipr/orders", "form.csv", "出荷済フラグ", "9"),
    ("aishipr/orders", "form.csv", "支払方法", "物々交換"),
    ("amazon/listings", "japanese.txt", "フルフィルメント・チャンネル", "MOON"),
    ("amazon/orders", "other-settings.txt", "is-buyer-requested-cancellation", "perhaps"),
    ("amazon/orders", "other-settings.txt", "payment-method", "Barter"),
    ("aupay/orders", "84-columns.csv", "cancelStatus", "1"),
    ("aupay/orders", "84-columns.csv", "shipStatus", "2"),
    ("aupay/orders", "added-columns.csv", "itemCancelStatus", "1"),
    ("aupay/orders", "84-columns.csv", "settlementName", "物々交換"),
    ("aupay/orders", "84-columns.csv", "deliveryRequestTime", "夜ふけ"),
    ("base/orders", "35-columns.csv", "発送状況", "返品"),
    ("base/orders", "35-columns.csv", "支払い方法", "物々交換"),
    ("base/orders", "35-columns.csv", "配送時間帯", "2324"),
    ("base/orders", "35-columns.csv", "税率", "2"),
    ("colorme/orders", "62-columns.csv", "入金状態", "一部入金"),
    ("colorme/orders", "62-columns.csv", "決済方法", "物々交換"),
    ("colorme/orders", "62-columns.csv", "配送希望時間", "夜ふけ"),
    ("eccube4/orders", "70-columns.csv", "対応状況(ID)", "12"),
    ("eccube4/orders", "70-columns.csv", "支払方法(名称)", "物々交換"),
    ("eccube4/orders", "70-columns.csv", "お届け時間(名称)", "夜ふけ"),
    ("futureshop/orders", "all-columns.csv", "処理状況区分", "独自の状態"),
    ("futureshop/orders", "all-columns.csv", "発送フラグ", "発送済"),
    ("futureshop/orders", "all-columns.csv", "消費税種類", "軽減"),
    ("makeshop/orders", "template.csv", "処理状況", "保留"),
    ("makeshop/orders", "template.csv", "配送希望時間帯", "夜ふけ"),
    ("qoo10/orders", "45-columns.csv", "配送状態", "キャンセル要請"),
    ("stores/orders", "49-columns.csv", "ステータス", "返品"),
    ("stores/orders", "49-columns.csv", "支払方法", "物々交換"),
]


def with_cell(sample: Path, header: str, text: str, target: Path) -> Path:
    """Write a sample with another text in one column of its first row."""
    encoding, delimiter = "cp932", "\t" if sample.suffix == ".txt" else ","
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    rows = list(
        csv.reader(io.StringIO(sample.read_bytes().decode(encoding)), delimiter=delimiter, quoting=quoting)
    )
    rows[1][rows[0].index(header)] = text
    out = io.StringIO()
    csv.writer(
        out, delimiter=delimiter, quoting=quoting, quotechar=None if delimiter == "\t" else '"'
    ).writerows(rows)
    target.write_bytes(out.getvalue().encode(encoding))
    return target


@pytest.mark.parametrize(("name", "file", "header", "text"), CELLS)
def test_an_unknown_word_stops_its_row(name: str, file: str, header: str, text: str, tmp_path: Path) -> None:
    mapping = with_settings(load_inbound(name), {})
    changed = with_cell(samples_folder(mapping) / file, header, text, tmp_path / file)
    batches = list(open_reader(changed, mapping))
    first = min(
        (reject for batch in batches for reject in batch.rejects if reject.column == header),
        key=lambda one: one.line,
    )
    assert (first.line, first.reason) == (2, "unknown_code")
    assert first.params["known"]
