"""Reading is bounded: memory does not grow with the file, and a file that changes underneath is noticed."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from ecsync.errors import FileRefusedError
from ecsync.mapping import parse
from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.parse import raw_batches
from ecsync.mapping.reader import open_reader
from ecsync.mapping.scan import scan
from mapping_reading import stock

if TYPE_CHECKING:
    from ecsync.mapping.model import InboundMapping

SAMPLE = Path("samples") / "orders" / "158-columns.csv"
HEADER = "商品コード,在庫数\n".encode()


def _orders(path: Path, lines: int) -> InboundMapping:
    """Write a file of 158 columns and about so many lines out of the rows of the sample."""
    mapping = load_inbound("rakuten/orders")
    header, _end, rows = (mapping.path.parent / SAMPLE).read_bytes().partition(b"\n")
    with path.open("wb") as target:
        target.write(header + b"\n")
        for _again in range(max(1, lines // rows.count(b"\n"))):
            target.write(rows)
    return mapping


def test_cells_are_read_at_the_positions_that_were_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_bytes(HEADER + 'Ａ,1\n"B""\n",2\n'.encode())
    file = stock().file
    (batch,) = raw_batches(path, file, scan(path, file), [1])
    assert {at: column.to_pylist() for at, column in batch.columns.items()} == {1: [b"1", b"2"]}
    (batch,) = raw_batches(path, file, scan(path, file), [0, 1, 0])
    assert batch.columns[0].to_pylist() == ["Ａ".encode(), b'B"\n']
    assert batch.lines.tolist() == [2, 3]


def test_an_empty_cell_is_a_text_and_never_null(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_bytes(HEADER + b',""\nNULL,NA\n')
    file = stock().file
    (batch,) = raw_batches(path, file, scan(path, file), [0, 1])
    assert [column.to_pylist() for column in batch.columns.values()] == [[b"", b"NULL"], [b"", b"NA"]]


@pytest.mark.parametrize("after", [b"A,1\nB,2\nC,3\n", b"A,1\n", b"A,1,2\nB,2,3\n", b"", b'"A\n'])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, after: bytes) -> None:
    path = tmp_path / "stock.csv"
    path.write_bytes(HEADER + b"A,1\nB,2\n")
    reader = open_reader(path, stock())
    path.write_bytes(HEADER + after)
    with pytest.raises(FileRefusedError) as caught:
        list(reader)
    assert caught.value.reason == "changed_while_read"


def test_small_blocks_are_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "BLOCK", 1 << 12)
    monkeypatch.setattr(parse, "BATCH_ROWS", 16_384)
    path = tmp_path / "stock.csv"
    path.write_bytes(HEADER + b"".join(b"S%d,%d\n" % (n, n) for n in range(40_000)))
    file = stock().file
    sizes = [len(batch.lines) for batch in raw_batches(path, file, scan(path, file), [0, 1])]
    assert sum(sizes) == 40_000
    assert len(sizes) == 3
    assert min(sizes[:-1]) >= parse.BATCH_ROWS


def test_a_long_record_is_read_in_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_bytes(HEADER + b'"' + b"x" * 3_000_000 + b'",1\nB,2\n')
    rows = [row for batch in open_reader(path, stock()) for row in batch.rows.to_pylist()]
    assert [(len(row["sku"]), row["src_line"]) for row in rows] == [(3_000_000, 2), (1, 3)]


def _peak(path: Path, lines: int) -> tuple[int, int, int]:
    """Return the peaks of Python's and Arrow's memory for a file, and its rows."""
    reader = open_reader(path, _orders(path, lines))
    pool = pa.proxy_memory_pool(pa.default_memory_pool())
    before = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        rows = sum(batch.rows.num_rows + batch.rejected_rows for batch in reader)
        return tracemalloc.get_traced_memory()[1], pool.max_memory(), rows
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Arrow reads 32 blocks ahead; small ones show at a small size that there is an end to it.
    monkeypatch.setattr(parse, "BLOCK", 1 << 16)
    monkeypatch.setattr(parse, "BATCH_ROWS", 500)
    path = tmp_path / "orders.csv"
    _peak(path, 1_000)
    small_python, small_arrow, small_rows = _peak(path, 5_000)
    large_python, large_arrow, large_rows = _peak(path, 20_000)
    assert large_rows > 3.9 * small_rows
    assert large_python < 1.3 * small_python + (2 << 20)
    assert large_arrow < 1.3 * small_arrow + (2 << 20)


MEASURE = """
import resource, sys
from pathlib import Path
from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.reader import open_reader
for batch in open_reader(Path(sys.argv[1]), load_inbound("rakuten/orders")):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.long
@pytest.mark.timeout(600)
def test_ten_times_the_lines_take_no_more_of_the_machine(tmp_path: Path) -> None:
    peaks = []
    for lines in (20_000, 200_000):
        path = tmp_path / f"{lines}.csv"
        _orders(path, lines)
        answer = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
        )
        peaks.append(int(answer.stdout))
    assert peaks[1] < 1.25 * peaks[0]


def test_lines_of_a_plain_file_are_counted_without_a_second_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stock.csv"
    path.write_bytes(HEADER + b"A,1\n" * 10)
    monkeypatch.setattr(parse, "record_lines", None)
    file = stock().file
    lines = np.concatenate([batch.lines for batch in raw_batches(path, file, scan(path, file), [0])])
    assert lines.tolist() == list(range(2, 12))
