"""Two files that are one entity: what their mappings must keep, and what comes of their rows."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsync.mapping import key_sketch
from ecsync.mapping.catalogue import check_file, json_schema, load_inbound
from ecsync.mapping.golden import check_mapping, record_expectations
from ecsync.mapping.model import Total
from ecsync.mapping.model_total import parse_formula
from ecsync.mapping.pairing import _gap, join_statements, totals_statement, verdict_statement
from ecsync.mapping.reader import open_reader
from ecsync.mapping.staged_sample import settled
from ecsync.mapping.totals import totals_gap
from ecsync.master.staging_tables import create_statements, index_statements
from mapping_project import put

HEADERS = Path(__file__).resolve().parents[1] / "fixtures" / "headers"
HEADS = """\
mapping: cart/slips
title: {ja: 受注, en: Orders}
entity: order_lines
nature: state
file: {encoding: utf-8}
pair: {with: cart/lines, holds: heads, key: 番号}
duplicates: {key: [番号]}
columns:
  order_no: {from: 番号, as: key}
  ordered_at: {from: 日時, formats: ["%Y-%m-%d %H:%M"]}
  order_status: {from: 状態, map: {出荷可: ready}}
  payment_method: {from: 支払, map: {カード: card}}
  shipping: 送料
  discount: {from: 値引, unsigned: true, optional: true}
  billed: 請求
totals:
  - billed = lines + shipping - discount
"""
ROWS = """\
mapping: cart/lines
title: {ja: 明細, en: Lines}
entity: order_lines
nature: state
file: {encoding: utf-8}
pair: {with: cart/slips, holds: rows, key: 番号}
duplicates: {key: [番号, 行]}
columns:
  order_no: {from: 番号, as: key}
  line_id: {from: 行, as: key}
  unit_price: 単価
  qty: 個数
