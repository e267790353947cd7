"""A partner's total is proved of every order: one that some yen are added to breaks its order by as many."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from changed_cells import cells_of, sample_with, write_cells
from ecsync.mapping.catalogue import load_inbound, load_mapping
from ecsync.mapping.frames import TOTALS_GAP
from ecsync.mapping.golden import samples_folder
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping, fold_name
from ecsync.mapping.named_settings import settings_named, with_settings
from ecsync.mapping.reader import open_reader
from ecsync.mapping.staged_sample import settled

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = [
    one
    for one in (load_mapping(entry.name) for entry in list_mappings())
    if isinstance(one, InboundMapping) and one.entity == "order_lines"
]
# The half of a pair whose other half states the amounts.
WITHOUT = {"yahoo/order_items"}
# Amazon's reports state no total: what is billed is the sum of the lines, so that there is nothing to compare.
SUMMED = {"amazon/orders", "amazon/fba_shipments", "amazon/unshipped"}
STATED = [one.mapping for one in ORDERS if one.totals and one.mapping not in SUMMED]
YEN = 7


def rows_of(mapping: InboundMapping, path: Path, sample: Path) -> list[dict[str, Any]]:
    """Return the rows of a file with their gaps, joined with the sample of its other half."""
    batches = list(open_reader(path, mapping))
    if mapping.pair is not None:
        other = load_inbound(mapping.pair.with_)
        half = next(one for one in samples_folder(other).glob(f"{sample.stem}.*") if one.suffix != ".json")
        return settled(other, list(open_reader(half, other)), batches)[0]
    if mapping.totals_wait:
        return settled(mapping, batches)[0]
    return [row for batch in batches for row in batch.rows.to_pylist()]


def test_every_file_of_orders_with_amounts_has_a_total() -> None:
    assert {one.mapping for one in ORDERS if not one.totals} == WITHOUT
    assert {one.mapping for one in ORDERS} >= SUMMED


@pytest.mark.parametrize("name", STATED)
def test_an_order_that_breaks_its_total_is_known_by_how_much(name: str, tmp_path: Path) -> None:
    loaded = load_inbound(name)
    own = with_settings(loaded, dict.fromkeys(settings_named(loaded) - loaded.settings.keys(), "1"))
    found = 0
    for header in {one.names[0]: None for one in own.columns["billed"].headers}:
        sample, mapping = sample_with(name, header)
        before = {
            (row["order_no"], row["line_id"]): row["billed"]
            for row in rows_of(mapping, sample, sample)
            if row[TOTALS_GAP] == 0
        }
        rows = cells_of(sample, mapping)
        at = [fold_name(cell) for cell in rows[0]].index(fold_name(header))
        for row in rows[1:]:
            amount = row[at].replace(",", "") if len(row) > at else ""
            if re.fullmatch(r"[0-9]{2,7}(\.0+)?", amount):
                row[at] = str(int(float(amount)) + YEN)
        after = rows_of(mapping, write_cells(mapping, rows, tmp_path / sample.name), sample)
        for row in after:
            was = before.get((row["order_no"], row["line_id"]))
            if was is not None and row["billed"] != was:
                assert row[TOTALS_GAP] == row["billed"] - was, "what is billed less the gap is the sum"
                found += 1
    assert found
