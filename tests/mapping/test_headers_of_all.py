"""Every inbound mapping takes columns in any order, among others, in every spelling; a missing one is named."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from changed_cells import write_cells
from ecsync.errors import FileRefusedError
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping, fold_name
from ecsync.mapping.named_settings import settings_named, with_settings
from ecsync.mapping.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.mapping.reader import Reader

LOADED = [
    with_settings(one, {name: f"own {n}" for n, name in enumerate(sorted(settings_named(one)))})
    for one in (load_mapping(entry.name) for entry in list_mappings())
    if isinstance(one, InboundMapping)
]
NAMED = [one for one in LOADED if one.file.header != "none"]
BY_NAME = {one.mapping: one for one in NAMED}


def header_of(mapping: InboundMapping) -> list[str]:
    """Return a header with every column that the mapping names, those of equal names as often as it does."""
    found: list[str] = []
    for header in sorted(mapping.headers, key=lambda one: one.nth):
        name = header.names[0]
        found += [name] * (header.nth - sum(fold_name(cell) == fold_name(name) for cell in found))
    return found


def opened(mapping: InboundMapping, cells: list[str], folder: Path) -> Reader:
    return open_reader(write_cells(mapping, [cells], folder / "file"), mapping)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_header_may_be_shuffled_and_extended(name: str, tmp_path: Path) -> None:
    mapping = BY_NAME[name]
    whole = header_of(mapping)
    cells = [*whole, "店舗独自の列", "もう一つの列"]
    random.Random(7).shuffle(cells)  # noqa: S311  (a shuffle)
    reader = opened(mapping, cells, tmp_path)
    if mapping.unused != "any":
        assert set(reader.unknown_columns) == {"店舗独自の列", "もう一つの列"}
    plain = opened(mapping, whole, tmp_path)
    assert plain.unknown_columns == ()
    assert reader.titles == plain.titles


@pytest.mark.parametrize("name", BY_NAME)
def test_a_header_is_known_by_each_of_its_spellings(name: str, tmp_path: Path) -> None:
    mapping = BY_NAME[name]
    for header in mapping.headers:
        for spelt in header.names[1:]:
            cells = [spelt if cell == header.names[0] else cell for cell in header_of(mapping)]
            assert opened(mapping, cells, tmp_path).unknown_columns == (), spelt


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_NAME)
def test_each_required_column_is_named_where_it_is_missing(name: str, tmp_path: Path) -> None:
    mapping = BY_NAME[name]
    firsts = set(map(fold_name, mapping.file.names))
    for header in mapping.headers:
        names = set(map(fold_name, header.names))
        cells = [cell for cell in header_of(mapping) if fold_name(cell) not in names]
        if header.optional or (firsts and firsts.isdisjoint(map(fold_name, cells))):
            continue
        with pytest.raises(FileRefusedError) as refused:
            opened(mapping, [*cells, "店舗独自の列"], tmp_path)
        assert header.names[0] in refused.value.params["missing"]
