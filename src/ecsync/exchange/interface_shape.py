"""What an interface table must be like before the first row goes in: tables, columns, kinds, a unique business key."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final, Literal

import sqlalchemy as sa

from ecsync.errors import ConfigurationError
from ecsync.exchange.interface_table import (
    BUSINESS_KEY,
    DELIVERY_ID,
    ENTRY,
    ROW_COUNT,
    ROW_NO,
    InterfaceTable,
)
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine import Inspector
    from sqlalchemy.engine.interfaces import ReflectedColumn

# text   as it is             padded   filled up with blanks by the database
# whole, number               a figure   date    a day as YYYY-MM-DD
Kind = Literal["text", "padded", "whole", "number", "date"]
_FIGURES: Final = frozenset({ROW_NO, ROW_COUNT})


class Shape:
    """A table that can take rows: how its columns keep a text, and whether a business key is unique by itself."""

    def __init__(self, kinds: dict[str, Kind], *, key_is_unique: bool) -> None:
        """Remember what the table was found to be like."""
        self.kinds = kinds
        self.key_is_unique = key_is_unique


def shape_of(conn: sa.Connection, endpoint: str, table: InterfaceTable) -> Shape:
    """Return what the tables are like; raise ConfigurationError with the SQL that mends them."""
    inspector = sa.inspect(conn)
    quote = conn.dialect.identifier_preparer.format_table
    missing = [
        statement
        for name, statement in zip((table.name, table.entry_name), table.ddl(conn.dialect), strict=True)
        if not inspector.has_table(name, schema=table.schema)
    ]
    if missing:
        raise _fault(N_("{endpoint} has no interface table {table}"), missing, endpoint, table)
    named = {table.name: (DELIVERY_ID, ROW_NO, *table.columns), table.entry_name: ENTRY}
    kinds: dict[str, Kind] = {}
    for part, wanted in ((table.rows, named[table.name]), (table.entries, named[table.entry_name])):
        there = {str(column["name"]): column for column in inspector.get_columns(part.name, table.schema)}
        _refuse_missing(conn, endpoint, part, [name for name in wanted if name not in there])
        _refuse_demanding(endpoint, table, [there[name] for name in there if name not in wanted])
        if part.name == table.name:
            kinds = {name: _kind(endpoint, table, there[name]) for name in wanted}
    unique = _unique_sets(inspector, table.name, table.schema)
    if not unique & {frozenset({BUSINESS_KEY}), frozenset({DELIVERY_ID, BUSINESS_KEY})}:
        statement = f"CREATE UNIQUE INDEX {table.name}_key ON {quote(table.rows)} ({BUSINESS_KEY})"
        said_so = N_("in table {table} of {endpoint} nothing keeps a business key from standing twice")
        raise _fault(said_so, [statement], endpoint, table)
    if frozenset({DELIVERY_ID}) not in _unique_sets(inspector, table.entry_name, table.schema):
        statement = f"CREATE UNIQUE INDEX {table.entry_name}_id ON {quote(table.entries)} ({DELIVERY_ID})"
        said_so = N_("in table {table}_delivery of {endpoint} nothing keeps a delivery from standing twice")
        raise _fault(said_so, [statement], endpoint, table)
    return Shape(kinds, key_is_unique=frozenset({BUSINESS_KEY}) in unique)


def missing_rights(conn: sa.Connection, table: InterfaceTable) -> list[str]:
    """Return the SQL that gives our login what it lacks; only PostgreSQL tells that without an attempt."""
    if conn.dialect.name != "postgresql":
        return []
    login = conn.execute(sa.text("SELECT current_user")).scalar_one()
    prepare = conn.dialect.identifier_preparer
    return [
        f"GRANT {right} ON {name} TO {prepare.quote(str(login))}"
        for name in (prepare.format_table(table.rows), prepare.format_table(table.entries))
        for right in ("SELECT", "INSERT")
        if not conn.execute(
            sa.select(sa.func.has_table_privilege(sa.literal(name, sa.Text), sa.literal(right, sa.Text)))
        ).scalar_one()
    ]


def _unique_sets(inspector: Inspector, name: str, schema: str | None) -> set[frozenset[str]]:
    """Return the sets of columns that cannot stand twice, whatever else a row holds."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", sa.exc.SAWarning
        )  # of an index over an expression, which does not count
        sets: list[Iterable[str | None]] = [
            inspector.get_pk_constraint(name, schema)["constrained_columns"],
            *(one["column_names"] for one in inspector.get_unique_constraints(name, schema)),
            *(
                one["column_names"]
                for one in inspector.get_indexes(name, schema)
                if one["unique"]
                and not any(word.endswith("_where") for word in one.get("dialect_options", {}))
            ),
        ]
    return {frozenset(filter(None, one)) for one in sets if None not in one}


