"""Samples of inbound mappings with other texts in some of their cells."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from typing import TYPE_CHECKING

from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.golden import samples_folder
from ecsync.mapping.model import fold_name
from ecsync.mapping.named_settings import settings_named, with_settings
from ecsync.mapping.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.rejects import Reject


@cache
def sample_with(name: str, header: str) -> tuple[Path, InboundMapping]:
    """Return a sample with rows, one that has this header where there is one, and the mapping with its settings."""
    mapping = load_inbound(name)
    found: list[tuple[Path, InboundMapping]] = []
    for path in sorted(samples_folder(mapping).iterdir()):
        if path.suffix == ".json":
            continue
        told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8")).get("settings", {})
        own = dict.fromkeys(settings_named(mapping) - mapping.settings.keys(), "1")
        settled = with_settings(mapping, {**own, **told})
        rows = cells_of(path, settled)
        if len(rows) > 1 and fold_name(header) in map(fold_name, rows[0]):
            return path, settled
        found += [(path, settled)] if len(rows) > 1 else []
    return found[0]


def cells_of(path: Path, mapping: InboundMapping) -> list[list[str]]:
    """Return the cells of a sample, from its header on."""
    file = mapping.file
    text = path.read_bytes().decode(file.encoding)
    quoting = csv.QUOTE_MINIMAL if file.has_quotes else csv.QUOTE_NONE
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=file.delimiter, quoting=quoting))[
        file.preamble :
    ]


def write_cells(mapping: InboundMapping, rows: list[list[str]], target: Path) -> Path:
    """Write cells as a file of the mapping."""
    out = io.StringIO()
    quotes = (
        {"quoting": csv.QUOTE_ALL}
        if mapping.file.has_quotes
        else {"quoting": csv.QUOTE_NONE, "quotechar": None}
    )
    csv.writer(out, delimiter=mapping.file.delimiter, **quotes).writerows(rows)  # type: ignore[arg-type]
    target.write_bytes(("\r\n" * mapping.file.preamble + out.getvalue()).encode(mapping.file.encoding))
    return target


def rejects_with(name: str, header: str, text: str, target: Path) -> list[Reject]:
    """Return what is put aside where every row of a sample has this text under a header (added where it lacks)."""
    path, mapping = sample_with(name, header)
    rows = cells_of(path, mapping)
    places = [at for at, cell in enumerate(rows[0]) if fold_name(cell) == fold_name(header)]
    if not places:
        places = [len(rows[0])]
        rows = [[*row, header if number == 0 else ""] for number, row in enumerate(rows)]
    for row in rows[1:]:
        for at in places:
            row[at : at + 1] = [text]
    changed = write_cells(mapping, rows, target)
    return [reject for batch in open_reader(changed, mapping) for reject in batch.rejects]
