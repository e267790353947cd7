"""Header lines as partners write them: each belongs to exactly one mapping, in any order, and with columns added."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from ecsync.errors import FileRefusedError
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.golden import samples_folder
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping, OutboundMapping
from ecsync.mapping.named_settings import settings_named, with_settings
from ecsync.mapping.reader import open_reader
from ecsync.mapping.records import header_bytes

if TYPE_CHECKING:
    from ecsync.mapping.model import Mapping

HEADERS = Path(__file__).parent / "headers"
KNOWN = yaml.safe_load((HEADERS / "known.yaml").read_text(encoding="utf-8"))
# Header file -> the mapping that it belongs to, and a column without which it is another file.
INBOUND = {name: (told["mapping"], told["not_without"]) for name, told in KNOWN["in"].items()}
OUTBOUND: dict[str, str] = KNOWN["out"]
ALIKE = {name: set(others) for name, others in KNOWN["alike"].items()}


@cache
def mappings() -> tuple[Mapping, ...]:
    """Return every shipped mapping; a name that is the project's own stands for something."""
    loaded = [load_mapping(entry.name) for entry in list_mappings()]
    return tuple(with_settings(one, dict.fromkeys(settings_named(one), "own")) for one in loaded)


def inbound() -> list[InboundMapping]:
    return [one for one in mappings() if isinstance(one, InboundMapping) and one.file.header == "required"]


def cells_of(name: str) -> list[str]:
    text = (HEADERS / name).read_bytes().decode("cp932").splitlines()[-1]
    return text.split("\t" if name.endswith(".txt") else ",")


def reads(folder: Path, mapping: InboundMapping, header: bytes) -> bool:
    """Tell whether a mapping takes a file of this header and knows every column of it."""
    path = folder / "file"
    path.write_bytes(header)
    try:
        return not open_reader(path, mapping).unknown_columns
    except FileRefusedError:
        return False


def as_header(name: str, cells: list[str]) -> bytes:
    return ("\t" if name.endswith(".txt") else ",").join(cells).encode("cp932") + b"\r\n"


@pytest.mark.parametrize("name", INBOUND)
def test_a_header_belongs_to_exactly_one_mapping(name: str, tmp_path: Path) -> None:
    header = (HEADERS / name).read_bytes()
    assert [one.mapping for one in inbound() if reads(tmp_path, one, header)] == [INBOUND[name][0]]


@pytest.mark.parametrize("name", OUTBOUND)
def test_a_header_that_is_written_belongs_to_exactly_one_mapping(name: str, tmp_path: Path) -> None:
    lines = (HEADERS / name).read_bytes().decode("cp932").splitlines()
    rows = [tuple(line.split("\t" if name.endswith(".txt") else ",")) for line in lines]

    def written(mapping: OutboundMapping) -> list[tuple[str, ...]]:
        return [*(tuple(row) for row in mapping.file.preamble), mapping.header]

    outbound = [one for one in mappings() if isinstance(one, OutboundMapping)]
    assert [one.mapping for one in outbound if written(one) == rows] == [OUTBOUND[name]]
    assert [one.mapping for one in inbound() if reads(tmp_path, one, as_header(name, list(rows[-1])))] == []


def find(name: str) -> InboundMapping:
    return next(one for one in inbound() if one.mapping == INBOUND[name][0])


@pytest.mark.parametrize("name", INBOUND)
def test_columns_may_stand_in_any_order_and_among_others(name: str, tmp_path: Path) -> None:
    cells = [*cells_of(name), "店舗独自の列"]
    random.Random(7).shuffle(cells)  # noqa: S311  (a shuffle)
    path = tmp_path / "file"
    path.write_bytes(as_header(name, cells))
    reader = open_reader(path, find(name))
    assert reader.unknown_columns in ((), ("店舗独自の列",))
    assert all(reader.titles.values())


@pytest.mark.parametrize("name", INBOUND)
def test_a_missing_column_is_named(name: str, tmp_path: Path) -> None:
    column = INBOUND[name][1]
    path = tmp_path / "file"
    path.write_bytes(as_header(name, [cell for cell in cells_of(name) if cell != column]))
    with pytest.raises(FileRefusedError) as refused:
        open_reader(path, find(name))
    assert refused.value.params["missing"] == column


@pytest.mark.parametrize(
    ("name", "cell", "spelt"),
    [
        ("rakuten-orders-2018-107cols.csv", "商品明細ID", "商品明細ＩＤ"),
        ("rakuten-orders-2018-107cols.csv", "項目・選択肢", "項目･選択肢"),
        ("yahoo-orders.csv", "OrderId", "Order ID"),
        ("yahoo-items.csv", "ItemId", "Product Code"),
        ("qoo10-detail-45cols.csv", "受取人名(フリガナ)", "受取人名（フリガナ）"),
        ("aupay-orders-84cols.csv", "orderId", " orderId "),
        ("stores-orders-49cols.csv", "オーダー日", "オーダー日時"),
        ("stores-orders-49cols.csv", "氏(購入者)", "氏(請求先)"),
        ("futureshop-orders-2020.csv", "住所1", "住所１"),
        ("colorme-orders-62cols.csv", "配送先 熨斗（のし）", "配送先 熨斗(のし)"),
    ],
)
def test_other_spellings_of_a_header_are_known(name: str, cell: str, spelt: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(as_header(name, [spelt if one == cell else one for one in cells_of(name)]))
    open_reader(path, find(name))


@pytest.mark.slow
def test_mappings_that_know_each_other_s_headers_are_named(tmp_path: Path) -> None:
    found = {}
    for one in inbound():
        sample = next(path for path in sorted(samples_folder(one).iterdir()) if path.suffix != ".json")
        header = header_bytes(sample, one)
        found[one.mapping] = {other.mapping for other in inbound() if reads(tmp_path, other, header)} - {
            one.mapping
        }
    assert {name: others for name, others in found.items() if others} == ALIKE
