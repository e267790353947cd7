"""The demo's warehouse: ships what it was instructed, and tells events and a fresh count."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ecsync.demo.story import WarehouseWork

EVENT_HEADER = ("event_id", "kind", "parcel_no", "line_no", "sku", "qty", "tracking_no", "carrier", "at")


def check_digit(eleven: str) -> str:
    """Return a 12-digit tracking number: eleven digits and their remainder by seven."""
    return eleven + str(int(eleven) % 7)


def work(root: Path, sample: Path, orders: WarehouseWork) -> list[str]:
    """Read every instruction in `in`, write one events file and one stock file to `out`; return their names."""
    told = [line for path in sorted((root / "in").glob("instruction_*.csv")) for line in _rows(path)]
    lines = [line for line in told if not line["order_no"].endswith(orders.later)]
    counted = Counter({row["sku"]: int(row["qty"]) for row in _rows(sample / orders.stock)})
    told_short: set[str] = set()
    events: list[tuple[str, ...]] = []
    at = orders.at.isoformat()
    tracking = {
        parcel: check_digit(f"4009000{index:04d}") for index, parcel in enumerate(_parcels(lines), start=1)
    }
    for line in lines:
        qty, sku = int(line["qty"]), line["sku"]
        short = 1 if sku in orders.short and sku not in told_short and qty > 1 else 0
        told_short.update({sku} if short else ())
        shipped = qty - short
        parcel, number = line["parcel_no"], line["line_no"]
        events.append(
            (
                f"S-{parcel}-{number}",
                "shipped",
                parcel,
                number,
                sku,
                str(shipped),
                tracking[parcel],
                "yamato",
                at,
            )
        )
        if short:
            events.append((f"K-{parcel}-{number}", "short", parcel, number, sku, str(short), "", "", at))
        counted[sku] -= shipped + short
    stamp = orders.at.strftime("%Y%m%d_%H%M")
    _write(root / "out" / f"events_{stamp}.csv", [EVENT_HEADER, *events], orders.at)
    stock: list[tuple[str, ...]] = [
        ("sku", "qty"),
        *((sku, str(qty)) for sku, qty in sorted(counted.items())),
    ]
    _write(root / "out" / f"stock_{stamp}.csv", stock, orders.at)
    return [f"events_{stamp}.csv", f"stock_{stamp}.csv"]


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def _parcels(lines: list[dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(line["parcel_no"] for line in lines))


def _write(path: Path, rows: list[tuple[str, ...]], at: datetime) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue().encode("utf-8"))
    os.utime(path, (at.timestamp(), at.timestamp()))
