"""Texts that stand in a file as they are: the quick way writes what the slow way writes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.mapping.cell_text import CellFormat, TextRules
from ecsync.mapping.model_file import OutboundFile
from ecsync.mapping.model_out import ValueColumn

FILES: list[dict[str, Any]] = [
    {"encoding": encoding, "quote": quote, **more}
    for encoding in ("utf-8", "utf-8-sig", "cp932", "utf-16")
    for quote in ("all", "minimal", "none")
    for more in (
        {},
        {"delimiter": "\t"},
        {"replace": {"a": "b"}},
        {"replace": {"〜": "-"}},
        {"characters": "jis"},
    )
]
SIGNS = 'abc019 ,;\t"\r\n\\~|-〜～①髙か゚\u3099\u0000\u007f\u0085\u00a0🍵'
TEXTS = st.text(st.one_of(st.sampled_from(SIGNS), st.characters(codec="utf-8")))


@pytest.mark.parametrize("words", FILES, ids=str)
@given(texts=st.lists(TEXTS, max_size=12), limit=st.sampled_from([None, 1, 5]))
def test_what_is_written_as_it_is_is_what_the_rules_would_write(
    words: dict[str, Any], texts: list[str], limit: int | None
) -> None:
    cells = CellFormat(OutboundFile.model_validate({"name": "x.csv", **words}))
    rules = TextRules(ValueColumn(value="x", max_bytes=limit), None, cells)
    values = pa.array(texts, pa.string())
    plain = cells.is_written_as_it_is(values, limit)
    for text, quick, as_it_is in zip(texts, cells.quoted(values).to_pylist(), plain, strict=True):
        if as_it_is:
            assert rules.render(text, text, "") == (quick, None, (), False)


@pytest.mark.parametrize(
    ("encoding", "text"), [("utf-8", "見本の品 12"), ("cp932", "item-12\\~|"), ("utf-8-sig", "x")]
)
def test_the_quick_way_is_taken_for_what_files_are_full_of(encoding: str, text: str) -> None:
    cells = CellFormat(OutboundFile.model_validate({"name": "x.csv", "encoding": encoding}))
    assert cells.is_written_as_it_is(pa.array([text]), None).tolist() == [True]
    assert cells.is_written_as_it_is(pa.array([text]), 0).tolist() == [False]
