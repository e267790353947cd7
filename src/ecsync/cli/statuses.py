"""The exit statuses, in one table: shown in every command's help and in the docs."""

from __future__ import annotations

from typing import Final

from ecsync.locale import N_, _

STATUSES: Final[dict[int, str]] = {
    0: N_("done"),
    1: N_("unexpected"),
    2: N_("wrong usage"),
    3: N_("done, but a person is needed before the next cut-off"),
    4: N_("differences found (only with --exit-code)"),
    10: N_("configuration or mapping wrong"),
    11: N_("another run holds the lock"),
    12: N_("login or host key refused"),
    13: N_("partner not reachable or timed out; retry later"),
    14: N_("input refused; nothing was sent"),
    15: N_("database busy or away"),
    16: N_("a delivery's outcome is unknown; a person must look"),
    130: N_("interrupted"),
    143: N_("terminated"),
}

EVERYWHERE: Final = N_("Everywhere: --project DIR, --as-of TIME, --json, --quiet, --verbose, --lang ja|en.")


def epilog(*statuses: int) -> str:
    """Return the end of a command's help: the options that hold everywhere, and its exit statuses."""
    listed = "  ".join(
        f"{status} {_(STATUSES[status])};" for status in sorted({0, 1, 2, *statuses, 130, 143})
    )
    return f"{_(EVERYWHERE)}\n\n" + _("Exit status: {statuses}").format(statuses=listed.rstrip(";"))
