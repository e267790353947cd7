"""`make mutation` can fail: what a weak test lets pass is named, what a good test notices is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mutation import declared as declarations
from mutation import sql
from mutation.mutants import drawn, mutants

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SOURCE = TOOLS.parent / "src"

SHOP = '''
"""A shop of two rules."""

FREE_FROM = 3000
QUERY = "SELECT no FROM parcel WHERE weight > 5 AND state = 'open'"


def fee(total):
    """Return the fee of an order."""
    return 0 if total >= FREE_FROM else 550


def units(on_hand, held):
    """Return what may be sold."""
    free = on_hand - held
    if free < 0:
        free = 0
    return free


def open_parcels(conn):
    """Return the numbers of the heavy parcels."""
    return [row[0] for row in conn.execute(QUERY)]
'''

GOOD_TEST = """
import sqlite3

from toy_shop import fee, open_parcels


def test_the_fee_falls_away_at_the_limit_and_not_before():
    assert [fee(2999), fee(3000), fee(3001)] == [550, 0, 0]


def test_heavy_open_parcels_are_found():
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE parcel (no, weight, state)")
    rows = [(1, 6, "open"), (2, 5, "open"), (3, 6, "gone"), (4, 8, "open"), (5, 2, "gone")]
    conn.executemany("INSERT INTO parcel VALUES (?, ?, ?)", rows)
    assert open_parcels(conn) == [1, 4]
    conn.close()
"""

WEAK_TEST = """
from toy_shop import units


def test_units_come_out():
    assert units(5, 0) == 5
"""

DECLARED = """
[groups.toy]
modules = ["toy_shop"]
tests = ["test_good.py", "test_weak.py"]

[[equivalent]]
module = "toy_shop"
mutant = "units: free < 0 -> free <= 0"
reason = "nought is nought"
"""


def ran(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = {"PYTHONPATH": os.pathsep.join([str(TOOLS), str(folder)]), "TMPDIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "mutation", "--declared", "declared.toml", "--sample", "0", *arguments],
        cwd=folder,
        env={**os.environ, **paths},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_weak_test_leaves_survivors_and_a_good_one_none(tmp_path: Path) -> None:
    (tmp_path / "toy_shop.py").write_text(SHOP, encoding="utf-8")
    (tmp_path / "test_good.py").write_text(GOOD_TEST, encoding="utf-8")
    (tmp_path / "test_weak.py").write_text(WEAK_TEST, encoding="utf-8")
    (tmp_path / "declared.toml").write_text(DECLARED, encoding="utf-8")
    run = ran(tmp_path, "--least", "100")
    survivors = [line for line in run.stdout.splitlines() if line.startswith(("survived", "unreached"))]
    assert run.returncode == 1, run.stderr
    assert {line.split(" ")[2] for line in survivors} == {"units:"}
    assert any("on_hand - held -> on_hand + held" in line for line in survivors)
    assert any(line.startswith("unreached toy_shop:17 ") for line in survivors)
    assert not any("free <= 0" in line for line in survivors)
    assert "fee: total >= FREE_FROM -> total > FREE_FROM" in noticed(tmp_path)
    assert any(key.startswith("QUERY: ") for key in noticed(tmp_path))


def noticed(folder: Path) -> list[str]:
    results = map(json.loads, (folder / "build" / "mutation.jsonl").read_text(encoding="utf-8").splitlines())
    return [result["key"] for result in results if result["end"] == "killed"]


@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT a FROM t WHERE a <> 1 AND NOT EXISTS (SELECT 1 FROM u WHERE u.b = t.b OR u.c = 2)",
        "SELECT a FROM t WHERE a = 1 OR NOT EXISTS (SELECT 1 FROM u WHERE u.b = t.b OR u.c = 2)",
        "SELECT a FROM t WHERE a = 1 AND EXISTS (SELECT 1 FROM u WHERE u.b = t.b OR u.c = 2)",
        "SELECT a FROM t WHERE a = 1 ",
        "SELECT a FROM t WHERE a = 1 AND NOT EXISTS (SELECT 1 FROM u WHERE u.b = t.b )",
    ],
)
def test_a_query_is_made_wrong_in_its_signs_words_and_conditions(wrong: str) -> None:
    query = "SELECT a FROM t WHERE a = 1 AND NOT EXISTS (SELECT 1 FROM u WHERE u.b = t.b OR u.c = 2)"
    assert wrong in list(sql.variants(query))


def test_what_an_update_sets_is_no_condition() -> None:
    assert "UPDATE t SET a <> :a WHERE b = :b" not in list(sql.variants("UPDATE t SET a = :a WHERE b = :b"))


def test_a_seed_draws_the_same_mutants_wherever_lines_are() -> None:
    moved = SHOP.replace("def fee", "\n\n\ndef fee")
    first, second = ([m.key for m in drawn(mutants("toy", text), 5, "7")] for text in (SHOP, moved))
    assert first == second
    assert first != [m.key for m in drawn(mutants("toy", SHOP), 5, "8")]


def test_what_is_declared_is_there() -> None:
    declared = declarations.read(TOOLS / "mutation" / "declared.toml")
    modules = {module for group in declared.groups for module in group.modules}
    texts = {name: (SOURCE / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8") for name in modules}
    judged = {module for module, _key in declared.equivalent}
    keys = {(module, mutant.key) for module in judged for mutant in mutants(module, texts[module])}
    assert set(declared.equivalent) <= keys
    for place in [*declared.left_out, *(test for group in declared.groups for test in group.tests)]:
        assert (TOOLS.parent / place).exists(), place
