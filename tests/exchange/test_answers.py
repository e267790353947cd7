"""The same rows give the same bytes: whatever they hold, whichever database holds them, in whatever order they come."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ecsync.config import Settings
from ecsync.exchange.answers import RefusedAnswerError, answer_of
from ecsync.exchange.opening import open_endpoint
from ecsync.locale import speaking
from ecsync.mapping import catalogue
from ecsync.mapping.reader import open_reader
from master_under_test import SHOP, merged
from partner_database import PartnerDatabase, on_postgres, on_sqlite
from postgres_server import PostgresServer

JAPAN = timezone(timedelta(hours=9))
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
KEYS = TEXTS.filter(bool)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001
ROWS = st.lists(
    st.tuples(
        KEYS, st.none() | TEXTS, st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | DECIMALS,
        st.none() | MOMENTS, st.none() | st.booleans(), st.none() | st.dates(),
    ),
    max_size=20,
    unique_by=lambda row: row[0],
)  # fmt: skip
COLUMNS = ("code", "title", "units", "price", "changed", "sold", "since")


def written(rows: list[Any], columns: tuple[str, ...] = COLUMNS, key: tuple[str, ...] = ("code",)) -> bytes:
    answer = answer_of("core", columns, iter(rows), key)
    try:
        content = b"".join(answer.blocks())
        assert len(content) == answer.size
        return content
    finally:
        answer.close()


def read_back(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def plainly(row: tuple[Any, ...]) -> list[str]:
    """Say a row as docs/core-by-sql.md says it, written anew."""
    code, title, units, price, changed, sold, since = row
    return [
        code,
        title or "",
        "" if units is None else str(units),
        "" if price is None else f"{price:.2f}".rstrip("0").rstrip("."),
        "" if changed is None else changed.strftime("%Y-%m-%dT%H:%M:%S"),
        "" if sold is None else str(int(sold)),
        "" if since is None else since.isoformat(),
    ]  # fmt: skip


@given(ROWS, st.randoms(use_true_random=False))
@examples(max_examples=40, deadline=None)
def test_any_rows_come_back_and_their_order_does_not_matter(rows: list[tuple[Any, ...]], random: Any) -> None:
    content = written(rows)
    header, *lines = read_back(content)
    assert header == list(COLUMNS)
    ordered = sorted(rows, key=lambda row: row[0].encode())
    expected = [plainly(row) for row in ordered]
    assert [[cell if cell != "-0" else "0" for cell in line] for line in expected] == lines
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert written(shuffled) == content


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""), ("", ""), (0, "0"), (-7, "-7"), (True, "1"), (False, "0"),
        (Decimal("1980.00"), "1980"), (Decimal("12.50"), "12.5"), (Decimal("1E+3"), "1000"), (Decimal("-0.0"), "0"),
        (1980.0, "1980"), (0.1, "0.1"), (0.1 + 0.2, "0.30000000000000004"), (1e22, "10000000000000000000000"),
        (1e-7, "0.0000001"), (date(2026, 11, 24), "2026-11-24"), (time(8, 30, 0, 5), "08:30:00"),
        (datetime(2026, 11, 24, 8, 30, 0, 999_999), "2026-11-24T08:30:00"),  # noqa: DTZ001
        (datetime(2026, 11, 24, 8, 30, tzinfo=JAPAN), "2026-11-23T23:30:00+00:00"),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "2026-11-23T23:30:00+00:00"),
        (UUID("12345678123456781234567812345678"), "12345678-1234-5678-1234-567812345678"),
        ("二\r\n行", "二\r\n行"), ("𠮷野家", "𠮷野家"), ("=1+1", "=1+1"), (" a ", " a "),
    ],
)  # fmt: skip
def test_every_kind_of_value_has_one_form(value: object, cell: str) -> None:
    assert read_back(written([("K", value)], ("code", "x"), ("code",)))[1] == ["K", cell]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b"abc", "bytes"), (memoryview(b"abc"), "memoryview"), (["a"], "list"), ({"a": 1}, "dict"), ("a\0b", "str"),
        (timedelta(1), "timedelta"), (float("nan"), "float"), (float("inf"), "float"), (Decimal("NaN"), "Decimal"),
        ("\udcff", "str"), (b"hidden", "bytes"),
    ],
)  # fmt: skip
def test_a_value_without_a_form_is_refused_by_its_column_and_not_shown(value: object, kind: str) -> None:
    with speaking("en"), pytest.raises(RefusedAnswerError) as caught:
        written([("K", "fine"), ("L", value)], ("code", "memo"), ("code",))
    assert f"column memo of the answer holds what a CSV file cannot: {kind}" in caught.value.message
    assert "hidden" not in caught.value.message


def test_a_key_of_several_columns_is_ordered_column_by_column() -> None:
    rows = [("b", 2), ("b", 10), ("a", 3), ("あ", 1), ("B", 1)]
    content = read_back(written(rows, ("whole", "part"), ("whole", "part")))
    assert content[1:] == [["B", "1"], ["a", "3"], ["b", "10"], ["b", "2"], ["あ", "1"]]
    with speaking("en"), pytest.raises(RefusedAnswerError, match=r"one key, whole, part = b, 2"):
        written([*rows, ("b", 2)], ("whole", "part"), ("whole", "part"))
    with speaking("en"), pytest.raises(RefusedAnswerError, match="has no part, which is its key"):
        written([*rows, ("c", None)], ("whole", "part"), ("whole", "part"))


def test_a_key_is_shown_short_and_without_signs_that_a_terminal_obeys() -> None:
    with speaking("en"), pytest.raises(RefusedAnswerError) as caught:
        written([("\x1b[31m" + "x" * 500, 1)] * 2, ("code", "x"), ("code",))
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 150


NAMES = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20)


@pytest.mark.slow
@given(st.dictionaries(st.from_regex(r"[A-Z0-9]{1,8}(-[A-Z0-9]{1,4})?", fullmatch=True), NAMES, max_size=15))
@examples(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_reader_of_a_mapping_finds_what_the_database_held(tmp_path: Path, goods: dict[str, str]) -> None:
    path = tmp_path / "answer.csv"
    columns = ("name", "sku", "jan", "supplier", "cost", "price", "tax_rate")
    rows = [(name, sku, None, None, 700, Decimal("1650.00"), 10) for sku, name in goods.items()]
    path.write_bytes(written(rows, columns, ("sku",)))
    mapping = catalogue.load_inbound("core/products")
    found = {}
    for batch in open_reader(path, mapping):
        assert batch.rejects == []
        found |= dict(zip(batch.rows["sku"].to_pylist(), batch.rows["name"].to_pylist(), strict=True))
    assert {sku: name.strip() for sku, name in found.items()} == goods


@pytest.fixture(scope="module")
def both_cores(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Iterator[list[tuple[PartnerDatabase, Path]]]:
    folders = [tmp_path_factory.mktemp("sqlite"), tmp_path_factory.mktemp("postgres")]
    with on_postgres(postgres_server) as core:
        cores = [on_sqlite(folders[0]), core]
        for one in cores:
            one.execute("CREATE TABLE goods (code TEXT, title TEXT, units BIGINT, price NUMERIC)")
        yield list(zip(cores, folders, strict=True))


PLAIN_ROWS = st.lists(
    st.tuples(
        KEYS, st.none() | TEXTS, st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | st.integers(0, 999)
    ),
    max_size=12,
    unique_by=lambda row: row[0],
)


@pytest.mark.slow
@given(PLAIN_ROWS, st.permutations(["code", "title", "units", "price"]))
@examples(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_databases_give_the_same_bytes(
    both_cores: list[tuple[PartnerDatabase, Path]], rows: list[tuple[Any, ...]], order: list[str]
) -> None:
    contents = []
    for core, folder in both_cores:
        core.execute("DELETE FROM goods")
        if rows:
            core.execute("INSERT INTO goods VALUES (?, ?, ?, ?)", rows)
        (folder / "q.sql").write_text(f"SELECT * FROM goods ORDER BY {', '.join(order)}", encoding="utf-8")
        flow = {"name": "products", "party": "erp", "mapping": "core/products", "endpoint": "core"}
        patch = {
            "folder": folder,
            "endpoints": {"core": core.endpoint(folder)},
            "inbound": [{**flow, "query": "q.sql", "key": ["code"]}],
        }
        with open_endpoint("core", Settings.model_validate(merged(SHOP, patch))) as door:
            (file,) = door.list_files("q.sql").files
            contents.append(b"".join(door.read("q.sql", file.name)))
    assert contents[0] == contents[1] == written(rows, ("code", "title", "units", "price"))


GROWTH = """
import sys
from ecsync.exchange.answers import answer_of

def most() -> int:
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

answer_of("core", ("sku", "name"), ((f"{n * 7919 % 1000003:07d}", "x" * 60) for n in range(1000)), ("sku",)).close()
before = most()
answer_of("core", ("sku", "name"), ((f"{n * 7919 % 1000003:07d}", "x" * 60) for n in range(500000)), ("sku",)).close()
print(most() - before)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_an_answer() -> None:
    done = subprocess.run([sys.executable, "-c", GROWTH], capture_output=True, text=True, check=True)
    # Half a million rows of 70 bytes; what grows is the sorter's own room, 16 MB, and what it reads and writes through.
    assert int(done.stdout) < 48_000
