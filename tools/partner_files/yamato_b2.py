"""Yamato B2 Cloud: what its user exports as 発行済データ after the labels of an instruction were printed."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from partner_files.base import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PARCEL, NUMBER, SHIP_DATE, SERVICE = 0, 3, 4, 1  # positions in the basic layout
NAMES: Final = ("お客様管理番号", "送り状種類", "クール区分", "伝票番号", "出荷予定日")
_FIRST: Final = 40_090_000_000  # eleven digits; the twelfth is their check digit
NOT_ISSUED: Final = "UMN"


def tracking_number(index: int) -> str:
    """Return an invented twelve-digit number whose check digit is right."""
    eleven = _FIRST + index
    return f"{eleven:011d}{eleven % 7}"


def is_instruction(row: list[str]) -> bool:
    """Tell whether a row of an instruction file is a parcel, not the header."""
    return bool(row) and row[PARCEL] != NAMES[PARCEL]


def instructed(contents: Iterable[bytes]) -> list[list[str]]:
    """Return the rows of instruction files, headers left out, in their order."""
    return [row for content in contents for row in read_table(content, "cp932") if is_instruction(row)]


def issued(
    contents: Iterable[bytes],
    *,
    header: bool = True,
    first: int = 1,
    boxes: Mapping[str, int] | None = None,
    not_issued: Iterable[str] = (),
    left_out: Iterable[str] = (),
    ship_dates: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
    by_hand: int = 0,
) -> bytes:
    """Return the issued data of instruction files: the instructed rows, each with its tracking number.

    Numbers are given in the order of the rows from `first` on, so that a longer export repeats a shorter one.
    Parcels are named by their number: `boxes` with several labels, `not_issued` not printed yet (UMN...),
    `left_out` not in the export, `ship_dates` (2026/11/24) and `numbers` other than these. `by_hand` adds labels
    that name no parcel.
    """
    waiting, absent = set(not_issued), set(left_out)
    rows: list[list[str]] = []
    index = first
    for row in instructed(contents):
        parcel = row[PARCEL]
        for _box in range((boxes or {}).get(parcel, 1)):
            number = (numbers or {}).get(parcel) or tracking_number(index)
            filled = list(row)
            filled[NUMBER] = f"{NOT_ISSUED}{index:09d}" if parcel in waiting else number
            filled[SHIP_DATE] = (ship_dates or {}).get(parcel, row[SHIP_DATE])
            index += 1
            if parcel not in absent:
                rows.append(filled)
    width = len(rows[0]) if rows else len(NAMES)
    for extra in range(by_hand):
        filled = [""] * width
        filled[NUMBER], filled[SHIP_DATE] = tracking_number(index + extra), "2026/11/24"
        rows.append(filled)
    return _table(rows, contents if header else ())


def _table(rows: list[list[str]], contents: Iterable[bytes]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    names = [
        row for content in contents for row in read_table(content, "cp932")[:1] if not is_instruction(row)
    ]
    writer.writerows(names[:1])
    writer.writerows(rows)
    return out.getvalue().encode("cp932")
