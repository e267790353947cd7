"""Numbers and times in one stroke: whatever stands in a column, the answer is that of asking for each text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.entities import ENTITIES
from ecsync.mapping.convert import text_reader
from ecsync.mapping.convert_strokes import Numbers, Times
from ecsync.mapping.convert_texts import texts_reader
from ecsync.mapping.converted import assemble
from ecsync.mapping.raw_cells import distinct_texts
from mapping_reading import mapping_of

if TYPE_CHECKING:
    from ecsync.mapping.converted import Converted

ENTITY = ENTITIES["order_lines"]
ODD_NUMBERS = [
    "", " ", "0", "-0", "007", "-12", "1,234", "\uff11\uff12", "\u25b35", "1.00", "1.5", "1E5", "1.2E+11", "abc",
    "-9999", "999999999999", "1000000000000", "0000000000012", "--1", "+3", "\u00a5500", "500\u5186", " 42\u3000",
    "1 2", "\u0661",
]  # fmt: skip
ODD_TIMES = [
    "", "2026-11-20 10:00:00", " 2026-11-20 10:00:00", "2026-02-30 10:00:00", "2024-02-29 23:59:59",
    "2023-02-29 00:00:00", "2026-11-31 00:00:00",
    "2026-13-01 00:00:00", "2026-11-20 24:00:00", "2026-11-20 23:59:60", "1950-06-01 00:00:00",
    "2000-01-01 08:59:59", "2026/11/20 10:00:00", "2026-11-20T10:00:00", "2026-11-20 10:00", "\uff12026-11-20 10:00:00",
    "2026-1-2 3:04:05", "0000-00-00 00:00:00", "2999-12-31 23:59:59", "x",
]  # fmt: skip


def both(column: str, texts: list[str], **words: Any) -> tuple[Converted, Converted]:
    """Return the column as the reader makes it, and as it is when every text is asked for."""
    mapping = mapping_of({column: {"from": "h", **words}}, unfixed=[-9999])
    source, target = mapping.columns[column], ENTITY.by_name[column]
    distinct = distinct_texts(pa.array(texts, pa.string()))
    read = text_reader(source, target, mapping)
    return texts_reader(source, target, mapping)(distinct), assemble(
        [read(text) for text in distinct.texts], distinct.codes, target
    )


def facts(column: Converted) -> tuple[Any, ...]:
    faults = sorted((str(f.refusal.reason), dict(f.refusal.params), f.rows.tolist()) for f in column.faults)
    unfixed = None if column.unfixed is None else column.unfixed.tolist()
    offsets = None if column.offsets is None else column.offsets.to_pylist()
    return column.values.to_pylist(), faults, unfixed, offsets


numbers = st.one_of(
    st.integers(-(10**13), 10**13).map(str),
    st.sampled_from(ODD_NUMBERS),
    st.text("0123456789-,. ", max_size=8),
)


@pytest.mark.parametrize(
    ("column", "words"),
    [("goods", {}), ("goods", {"unsigned": True}), ("goods", {"required": True}), ("qty", {})],
)
@given(texts=st.lists(numbers, min_size=1, max_size=30))
def test_numbers_are_those_of_asking_each(column: str, words: dict[str, Any], texts: list[str]) -> None:
    quick, asked = both(column, texts, **words)
    assert facts(quick) == facts(asked)


def test_every_odd_number_among_plain_ones() -> None:
    quick, asked = both("goods", [*ODD_NUMBERS, "1", "22", "333"])
    assert facts(quick) == facts(asked)


plain_times = st.datetimes().map(lambda at: f"{at.year:04d}-{at:%m-%d %H:%M:%S}")
FORMATS = [
    ["%Y-%m-%d %H:%M:%S"],
    ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M"],
    ["%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S"],
    ["%m/%d/%Y %H:%M"],
]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "Europe/Berlin"])
@pytest.mark.parametrize("formats", FORMATS)
@given(texts=st.lists(st.one_of(plain_times, st.sampled_from(ODD_TIMES)), min_size=1, max_size=20))
def test_times_are_those_of_asking_each(zone: str, formats: list[str], texts: list[str]) -> None:
    quick, asked = both("ordered_at", texts, formats=formats, zone=zone)
    assert facts(quick) == facts(asked)


def test_a_day_that_does_not_exist_spoils_only_itself() -> None:
    texts = ["2026-11-20 10:00:00", "2026-02-30 10:00:00", "2026-01-31 00:00:00"]
    quick, asked = both("ordered_at", texts, formats=FORMATS[0])
    assert facts(quick) == facts(asked)
    assert quick.values.to_pylist() == ["2026-11-20T01:00:00Z", "", "2026-01-30T15:00:00Z"]
    assert [fault.rows.tolist() for fault in quick.faults] == [[1]]


@pytest.mark.parametrize(
    ("column", "words", "kind"),
    [
        ("goods", {}, Numbers),
        ("qty", {}, Numbers),
        ("ordered_at", {"formats": FORMATS[0]}, Times),
    ],
)
def test_the_stroke_is_used_where_it_can_be(column: str, words: dict[str, Any], kind: type) -> None:
    mapping = mapping_of({column: {"from": "h", **words}}, unfixed=[-9999])
    assert isinstance(texts_reader(mapping.columns[column], ENTITY.by_name[column], mapping), kind)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("goods", {"empty": ["-"]}),
        ("ordered_at", {"formats": ["%d.%m.%Y"]}),
        ("ordered_at", {"formats": FORMATS[0], "zone": "Europe/Berlin"}),
    ],
)
def test_what_needs_a_look_at_each_gets_it(column: str, words: dict[str, Any]) -> None:
    mapping = mapping_of({column: {"from": "h", **words}}, unfixed=[-9999])
    reader = texts_reader(mapping.columns[column], ENTITY.by_name[column], mapping)
    assert not isinstance(reader, (Numbers, Times))