"""
HEAD_FILE = "番号,日時,状態,支払,送料,値引,請求\n"
ROW_FILE = "番号,行,単価,個数\n"


def a_pair(project: Path, heads: str = HEADS, rows: str = ROWS) -> tuple[Path, Path]:
    return put(project, "cart/slips", heads), put(project, "cart/lines", rows)


def head(number: str, billed: int, discount: str = "") -> str:
    return f"{number},2026-11-24 08:00,出荷可,カード,500,{discount},{billed}\n"


# What is changed in one of the two, which file is then wrong, at which line, and what is said.
FAULTS: dict[str, tuple[str, str, str, int, str]] = {
    "a half that is not there": ("slips", "cart/lines, holds", "cart/rows, holds", 6, "no mapping cart/rows"),
    "a half that names another": (
        "lines",
        "with: cart/slips",
        "with: core/stock",
        6,
        "does not name cart/lines",
    ),
    "two that hold heads": ("lines", "holds: rows", "holds: heads", 6, "holds heads too"),
    "a word that is none": ("slips", "holds: heads", "holds: both", 6, "heads"),
    "a key that is not taken whole": (
        "slips",
        "key: 番号}\ndup",
        "key: 日時}\ndup",
        6,
        "order_no takes whole",
    ),
    "heads that may come twice": ("slips", "duplicates: {key: [番号]}\n", "", 1, "one row for each key"),
    "a column of both": (
        "lines",
        "  qty: 個数\n",
        "  qty: 個数\n  shipping: 送料\n",
        13,
        "cart/slips fills shipping too",
    ),
    "heads that tell rows apart": (
        "slips",
        "  shipping",
        "  line_id: 行\n  shipping",
        13,
        "tells rows apart",
    ),
    "a column of neither": ("lines", "  qty: 個数\n", "", 8, "needs the column qty"),
    "another nature": ("lines", "nature: state", "nature: snapshot", 4, "nature: state"),
    "another frame": ("lines", "entity: order_lines", "entity: set_components", 6, "not made of two files"),
    "totals beside the rows": (
        "lines",
        "columns:",
        "totals:\n  - shipping = lines\ncolumns:",
        8,
        "with its heads",
    ),
    "no sign of what has none": ("slips", "送料", "{from: 送料, unsigned: true, as: count}", 13, "count"),
    "a sign that does not count in a count": (
        "lines",
        "qty: 個数",
        "qty: {from: 個数, unsigned: true}",
        12,
        "unsigned belongs to yen",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_of_a_pair_is_told_at_its_line(tmp_path: Path, what: str) -> None:
    which, before, after, line, sentence = FAULTS[what]
    texts = {"slips": HEADS, "lines": ROWS}
    assert texts[which].count(before) == 1
    texts[which] = texts[which].replace(before, after)
    a_pair(tmp_path, texts["slips"], texts["lines"])
    path = tmp_path / f"mappings/cart/{which}.yaml"
    told = [(error.line, error.message) for error in check_file(path, tmp_path)]
    assert any(at == line and sentence in message for at, message in told), told


def test_a_whole_pair_is_right_and_the_schema_knows_the_words(tmp_path: Path) -> None:
    for path in a_pair(tmp_path):
        assert check_file(path, tmp_path) == []
    assert {"with", "holds", "key"} <= set(json_schema()["$defs"]["Pair"]["properties"])


def test_what_is_wrong_with_the_other_half_is_told_of_it(tmp_path: Path) -> None:
    slips, lines = a_pair(
        tmp_path, rows=ROWS.replace("qty: 個数", "qty: {from: 個数, table: cart/none}\n  qyt: x")
    )
    assert check_file(lines, tmp_path)
    assert check_file(slips, tmp_path) == [], "a fault inside the other file is told with that file"
    put(tmp_path, "cart/lines", "mapping: [")
    assert [Path(error.file).name for error in check_file(slips, tmp_path)] == ["lines.yaml"]


def test_a_mapping_is_read_anew_when_its_other_half_moves(tmp_path: Path) -> None:
    a_pair(tmp_path)
    assert load_inbound("cart/lines", tmp_path).other.columns.keys() >= {"shipping"}
    put(tmp_path, "cart/slips", HEADS.replace("  shipping: 送料\n", "").replace(" + shipping", ""))
    assert "shipping" not in load_inbound("cart/lines", tmp_path).other.columns


def joined(project: Path, heads: str, rows: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    a_pair(project)
    for name, content in (("heads.csv", HEAD_FILE + heads), ("rows.csv", ROW_FILE + rows)):
        (project / name).write_text(content, encoding="utf-8")
    lines = load_inbound("cart/lines", project)
    return settled(
        lines,
        list(open_reader(project / "rows.csv", lines)),
        list(open_reader(project / "heads.csv", lines.other)),
    )


def test_each_row_takes_what_it_lacks_from_its_head(tmp_path: Path) -> None:
    rows, aside = joined(
        tmp_path, head("A", 1700, "-100") + head("B", 700), "A,1,1000,1\nB,1,100,2\nA,2,150,2\n"
    )
    told = [
        (r["order_no"], r["line_id"], r["unit_price"], r["shipping"], r["discount"], r["billed"])
        for r in rows
    ]
    assert told == [
        ("A", "1", 1000, 500, 100, 1700),
        ("B", "1", 100, 500, None, 700),
        ("A", "2", 150, 500, 100, 1700),
    ]
    assert [r["src_totals_gap"] for r in rows] == [0, 0, 0], (
        "1000 + 2 x 150 + 500 - 100 = 1700; 200 + 500 = 700"
    )
    assert {r["ordered_at"] for r in rows} == {"2026-11-23T23:00:00Z"}
    assert aside == []


# Heads, rows, the orders that are taken, and (file, line, reason) of what is put aside.
ALONE = "not_in_the_other_file"
CASES: dict[str, tuple[str, str, set[str], list[tuple[str, int, str]]]] = {
    "a head without rows": (head("A", 600) + head("B", 600), "B,1,100,1\n", {"B"}, [("heads", 2, ALONE)]),
    "rows without a head": (head("B", 600), "A,1,100,1\nA,2,100,1\nB,1,100,1\n", {"B"},
        [("rows", 2, ALONE), ("rows", 3, ALONE)]),
    "a head that cannot be read": (head("A", 600).replace("出荷可", "謎") + head("B", 600),
        "A,1,100,1\nB,1,100,1\n", {"B"}, [("rows", 2, "incomplete_order")]),
    "a row that cannot be read": (head("A", 600) + head("B", 600), "A,1,x,1\nA,2,100,1\nB,1,100,1\n", {"B"},
        [("heads", 2, "incomplete_order"), ("rows", 3, "incomplete_order")]),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_never_half_an_order(tmp_path: Path, what: str) -> None:
    heads, rows, taken, put_aside = CASES[what]
    found, aside = joined(tmp_path, heads, rows)
    assert {row["order_no"] for row in found} == taken
    assert [(one["file"], one["line"], one["reason"]) for one in aside] == put_aside


def test_the_sample_of_the_rows_is_proved_with_that_of_the_heads(tmp_path: Path) -> None:
    a_pair(tmp_path)
    for kind, content in (("slips", HEAD_FILE + head("A", 600)), ("lines", ROW_FILE + "A,1,100,1\n")):
        sample = tmp_path / f"mappings/cart/samples/{kind}/noon.csv"
        sample.parent.mkdir(parents=True)
        sample.write_text(content, encoding="utf-8")
        record_expectations(f"cart/{kind}", tmp_path)
    assert [result.holds for result in check_mapping("cart/lines", tmp_path)] == [True]
    heads = tmp_path / "mappings/cart/samples/slips/noon.csv"
    heads.write_text(HEAD_FILE + head("A", 601), encoding="utf-8")
    (result,) = check_mapping("cart/lines", tmp_path)
    assert '+   "src_totals_gap": 1' in result.detail


AMOUNTS = st.none() | st.integers(-3, 3)
FORMULAS = [
    "billed = lines + shipping - points",
    "billed = lines",
    "goods = lines - points",
    "billed = shipping + goods",
]


@given(
    rows=st.lists(
        st.fixed_dictionaries(dict.fromkeys(("billed", "goods", "shipping", "points", "lines"), AMOUNTS)),
        min_size=1,
        max_size=6,
    ),
    totals=st.lists(st.lists(st.sampled_from(FORMULAS), min_size=1, max_size=2), max_size=3),
    unfixed=st.booleans(),
)
def test_totals_in_sql_say_what_totals_of_a_batch_say(
    rows: list[dict[str, int | None]], totals: list[list[str]], unfixed: bool
) -> None:
    proved = tuple(Total(tuple(map(parse_formula, formulas))) for formulas in totals)
    known = [{**row, "lines": row["lines"] or 0} for row in rows]
    columns = {name: pa.array([row[name] for row in known], pa.int64()) for name in known[0]}
    wanted = totals_gap(proved, columns, np.full(len(rows), unfixed)).to_pylist()
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("CREATE TABLE r (at, billed, goods, shipping, points, unfixed_flag)")
        conn.execute("CREATE TABLE g (at, lines)")
        for at, row in enumerate(known):
            values = (at, row["billed"], row["goods"], row["shipping"], row["points"], int(unfixed))
            conn.execute("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?)", values)
            conn.execute("INSERT INTO g VALUES (?, ?)", (at, row["lines"]))
        found = conn.execute(f"SELECT {_gap(proved)} FROM r JOIN g ON g.at = r.at ORDER BY r.at").fetchall()
    assert [gap for (gap,) in found] == wanted


@settings(max_examples=15)
@given(st.sets(st.text("ABC123", min_size=1, max_size=4), min_size=1, max_size=40), st.randoms())
def test_a_sketch_is_of_the_set_of_keys(keys: set[str], chance: random.Random) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        a_pair(project)
        mapping = load_inbound("cart/lines", project)
        sketches = []
        for _round in range(2):
            listed = sorted(keys) + chance.choices(sorted(keys), k=3)
            chance.shuffle(listed)
            file = project / "rows.csv"
            file.write_text(ROW_FILE + "".join(f"{key},1,1,1\n" for key in listed), encoding="utf-8")
            sketches.append(key_sketch.of_file(file, mapping))
        assert sketches[0] == sketches[1]
        assert len(sketches[0]) == len(keys)


@pytest.mark.parametrize(
    ("half", "name"), [("orders", "yahoo-orders.csv"), ("order_items", "yahoo-items.csv")]
)
def test_the_mall_s_own_header_is_read(tmp_path: Path, half: str, name: str) -> None:
    header = (HEADERS / name).read_bytes()
    mapping = load_inbound(f"yahoo/{half}")
    columns = header.decode("cp932").strip().split(",")
    for content, said in (
        (header, True),
        (header.replace(b"OrderId,", b"Order ID,"), True),
        (",".join([*reversed(columns), "NewColumn", "新しい列"]).encode("cp932") + b"\r\n", True),
        (header.replace(b"OrderId,", b""), False),
    ):
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        if said:
            reader = open_reader(path, mapping)
            assert (list(reader), reader.unknown_columns) == ([], ())
        else:
            with pytest.raises(Exception, match="OrderId"):
                open_reader(path, mapping)


def test_no_statement_looks_through_a_whole_file_for_each_row(tmp_path: Path) -> None:
    """A pair of a million rows takes a million look-ups: one by file outside, by party and key inside."""
    a_pair(tmp_path)
    heads = load_inbound("cart/slips", tmp_path)
    with closing(sqlite3.connect(":memory:")) as conn:
        for statement in (*create_statements(postgres=False), *index_statements("order_lines")):
            conn.execute(statement)
        for statement in (*join_statements(heads), totals_statement(heads), verdict_statement(heads)):
            numbers = {"heads": 1, "rows": 2}
            plan = [str(row[3]) for row in conn.execute(f"EXPLAIN QUERY PLAN {statement}", numbers)]
            looks = [step for step in plan if re.match(r"(SEARCH|SCAN) [rhog] ", step)]
            by_file = [step for step in looks if "_file (src_file=?)" in step]
            by_key = [
                step for step in looks if "_party (src_party=? AND order_no=?" in step or "AUTOMATIC" in step
            ]
            assert len(by_file) == 1 + ("o." in statement), plan
            assert len(by_file) + len(by_key) == len(looks), plan
