"""The SQL that makes the interface table of a flow, to be run by whoever looks after the partner's database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.dialects import registry

from ecsync.errors import UsageError
from ecsync.exchange.database_connection import open_database
from ecsync.locale import _
from ecsync.run.flow_mappings import outbound_mapping
from ecsync.run.row_file import interface_table

if TYPE_CHECKING:
    import sqlalchemy as sa

    from ecsync.config import Outbound, Settings

DIALECTS: Final = ("postgresql", "sqlite")


@dataclass(frozen=True)
class TableSql:
    """The statements that make a flow's two tables, in the words of one kind of database."""

    tables: tuple[str, str]
    dialect: str
    statements: tuple[str, ...]


def table_sql(settings: Settings, name: str, dialect: str = "") -> TableSql:
    """Return the SQL of a flow's tables: for its own database, or in the dialect that is named.

    Raises UsageError for a flow that sends no rows and for another dialect, ConfigurationError for a name that no
    table can have and for an address that is none. Nothing is connected to.
    """
    rows = {flow.name: flow for flow in settings.outbound if flow.handover == "rows"}
    if name not in rows:
        raise UsageError(
            _("there is no flow {name} that sends rows; there are: {known}").format(
                name=name, known=", ".join(sorted(rows))
            )
        )
    if dialect and dialect not in DIALECTS:
        raise UsageError(_("say one of: {choices}").format(choices=", ".join(DIALECTS)))
    flow = rows[name]
    words = registry.load(dialect)() if dialect else _of_address(settings, flow)
    table = interface_table(flow, outbound_mapping(settings, flow))
    ending = table.entry_name.removeprefix(table.name)
    return TableSql((table.spoken, table.spoken + ending), words.name, tuple(table.ddl(words)))


def _of_address(settings: Settings, flow: Outbound) -> sa.Dialect:
    endpoint = settings.endpoints[flow.endpoint]
    return open_database(flow.endpoint, endpoint, settings.folder, read_only=True).dialect
