"""`orders held` as a report: shop, order, what, why, what to do, by when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.locale import _
from ecsync.report import matter_words as words
from ecsync.report.blocks import Column, Report, table_report
from ecsync.report.matter_deadlines import deadline_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.config import Settings
    from ecsync.report.blocks import Cell
    from ecsync.report.matters import Matter


def report_of(matters: Sequence[Matter], settings: Settings) -> Report:
    """Return the list as a report, in the order given."""
    columns = (
        _("by when"),
        _("desk"),
        _("shop"),
        Column(_("order"), "code"),
        Column(_("part"), "code"),
        _("what"),
        _("why"),
        _("what to do"),
        Column(_("reason code"), "code"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            deadline_text(matter.by),
            words.desk_word(matter.desk),
            shop_title(settings, matter.channel),
            matter.order_no,
            part_of(matter),
            words.what(matter),
            words.why(matter),
            words.to_do(matter),
            matter.reason,
        )
        for matter in matters
    ]
    return table_report(
        _("Orders that wait for somebody"),
        columns,
        rows,
        [as_data(matter) for matter in matters],
        empty=_("nothing"),
    )


def shop_title(settings: Settings, channel: str) -> str:
    """Return the name of a shop as staff know it."""
    shop = settings.channels.get(channel)
    return shop.title if shop is not None and shop.title else channel


def part_of(matter: Matter) -> str:
    """Return the part of the order that it is about: a parcel, a line, a destination; '' for all of it."""
    return matter.parcel_no or matter.line_id or matter.dest_id


def as_data(matter: Matter) -> dict[str, object]:
    """Return a matter for programs."""
    return {
        "kind": matter.kind,
        "desk": matter.desk,
        "channel": matter.channel,
        "order_no": matter.order_no,
        "dest_id": matter.dest_id,
        "line_id": matter.line_id,
        "parcel_no": matter.parcel_no,
        "reason": matter.reason,
        "about": matter.about,
        "fields": matter.fields,
        "by": matter.by.isoformat() if matter.by is not None else "",
        "decisions": list(matter.choices),
        "why": words.why(matter),
        "to_do": words.to_do(matter),
    }
