"""The schema's version: bring a master up to date, and refuse one that this program does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ecsync import __version__
from ecsync.errors import InputRefusedError, SchemaVersionError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master.engine import reading
from ecsync.master.failures import master_errors
from ecsync.master.place import create_private_file

if TYPE_CHECKING:
    import sqlalchemy as sa

Standing = Literal["absent", "older", "current", "newer"]

BEFORE_COMMIT = declare("upgrade.before_commit", "the migrations ran; nothing is committed")
AFTER_COMMIT = declare("upgrade.after_commit", "the new schema is committed")

_SCRIPTS: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class SchemaState:
    """Where a master's schema stands: its revision ('' where absent) against the program's."""

    revision: str
    head: str
    standing: Standing


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Create the master or bring it to the program's schema, in one transaction.

    Raises SchemaVersionError where the master is newer than the program.
    """
    with master_errors():
        if engine.dialect.name == "sqlite" and engine.url.database:
            create_private_file(Path(engine.url.database))
        if describe(engine).standing == "newer":
            raise _too_new()
        with engine.begin() as conn:
            upgrade_connection(conn, revision)
            faultpoint(BEFORE_COMMIT)
        faultpoint(AFTER_COMMIT)


def upgrade_connection(conn: sa.Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` inside the caller's transaction."""
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


def describe(engine: sa.Engine) -> SchemaState:
    """Return where the schema stands; raise MasterUnavailableError where the master cannot be read."""
    with master_errors(), reading(engine) as conn:
        return describe_connection(conn)


def describe_connection(conn: sa.Connection) -> SchemaState:
    """Return where the schema stands, on an open connection."""
    revision = MigrationContext.configure(conn).get_current_revision() or ""
    return SchemaState(revision, head(), standing_of(revision))


def standing_of(revision: str) -> Standing:
    """Compare a schema revision with the program's."""
    if not revision:
        return "absent"
    if revision == head():
        return "current"
    return "older" if revision in _known() else "newer"


def head() -> str:
    """Return the program's own schema revision."""
    return _script().get_current_head() or ""


def require_current(engine: sa.Engine) -> None:
    """Raise SchemaVersionError, saying what to type, unless the master's schema is the program's."""
    with master_errors():
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
            raise absent()
        state = describe(engine)
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
        raise _too_new()


def refuse_foreign(state: SchemaState) -> None:
    """Raise InputRefusedError for a backup that is none of ours, SchemaVersionError for a newer program's."""
    if state.standing == "absent":
        raise InputRefusedError(_("the file holds no master of ecsync"))
    if state.standing == "newer":
        raise _too_new()


def absent() -> SchemaVersionError:
    """Return the error of a project without a master."""
    return SchemaVersionError(_("the project has no database yet"), hint="ecsync db upgrade")


def _too_new() -> SchemaVersionError:
    return SchemaVersionError(
        _("the database was written by a newer ecsync than this one ({version})").format(version=__version__),
        hint=_("install ecsync > {version}").format(version=__version__),
    )


@lru_cache(maxsize=1)
def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _script().walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
