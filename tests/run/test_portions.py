"""Files of at most so many rows: in order, nothing twice, nothing lost, and no key parted."""

from __future__ import annotations

from itertools import groupby, pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.run.portions import Portions


def batches_of(keys: list[str], sizes: list[int]) -> list[pa.RecordBatch]:
    """Return the keys, each row numbered, in batches of these sizes; the last takes what is left."""
    table = pa.table(
        {"business_key": pa.array(keys, pa.string()), "row": pa.array(range(len(keys)), pa.int64())}
    )
    cuts = [0]
    for size in sizes:
        cuts.append(min(cuts[-1] + size, len(keys)))
    parts = [table.slice(a, b - a) for a, b in pairwise([*cuts, len(keys)]) if b > a]
    return [batch for part in parts for batch in part.combine_chunks().to_batches()]


def files_of(batches: list[pa.RecordBatch], most: int | None) -> list[list[tuple[str, int]]]:
    portions = Portions(batches)
    files = []
    while portions.more():
        rows = [row for batch in portions.take(most) for row in batch.to_pylist()]
        files.append([(row["business_key"], row["row"]) for row in rows])
    return files


@given(
    st.lists(st.integers(1, 5), max_size=12),
    st.lists(st.integers(1, 7), max_size=6),
    st.none() | st.integers(1, 8),
)
def test_cut_and_put_together_again(lengths: list[int], sizes: list[int], most: int | None) -> None:
    keys = [f"K{number}" for number, length in enumerate(lengths) for _row in range(length)]
    files = files_of(batches_of(keys, sizes), most)
    assert [row for file in files for row in file] == list(zip(keys, range(len(keys)), strict=True))
    told = [{key for key, _row in file} for file in files]
    assert sum(map(len, told)) == len(lengths), "each key in one file"
    for file, later in pairwise([*files, []]):
        assert file
        if most is None:
            assert not later
            continue
        assert len(file) <= most or len({key for key, _row in file}) == 1, "only one long key goes beyond"
        following = [len(list(rows)) for _key, rows in groupby(later, key=lambda row: row[0])]
        assert not following or len(file) + following[0] > most, "no file ends before it must"


@pytest.mark.parametrize("most", [None, 1, 20_000])
def test_no_rows_are_no_file(most: int | None) -> None:
    assert files_of([], most) == []
