"""Files in the spool, and what arrives together: one file, or the two halves of a pair."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ecsync.master.tables_running import INBOX_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class SpooledFile:
    """A file in the spool; its fields are columns of inbox_file."""

    file_id: int
    flow: str
    party: str
    mapping: str
    name: str
    sha256: str
    as_of: str
    spool_path: str
    remote_done: str
    run_id: int

    @property
    def order(self) -> tuple[str, str, str, str, int]:
        """Return its place in the one order of loading: as-of, flow, name, content."""
        return self.as_of, self.flow, self.name, self.sha256, self.file_id


@dataclass(frozen=True)
class Arrival:
    """What is loaded together, or not at all: a file, or the heads of a pair and their rows.

    `again` numbers the half that was loaded before.
    """

    files: tuple[SpooledFile, ...]
    again: int = 0

    @property
    def order(self) -> tuple[str, str, str, str, int]:
        """Return its place in the one order of loading: that of its latest file."""
        return max(file.order for file in self.files)

    def holds(self, file_ids: Iterable[int]) -> bool:
        """Tell whether one of these files is in it."""
        return not {file.file_id for file in self.files}.isdisjoint(file_ids)


def columns_of(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns that make a SpooledFile."""
    return [table.c[one.name] for one in fields(SpooledFile)]


def spooled(conn: sa.Connection, flows: Iterable[str]) -> list[SpooledFile]:
    """Return the files of the given flows that no run has loaded yet, in the one order."""
    query = sa.select(*columns_of(INBOX_FILE)).where(
        INBOX_FILE.c.state == "spooled", INBOX_FILE.c.flow.in_(sorted(flows))
    )
    files = [SpooledFile(*tuple(row)) for row in conn.execute(query)]
    return sorted(files, key=lambda file: file.order)
