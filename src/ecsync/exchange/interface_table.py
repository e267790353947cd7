"""An interface table: where a partner's database takes our rows, and what its two tables are called and hold.

Beside the columns of the file stand `delivery_id`, `row_no` and `business_key`. A second table, `<name>_delivery`, has
one row per delivery, written in the same transaction: it still tells what arrived after the receiver took the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from ecsync.errors import ConfigurationError
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIVERY_ID: Final = "delivery_id"
ROW_NO: Final = "row_no"
BUSINESS_KEY: Final = "business_key"
FILE_NAME, ROW_COUNT, DELIVERED_AT = "file_name", "row_count", "delivered_at"
ENTRY: Final = (DELIVERY_ID, FILE_NAME, ROW_COUNT, DELIVERED_AT)

_ENDING: Final = "_delivery"
_NAME: Final = re.compile(r"[^\W\d]\w*")
_LONGEST: Final = 63  # bytes; PostgreSQL cuts what is longer, and says nothing
# Not every database makes a key of a long text.
_KEY_TEXT: Final = sa.Text().with_variant(sa.String(255), "mysql", "mariadb", "mssql", "oracle")


@dataclass(frozen=True)
class InterfaceTable:
    """The two tables of a flow; `columns` are those of its file, the business key first."""

    schema: str | None
    name: str
    columns: tuple[str, ...]

    @classmethod
    def of(cls, path: str, columns: tuple[str, ...]) -> InterfaceTable:
        """Return the table that a flow's `path` names; raise ConfigurationError where a name cannot be one."""
        *schema, name = path.split(".")
        if len(schema) > 1 or not all(map(_NAME.fullmatch, (*schema, name))):
            raise _no_name(path)
        if any(map(_is_long, (*schema, name + _ENDING))):
            raise _no_name(path)
        _check_columns(columns)
        return cls(schema[0] if schema else None, name, columns)

    @property
    def spoken(self) -> str:
        """Return the table's name for people."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def entry_name(self) -> str:
        """Return the name of the table of deliveries."""
        return self.name + _ENDING

    @cached_property
    def rows(self) -> sa.TableClause:
        """Return the table of the rows, for statements; the database knows its columns' types."""
        return sa.table(self.name, *map(sa.column, (DELIVERY_ID, ROW_NO, *self.columns)), schema=self.schema)

    @cached_property
    def entries(self) -> sa.TableClause:
        """Return the table of the deliveries, for statements."""
        return sa.table(self.entry_name, *map(sa.column, ENTRY), schema=self.schema)

    def ddl(self, dialect: sa.Dialect) -> Iterator[str]:
        """Yield the statements that make both tables."""
        for table in self._declared():
            text = str(CreateTable(table).compile(dialect=dialect))
            yield "\n".join(line.replace("\t", "    ").rstrip() for line in text.strip().splitlines())

    def _declared(self) -> tuple[sa.Table, sa.Table]:
        texts = (
            sa.Column(name, _KEY_TEXT if name == BUSINESS_KEY else sa.Text, nullable=False)
            for name in self.columns
        )
        rows = sa.Table(
            self.name,
            sa.MetaData(),
            sa.Column(DELIVERY_ID, sa.String(64), nullable=False),
            sa.Column(ROW_NO, sa.Integer, nullable=False, autoincrement=False),
            *texts,
            sa.PrimaryKeyConstraint(DELIVERY_ID, BUSINESS_KEY),
            sa.UniqueConstraint(BUSINESS_KEY),
            schema=self.schema,
        )
        entries = sa.Table(
            self.entry_name,
            sa.MetaData(),
            sa.Column(DELIVERY_ID, sa.String(64), primary_key=True),
            sa.Column(FILE_NAME, sa.Text, nullable=False),
            sa.Column(ROW_COUNT, sa.Integer, nullable=False),
            sa.Column(DELIVERED_AT, sa.Text, nullable=False),
            schema=self.schema,
        )
        return rows, entries


def _is_long(name: str) -> bool:
    return len(name.encode("utf-8")) > _LONGEST


def _check_columns(columns: tuple[str, ...]) -> None:
    for name in columns:
        if not name.strip() or any(ord(sign) < ord(" ") for sign in name) or _is_long(name):
            raise ConfigurationError(
                said(N_("a column of an interface table cannot be called {name}"), name=repr(name)),
                hint=said(N_("give the mapping of this flow other header names, of at most 63 bytes")),
            )
    taken = [DELIVERY_ID, ROW_NO, *(name.casefold() for name in columns)]
    doubled = sorted({name for name in taken if taken.count(name) > 1})
    if doubled:
        raise ConfigurationError(
            said(N_("an interface table cannot have two columns {names}"), names=", ".join(doubled)),
            hint=said(N_("give the mapping of this flow other header names")),
        )


def _no_name(path: str) -> ConfigurationError:
    return ConfigurationError(
        said(N_("{path} cannot be the name of an interface table"), path=path),
        hint=said(N_("path is a table or schema.table, in letters, digits and underscores, not too long")),
    )
