"""Every shipped sample is known again by its bytes and its header alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecsync.mapping.infer import Inferred, infer_file, known_mappings
from ecsync.mapping.infer_nearest import nearest
from ecsync.mapping.model import InboundMapping
from ecsync.shipped import mappings_dir

if TYPE_CHECKING:
    from ecsync.mapping.model import Mapping

SAMPLES = sorted(path for path in mappings_dir().glob("*/samples/*/*") if path.suffix != ".json")
QUICK = {"rakuten/orders", "amazon/shipping", "yamato_b2/issued", "core/stock", "shopify/inventory"}
# Its columns are named by the shop.
OWN_NAMES = {"own-names.csv", "without-day.csv"}


@cache
def known() -> dict[str, Mapping]:
    return {one.mapping: one for one in known_mappings()}


@cache
def inferred(path: Path) -> Inferred:
    return infer_file(path, tuple(known().values()))


def name_of(path: Path) -> str:
    return f"{path.parents[2].name}/{path.parent.name}"


CASES = [
    pytest.param(
        path, id=f"{name_of(path)}/{path.name}", marks=() if name_of(path) in QUICK else pytest.mark.slow
    )
    for path in SAMPLES
]


@pytest.mark.parametrize("path", CASES)
def test_a_sample_shows_how_it_is_written(path: Path) -> None:
    declared, seen = known()[name_of(path)].file, inferred(path)
    marked = seen.encodings.mark == "utf-8-sig"
    if not seen.encodings.is_ascii:
        # A mark may stand before UTF-8 or not; the reader takes both.
        assert seen.file.encoding.removesuffix("-sig") == declared.encoding.removesuffix("-sig")
        assert declared.encoding in seen.encodings.possible or declared.encoding.startswith("utf-8")
    else:
        assert len(seen.encodings.possible) > 1
        assert not marked
    assert seen.file.delimiter == declared.delimiter
    assert seen.layout.proven or seen.layout.shape.columns == 1
    rows_above = declared.preamble if not isinstance(declared.preamble, tuple) else len(declared.preamble)
    assert seen.file.preamble == rows_above
    if declared.header in {"required", True}:
        assert seen.header.is_there
    elif declared.header in {"none", False}:
        assert not seen.header.is_there


@pytest.mark.parametrize("path", [case for case in CASES if case.values[0].name not in OWN_NAMES])  # type: ignore[union-attr]
def test_the_nearest_format_of_a_sample_is_its_own(path: Path) -> None:
    seen = inferred(path)
    found = nearest(seen.header, tuple(known().values()))
    best = [one.mapping.mapping for one in found if one.score == found[0].score]
    # Formats with the same header, or without any and as many columns, are nearest together.
    assert name_of(path) in best
    if seen.header.is_there:
        assert found[0].same_as
        assert path.name in {one.same_as for one in found if one.mapping.mapping == name_of(path)} or any(
            one.same_as for one in found if one.mapping.mapping == name_of(path)
        )


def test_a_column_more_and_one_less_are_named(tmp_path: Path) -> None:
    sample = mappings_dir() / "core/samples/stock/stock.csv"
    text = sample.read_text(encoding="utf-8-sig").replace("qty", "棚番", 1)
    path = tmp_path / "stock.csv"
    path.write_text(text, encoding="utf-8")
    near = next(
        one
        for one in nearest(infer_file(path, tuple(known().values())).header, tuple(known().values()))
        if one.mapping.mapping == "core/stock"
    )
    assert near.missing == ("qty",)
    assert near.added == ("棚番",)
    assert 0 < near.score < 100
    assert isinstance(near.mapping, InboundMapping)
