"""Why a row was put aside, in staff's words: the reader's reasons and those of the business rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.mapping.rejects import ROW_REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

# What rooms write as `verdict_reason` of a row with the verdict `quarantined`.
ROOM_REASONS: Final[dict[str, str]] = {
    "destination_rows_disagree": N_("The rows of one destination say different things"),
    "duplicate_key": N_("Two rows have the same key and say different things"),
    "event_conflict": N_("An event of this number came before with other content"),
    "incomplete_order": N_("Another row of the same order could not be used"),
    "incomplete_sum": N_("Another row of the same product could not be used, and their sum is needed"),
    "incomplete_set": N_("Another row of the same set could not be used"),
    "label_conflict": N_("Two rows of one label say different things"),
    "line_rows_disagree": N_("The rows of one order line say different things"),
    "not_in_the_other_file": N_("The other file of the export has no row for this order"),
    "number_taken": N_("The shop has two orders of this number"),
    "order_conflict": N_("Two files of the same time say different things about the order"),
    "order_rows_disagree": N_("The rows of one order say different things"),
    "set_cycle": N_("The set holds itself"),
    "set_of_itself": N_("The set holds itself"),
    "snapshot_conflict": N_("Two counts of the same time differ"),
    "snapshot_undated": N_("It is not known of when this count is"),
    "unknown_shop": N_("The shop's number is not one of this channel"),
}


def title(reason: str) -> str:
    """Return the msgid of a reason; it may name parameters."""
    known = ROW_REASONS.get(reason)
    return known.title if known else ROOM_REASONS[reason]


def advice(reason: str) -> str:
    """Return the msgid of what to do about a row that was put aside for this reason."""
    known = ROW_REASONS.get(reason)
    return known.hint if known else N_("Mend the rows and put them in again, or fetch the file anew")


def sentence(reason: str, params: Mapping[str, str]) -> str:
    """Return the sentence of a reason in the current language; it holds no cell of the file."""
    return _(title(reason)).format_map(params)
