"""The work list of a desk: a row per decision that waits, with empty cells for what somebody decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.locale import _
from ecsync.orders.decision_catalogue import DECISIONS
from ecsync.report import matter_words as words
from ecsync.report import worklist_columns as layout
from ecsync.report.matter_deadlines import deadline_text
from ecsync.report.matter_report import part_of, shop_title
from ecsync.report.worklist_key import key_of
from ecsync.text.dates import from_utc_text
from ecsync.text.postcodes import hyphenated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.config import Settings
    from ecsync.report.matters import Matter

_PERSONS: Final = """
SELECT p.channel, p.order_no, p.dest_id, p.name, p.postcode, d.ship_prefecture || p.city || p.address, p.phone
FROM person p
JOIN order_destination d ON d.channel = p.channel AND d.order_no = p.order_no AND d.dest_id = p.dest_id
WHERE p.role = 'ship' AND p.channel = :channel AND p.order_no = :order_no
ORDER BY p.dest_id
"""
_PUT_ASIDE: Final = "SELECT COUNT(*) FROM quarantined_row WHERE state IN ('open', 'exported')"


@dataclass(frozen=True)
class WorkRow:
    """One row: the matter, and its cells by column."""

    matter: Matter
    cells: dict[str, str]


@dataclass(frozen=True)
class WorkList:
    """The list of one desk, in the language in which it was made."""

    desk: str
    desk_word: str
    title: str
    about: str
    rows: tuple[WorkRow, ...]
    instructions: tuple[str, ...]
    decisions: tuple[tuple[str, str], ...]
    personal: bool


def work_list(
    conn: sa.Connection,
    settings: Settings,
    desk: str,
    matters: Sequence[Matter],
    *,
    now: str,
    generation: int,
    personal: bool = False,
) -> WorkList:
    """Return the list of a desk from all matters; `personal` adds the receivers' names, addresses and phones."""
    list_id = f"{desk}.{now}.{generation}"
    chosen = [matter for matter in matters if matter.desk == desk and matter.kind != "wait"]
    local = from_utc_text(now).astimezone(settings.zone)
    desk_word = words.desk_word(desk)
    kinds = {kind for matter in chosen for kind in matter.choices}
    return WorkList(
        desk=desk,
        desk_word=desk_word,
        title=_("Work list: {desk}").format(desk=desk_word),
        about=_("{project}, as of {when}").format(
            project=settings.project.name, when=f"{deadline_text(local.date())} {local:%H:%M}"
        ),
        rows=tuple(
            WorkRow(matter, _cells(conn, settings, matter, list_id, personal=personal)) for matter in chosen
        ),
        instructions=_instructions(conn, desk),
        decisions=tuple((_(kind.word), _(kind.does)) for name, kind in DECISIONS.items() if name in kinds),
        personal=personal,
    )


def _cells(
    conn: sa.Connection, settings: Settings, matter: Matter, list_id: str, *, personal: bool
) -> dict[str, str]:
    cells = {
        layout.BY_WHEN: deadline_text(matter.by),
        layout.SHOP: shop_title(settings, matter.channel),
        layout.ORDER: matter.order_no,
        layout.PART: part_of(matter),
        layout.WHAT: words.what(matter),
        layout.WHY: words.why(matter),
        layout.TO_DO: words.to_do(matter),
        layout.KEY: key_of(matter, settings.project.name, list_id),
    }
    if personal:
        cells |= dict.fromkeys(layout.PERSONAL, "")
        cells |= _receivers(conn, matter)
    return cells


def _receivers(conn: sa.Connection, matter: Matter) -> dict[str, str]:
    found = conn.execute(sa.text(_PERSONS), {"channel": matter.channel, "order_no": matter.order_no}).all()
    rows = [row[3:] for row in found if matter.dest_id in {"", row[2]}]
    names, postcodes, addresses, phones = zip(*rows, strict=True) if rows else ((), (), (), ())
    return {
        layout.RECEIVER: " / ".join(names),
        layout.POSTCODE: " / ".join(map(hyphenated, postcodes)),
        layout.ADDRESS: " / ".join(addresses),
        layout.PHONE: " / ".join(phones),
    }


def _instructions(conn: sa.Connection, desk: str) -> tuple[str, ...]:
    lines = [
        _("Fill in the yellow cells only: a decision from the list, who decided, and a note where it helps."),
        _(
            "Correction: what is right, where the decision is 「{word}」. Other fields are named: {example}"
        ).format(
            word=words.decision_word("amend"),
            example=_("phone=090-0000-0000; delivery date=2026-12-01"),
        ),
        _("Rows without a decision stay as they are and come again with the next list."),
        _("A row whose order has moved since is not taken; it comes again with the next list."),
        _("Hand the file in as it is, as a workbook or saved as CSV; handing it in twice does no harm."),
        _("The file may hold personal data: delete it once it is handed in."),
    ]
    aside = int(conn.execute(sa.text(_PUT_ASIDE)).scalar() or 0)
    if aside and desk == "orders":
        lines.append(
            _(
                "{count} rows of files could not be taken in; they are mended by whoever looks after the system"
            ).format(count=aside)
        )
    return tuple(lines)
