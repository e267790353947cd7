"""After personal values were blanked: let the database's files forget them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecsync.master.failures import master_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa


def forget_blanked(engine: sa.Engine, tables: Iterable[str]) -> None:
    """Make old versions of rows of `tables` go: to be called after the transaction that blanked them.

    SQLite: deleted bytes are overwritten, but the -wal still holds older pages; it is taken in and emptied, as
    far as readers let it. PostgreSQL: dead rows are vacuumed away, and their space is used again.
    """
    with master_errors(), engine.connect() as conn:
        driver: Any = conn.connection.driver_connection
        if engine.dialect.name == "sqlite":
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return
        driver.rollback()
        driver.autocommit = True
        try:
            for table in sorted(tables):
                driver.execute(f"VACUUM {table}")
        finally:
            driver.autocommit = False
