"""Interface tables: they are there, can keep what is told, and our login may read and fill them. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.errors import EcsyncError
from ecsync.exchange.database_endpoint import DatabaseEndpoint
from ecsync.exchange.interface_shape import missing_rights, shape_of
from ecsync.locale import _
from ecsync.run.checkup.checked import Checked, good, wrong
from ecsync.run.flow_mappings import outbound_mapping
from ecsync.run.row_file import interface_table

if TYPE_CHECKING:
    from ecsync.config import Outbound, Settings
    from ecsync.exchange.endpoint import Endpoint


def check(settings: Settings, flow: Outbound, door: Endpoint) -> Checked:
    """Look at a flow's table as the hand-over does before it inserts."""
    name = _("interface table of {flow}").format(flow=flow.name)
    assert isinstance(door, DatabaseEndpoint)  # noqa: S101  (rows go nowhere else: config.Settings)
    try:
        table = interface_table(flow, outbound_mapping(settings, flow))
        with door.looking() as conn:
            shape = shape_of(conn, door.name, table)
            rights = missing_rights(conn, table)
    except EcsyncError as error:
        return wrong(name, error.exit_status, error.message, error.hint)
    if rights:
        return wrong(name, 13, _("our login lacks the rights to fill it"), ";\n".join(rights))
    if not shape.key_is_unique:
        return good(
            name,
            _("business_key is unique only within a delivery: before each one the whole table is searched"),
            _("give business_key a unique index of its own"),
        )
    return good(name)
