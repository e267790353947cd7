"""The command tree: each group of commands is a module, imported when the tree is built and light to import."""

from __future__ import annotations

from typing import Annotated

import typer

import ecsync
from ecsync.cli import (
    database,
    demonstrating,
    doctoring,
    explaining,
    initiating,
    mapping,
    ordering,
    outgoing,
    quarantining,
    reconciling,
    running,
    runs,
    scheduling,
    standing,
    worklists,
)
from ecsync.cli.statuses import epilog
from ecsync.locale import _


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ecsync {ecsync.__version__}")  # noqa: T201
        raise typer.Exit


def build() -> typer.Typer:
    """Build the command tree in the current language."""
    app = typer.Typer(
        help=_(
            "Batch integration for Japanese online shops: pull, validate, reconcile, push; each exactly once."
        ),
        epilog=epilog(),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def everywhere(
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help=_("Print the version."))
        ] = False,
    ) -> None:
        del version

    running.add(app)
    for name, module in (
        ("mappings", mapping),
        ("db", database),
        ("orders", ordering),
        ("worklist", worklists),
        ("outbox", outgoing),
        ("quarantine", quarantining),
        ("reconcile", reconciling),
        ("explain", explaining),
        ("runs", runs),
        ("schedule", scheduling),
    ):
        app.add_typer(module.build(), name=name)
    doctoring.add(app)
    standing.add(app)
    initiating.add(app)
    demonstrating.add(app)
    return app
