"""Which schema a master has against the program's own; needs no migration library, for every command asks it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from ecsync import __version__
from ecsync.errors import SchemaVersionError
from ecsync.locale import _

Standing = Literal["absent", "older", "current", "newer"]

SCRIPTS: Final = Path(__file__).parent / "migrations"
# Where the migrations write down how far a master has come.
KEPT_IN: Final = "alembic_version"


@dataclass(frozen=True)
class SchemaState:
    """Where a master's schema stands: its revision ('' where absent) against the program's."""

    revision: str
    head: str
    standing: Standing


@cache
def known() -> tuple[str, ...]:
    """Return every revision in order; a migration's file begins with its own."""
    names = (path.stem for path in (SCRIPTS / "versions").glob("[0-9]*_*.py"))
    return tuple(sorted(name.partition("_")[0] for name in names))


def head() -> str:
    """Return the program's own schema revision."""
    return known()[-1]


def standing_of(revision: str) -> Standing:
    """Compare a schema revision with the program's."""
    if not revision:
        return "absent"
    if revision == head():
        return "current"
    return "older" if revision in known() else "newer"


def state_of(revision: str) -> SchemaState:
    """Return where a master of this revision stands."""
    return SchemaState(revision, head(), standing_of(revision))


def refuse_unless_current(state: SchemaState) -> None:
    """Raise SchemaVersionError, saying what to type, unless the master's schema is the program's."""
    if state.standing == "absent":
        raise absent()
    if state.standing == "older":
        raise SchemaVersionError(
            _("the database has schema {found}, and this program needs {wanted}").format(
                found=state.revision, wanted=state.head
            ),
            hint="ecsync db upgrade",
        )
    if state.standing == "newer":
        raise too_new()


def absent() -> SchemaVersionError:
    """Return the error of a project without a master."""
    return SchemaVersionError(_("the project has no database yet"), hint="ecsync db upgrade")


def too_new() -> SchemaVersionError:
    """Return the error of a master that a newer program wrote."""
    return SchemaVersionError(
        _("the database was written by a newer ecsync than this one ({version})").format(version=__version__),
        hint=_("install ecsync > {version}").format(version=__version__),
    )
