"""Quantities that were decided for a shop and belong into the file of no flow: nobody would ever be told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.errors import EcsyncError
from ecsync.locale import _
from ecsync.run.checkup.checked import Checked, good, wrong
from ecsync.run.documents import SOURCES
from ecsync.run.flow_mappings import outbound_mapping
from ecsync.run.outgoing_rows import left_to_other_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.mapping.model import OutboundMapping
    from ecsync.run.checkup.checked import Scene

_A_PERSON: Final = 3
_MOST_NAMED: Final = 5
_DOCUMENT: Final = "channel_quantities"


def check(scene: Scene) -> Iterator[Checked]:
    """Check of each shop with untold quantities whether a flow takes every one of them."""
    if scene.master is None:
        return
    for channel in sorted(scene.settings.channels):
        try:
            mappings = [
                mapping
                for flow in scene.settings.outbound
                if flow.party == channel
                and (mapping := outbound_mapping(scene.settings, flow)).entity == _DOCUMENT
            ]
        except EcsyncError:
            continue  # told of the flow itself
        codes = _left_by_all(scene.master, channel, mappings)
        if codes:
            yield _told(channel, codes, has_flows=bool(mappings))


def _told(channel: str, codes: list[str], *, has_flows: bool) -> Checked:
    name = _("quantities of {channel}").format(channel=channel)
    if not has_flows:
        return good(
            name,
            _("{count} are decided, and no outbound flow tells them").format(count=len(codes)),
            _(
                "enter them by hand, or add an [[outbound]] of party {name} with a mapping of quantities"
            ).format(name=channel),
        )
    named = ", ".join(codes[:_MOST_NAMED]) + (" ..." if len(codes) > _MOST_NAMED else "")
    return wrong(
        name,
        _A_PERSON,
        _("{count} are decided, and belong into the file of no flow: {codes}").format(
            count=len(codes), codes=named
        ),
        _("add an [[outbound]] whose mapping takes them: one for items and one for variants"),
    )


def _left_by_all(master: sa.Connection, channel: str, mappings: list[OutboundMapping]) -> list[str]:
    conditions, values = ["1 = 1"], {"party": channel, "document": _DOCUMENT, "fresh": 0}
    for number, mapping in enumerate(mappings):
        left, given = left_to_other_files(mapping, f"flow{number}_")
        conditions.append(f"({left})")
        values.update(given)
    rows = master.execute(
        sa.text(
            f"SELECT d.item_key, d.sku_key FROM ({SOURCES[_DOCUMENT].sql}) d "  # noqa: S608
            f"WHERE {' AND '.join(conditions)} ORDER BY d.item_key, d.sku_key"
        ),
        values,
    )
    return ["/".join(filter(None, row)) for row in rows]
