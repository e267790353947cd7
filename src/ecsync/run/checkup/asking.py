"""Queries on partners' databases: each can be asked, and its columns fit the flow's mapping. No row is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.errors import EcsyncError, FileRefusedError
from ecsync.exchange.answers import RefusedAnswerError, header_of
from ecsync.exchange.database_endpoint import DatabaseEndpoint
from ecsync.locale import _
from ecsync.mapping import catalogue
from ecsync.run import queries
from ecsync.run.checkup.checked import Checked, good, wrong

if TYPE_CHECKING:
    from ecsync.config import Inbound, Settings
    from ecsync.exchange.endpoint import Endpoint


def check(settings: Settings, flow: Inbound, door: Endpoint) -> Checked:
    """Ask for the columns of a flow's query, and compare them with what its mapping reads."""
    name = _("query of {flow}").format(flow=flow.name)
    assert isinstance(door, DatabaseEndpoint)  # noqa: S101  (no other has queries: config.Settings)
    try:
        mapping = catalogue.load_inbound(flow.mapping, settings.folder)
        queries.refuse_unfit(flow, mapping)
        columns = door.columns(flow.query)
        unread = queries.unread_columns(header_of(flow.endpoint, columns, flow.key), mapping)
    except (RefusedAnswerError, FileRefusedError) as error:
        return wrong(name, 10, error.message, error.hint)
    except EcsyncError as error:
        return wrong(name, error.exit_status, error.message, error.hint)
    if unread:
        return good(name, _("columns that nothing reads: {columns}").format(columns=", ".join(unread)))
    return good(name)
