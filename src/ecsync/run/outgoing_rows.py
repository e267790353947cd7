"""The rows that a document is to tell: laid down in order, read back as columns, told by key.

The query runs once, into a temporary table. Reading joins the values of thousands of rows into one text per column,
which Arrow takes apart: no object per cell; a thread reads on while a file's rows are written. The keys go from there
to the outbox without leaving the database.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from ecsync.exchange.outbox import ToldKeys
from ecsync.mapping.ahead import one_ahead
from ecsync.master.scratch import fill, scratch_tables
from ecsync.run.portions import Portions, starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ecsync.mapping.model import OutboundMapping
    from ecsync.mapping.model_words import Condition
    from ecsync.master.context import RunContext

_BATCH: Final = 5_000
_NUMBER: Final = "nth"
_SEPARATOR: Final = (
    "\x1f"  # no value holds a control sign of this kind; where one does, its rows are read one by one
)

_LAID_DOWN: Final = "SELECT * FROM tmp_outgoing WHERE nth > :after AND nth <= :upto ORDER BY nth"
_HELD: Final = "DELETE FROM tmp_outgoing WHERE business_key IN (SELECT k.business_key FROM tmp_not_told k)"

_EACH: Final = """
SELECT d.business_key, COALESCE(d.reference, '') AS reference FROM tmp_outgoing d
WHERE d.nth BETWEEN :first AND :last
  AND NOT EXISTS (SELECT 1 FROM tmp_not_told k WHERE k.business_key = d.business_key)
"""
_GROUPED: Final = """
SELECT d.business_key, COALESCE(MAX(d.reference), '') AS reference FROM tmp_outgoing d
WHERE d.nth BETWEEN :first AND :last
  AND NOT EXISTS (SELECT 1 FROM tmp_not_told k WHERE k.business_key = d.business_key)
