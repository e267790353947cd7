"""The schema's version: bring a master up to date, and refuse one that this program does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ecsync.errors import InputRefusedError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master.engine import reader_of, reading
from ecsync.master.failures import master_errors
from ecsync.master.place import create_private_file
from ecsync.master.plain import revision_of
from ecsync.master.revisions import (
    SCRIPTS,
    SchemaState,
    absent,
    head,
    refuse_unless_current,
    standing_of,
    state_of,
    too_new,
)

if TYPE_CHECKING:
    import sqlalchemy as sa
    from alembic.config import Config

__all__ = [
    "SchemaState", "absent", "describe", "describe_connection", "head", "refuse_foreign", "require_current",
    "standing_of", "upgrade", "upgrade_connection",
]  # fmt: skip

BEFORE_COMMIT = declare("upgrade.before_commit", "the migrations ran; nothing is committed")
AFTER_COMMIT = declare("upgrade.after_commit", "the new schema is committed")


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Create the master or bring it to the program's schema, in one transaction.

    Raises SchemaVersionError where the master is newer than the program.
    """
    with master_errors():
        if engine.dialect.name == "sqlite" and engine.url.database:
            create_private_file(Path(engine.url.database))
        if describe(engine).standing == "newer":
            raise too_new()
        with engine.begin() as conn:
            upgrade_connection(conn, revision)
            faultpoint(BEFORE_COMMIT)
        faultpoint(AFTER_COMMIT)


def upgrade_connection(conn: sa.Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` inside the caller's transaction."""
    from alembic import command  # noqa: PLC0415  (heavy; only who changes the schema pays for it)

    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


def describe(engine: sa.Engine) -> SchemaState:
    """Return where the schema stands; raise MasterUnavailableError where the master cannot be read."""
    with master_errors(), reading(engine) as conn:
        return describe_connection(conn)


def describe_connection(conn: sa.Connection) -> SchemaState:
    """Return where the schema stands, on an open connection."""
    return state_of(revision_of(conn.dialect.name, reader_of(conn)))


def require_current(engine: sa.Engine) -> None:
    """Raise SchemaVersionError, saying what to type, unless the master's schema is the program's."""
    with master_errors():
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
            raise absent()
        state = describe(engine)
    refuse_unless_current(state)


def refuse_foreign(state: SchemaState) -> None:
    """Raise InputRefusedError for a backup that is none of ours, SchemaVersionError for a newer program's."""
    if state.standing == "absent":
        raise InputRefusedError(_("the file holds no master of ecsync"))
    if state.standing == "newer":
        raise too_new()


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
