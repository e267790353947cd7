"""One empty, current master with what a test needs around it; the fixture `master` gives it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from ecsync.config import Settings
from ecsync.findings import FindingLog
from ecsync.master.context import RunContext
from ecsync.master.schema import METADATA
from ecsync.master.staging import StagingWriter, attached
from ecsync.master.staging_tables import FOLLOWS, loaded_schema
from ecsync.master.upgrade import upgrade
from ecsync.run.following_rows import follows

NOW = "2026-11-24T03:00:00Z"
BUSINESS_DATE = "2026-11-24"

SHOP: dict[str, Any] = {
    "project": {"name": "試験商店"},
    "channels": {
        "rakuten1": {"platform": "rakuten", "shop_ids": ["000001"], "warehouse": "main", "payer": "楽天"}
    },
    "warehouses": {"main": {"stock": "snapshot", "cut_off": "12:30"}},
    "core": {"erp": {}},
    "accounting": {},
}


def merged(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `patch` laid over it, table by table."""
    result = dict(base)
    for name, value in patch.items():
        old = result.get(name)
        result[name] = (
            merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        )
    return result


def make_tables(engine: sa.Engine) -> None:
    """Make a current master with the tables as the program declares them.

    That the migrations make the same ones is proved once, by tests/master/test_upgrade.py.
    """
    upgrade(engine)
    with engine.begin() as conn:
        METADATA.drop_all(conn)
        METADATA.create_all(conn)


@dataclass
class MasterUnderTest:
    """One empty, current master and what a test needs around it."""

    dialect: str
    engine: sa.Engine
    settings: Settings
    folder: Path
    base: Mapping[str, Any]
    _pending: list[tuple[str, pa.RecordBatch]] = field(default_factory=list)
    _files: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def make_settings(self, **patch: Any) -> Settings:
        """Return this master's settings with tables of ecsync.toml laid over them."""
        return Settings.model_validate(merged(self.base, patch))

    def load(
        self,
        entity: str,
        rows: list[dict[str, Any]],
        *,
        party: str = "rakuten1",
        as_of: str = NOW,
        file: int | None = None,
    ) -> int:
        """Put rows into staging for the next `context()`; return the file's number.

        A row may name any column of the entity and any `src_*` column; lines are numbered from 2. Order lines are
        marked as the reader marks them (`src_follows`), unless the rows say otherwise.
        """
        number = next(self._files) if file is None else file
        facts = {"src_file": number, "src_party": party, "src_as_of": as_of}
        full = [{**facts, "src_line": line, **row} for line, row in enumerate(rows, start=2)]
        unknown = {name for row in full for name in row} - set(loaded_schema(entity).names)
        assert not unknown, f"{entity} has no columns {sorted(unknown)}"
        names = {name for row in full for name in row}
        fields = [f for f in loaded_schema(entity) if f.name in names]
        arrays = [pa.array([row.get(f.name) for row in full], f.type) for f in fields]
        batch = pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
        if entity == "order_lines" and batch.num_rows and FOLLOWS not in names:
            batch = batch.append_column(FOLLOWS, follows(batch))
        self._pending.append((entity, batch))
        return number

    @contextmanager
    def context(self, *, undo: bool = False, **overrides: Any) -> Iterator[RunContext]:
        """Yield a RunContext in an open transaction with what was loaded staged in it.

        Commits at the end and rolls back on an error, or always with `undo`. Staging is empty afterwards.
        """
        with (
            tempfile.TemporaryDirectory(dir=self.folder) as folder,
            StagingWriter(Path(folder), self.dialect) as staging,
        ):
            for entity, batch in self._pending:
                staging.append(entity, batch)
            self._pending.clear()
            with self.engine.connect() as conn, attached(conn, staging), conn.begin() as transaction:
                facts: dict[str, Any] = {
                    "conn": conn,
                    "run_id": 1,
                    "kind": "night",
                    "now": NOW,
                    "business_date": BUSINESS_DATE,
                    "settings": self.settings,
                    "findings": FindingLog(),
                }
                yield RunContext(**{**facts, **overrides})
                if undo:
                    transaction.rollback()

    def insert(self, table: str, *rows: dict[str, Any]) -> None:
        """Insert rows into a master table; columns that a row leaves out get their defaults."""
        with self.engine.begin() as conn:
            for row in rows:
                conn.execute(sa.insert(METADATA.tables[table]).values(row))

    def rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the committed master."""
        with self.engine.begin() as conn:
            return [tuple(row) for row in conn.execute(sa.text(sql), params)]

    def scalar(self, sql: str, **params: Any) -> Any:
        """Return the one value of a query on the committed master."""
        with self.engine.begin() as conn:
            return conn.execute(sa.text(sql), params).scalar()

    def wipe(self) -> None:
        """Empty every table: a new master for the next example of a property test."""
        self._pending.clear()
        with self.engine.begin() as conn:
            for table in METADATA.sorted_tables:
                conn.execute(sa.delete(table))
