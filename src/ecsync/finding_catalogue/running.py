"""Proofs, deliveries and runs."""

from __future__ import annotations

from typing import Final

from ecsync.finding_catalogue.kind import FindingKind
from ecsync.locale import N_

RUNNING: Final[dict[str, FindingKind]] = {
    "proof_broken": FindingKind(
        "system",
        N_("Proof {proof} does not hold for {subject}: {detail}"),
        N_("Do not go on before it is understood"),
        needs_person=True,
        scope="proof",
        what=N_("Proof that does not hold"),
        why="{proof}: {detail}",
    ),
    "delivery_unknown": FindingKind(
        "system",
        N_("Whether {subject} arrived is not known"),
        N_("Ask the partner, then `ecsync outbox resolve`"),
        needs_person=True,
        scope="sent",
        what=N_("Outcome unknown (ask whether it arrived)"),
        why=N_("whether it arrived is not known"),
        next_step=N_("Ask the partner whether it arrived, and tell whoever looks after the system"),
    ),
    "delivery_conflict": FindingKind(
        "system",
        N_("{subject}: the partner already has another file of this name"),
        N_("Look at the partner's folder, then `ecsync outbox resolve`"),
        needs_person=True,
        scope="sent",
        what=N_("Another file of this name is there"),
        why=N_("the partner already has another file of this name"),
        next_step=N_("Look at the partner's folder, and tell whoever looks after the system"),
    ),
    "rows_conflict": FindingKind(
        "system",
        N_("{subject} cannot go into the interface table: {reason}"),
        N_("Look at the table and at its table of deliveries, then `ecsync outbox resolve`"),
        needs_person=True,
        scope="sent",
        what=N_("Rows of it are in the table already"),
        why="{reason}",
        next_step=N_(
            "Have the rows in the interface table looked at, and tell whoever looks after the system"
        ),
    ),
    "delivery_waits": FindingKind(
        "system",
        N_("{subject} waits to be sent: {reason}"),
        "{advice}",
        scope="sent",
        what=N_("Waits to be sent"),
        why="{reason}",
        due="note",
    ),
    "run_abandoned": FindingKind(
        "system",
        N_("The unfinished run {subject} was given up; its files go to this run"),
        scope="run",
        what=N_("Unfinished run given up"),
        why=N_("its files go to this run"),
    ),
    "run_resumed": FindingKind(
        "system",
        N_("The unfinished run {subject} was finished"),
        scope="run",
        what=N_("Unfinished run finished"),
        why=N_("an earlier run had stopped halfway"),
    ),
    "erased": FindingKind(
        "system",
        N_("Personal data of {count} orders of {subject} was erased"),
        scope="channel",
        what=N_("Personal data erased"),
        why=N_("{count} orders"),
    ),
}
