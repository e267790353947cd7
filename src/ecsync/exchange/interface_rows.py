"""Rows of a delivery in an interface table: looked up, compared, and inserted in one transaction.

Every value is handed over as text, and the database makes its column's kind from it; an empty cell is NULL in a
column that is no text. What was inserted is read back before the commit, so what a table would change is never kept.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, Literal

import sqlalchemy as sa

from ecsync.errors import TransferError
from ecsync.exchange.database_connection import patience
from ecsync.exchange.interface_table import (
    BUSINESS_KEY,
    DELIVERED_AT,
    DELIVERY_ID,
    FILE_NAME,
    ROW_COUNT,
    ROW_NO,
)
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from contextlib import AbstractContextManager

    from ecsync.exchange.interface_shape import Kind, Shape
    from ecsync.exchange.interface_table import InterfaceTable
    from ecsync.exchange.row_payload import Row, RowPayload

DURING_INSERT: Final = declare("rows.during_insert", "some rows of a delivery are in the open transaction")

# absent  nothing of it         same  all rows, as we wrote them
# taken   entered, and some or all rows are gone, the others as we wrote them
# other   rows that are not as we wrote them, or without their entry
Found = Literal["absent", "same", "taken", "other"]
_PORTION: Final = 500
MOST_NAMED: Final = 5


@dataclass(frozen=True)
class Delivery:
    """What is delivered: the id that stands in every row, the file's name, our clock (UTC text), and our patience.

    `patience` is for how many seconds each answer of the database is waited for.
    """

    delivery_id: str
    file_name: str
    at: str
    patience: float


class InterfaceRows:
    """A payload and the tables that take it, one connection's transaction at a time."""

    def __init__(
        self, endpoint: str, table: InterfaceTable, shape: Shape, payload: RowPayload, delivery: Delivery
    ) -> None:
        """Take what belongs together."""
        self._endpoint = endpoint
        self._table = table
        self._shape = shape
        self._payload = payload
        self._delivery = delivery

    def look(self, conn: sa.Connection) -> Found:
        """Compare what the tables hold of this delivery with the payload, every column of it."""
        entries = self._table.entries
        query = sa.select(entries.c[ROW_COUNT]).where(entries.c[DELIVERY_ID] == self._delivery.delivery_id)
        with self._waiting(conn):
            entry = conn.execute(query).first()
        ours, theirs = self._compared(conn)
        if theirs is None:
            return "other"
        if entry is None:
            return "other" if theirs else "absent"
        if str(entry[0]) != str(ours):
            return "other"
        return "same" if theirs == ours else "taken"

    def insert(self, conn: sa.Connection) -> None:
        """Insert everything into the open transaction and read it back; raise TransferError where it differs.

        The entry goes first: of two that deliver at once, the second waits there for the end of the first.
        """
        mark, rows = self._delivery, self._table.rows
        count = sum(1 for _row in self._payload.rows())
        entry = {
            DELIVERY_ID: mark.delivery_id,
            FILE_NAME: mark.file_name,
            ROW_COUNT: count,
            DELIVERED_AT: mark.at,
        }
        with self._waiting(conn):
            conn.execute(sa.insert(self._table.entries).values(entry))
        names = (DELIVERY_ID, ROW_NO, *self._table.columns)
        places = [f"p{number}" for number in range(len(names))]
        statement = sa.insert(rows).values(
            {
                name: sa.bindparam(place, type_=sa.types.NullType())
                for name, place in zip(names, places, strict=True)
            }
        )
        for portion in self._payload.portions(_PORTION):
            values = [(mark.delivery_id, number, *self._values(row)) for number, row in portion]
            with self._waiting(conn):
                conn.execute(statement, [dict(zip(places, one, strict=True)) for one in values])
            faultpoint(DURING_INSERT)
        if self.look(conn) != "same":
            raise TransferError(
                said(
                    N_("table {table} of {endpoint} keeps other values than it was given"),
                    table=self._table.spoken,
                    endpoint=self._endpoint,
                ),
                hint=said(
                    N_(
                        "see what its columns cut or round, and what its triggers change; text keeps everything"
                    )
                ),
            )

    def told_before(self, conn: sa.Connection) -> list[str]:
        """Return business keys of the payload that stand there under another delivery, a few more than are named."""
        key, delivery = self._table.rows.c[BUSINESS_KEY], self._table.rows.c[DELIVERY_ID]
        found: list[str] = []
        for portion in self._payload.portions(_PORTION):
            query = (
                sa.select(key)
                .where(key.in_([row[0] for _number, row in portion]))
                .where(delivery != self._delivery.delivery_id)
                .order_by(key)
            )
            with self._waiting(conn):
                found += [str(row[0]) for row in conn.execute(query)]
            if len(found) > MOST_NAMED:
                break
        return found

    @property
    def must_ask(self) -> bool:
        """Tell whether the table itself would take a business key a second time, under another delivery."""
        return not self._shape.key_is_unique

    def _values(self, row: Row) -> Iterator[str | None]:
        for name, text in zip(self._table.columns, row, strict=True):
            kind = self._shape.kinds[name]
            yield text if text or kind in {"text", "padded"} else None

    def _compared(self, conn: sa.Connection) -> tuple[int, int | None]:
        """Return how many rows the payload has and how many of them are there; None where any is not as it was."""
        rows = self._table.rows
        names = (ROW_NO, *self._table.columns)
        kinds = [self._shape.kinds[name] for name in self._table.columns]
        query = (
            sa.select(*(rows.c[name] for name in names))
            .where(rows.c[DELIVERY_ID] == self._delivery.delivery_id)
            .order_by(rows.c[ROW_NO], rows.c[BUSINESS_KEY])
        )
        ours = enumerate(self._payload.rows(), start=1)
        count = seen = 0
        with closing(self._answer(conn, query)) as found:
            for number, *values in found:
                count, row = next(((n, r) for n, r in ours if str(n) == str(number)), (0, ()))
                if not count or not all(map(_is, kinds, row, values)):
                    return 0, None
                seen += 1
        for last, _row in ours:
            count = last
        return count, seen

    def _answer(self, conn: sa.Connection, query: sa.Select[Any]) -> Generator[tuple[Any, ...]]:
        """Yield the rows of an answer, some hundreds in memory at a time."""
        with self._waiting(conn):
            result = conn.execute(query, execution_options={"stream_results": True})
        with result:
            while True:
                with self._waiting(conn):
                    rows = result.fetchmany(_PORTION)
                if not rows:
                    return
                yield from map(tuple, rows)

    def _waiting(self, conn: sa.Connection) -> AbstractContextManager[None]:
        return patience(self._endpoint, conn, self._delivery.patience)


def _is(kind: Kind, text: str, value: object) -> bool:
    """Tell whether a column's value is what a cell of the file says."""
    if value is None:
        return not text
    if kind == "text":
        return str(value) == text
    if kind == "padded":
        return str(value).rstrip(" ") == text.rstrip(" ")
    if kind == "date":
        return str(value) == text
    try:
        return Decimal(text) == Decimal(str(value))
    except InvalidOperation:
        return False
