"""`schedule cron|systemd`: print what the machine needs to run the project on time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecsync.cli import console, state
from ecsync.cli.contents import said_of
from ecsync.cli.statuses import epilog
from ecsync.locale import _

User = Annotated[
    str,
    typer.Option(
        "--user", metavar="NAME", help=_("Run as this user (for /etc/cron.d, or units of the system).")
    ),
]


def build() -> typer.Typer:
    """Build the group."""
    app = typer.Typer(help=said_of("schedule"), no_args_is_help=True)
    app.command("cron", help=_("Print lines for a crontab."), epilog=epilog(10))(cron)
    app.command("systemd", help=_("Print units for systemd, or write them to a folder."), epilog=epilog(10))(
        systemd
    )
    return app


def cron(
    user: User = "",
    mail: Annotated[
        str,
        typer.Option(
            "--mail", metavar="ADDRESS", help=_("Mail each run's output; else it lies in reports/.")
        ),
    ] = "",
    zone: Annotated[
        str,
        typer.Option("--host-zone", metavar="ZONE", help=_("Time zone that the machine's cron counts in.")),
    ] = "",
) -> int:
    """Print lines for a crontab."""
    from ecsync.run.clock import from_text  # noqa: PLC0415
    from ecsync.run.cron_lines import cron_lines  # noqa: PLC0415
    from ecsync.run.scheduling import host_zone  # noqa: PLC0415

    settings = state.settings()
    lines = cron_lines(
        settings, now=from_text(state.clock(settings)), zone=zone or host_zone(), user=user, mail=mail
    )
    for line in lines:
        console.say(line)
    console.data(lines)
    return 0


def systemd(
    user: User = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help=_("Write the units into this folder."))
    ] = None,
) -> int:
    """Print units, or write them."""
    from ecsync.run.systemd_units import systemd_units  # noqa: PLC0415

    units = systemd_units(state.settings(), user=user)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    for name, text in units.items():
        if out is None:
            console.say(f"# {name}")
            console.say(text)
        else:
            (out / name).write_text(text, encoding="utf-8")
            (out / name).chmod(0o644)
    timers = " ".join(name for name in units if name.endswith(".timer"))
    where = "systemctl" if user else "systemctl --user"
    console.talk(
        _("then: {command}").format(command=f"{where} daemon-reload && {where} enable --now {timers}")
    )
    console.data(units)
    return 0
