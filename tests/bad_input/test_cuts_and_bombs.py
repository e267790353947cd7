"""A file cut at every byte, and files that would blow up: refused, or read to whole rows; soon, in little memory."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from bad_input import damage as to
from bad_input.cases_rest import BOMBS, CUTS
from bad_input.cases_shop import NOON, CasesShop, orders_of_series
from bad_input.conftest import Kept
from bad_input.inbound import HEADINGS, lines_of
from bad_input.noon import command, told_on
from ecsync.errors import FileRefusedError
from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.reader import open_reader

MAPPINGS = {
    "main-events": "warehouse/events",
    "main-stock": "warehouse/stock",
    "main-issued": "yamato_b2/issued",
    "shopify-orders": "shopify/orders",
    "rakuten-orders": "rakuten/orders",
}
LARGE = frozenset({"shopify-orders", "rakuten-orders", "main-issued"})
HUGE_CELL = 100 << 20
SOON = 2.0


def rows_of(path: Path, flow: str) -> list[dict[str, object]] | None:
    """Return the rows that the whole reader makes of a file; None where it refuses it."""
    try:
        reader = open_reader(path, load_inbound(MAPPINGS[flow]))
        batches = list(reader)
    except FileRefusedError:
        return None
    assert not any(batch.rejects for batch in batches), "half a row would be put aside"
    return [row for batch in batches for row in batch.rows.to_pylist()]


@pytest.mark.parametrize(
    "flow", [pytest.param(flow, marks=pytest.mark.slow if flow in LARGE else ()) for flow in MAPPINGS]
)
def test_a_file_cut_at_every_byte_is_refused_or_ends_behind_a_whole_row(
    kept: Kept, tmp_path: Path, flow: str
) -> None:
    good = kept.files[flow]
    if flow == "rakuten-orders":
        good = to.without_rows(2, 3, 4)(good)
    path = tmp_path / "cut.csv"
    path.write_bytes(good)
    whole = rows_of(path, flow)
    assert whole
    taken = 0
    for length in range(len(good)):
        path.write_bytes(good[:length])
        rows = rows_of(path, flow)
        if rows is not None:
            taken += 1
            assert rows == whole[: len(rows)], f"cut after {length} bytes"
            assert good[:length].endswith((b"\n", b"\r", b'"')) or good[length:].strip() == b"", length
    assert taken <= 3 * (len(whole) + 1), "only at the ends of rows"


def test_cut_files_through_the_command(before_noon: CasesShop, kept: Kept) -> None:
    """Cut an order file at a choice of bytes, and events at every so-many-th: each is refused by name."""
    shop = before_noon
    orders = to.without_rows(2, 3, 4)(orders_of_series("rakuten-orders", 1))
    events = kept.files["main-events"]
    cuts = {f"order_cut{n:05}.csv": orders[:n] for n in range(1, len(orders) - 2, 211)}
    shop.shop.partners.joinpath("rakuten/orders").mkdir(exist_ok=True)
    for name, content in cuts.items():
        shop.shop.put(f"rakuten/orders/{name}", content, NOON)
    more = {f"events_cut{n:05}.csv": events[:n] for n in range(1, len(events) - 1, 17)}
    for name, content in more.items():
        shop.shop.put(f"warehouse/out/{name}", content, NOON)
    shop.put("rakuten-orders", kept.files["rakuten-orders"])
    said = command(shop, "ja", "sync", "noon", "--format", "csv", "--as-of", NOON.isoformat())
    assert said.status == CUTS.status
    refused = {line.number for line in lines_of(said.out) if line.what == HEADINGS["refused"][1]}
    assert refused == {name for name, content in {**cuts, **more}.items() if not content.endswith(b"\n")}
    assert shop.shop.rows("SELECT COUNT(*) FROM quarantined_row") == [(0,)]
    assert shop.shop.rows("SELECT COUNT(*) FROM sales_order WHERE order_no LIKE '%10_'") == [(3,)]
    assert told_on(shop, said) == []


# The peak of this program's own memory: that of getrusage begins with the memory of whoever started it.
PEAK = """\
import re, sys
from pathlib import Path
from ecsync.cli import main
status = main(sys.argv[1:])
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(status, int(peak[1]) // 1024, file=sys.stderr)
"""


@pytest.mark.slow
def test_bombs_are_stopped_soon_and_in_little_memory(kept: Kept, tmp_path: Path) -> None:
    def run(name: str, files: dict[str, bytes]) -> tuple[int, int, float, str]:
        shop = kept.before.copy(tmp_path / name)
        for file, content in files.items():
            shop.shop.put(f"rakuten/orders/{file}", content, NOON)
        words = ["--project", str(shop.project), "--lang", "en", "sync", "noon", "--format", "csv"]
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *words, "--as-of", NOON.isoformat()],
            capture_output=True,
            text=True,
            check=True,
        )
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        status, peak = map(int, done.stderr.split()[-2:])
        return (
            status,
            peak,
            (ended.ru_utime + ended.ru_stime) - (began.ru_utime + began.ru_stime),
            done.stdout,
        )

    good = kept.files["rakuten-orders"]
    bombs = {
        "order_gzip.csv": to.gzip_bomb(good),
        "order_zip.csv": to.zip_bomb(good),
        "order_cell.csv": good[:-3] + b"x" * HUGE_CELL,
        "order_line.csv": b"x" * HUGE_CELL,
        "order_columns.csv": to.many_columns(good),
        "order_quotes.csv": b'"' * HUGE_CELL,
    }
    _status, _peak, usual, _said = run("usual", {"order_header.csv": to.header_only(good)})
    status, peak, took, said = run("bombs", bombs)
    assert status == BOMBS.status, said
    assert {line.number for line in lines_of(said) if line.what == HEADINGS["refused"][0]} == set(bombs)
    assert took - usual < SOON, (took, usual)
    assert peak < 300, peak
