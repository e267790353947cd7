"""What people may decide about an order: a closed list, with the words of the work list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ecsync.locale import N_


@dataclass(frozen=True)
class DecisionKind:
    """One decision: `word` stands in the work list, `does` says what comes of it.

    `on` is what it is about. `needs` is what must come with it: a new value, or a note that says why.
    """

    word: str
    does: str
    on: Literal["order", "hold", "field", "parcel"]
    needs: Literal["", "value", "note"] = ""


DECISIONS: Final[dict[str, DecisionKind]] = {
    "release": DecisionKind(
        N_("ship it"),
        N_("the hold ends for as long as what it was judged on stays as it is; the next run ships the order"),
        "hold",
    ),
    "amend": DecisionKind(
        N_("correct it"),
        N_("the corrected value is ours from now on; files of the shop do not undo it"),
        "field",
        "value",
    ),
    "keep_ours": DecisionKind(
        N_("keep our correction"),
        N_("our correction stands against the shop's newest value"),
        "field",
    ),
    "take_mall": DecisionKind(
        N_("take the shop's value"),
        N_("our correction ends; the shop's newest value counts"),
        "field",
    ),
    "cancel": DecisionKind(
        N_("cancel it"),
        N_("nothing more of the order ships; a parcel that the warehouse was told of is recalled"),
        "order",
    ),
    "reopen": DecisionKind(
        N_("undo the cancellation"),
        N_("our cancellation ends; the order ships as the shop states it"),
        "order",
    ),
    "hold": DecisionKind(
        N_("keep it held"),
        N_("the order stays here until somebody lifts the hold, whatever the shop says"),
        "order",
    ),
    "ship_as_instructed": DecisionKind(
        N_("ship as instructed"),
        N_("the parcel leaves as the warehouse was told, in spite of the change"),
        "parcel",
    ),
    "recall": DecisionKind(
        N_("recall it"),
        N_("the warehouse is asked to stop the parcel; once it has, what is left is instructed anew"),
        "parcel",
    ),
}
