"""What a document is to tell: every row in order with its values as they are, and just those keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecsync.mapping import catalogue
from ecsync.mapping.writer import WriteOptions, write_file
from ecsync.run import outgoing_rows
from ecsync.run.documents import SOURCES
from master_under_test import MasterUnderTest

if TYPE_CHECKING:
    from pathlib import Path

SQL = SOURCES["channel_quantities"].sql
MAPPING = catalogue.load_outbound("shopify/inventory_available", None)
CONTROL_SIGN = "two\x1fhalves"


def decided(master: MasterUnderTest, *items: str) -> None:
    for number, item in enumerate(items):
        master.insert("channel_quantity", _quantity(item, number))
        master.insert(
            "channel_listing",
            {"channel": "main", "item_key": item, "sku_key": "", "title": f"{item} 品"},
        )


def _quantity(item: str, qty: int) -> dict[str, object]:
    return {
        "channel": "main",
        "item_key": item,
        "sku_key": "",
        "sequence": "00000000001",
        "sku": item.upper(),
        "qty": qty,
    }


def key_of(item: str) -> str:
    return f"main:{item}::00000000001"


def files_of(
    master: MasterUnderTest,
    *,
    held: tuple[str, ...] = (),
    refused: tuple[str, ...] = (),
    most: int | None = None,
    **chosen: Any,
) -> list[tuple[list[tuple[str, int, str]], list[str]]]:
    """Return the rows and the told keys of each file."""
    mapping = MAPPING.model_copy(
        update={"file": MAPPING.file.model_copy(update={"max_rows": most}), **chosen}
    )
    selection = outgoing_rows.Selection(SQL, {"party": "main", "document": "channel_quantities", "fresh": 0})
    files = []
    with (
        master.context() as ctx,
        outgoing_rows.outgoing_rows(ctx, mapping, selection, map(key_of, held)) as rows,
    ):
        while rows.more():
            found = [row for batch in rows.of_next_file() for row in batch.to_pylist()]
            there = {row["business_key"] for row in found}
            told = rows.told({key_of(item) for item in refused} & there)
            keys = [] if told is None else [str(key) for key, _number in ctx.rows(told.sql, **told.params)]
            assert told is None or told.count == len(keys)
            files.append(([(row["title"], row["qty"], row["business_key"]) for row in found], sorted(keys)))
    return files


@pytest.mark.parametrize("block", [1, 2, 5_000])
def test_rows_come_in_order_with_their_values(
    master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(outgoing_rows, "_BATCH", block)
    decided(master, "mug", "bowl", "cup")
    ((rows, keys),) = files_of(master)
    assert rows == [
        ("bowl 品", 1, key_of("bowl")),
        ("cup 品", 2, key_of("cup")),
        ("mug 品", 0, key_of("mug")),
    ]
    assert keys == [key_of(item) for item in ("bowl", "cup", "mug")]


def test_a_control_sign_in_a_value_parts_no_rows(master: MasterUnderTest) -> None:
    decided(master, "cup", CONTROL_SIGN)
    ((rows, _keys),) = files_of(master)
    assert rows == [("cup 品", 0, key_of("cup")), (f"{CONTROL_SIGN} 品", 1, key_of(CONTROL_SIGN))]


def test_what_is_held_back_is_not_there(master: MasterUnderTest) -> None:
    decided(master, "mug", "bowl", "cup")
    ((rows, keys),) = files_of(master, held=("cup", "nowhere"))
    assert [title for title, _qty, _key in rows] == ["bowl 品", "mug 品"]
    assert keys == [key_of("bowl"), key_of("mug")]
    assert files_of(master, held=("mug", "bowl", "cup")) == []


def test_each_file_tells_what_is_in_it_and_was_not_refused(master: MasterUnderTest) -> None:
    decided(master, "a", "b", "c", "d", "e")
    told = [keys for _rows, keys in files_of(master, refused=("b", "e"), most=2)]
    assert told == [[key_of("a")], [key_of("c"), key_of("d")], []]


@pytest.mark.parametrize(
    ("rows", "items"),
    [
        ({"keep_rows_when": ({"sku": ("A", "B")}, {"qty": ("3",)})}, "abd"),
        ({"skip_rows_when": ({"sku": ("A", "B"), "qty": ("0",)}, {"previous_qty": ("7",)})}, "bcde"),
        ({"skip_rows_when": ({"previous_qty": ("",)},)}, ""),
        ({"keep_rows_when": ({"qty": ("0", "1", "2")},), "skip_rows_when": ({"sku": ("B",)},)}, "ac"),
    ],
)
def test_rows_of_another_file_are_left_to_it(
    master: MasterUnderTest, rows: dict[str, Any], items: str
) -> None:
    decided(master, "a", "b", "c", "d", "e")
    files = files_of(master, **rows)
    assert [key for _rows, keys in files for key in keys] == [key_of(item) for item in items]
    assert [row[2] for rows, _keys in files for row in rows] == [key_of(item) for item in items]


def test_what_the_layout_has_no_place_for_is_asked_of_rows_it_does_not_write(
    master: MasterUnderTest, tmp_path: Path
) -> None:
    decided(master, "mug")
    selection = outgoing_rows.Selection(SQL, {"party": "main", "document": "channel_quantities", "fresh": 0})
    mapping = MAPPING.model_copy(update={"takes_only": {"前の数": {"previous_qty": ("5",)}}})
    with (
        master.context() as ctx,
        outgoing_rows.outgoing_rows(ctx, mapping, selection, ()) as rows,
    ):
        options = WriteOptions(settings={"channel.location": "main"})
        written = write_file(mapping, rows.of_next_file(), tmp_path / "file", options)
    assert [(one.column, one.rule) for one in written.refused] == [("前の数", "not_taken")]
