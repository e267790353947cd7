"""The table of contents of the command line: every command and group, its module, and what help says of it.

`ecsync --help` is this table; a module of commands is imported when one of its commands is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ecsync.locale import N_, _


@dataclass(frozen=True)
class Entry:
    """A command, or a group of commands, at the top of the tree."""

    name: str
    module: str
    text: str
    is_group: bool = False


CONTENTS: Final = {
    entry.name: entry
    for entry in (
        Entry("sync", "running", N_("Run once: collect, decide, commit, deliver.")),
        Entry("plan", "running", N_("Make a dry run and keep its bytes in a folder.")),
        Entry("apply", "running", N_("Make a plan real, if nothing has moved since.")),
        Entry("push", "running", N_("Deliver what still waits in the outbox.")),
        Entry("doctor", "doctoring", N_("Check the project and its partners.")),
        Entry(
            "status",
            "standing",
            N_("Say in one screen what the last runs did, what waits for whom, and what comes next."),
        ),
        Entry(
            "init",
            "initiating",
            N_("Make a new project in a folder; without one, make the database of this project."),
        ),
        Entry(
            "demo", "demonstrating", N_("Play three days of a small shop on this machine; nothing leaves it.")
        ),
        Entry(
            "mappings", "mapping", N_("Partners' files as they are declared: list, show, check, test."), True
        ),
        Entry("db", "database", N_("The master database: upgrade, check, back up, restore."), True),
        Entry(
            "orders", "ordering", N_("Orders that wait for a person: list, release, correct, decide."), True
        ),
        Entry(
            "worklist",
            "worklists",
            N_("Spreadsheets on which the desks decide: write them, take them back."),
            True,
        ),
        Entry(
            "outbox",
            "outgoing",
            N_("Outbound files: list, resolve unknown outcomes, reconcile after a restore."),
            True,
        ),
        Entry(
            "quarantine", "quarantining", N_("Rows that could not be used: list, export, put back in."), True
        ),
        Entry(
            "reconcile",
            "reconciling",
            N_("Compare the master with warehouses, core system and shops; nothing is written."),
            True,
        ),
        Entry(
            "explain",
            "explaining",
            N_("Show how a figure came about, or what happened to an order; nothing is written."),
            True,
        ),
        Entry("runs", "runs", N_("The ledger of runs."), True),
        Entry("schedule", "scheduling", N_("Print what the machine needs to run [schedule] on time."), True),
    )
}


def said_of(name: str) -> str:
    """Return what help says of a command or group, in the language spoken now."""
    return _(CONTENTS[name].text)
