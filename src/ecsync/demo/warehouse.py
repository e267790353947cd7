"""The demo's warehouse: ships what it was instructed, answers recalls, and tells events and a fresh count.

What it did before it reads from its own event files, so it needs no memory of its own.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ecsync.demo.story import WarehouseWork

EVENT_HEADER: Final = (
    "event_id", "kind", "parcel_no", "line_no", "sku", "qty", "tracking_no", "carrier", "at",
)  # fmt: skip
_IN_STOCK: Final = {"shipped": -1, "short": -1, "receipt": 1}
Row = dict[str, str]


def check_digit(eleven: str) -> str:
    """Return a 12-digit tracking number: eleven digits and their remainder by seven."""
    return eleven + str(int(eleven) % 7)


def work(root: Path, sample: Path, task: WarehouseWork) -> list[str]:
    """Do a task; write its events (where there are any) and a count to `out`; return the names of the files."""
    before = [row for path in _own(root, "events_*.csv") for row in _rows(path)]
    events = _events(root, task, before) if task.ships else []
    stamp = task.at.strftime("%Y%m%d_%H%M")
    written = []
    if events:
        written.append(f"events_{stamp}.csv")
        rows = [tuple(event.get(name, "") for name in EVENT_HEADER) for event in events]
        _write(root / "out" / written[-1], [EVENT_HEADER, *rows], task.at)
    counted = Counter({row["sku"]: int(row["qty"]) for row in _rows(sample / task.stock)})
    for event in (*before, *events):
        if event["kind"] in _IN_STOCK:
            counted[event["sku"]] += _IN_STOCK[event["kind"]] * int(event["qty"])
    written.append(f"stock_{stamp}.csv")
    lines = [(sku, str(units)) for sku, units in sorted(counted.items())]
    _write(root / "out" / written[-1], [("sku", "qty"), *lines], task.at)
    return written


def _events(root: Path, task: WarehouseWork, before: list[Row]) -> list[Row]:
    known = {row["parcel_no"] for row in before}
    recalled = {row["parcel_no"] for path in _told(root, "recall_*.csv") for row in _rows(path)} - known
    day = task.at.date().isoformat()
    lines = [
        line
        for path in _told(root, "instruction_*.csv")
        for line in _rows(path)
        if line["parcel_no"] not in known | recalled
        and line["ship_date"] <= day
        and not line["order_no"].endswith(task.later or ("-",))
    ]
    events: list[Row] = [
        {"event_id": f"R-{sku}-{day}", "kind": "receipt", "sku": sku, "qty": str(units)}
        for sku, units in task.receipts.items()
    ]
    events += [
        {"event_id": f"B-{parcel}", "kind": "recalled", "parcel_no": parcel} for parcel in sorted(recalled)
    ]
    parcels = list(dict.fromkeys(line["parcel_no"] for line in lines))
    first = len(known) + 1
    tracking = {parcel: check_digit(f"4009000{number:04d}") for number, parcel in enumerate(parcels, first)}
    missing = set(task.short)
    for line in lines:
        events += _packed(line, tracking[line["parcel_no"]], missing)
    return [{**event, "at": task.at.isoformat()} for event in events]


def _packed(line: Row, tracking: str, missing: set[str]) -> list[Row]:
    """Return the events of one line; of a missing SKU the first line of several units is one short."""
    units = int(line["qty"])
    short = 1 if line["sku"] in missing and units > 1 else 0
    missing -= {line["sku"]} if short else set()
    place = {name: line[name] for name in ("parcel_no", "line_no", "sku")}
    number = f"{line['parcel_no']}-{line['line_no']}"
    shipped = {"kind": "shipped", "qty": str(units - short), "tracking_no": tracking, "carrier": "yamato"}
    packed = [{**place, "event_id": f"S-{number}", **shipped}]
    if short:
        packed.append({**place, "event_id": f"K-{number}", "kind": "short", "qty": str(short)})
    return packed


def _told(root: Path, pattern: str) -> list[Path]:
    return sorted((root / "in").glob(pattern))


def _own(root: Path, pattern: str) -> list[Path]:
    """Return what was written earlier, taken over by the shop or not."""
    return sorted([*(root / "out").glob(pattern), *(root / "out" / "done").glob(pattern)])


def _rows(path: Path) -> list[Row]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def _write(path: Path, rows: list[tuple[str, ...]], at: datetime) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue().encode("utf-8"))
    os.utime(path, (at.timestamp(), at.timestamp()))
