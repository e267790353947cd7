"""The usual shapes of CSV files, as the csv-spectrum collection lists them, in bytes of our own.

Blanks and line ends at the edges of a text are cut, as everywhere in our mappings; what is inside stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mapping_reading import Read, mapping_of

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "品番,品名,仕入先"
# Name of the case -> text of the file, and the rows that it holds.
SPECTRUM: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "simple": (f"{HEADER}\nA1,湯のみ,港商店\n", [("A1", "湯のみ", "港商店")]),
    "simple_crlf": (f"{HEADER}\r\nA1,湯のみ,港商店\r\n", [("A1", "湯のみ", "港商店")]),
    "comma_in_quotes": (f'{HEADER}\nA1,"湯のみ,大","港,商店"\n', [("A1", "湯のみ,大", "港,商店")]),
    "empty": (f'{HEADER}\nA1,"",""\nA2,皿,港商店\n', [("A1", "", ""), ("A2", "皿", "港商店")]),
    "empty_crlf": (f'{HEADER}\r\nA1,"",""\r\nA2,皿,港商店\r\n', [("A1", "", ""), ("A2", "皿", "港商店")]),
    "empty_without_quotes": (f"{HEADER}\nA1,,\nA2,,港商店\n", [("A1", "", ""), ("A2", "", "港商店")]),
    "escaped_quotes": (
        f'{HEADER}\nA1,"14""モニター","""港""商店"\nA2,"""",皿\n',
        [("A1", '14"モニター', '"港"商店'), ("A2", '"', "皿")],
    ),
    "json": (
        f'{HEADER}\nA1,"{{""type"": ""皿"", ""sizes"": [12.5, -3]}}",港商店\n',
        [("A1", '{"type": "皿", "sizes": [12.5, -3]}', "港商店")],
    ),
    "newlines": (
        f'{HEADER}\nA1,"一行目\n二行目",港商店\n"A2","皿\n\n","港\n商店"\nA3,鉢,丘商店\n',
        [("A1", "一行目\n二行目", "港商店"), ("A2", "皿", "港\n商店"), ("A3", "鉢", "丘商店")],
    ),
    "newlines_crlf": (
        f'{HEADER}\r\nA1,"一行目\r\n二行目",港商店\r\n"A2","皿","港\r\n商店"\r\nA3,鉢,丘商店\r\n',
        [("A1", "一行目\r\n二行目", "港商店"), ("A2", "皿", "港\r\n商店"), ("A3", "鉢", "丘商店")],
    ),
    "quotes_and_newlines": (
        f'{HEADER}\nA1,"言った\n""はい""\n",港商店\nA2,"""\n""",丘商店\n',
        [("A1", '言った\n"はい"', "港商店"), ("A2", '"\n"', "丘商店")],
    ),
    "utf8": (
        f"{HEADER}\nA1,𠮷野ʤ,花😀\nA2,か\u3099,ﾊﾝｶｸ\n",
        [("A1", "𠮷野ʤ", "花😀"), ("A2", "か\u3099", "ﾊﾝｶｸ")],
    ),
    "location_coordinates": (
        f'{HEADER}\nA1,"35°41\'22.4""N 139°41\'30.1""E",港商店\n',
        [("A1", "35°41'22.4\"N 139°41'30.1\"E", "港商店")],
    ),
    "every_cell_quoted": ('"品番","品名","仕入先"\n"A1","湯のみ","港商店"\n', [("A1", "湯のみ", "港商店")]),
    "blanks_at_the_edges": (f'{HEADER}\nA1, 湯 のみ ," 港 "\n', [("A1", "湯 のみ", "港")]),
}


@pytest.mark.parametrize("name", SPECTRUM)
def test_it_is_read_as_it_is_meant(tmp_path: Path, name: str) -> None:
    text, rows = SPECTRUM[name]
    path = tmp_path / f"{name}.csv"
    path.write_bytes(text.encode())
    found = Read(
        path,
        mapping_of(
            {"sku": {"from": "品番", "as": "key"}, "name": "品名", "supplier": "仕入先"}, entity="products"
        ),
    )
    assert [(row["sku"], row["name"], row["supplier"]) for row in found.rows] == rows
    assert found.rejects == []
