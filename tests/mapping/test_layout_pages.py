"""The page of each plain layout says what its mapping does: same columns, same codes, an example that holds."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from ecsync.entities.codes import CODE_LISTS
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.reader import open_reader

ROOT = Path(__file__).resolve().parents[2]
PLAIN = {
    name: load_mapping(name)
    for name in (entry.name for entry in list_mappings())
    if load_mapping(name).documented_at.startswith("docs/")
}


def page(name: str) -> str:
    return (ROOT / PLAIN[name].documented_at).read_text(encoding="utf-8")


def told_columns(text: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


def headers(name: str) -> list[str]:
    mapping = PLAIN[name]
    if isinstance(mapping, InboundMapping):
        return [header.names[0] for header in mapping.headers]
    return list(mapping.header)


def test_every_page_belongs_to_a_mapping() -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/layouts").glob("*.md")}
    assert pages == {mapping.documented_at for mapping in PLAIN.values()}


@pytest.mark.parametrize("name", PLAIN)
def test_a_page_names_every_column_in_its_order(name: str) -> None:
    assert told_columns(page(name)) == headers(name)
    assert f"`{name}`" in page(name)


@pytest.mark.parametrize("name", PLAIN)
def test_a_page_names_every_code_of_its_columns(name: str) -> None:
    frame = PLAIN[name].frame
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", page(name), re.MULTILINE))
    for column in frame.columns:
        if column.codes and column.name in rows and column.codes != "payment_method":
            missing = [
                code for code in CODE_LISTS[column.codes] if code and f"`{code}`" not in rows[column.name]
            ]
            assert missing == []


@pytest.mark.parametrize("name", PLAIN)
def test_the_example_of_a_page_holds(name: str, tmp_path: Path) -> None:
    found = re.search(r"```csv\n(.*?)```", page(name), re.DOTALL)
    assert found is not None
    rows = list(csv.reader(found[1].splitlines()))
    assert {len(row) for row in rows} == {len(headers(name))}
    assert rows[0] == headers(name)
    mapping = PLAIN[name]
    if isinstance(mapping, InboundMapping):
        path = tmp_path / "example.csv"
        path.write_text(found[1], encoding="utf-8")
        batches = list(open_reader(path, mapping))
        assert [reject for batch in batches for reject in batch.rejects] == []
        assert sum(batch.rows.num_rows for batch in batches) == len(rows) - 1
