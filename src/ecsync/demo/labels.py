"""The demo's store room: prints the labels that Yamato B2 Cloud was told of, and exports what was issued.

The export holds every label so far, as B2's own does, so a later one repeats an earlier one.
"""

from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING, Final

from ecsync.demo.warehouse import check_digit

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.demo.story import LabelWork

PARCEL, NUMBER, SHIP_DATE = 0, 3, 4  # columns of the basic layout
_NAME_OF_PARCEL: Final = "お客様管理番号"
_ENCODING: Final = "cp932"


def work(root: Path, task: LabelWork) -> list[str]:
    """Print the labels of parcels that are due; write the issued data to `out`; return the names of the files."""
    day = task.at.strftime("%Y/%m/%d")
    header: list[str] = []
    issued: list[list[str]] = []
    for path in sorted((root / "in").glob("b2_*.csv")):
        for row in csv.reader(io.StringIO(path.read_bytes().decode(_ENCODING), newline="")):
            if row[PARCEL] == _NAME_OF_PARCEL:
                header = row
            elif row[SHIP_DATE] <= day:
                issued.append(row)
    if not issued:
        return []
    for row in issued:
        row[NUMBER] = check_digit(f"5123{int(row[PARCEL][-7:]):07d}")
    name = f"issued_{task.at:%Y%m%d_%H%M}.csv"
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([header, *issued])
    target = root / "out" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(out.getvalue().encode(_ENCODING))
    os.utime(target, (task.at.timestamp(), task.at.timestamp()))
    return [name]
