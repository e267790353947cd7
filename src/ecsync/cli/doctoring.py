"""`doctor`: check everything and say how to mend it; `--trust ENDPOINT`: trust a host key after a person says yes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.contents import said_of
from ecsync.cli.reporting import Format, Out, give
from ecsync.cli.statuses import epilog
from ecsync.errors import AuthenticationError, UsageError
from ecsync.locale import _

if TYPE_CHECKING:
    from ecsync.run.checkup import Checked


def add(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command("doctor", help=said_of("doctor"), epilog=epilog(3, 10, 12, 13, 15, 16))(doctor)


def doctor(
    trust: Annotated[
        str,
        typer.Option(
            "--trust", metavar="ENDPOINT", help=_("Show the host key of an SFTP endpoint and trust it.")
        ),
    ] = "",
    yes: Annotated[
        str, typer.Option("--fingerprint", help=_("Say yes to this fingerprint without being asked."))
    ] = "",
    form: Format = None,
    out: Out = None,
) -> int:
    """Check, or trust."""
    settings = state.settings()
    if trust:
        return _trust(trust, yes)
    from ecsync.report.blocks import table_report  # noqa: PLC0415
    from ecsync.run.checkup import check_project  # noqa: PLC0415
    from ecsync.run.outcome import first_of  # noqa: PLC0415

    results = check_project(settings, state.clock(settings))
    report = table_report(
        _("Checks of the project"),
        (_("check"), _("result"), _("what was found"), _("what to do")),
        [(r.name, _word(r), r.detail, r.hint) for r in sorted(results, key=_rank)],
        [vars(r) for r in results],
    )
    give(report, form, out)
    return first_of({r.status for r in results if not r.good})


def _word(result: Checked) -> str:
    if not result.good:
        return _("to mend")
    return _("note") if result.detail and result.hint else _("good")


def _rank(result: Checked) -> int:
    """Put what is to mend before notes, and notes before what is good."""
    return (0 if not result.good else 1) + (result.good and not result.hint)


def _confirmed(shown: str) -> bool:
    """Ask a person on stderr, whatever else is quiet; nobody there means no."""
    print(shown, file=sys.stderr)  # noqa: T201
    try:
        return typer.confirm(_("Is this the fingerprint that the partner told you?"), err=True)
    except typer.Abort:
        return False


def _trust(name: str, expected: str) -> int:
    from ecsync.exchange import host_keys  # noqa: PLC0415

    settings = state.settings()
    endpoint = settings.endpoints.get(name)
    if endpoint is None or endpoint.kind != "sftp":
        known = ", ".join(sorted(n for n, e in settings.endpoints.items() if e.kind == "sftp"))
        raise UsageError(
            _("there is no SFTP endpoint {name}; there are: {known}").format(name=name, known=known)
        )
    key = host_keys.fetch(endpoint)
    shown = _("{host} shows the key {fingerprint}").format(host=endpoint.host, fingerprint=key.fingerprint)
    if expected:
        console.talk(shown)
        if expected != key.fingerprint:
            raise AuthenticationError(_("the fingerprint is not the one you named; nothing was trusted"))
    elif not _confirmed(shown):
        raise AuthenticationError(_("nothing was trusted"))
    host_keys.trust(settings, endpoint, key)
    console.talk(_("the key of {host} is trusted from now on").format(host=endpoint.host))
    console.data({"host": endpoint.host, "fingerprint": key.fingerprint})
    return 0
