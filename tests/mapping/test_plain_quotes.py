"""Files whose quotes are signs like any other: inches in a title close nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecsync.errors import FileRefusedError
from ecsync.mapping.records import fetch_records
from ecsync.mapping.rejects import FileFault
from mapping_reading import Read, mapping_of

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.mapping.model import InboundMapping

TEXT = 'sku\tquantity\tproduct-name\r\n"A\t1\t14" モニター\r\nB\t2\t"青"\r\nC\tx\t"\r\n'


def listings(quote: str = "none") -> InboundMapping:
    return mapping_of(
        {"item_key": {"from": "sku", "as": "key"}, "title": "product-name", "qty": "quantity"},
        entity="channel_listings",
        file={"encoding": "cp932", "delimiter": "\t", "quote": quote},
    )


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "report.txt"
    path.write_bytes(text.encode("cp932"))
    return path


def test_a_quote_is_a_sign_like_any_other(tmp_path: Path) -> None:
    found = Read(written(tmp_path), listings())
    assert [(row["item_key"], row["title"]) for row in found.rows] == [('"A', '14" モニター'), ("B", '"青"')]
    assert [(reject.line, reject.reason) for reject in found.rejects] == [(4, "not_a_number")]


def test_the_row_that_is_put_aside_keeps_its_own_bytes(tmp_path: Path) -> None:
    assert fetch_records(written(tmp_path), listings(), [4]) == {4: b'C\tx\t"\r\n'}


def test_elsewhere_such_a_quote_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError) as refused:
        Read(written(tmp_path), listings("csv"))
    assert refused.value.reason in {FileFault.GLUED_TEXT, FileFault.LONE_QUOTE, FileFault.OPEN_QUOTE}


def test_a_row_without_its_line_end_may_be_cut(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError) as refused:
        Read(written(tmp_path, TEXT.removesuffix("\r\n")), listings())
    assert refused.value.reason == FileFault.NO_FINAL_NEWLINE
