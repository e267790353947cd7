"""Counts, listings and quantities."""

from __future__ import annotations

from typing import Final

from ecsync.finding_catalogue.kind import FindingKind
from ecsync.locale import N_

STOCK: Final[dict[str, FindingKind]] = {
    "stock_differs": FindingKind(
        "stock",
        N_("SKU {subject}: {source} shows {theirs}, we hold {ours}"),
        N_("Count, or correct it at {source}"),
        scope="sku",
        what=N_("Stock drift"),
        why=N_("{source} shows {theirs}, we hold {ours}"),
    ),
    "oversold": FindingKind(
        "stock",
        N_("SKU {subject}: {missing} more sold than there is"),
        N_("Buy in, or tell the customers of the newest orders"),
        needs_person=True,
        scope="sku",
        what=N_("Oversell risk"),
        why=N_("{missing} more sold than there is"),
    ),
    "allocation_released": FindingKind(
        "stock",
        N_("SKU {subject}: {qty} allocated units were released after a count"),
        scope="sku",
        what=N_("Allocated units released"),
        why=N_("{qty} units, after a count"),
    ),
    "unknown_listing": FindingKind(
        "stock",
        N_("{channel} lists {subject}, which the product master does not know"),
        scope="listing",
        what=N_("Unknown code"),
        why=N_("it is listed, but the product master does not know it"),
        next_step=N_("Add it to the core system, or correct the shop's code"),
        due="today",
    ),
    "unlisted": FindingKind(
        "stock",
        N_("SKU {subject} is not listed on {channel}"),
        scope="sku",
        what=N_("Unlisted"),
        why=N_("it is not listed on {channel}"),
    ),
    "jan_suspect": FindingKind(
        "stock",
        N_("SKU {subject}: its JAN code has {digits} digits"),
        N_("Correct it at its source; a spreadsheet program may have taken leading zeros"),
        scope="sku",
        what=N_("JAN code that cannot be right"),
        why=N_("it has {digits} digits; a JAN code has 8 or 13"),
        due="note",
    ),
    "set_refused": FindingKind(
        "stock",
        N_("Set {subject} cannot be taken apart: it holds itself, or is nested too deeply"),
        N_("Mend the set's components in the core system"),
        needs_person=True,
        scope="sku",
        what=N_("Set that cannot be taken apart"),
        why=N_("it holds itself, or is nested too deeply"),
    ),
    "negative_stock": FindingKind(
        "stock",
        N_("SKU {subject} is below zero in {warehouse}: {qty}"),
        N_("Count it"),
        needs_person=True,
        scope="sku",
        what=N_("Stock below zero"),
        why="{warehouse}: {qty}",
    ),
}
