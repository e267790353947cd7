"""Shopify's three inventory exports come to the same listings, and what goes back finds its variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from ecsync.errors import ConfigurationError, FileRefusedError
from ecsync.mapping.catalogue import load_inbound, load_outbound
from ecsync.mapping.named_settings import with_settings
from ecsync.mapping.writer import write_file
from mapping_reading import Read
from partner_files.shopify import INVENTORY_17, Level, Variant, inventory_by_location, inventory_of_all_kinds

if TYPE_CHECKING:
    from pathlib import Path

HERE, STORE = "東京倉庫", "実店舗"
VARIANTS = [
    Variant("mug", "マグカップ", "MUG-WHITE", {HERE: Level(20, 3, 1), STORE: Level(2)}, (("色", "白"),)),
    Variant("mug", "マグカップ", "", {HERE: Level(-2, 4)}, (("色", "青 / 特大"),)),
    Variant(
        "towel",
        "タオル",
        "'00123",
        {HERE: Level(5)},
        (("色", "生成り"), ("サイズ", "L, ～大～"), ("名入れ", "あり")),
    ),
    Variant("noshi", "のし紙", "NOSHI", {STORE: Level(100)}),
]
KEYS = [
    ("mug", "色\t白", "MUG-WHITE", 20, 0),
    ("mug", "色\t青 / 特大", "", -2, 0),
    ("towel", "色\t生成り\tサイズ\tL, ～大～\t名入れ\tあり", "00123", 5, 0),
    ("noshi", "Title\tDefault Title", "NOSHI", None, 1),
]


def at(place: str) -> dict[str, str]:
    return {"channel.location": place}


def read(folder: Path, kind: str, content: bytes, place: str = HERE) -> Read:
    path = folder / "inventory_export_1.csv"
    path.write_bytes(content)
    return Read(path, with_settings(load_inbound(f"shopify/{kind}"), at(place)))


def listings(found: Read) -> list[tuple[Any, ...]]:
    assert found.rejects == []
    names = ("item_key", "sku_key", "sku_code", "qty", "not_stocked_flag")
    return [tuple(row[name] for name in names) for row in found.rows]


FILES = {
    "12": ("inventory_by_location", lambda places: inventory_by_location(VARIANTS, places)),
    "17": ("inventory", lambda places: inventory_of_all_kinds(VARIANTS, places, columns=INVENTORY_17)),
    "19": ("inventory", lambda places: inventory_of_all_kinds(VARIANTS, places)),
}


@pytest.mark.parametrize("layout", FILES)
@pytest.mark.parametrize("places", [[HERE, STORE], [STORE, HERE], [HERE]])
def test_the_layouts_say_the_same_of_our_location(layout: str, places: list[str], tmp_path: Path) -> None:
    kind, content = FILES[layout]
    found = read(tmp_path, kind, content(places))
    assert listings(found) == KEYS
    assert found.reader.unknown_columns == ()


@pytest.mark.parametrize("layout", FILES)
def test_the_other_location_has_figures_of_its_own(layout: str, tmp_path: Path) -> None:
    kind, content = FILES[layout]
    found = read(tmp_path, kind, content([HERE, STORE]), STORE)
    assert [row[3] for row in listings(found)] == [2, None, None, 100]


@pytest.mark.parametrize("layout", FILES)
def test_a_location_that_the_file_lacks_refuses_it(layout: str, tmp_path: Path) -> None:
    kind, content = FILES[layout]
    with pytest.raises(FileRefusedError) as refused:
        read(tmp_path, kind, content([HERE, STORE]), "東京 倉庫")
    assert refused.value.reason in {"nothing_kept", "header_missing"}
    assert "東京 倉庫" in refused.value.message


@pytest.mark.parametrize("name", ["inventory", "inventory_by_location"])
def test_a_channel_that_names_no_location_is_told_so(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"channel\.location"):
        with_settings(load_inbound(f"shopify/{name}"), at(""))


def test_a_mapping_that_names_nothing_stays_as_it_is() -> None:
    mapping = load_inbound("shopify/orders")
    assert with_settings(mapping, at(HERE)) is mapping


def quantities(rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
    mapping = load_outbound("shopify/inventory_available")
    columns = {column.name: column for column in mapping.frame.columns}
    told = [
        {"channel": "own-shop", "item_key": item, "sku_key": key, "sku_code": code, "title": "題", "qty": qty}
        for item, key, code, qty, _flag in rows
    ]
    schema = pa.schema([(n, pa.int64() if c.is_integer else pa.string()) for n, c in columns.items()])
    filled = [{n: row.get(n, None if c.is_integer else "") for n, c in columns.items()} for row in told]
    return pa.RecordBatch.from_pylist(filled, schema=schema)


def test_what_goes_back_is_what_was_seen(tmp_path: Path) -> None:
    rows = [(*row[:3], 7, 0) for row in KEYS]
    mapping = with_settings(load_outbound("shopify/inventory_available"), at(HERE))
    target = tmp_path / "inventory.csv"
    written = write_file(mapping, [quantities(rows)], target)
    assert (written.row_count, written.refused) == (4, ())
    assert target.read_bytes().splitlines()[0].decode().endswith(f",SKU,{HERE}")
    path = tmp_path / "again.csv"
    path.write_bytes(target.read_bytes())
    again = Read(path, with_settings(load_inbound("shopify/inventory_by_location"), at(HERE)))
    assert listings(again) == rows


def test_only_our_location_stands_in_it() -> None:
    mapping = with_settings(load_outbound("shopify/inventory_available"), at(STORE))
    assert mapping.header[-1] == STORE
    assert not {"On hand (new)", HERE, "Location"} & set(mapping.header)
