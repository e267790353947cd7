"""The staging tables: one per inbound entity, the same columns on both databases, thrown away after the run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from ecsync.entities import ENTITIES, Entity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a loader adds to an entity's columns; `src_row` runs over all files in the order of loading.
TECHNICAL_INTEGERS: Final = ("src_file", "src_line")
TECHNICAL_TEXTS: Final = ("src_party", "src_as_of")
TOTALS_GAP: Final = "src_totals_gap"
# 1: the row goes on with the order of the row before (run.following_rows); else nothing is known.
FOLLOWS: Final = "src_follows"
ROW_NUMBER: Final = "src_row"
VERDICTS: Final = ("verdict", "verdict_reason")

# Rows that never reached a staging table, by order: the rest of such an order must wait for them.
REJECT_TABLE: Final = "stg_reject"
REJECT_COLUMNS: Final = (("src_file", True), ("src_line", True), ("src_party", False), ("order_no", False))

# How many rows of a file have a verdict that is not written beside each of them.
COUNT_TABLE: Final = "stg_count"
COUNT_COLUMNS: Final = (("src_file", True), ("verdict", False), ("row_count", True))


def table_name(entity: Entity | str) -> str:
    """Return the staging table of an entity."""
    return f"stg_{entity if isinstance(entity, str) else entity.name}"


@lru_cache(maxsize=1)
def staged_entities() -> tuple[Entity, ...]:
    """Return the entities that have a staging table: the inbound ones, by name."""
    return tuple(sorted((e for e in ENTITIES.values() if e.direction == "in"), key=lambda e: e.name))


@lru_cache(maxsize=64)
def loaded_schema(name: str) -> pa.Schema:
    """Return the Arrow schema in which rows of an entity are loaded: int64 or string, `src_row` last."""
    entity = ENTITIES[name]
    fields = [(c.name, pa.int64() if c.is_integer else pa.string()) for c in entity.columns]
    fields += [(n, pa.int64()) for n in TECHNICAL_INTEGERS]
    fields += [(n, pa.string()) for n in TECHNICAL_TEXTS]
    fields += [(TOTALS_GAP, pa.int64()), (FOLLOWS, pa.int64()), (ROW_NUMBER, pa.int64())]
    return pa.schema(fields)


def to_loaded(name: str, batch: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
    """Bring a batch into the loaded schema: null text is '', rows are numbered; absent columns are left to the table.

    Raises KeyError for a column that the entity does not have.
    """
    schema = loaded_schema(name)
    unknown = sorted(set(batch.schema.names) - set(schema.names))
    if unknown:
        message = f"{name} has no columns {unknown}"
        raise KeyError(message)
    count = batch.num_rows
    there = set(batch.schema.names)
    typed = {
        field.name: _typed(batch.column(field.name), field.type)
        for field in schema
        if field.name in there and field.name != ROW_NUMBER
    }
    columns = {name: column for name, column in typed.items() if not _is_absent(column)}
    columns[ROW_NUMBER] = pa.arange(first_row, first_row + count)
    fields = [field for field in schema if field.name in columns]
    return pa.RecordBatch.from_arrays([columns[field.name] for field in fields], schema=pa.schema(fields))


def _is_absent(column: pa.Array) -> bool:
    """Tell whether a column says what the table says by itself: nothing in any row."""
    if column.type == pa.int64():
        return bool(column.null_count == len(column))
    return bool(pc.max(pc.binary_length(column)).as_py() in {0, None})


def _typed(column: pa.Array, kind: pa.DataType) -> pa.Array:
    typed = column if column.type == kind else column.cast(kind)
    return pc.fill_null(typed, "") if kind == pa.string() and typed.null_count else typed


def create_statements(*, postgres: bool) -> Iterator[str]:
    """Yield the statements that make every staging table, empty."""
    for entity in staged_entities():
        fields = [(f.name, f.type == pa.int64()) for f in loaded_schema(entity.name)]
        # What every statement asks for stands first: a column costs those before it.
        technical = [(n, i) for n, i in fields if n.startswith("src_") and n != ROW_NUMBER]
        ordered = [
            *((n, False) for n in VERDICTS),
            *technical,
            *(f for f in fields if not f[0].startswith("src_")),
        ]
        columns = [_definition(n, integer=i, postgres=postgres) for n, i in ordered]
        key = "BIGINT PRIMARY KEY" if postgres else "INTEGER PRIMARY KEY"
        yield _create(table_name(entity), [f"{ROW_NUMBER} {key}", *columns], postgres=postgres)
    for name, columns_of in ((REJECT_TABLE, REJECT_COLUMNS), (COUNT_TABLE, COUNT_COLUMNS)):
        yield _create(
            name, [_definition(n, integer=i, postgres=postgres) for n, i in columns_of], postgres=postgres
        )


def _definition(name: str, *, integer: bool, postgres: bool) -> str:
    if integer:
        return f"{name} {'BIGINT' if postgres else 'INTEGER'}"
    order = ' COLLATE "C"' if postgres else ""
    return f"{name} TEXT{order} NOT NULL DEFAULT ''"


def _create(name: str, columns: list[str], *, postgres: bool) -> str:
    if postgres:
        return f"CREATE TEMPORARY TABLE {name} ({', '.join(columns)}) ON COMMIT DROP"
    return f"CREATE TABLE {name} ({', '.join(columns)}) STRICT"


def found_by(name: str) -> tuple[str, ...]:
    """Return the columns by which rows of a staging table are found."""
    return (*TECHNICAL_INTEGERS, ROW_NUMBER, "src_party", *ENTITIES[name].key, "verdict")


def room_statement(name: str, columns: Sequence[str]) -> str:
    """Return the statement that says how full PostgreSQL packs the rows of a file that has these columns.

    Half of each page is left free: a verdict then stays on its row's page, and no index need be told. Whole order lines
    get hardly any, for orders are counted.
    """
    full = 100 if FOLLOWS in columns else 50
    return f"ALTER TABLE {table_name(name)} SET (fillfactor={full})"


def index_statements(name: str, *, schema: str = "", several_files: bool = True) -> Iterator[str]:
    """Yield the statements that index a filled staging table.

    By party, first part of the key and file for the merge (a version of an order then stands together), and by file
    and key, last column first, for rows that are doubled in a file: PostgreSQL needs that only where there are several.
    """
    entity = ENTITIES[name]
    table = table_name(entity)
    prefix = f"{schema}." if schema else ""
    for label, columns in (
        ("party", ("src_party", entity.key[0], "src_file", *entity.key[1:])),
        ("file", ("src_file", *reversed(entity.key))),
    )[: 2 if several_files else 1]:
        yield f"CREATE INDEX {prefix}ix_{table}_{label} ON {table} ({', '.join(columns)})"