GROUP BY d.business_key
"""


@dataclass(frozen=True)
class Selection:
    """A query that ends in a total order, and what it is asked with; `lists` names what it takes with IN."""

    sql: str
    given: Mapping[str, object]
    lists: tuple[str, ...] = ()


class OutgoingRows:
    """Hand out the rows file by file, and afterwards the keys that a file tells."""

    def __init__(self, ctx: RunContext, schema: pa.Schema, most: int | None, last: int) -> None:
        """Read these columns of the rows numbered up to `last`, at most `most` for one file."""
        self._ctx = ctx
        self._schema = schema
        self._most = most
        self._last = last
        self._joined = _joined(self._schema, "string_agg" if _is_postgres(ctx) else "group_concat")
        self._portions = Portions(self._read())
        self._numbers = (1, 0)
        self._rows = self._keys = 0
        self.more = self._portions.more

    def of_next_file(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the next file, as many as the mapping allows in one."""
        self._rows = self._keys = 0
        self._numbers = (1, 0)
        # Within a file alone: whoever holds its last row may use the connection.
        for batch in one_ahead(self._portions.take(self._most)):
            numbers = batch.column(_NUMBER)
            first = self._numbers[0] if self._rows else numbers[0].as_py()
            self._numbers = (first, numbers[-1].as_py())
            self._rows += batch.num_rows
            self._keys += int(starts(batch).sum())
            yield batch

    def told(self, refused: set[str]) -> ToldKeys | None:
        """Return the business keys that the file tells, without those refused; None where none is left."""
        if self._keys == len(refused):
            return None
        self._ctx.execute("DELETE FROM tmp_not_told")
        fill(self._ctx, "tmp_not_told", [{"business_key": key} for key in sorted(refused)])
        first, last = self._numbers
        sql = _EACH if self._keys == self._rows else _GROUPED
        return ToldKeys(sql, {"first": first, "last": last}, self._keys - len(refused))

    def _read(self) -> Iterator[pa.RecordBatch]:
        for after in range(0, self._last, _BATCH):
            bounds = {"after": after, "upto": after + _BATCH}
            count, *texts = self._ctx.conn.execute(self._joined, {**bounds, "separator": _SEPARATOR}).one()
            if not count:
                continue
            columns = [pc.split_pattern(pa.array([text]), _SEPARATOR).values for text in texts]
            if any(len(column) != count for column in columns):
                columns = self._one_by_one(bounds)
            arrays = [_typed(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _one_by_one(self, bounds: dict[str, int]) -> list[pa.Array]:
        rows = self._ctx.conn.execute(sa.text(_LAID_DOWN), bounds).mappings().all()
        return [
            pa.array(["" if row[field.name] is None else str(row[field.name]) for row in rows], pa.string())
            for field in self._schema
        ]


@contextmanager
def outgoing_rows(
    ctx: RunContext, mapping: OutboundMapping, selection: Selection, held: Iterable[str]
) -> Iterator[OutgoingRows]:
    """Lay down what is selected, without the keys that are held back."""
    kinds = {column.name: "BIGINT" if column.is_integer else "TEXT NULL" for column in mapping.frame.columns}
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    with scratch_tables(
        ctx,
        tmp_outgoing=f"{_NUMBER} NUMBERED, {columns}, business_key TEXT, reference TEXT NULL",
        tmp_not_told="business_key TEXT, PRIMARY KEY (business_key)",
    ):
        there = list(_selected(ctx, selection, f"SELECT * FROM ({selection.sql}) d LIMIT 0").keys())  # noqa: S608
        insert = f"INSERT INTO tmp_outgoing ({', '.join(there)}) {selection.sql}"
        last = _selected(ctx, selection, insert).rowcount
        keys = sorted(held)
        if last and keys:
            fill(ctx, "tmp_not_told", [{"business_key": key} for key in keys])
            ctx.execute(_HELD)
        if last and (mapping.keep_rows_when or mapping.skip_rows_when):
            left, values = left_to_other_files(mapping)
            ctx.execute(f"DELETE FROM tmp_outgoing WHERE {left}", **values)  # noqa: S608
        yield OutgoingRows(ctx, _read_columns(mapping), mapping.file.max_rows, last)


def _selected(ctx: RunContext, selection: Selection, sql: str) -> sa.CursorResult[Any]:
    lists: list[sa.BindParameter[object]] = [sa.bindparam(name, expanding=True) for name in selection.lists]
    return ctx.conn.execute(sa.text(sql).bindparams(*lists), dict(selection.given))


def _read_columns(mapping: OutboundMapping) -> pa.Schema:
    """Return what is read: the canonical columns that the mapping needs, the key and the number of the row."""
    needed = {name for _header, source in mapping.named_columns for name in source.values}
    conditions = (*mapping.takes_only.values(), *mapping.keep_rows_when, *mapping.skip_rows_when)
    needed |= {*mapping.group, *(name for condition in conditions for name in condition)}
    fields = [
        pa.field(column.name, pa.int64() if column.is_integer else pa.string())
        for column in mapping.frame.columns
        if column.name in needed
    ]
    return pa.schema([*fields, pa.field("business_key", pa.string()), pa.field(_NUMBER, pa.int64())])


def left_to_other_files(mapping: OutboundMapping, value: str = "value") -> tuple[str, dict[str, str]]:
    """Return the condition of rows that do not belong into the mapping's file (`mapping.choosing`), and its values.

    `value` begins the name of each; where every row belongs into the file, the condition holds for none.
    """
    given: dict[str, str] = {}

    def equal(condition: Condition) -> str:
        return " AND ".join(
            f"COALESCE(CAST({name} AS TEXT), '') IN ({named(values)})" for name, values in condition.items()
        )

    def named(values: Iterable[str]) -> str:
        names = [f"{value}{number}" for number, _value in enumerate(values, start=len(given))]
        given.update(zip(names, values, strict=True))
        return ", ".join(f"CAST(:{name} AS TEXT)" for name in names)

    left = [f"({equal(one)})" for one in mapping.skip_rows_when]
    if mapping.keep_rows_when:
        left.append(f"NOT ({' OR '.join(f'({equal(one)})' for one in mapping.keep_rows_when)})")
    return " OR ".join(left) or "1 = 0", given


def _joined(schema: pa.Schema, joins: str) -> sa.TextClause:
    texts = [
        f"{joins}(COALESCE(CAST(d.{field.name} AS TEXT), ''), CAST(:separator AS TEXT))" for field in schema
    ]
    return sa.text(f"SELECT COUNT(*), {', '.join(texts)} FROM ({_LAID_DOWN}) d")  # noqa: S608


def _typed(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    if kind == pa.string():
        return texts
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts).cast(kind)


def _is_postgres(ctx: RunContext) -> bool:
    return bool(ctx.conn.dialect.name == "postgresql")
