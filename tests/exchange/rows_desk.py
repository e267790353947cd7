"""A project whose partner is a database: put rows into the outbox, deliver, look at the interface table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ecsync.exchange.interface_table import InterfaceTable
from exchange.desk import Desk
from master_under_test import MasterUnderTest

URL_FILE = "core-url"
COLUMNS = ("business_key", "entry_id", "品名", "qty")
SALES = (
    ("sale:1/01", "sale:1/01", "波佐見焼マグ 白", "2"),
    ("sale:1/03", "sale:1/03", 'ship"ping,\nfee', "1"),
)


def payload(rows: Sequence[Sequence[str]] = SALES, columns: Sequence[str] = COLUMNS) -> bytes:
    """Return the bytes of a payload as a run writes it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([columns, *rows])
    return text.getvalue().encode("utf-8-sig")


@dataclass
class RowsDesk(Desk):
    """One master, one partner's database, and the flow to its table `sales_in`."""

    address: str = ""
    database: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.flow(path="sales_in", handover="rows")
        path = self.master.folder / URL_FILE
        path.touch(mode=0o600)
        path.write_text(self.address, encoding="utf-8")
        url = sa.make_url(self.address)
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        self.database = sa.create_engine(url, poolclass=sa.NullPool)

    @property
    def is_postgres(self) -> bool:
        """Tell whether the partner has PostgreSQL."""
        return self.database.dialect.name == "postgresql"

    def run_sql(self, *statements: str) -> None:
        """Run statements at the partner's."""
        with self.database.begin() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)

    def make_tables(self, columns: Sequence[str] = COLUMNS, path: str = "sales_in") -> None:
        """Have the partner run the SQL that we print."""
        self.run_sql(*InterfaceTable.of(path, tuple(columns)).ddl(self.database.dialect))

    def put_rows(
        self, rows: Sequence[Sequence[str]] = SALES, name: str = "sales_001.csv", **words: Any
    ) -> int:
        """Put rows into the outbox."""
        words.setdefault("keys", [row[0] for row in rows])
        return self.put(payload(rows), name, **words)

    def rows(self, table: str = "sales_in") -> list[tuple[Any, ...]]:
        """Return what the table holds without delivery ids, in the order of the deliveries' rows."""
        columns = ", ".join(f'"{name}"' for name in ("row_no", *COLUMNS))
        with self.database.connect() as conn:
            found = conn.exec_driver_sql(f"SELECT {columns} FROM {table} ORDER BY delivery_id, row_no")
            return [tuple(row) for row in found]

    def entries(self) -> list[tuple[Any, ...]]:
        """Return the table of deliveries without its ids."""
        query = "SELECT file_name, row_count, delivered_at FROM sales_in_delivery ORDER BY file_name"
        with self.database.connect() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(query)]


def told(rows: Sequence[Sequence[str]] = SALES) -> list[tuple[Any, ...]]:
    """Return what the table must hold."""
    return [(number, *row) for number, row in enumerate(rows, 1)]


@contextmanager
def rows_desk(master: MasterUnderTest, partner: Path, address: str = "") -> Iterator[RowsDesk]:
    """Give a desk whose partner is the database at an address, emptied first, or a new SQLite file."""
    endpoint = {"kind": "database", "url": {"file": URL_FILE}, "timeout_seconds": 120, "retries": 0}
    desk = RowsDesk(master, partner, endpoint, address=address or f"sqlite:///{partner / 'core.db'}")
    if address:
        desk.run_sql(
            "DROP SCHEMA IF EXISTS main CASCADE", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public"
        )
    yield desk
    desk.database.dispose()
