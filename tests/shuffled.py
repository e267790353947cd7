"""Files with their records in another order, each partner's in its own layout."""

from __future__ import annotations

import csv
import io
import itertools
import random
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from ecsync.mapping.catalogue import load_inbound

if TYPE_CHECKING:
    from ecsync.config import Inbound
    from shop import Shop

# Where rows depend on their neighbours, a record is all rows with one value here.
RECORDS = {"rakuten/items": "商品管理番号（商品URL）", "shopify/orders": "Name"}


def flow_of(shop: Shop, path: str) -> Inbound:
    """Return the inbound flow that takes a file: `path` is below the partners' folders."""
    folder, _sep, name = path.rpartition("/")
    return next(
        flow
        for flow in shop.settings.inbound
        if f"{flow.endpoint}/{flow.path}".rstrip("/") == folder and fnmatch(name, flow.pattern)
    )


def shuffled(shop: Shop, path: str, content: bytes, seed: int) -> bytes:
    """Return a partner's file with its records in another order; cells and quotes stay as they were."""
    flow = flow_of(shop, path)
    mapping = load_inbound(flow.mapping)
    encoding, newline = mapping.file.encoding, "\r\n" if b"\r\n" in content else "\n"
    text = content.decode(encoding)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header, body = (rows[:1], rows[1:]) if mapping.file.header == "required" else ([], rows)
    key = header[0].index(RECORDS[flow.mapping]) if flow.mapping in RECORDS else None
    records = [[row] for row in body] if key is None else _records(body, key)
    random.Random(seed).shuffle(records)  # noqa: S311
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if text.startswith('"') else csv.QUOTE_MINIMAL
    writer = csv.writer(out, quoting=quoting, lineterminator=newline)
    writer.writerows([*header, *itertools.chain.from_iterable(records)])
    return out.getvalue().encode(encoding)


def _records(rows: list[list[str]], key: int) -> list[list[list[str]]]:
    return [list(group) for _value, group in itertools.groupby(rows, key=lambda row: row[key])]