def _refuse_missing(
    conn: sa.Connection,
    endpoint: str,
    part: sa.TableClause,
    missing: Sequence[str],
) -> None:
    if not missing:
        return
    prepare = conn.dialect.identifier_preparer
    statements = [
        f"ALTER TABLE {prepare.format_table(part)} ADD COLUMN {prepare.quote(name)} {kind}"
        for name in missing
        for kind in ("INTEGER" if name in _FIGURES else "TEXT",)
    ]
    fault = said(
        N_("table {table} of {endpoint} lacks the columns {names}"),
        table=part.name,
        endpoint=endpoint,
        names=", ".join(missing),
    )
    raise ConfigurationError(fault, hint=_mending(statements))


def _refuse_demanding(endpoint: str, table: InterfaceTable, others: Sequence[ReflectedColumn]) -> None:
    """Find a column that we do not fill and that may not stay empty."""
    demanding = [
        str(column["name"])
        for column in others
        if not column["nullable"]
        and column.get("default") is None
        and not column.get("identity")
        and not column.get("computed")
        and column.get("autoincrement") is not True
    ]
    if demanding:
        raise ConfigurationError(
            said(
                N_("table {table} of {endpoint} demands values of us that no file has: {names}"),
                table=table.spoken,
                endpoint=endpoint,
                names=", ".join(demanding),
            ),
            hint=said(N_("give these columns a default there, or let them be NULL")),
        )


def _kind(endpoint: str, table: InterfaceTable, column: ReflectedColumn) -> Kind:
    declared = column["type"]
    kinds: tuple[tuple[type[Any], Kind], ...] = (
        (sa.CHAR, "padded"),
        (sa.String, "text"),
        (sa.types.NullType, "text"),
        (sa.Integer, "whole"),
        (sa.Date, "date"),
    )
    kind: Kind | None = next((kind for one, kind in kinds if isinstance(declared, one)), None)
    if kind is None and isinstance(declared, sa.Numeric) and not isinstance(declared, sa.Float):
        kind = "number"
    name = str(column["name"])
    wanted = {ROW_NO: ("whole", "number"), DELIVERY_ID: ("text",), BUSINESS_KEY: ("text",)}
    if kind is None or kind not in wanted.get(name, (kind,)):
        raise ConfigurationError(
            said(
                N_(
                    "column {name} of table {table} of {endpoint} is of a kind that does not keep what is told"
                ),
                name=name,
                table=table.spoken,
                endpoint=endpoint,
            ),
            hint=said(N_("make it a text; amounts may be whole numbers or decimals, days may be dates")),
        )
    return kind


def _fault(msgid: str, statements: Sequence[str], endpoint: str, table: InterfaceTable) -> ConfigurationError:
    return ConfigurationError(said(msgid, endpoint=endpoint, table=table.spoken), hint=_mending(statements))


def _mending(statements: Sequence[str]) -> str:
    sql = ";\n".join(statements)
    return said(N_("have this run there:\n{sql};"), sql=sql)
