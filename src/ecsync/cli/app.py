"""The command tree: its top is the table of contents; a module is imported when one of its commands is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, MutableMapping
from typing import Annotated, Any

import typer
import typer.core
import typer.main

import ecsync
from ecsync.cli.contents import CONTENTS, Entry, said_of
from ecsync.cli.statuses import epilog
from ecsync.locale import _

# Of every Typer instance; help is plain text, drawn without rich.
_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}


class _Shelf(MutableMapping[str, Any]):
    """The commands by name, each built from its module when it is taken."""

    def __init__(self) -> None:
        self._taken: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  (of Typer's own classes, which it does not show)
        if name not in self._taken:
            self._taken[name] = _built(CONTENTS[name])
        return self._taken[name]

    def __setitem__(self, name: str, command: object) -> None:
        self._taken[name] = command

    def __delitem__(self, name: str) -> None:
        del self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(CONTENTS)

    def __len__(self) -> int:
        return len(CONTENTS)


class _Contents(typer.core.TyperGroup):
    """The top of the tree: names what there is without importing it."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Shelf()

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the table of contents, with commands that are nothing but a name and a text."""
        shelf = self.commands
        self.commands = {name: typer.core.TyperCommand(name, help=said_of(name)) for name in CONTENTS}
        try:
            super().format_commands(ctx, formatter)
        finally:
            self.commands = shelf


def _built(entry: Entry) -> Any:  # noqa: ANN401  (of Typer's own classes, which it does not show)
    module = importlib.import_module(f"ecsync.cli.{entry.module}")
    part = typer.Typer(**_PLAIN)
    if entry.is_group:
        part.add_typer(module.build(), name=entry.name)
    else:
        module.add(part)
    made = typer.main.get_command(part)
    return getattr(made, "commands", {entry.name: made})[entry.name]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ecsync {ecsync.__version__}")  # noqa: T201
        raise typer.Exit


def build() -> typer.Typer:
    """Build the command tree in the current language."""
    app = typer.Typer(
        cls=_Contents,
        help=_(
            "Batch integration for Japanese online shops: pull, validate, reconcile, push; each exactly once."
        ),
        epilog=epilog(),
        no_args_is_help=True,
        **_PLAIN,
    )

    @app.callback()
    def everywhere(
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help=_("Print the version."))
        ] = False,
    ) -> None:
        del version

    return app
