"""What waits for a person: every hold, every parcel whose order changed, every cancellation that the shop lacks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import sqlalchemy as sa

from ecsync.orders.release_rules import RELEASE_RULES
from ecsync.report.matter_deadlines import MatterDeadlines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from ecsync.config import Settings

Desk = Literal["orders", "shipping", "stock", "accounting"]
DESKS: Final = ("orders", "shipping", "stock", "accounting")

# What kind of thing waits. `wait` needs nobody's decision: it is listed, never in a work list.
MatterKind = Literal["hold", "change", "cancelled_here", "wait"]

_DESK_OF_REASON: Final[dict[str, Desk]] = {"unknown_sku": "stock", "no_tax_rate": "accounting"}
_DESK_OF_WAIT: Final[dict[str, Desk]] = {"money": "orders", "stock": "stock", "date": "shipping"}
# What is typed without its name in the column for corrections.
_CORRECTION_OF: Final = {"bad_address": "address", "unknown_sku": "sku", "no_tax_rate": "tax_rate"}


@dataclass(frozen=True)
class Matter:
    """One thing that waits for a person, or that keeps an order from shipping.

    `about` is a SKU, an item or a destination, `fields` what changed, `mark` what its state hangs on beside the
    order's revision. `by` is the moment until which it is of use. `choices` are the decisions that fit, and
    `correction` what a bare value corrects.
    """

    kind: MatterKind
    desk: Desk
    channel: str
    order_no: str
    reason: str
    revision: int
    dest_id: str = ""
    line_id: str = ""
    parcel_no: str = ""
    about: str = ""
    fields: str = ""
    mark: str = ""
    until: str = ""
    by: datetime | date | None = None
    choices: tuple[str, ...] = ()
    correction: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """Return what the matter is about, whatever its state."""
        return (
            self.kind,
            self.channel,
            self.order_no,
            self.dest_id,
            self.line_id,
            self.parcel_no,
            self.reason,
        )

    @property
    def fingerprint(self) -> str:
        """Return the state in which the matter is: another one means that the order has moved."""
        state = "\x1f".join((*self.identity, str(self.revision), self.mark, self.about, self.fields))
        return hashlib.sha256(state.encode()).hexdigest()[:16]


# A hold of an unknown SKU or rate is answered line by line.
_HOLDS: Final = """
SELECT h.channel, h.order_no, h.reason, o.revision, h.dest_id, COALESCE(l.line_id, '') AS line_id,
       CASE WHEN l.line_id IS NULL THEN h.subject
            ELSE (CASE WHEN l.sku <> '' THEN l.sku WHEN l.sku_code <> '' THEN l.sku_code ELSE l.item_key END)
                 || ' ' || l.item_name END AS about,
       h.opened_at || '/' || h.subject AS mark
FROM order_hold h
JOIN sales_order o ON o.channel = h.channel AND o.order_no = h.order_no AND o.state = 'open'
LEFT JOIN order_line l ON l.channel = h.channel AND l.order_no = h.order_no AND l.qty > 0
  AND ((h.reason = 'unknown_sku' AND l.dest_id = h.dest_id AND l.sku = '' AND l.ships_flag = 1)
       OR (h.reason = 'no_tax_rate' AND l.tax_rate IS NULL))
WHERE h.closed_at = ''
ORDER BY h.channel, h.order_no, h.dest_id, h.reason, line_id
"""

_CHANGES: Final = """
SELECT c.channel, c.order_no, o.revision, i.dest_id, c.parcel_no, c.fields, c.revision, i.ship_date, i.warehouse
FROM parcel_change c
JOIN shipping_instruction i ON i.parcel_no = c.parcel_no AND i.state = 'instructed'
JOIN sales_order o ON o.channel = c.channel AND o.order_no = c.order_no AND o.state <> 'cancelled'
WHERE c.state = 'open'
ORDER BY c.channel, c.order_no, c.parcel_no, c.revision
"""

_CANCELLED_HERE: Final = """
SELECT DISTINCT o.channel, o.order_no, o.revision, o.order_status FROM staff_decision d
JOIN sales_order o ON o.channel = d.channel AND o.order_no = d.order_no AND o.state = 'cancelled'
WHERE d.kind = 'cancel' AND d.state = 'active'
ORDER BY o.channel, o.order_no
"""

_WAITS: Final = """
SELECT w.channel, w.order_no, w.kind, o.revision, w.dest_id, w.until FROM order_wait w
JOIN sales_order o ON o.channel = w.channel AND o.order_no = w.order_no AND o.state = 'open'
ORDER BY w.channel, w.order_no, w.dest_id, w.kind
"""

_DESTINATIONS: Final = """
SELECT d.channel, d.order_no, d.dest_id, d.ship_prefecture, d.wished_date FROM order_destination d
WHERE EXISTS (SELECT 1 FROM order_hold h WHERE h.channel = d.channel AND h.order_no = d.order_no AND h.closed_at = '')
   OR EXISTS (SELECT 1 FROM order_wait w WHERE w.channel = d.channel AND w.order_no = d.order_no)
ORDER BY d.channel, d.order_no, d.dest_id
"""


def gather_matters(conn: sa.Connection, settings: Settings, now: str, *, waits: bool = False) -> list[Matter]:
    """Return what waits at a clock (UTC text), by deadline, shop, order and part; with `waits`, waits too."""
    deadlines = MatterDeadlines(
        settings, now, [tuple(map(str, row)) for row in conn.execute(sa.text(_DESTINATIONS))]
    )
    found = [
        *_holds(conn, deadlines),
        *_changes(conn, deadlines),
        *_cancelled_here(conn, settings, deadlines),
        *(_waits(conn, deadlines) if waits else ()),
    ]
    return sorted(found, key=lambda matter: (deadlines.order_of(matter.by), matter.identity))


def _holds(conn: sa.Connection, deadlines: MatterDeadlines) -> Iterable[Matter]:
    for channel, order_no, reason, revision, dest_id, line_id, about, mark in conn.execute(sa.text(_HOLDS)):
        yield Matter(
            "hold",
            _DESK_OF_REASON.get(reason, "orders"),
            channel,
            order_no,
            reason,
            int(revision),
            dest_id=dest_id,
            line_id=line_id,
            about=about,
            mark=mark,
            by=deadlines.of_destination(channel, order_no, dest_id),
            choices=_choices(reason),
            correction=_CORRECTION_OF.get(reason, ""),
        )


def _choices(reason: str) -> tuple[str, ...]:
    """Return the decisions that answer a hold, the likeliest first."""
    if reason == "amendment_contested":
        return ("keep_ours", "take_mall", "cancel")
    first = ("amend",) if reason in _CORRECTION_OF else ()
    release = ("release",) if RELEASE_RULES[reason].releasable else ()
    other = () if first else ("amend",) if reason != "address_erased" else ()
    hold = () if reason == "staff_hold" else ("hold",)
    return (*first, *release, *other, *hold, "cancel")


def _changes(conn: sa.Connection, deadlines: MatterDeadlines) -> Iterable[Matter]:
    newest: dict[str, Matter] = {}
    for row in conn.execute(sa.text(_CHANGES)):
        channel, order_no, revision, dest_id, parcel_no, fields, told, ship_date, warehouse = row
        earlier = newest.get(parcel_no)
        names = {*fields.split(","), *(earlier.fields.split(",") if earlier else ())}
        newest[parcel_no] = Matter(
            "change",
            "shipping",
            channel,
            order_no,
            "changed_after_instruction",
            int(revision),
            dest_id=dest_id,
            parcel_no=parcel_no,
            about=parcel_no,
            fields=",".join(sorted(names)),
            mark=str(told),
            by=deadlines.of_parcel(warehouse, ship_date),
            choices=("ship_as_instructed", "recall", "cancel"),
        )
    return newest.values()


def _cancelled_here(conn: sa.Connection, settings: Settings, deadlines: MatterDeadlines) -> Iterable[Matter]:
    for channel, order_no, revision, status in conn.execute(sa.text(_CANCELLED_HERE)):
        shop = settings.channels.get(channel)
        if shop is not None and status in shop.status.cancelled:
            continue
        yield Matter(
            "cancelled_here",
            "orders",
            channel,
            order_no,
            "cancelled_here",
            int(revision),
            mark=str(status),
            by=deadlines.today,
            choices=("reopen",),
        )


def _waits(conn: sa.Connection, deadlines: MatterDeadlines) -> Iterable[Matter]:
    for channel, order_no, kind, revision, dest_id, until in conn.execute(sa.text(_WAITS)):
        yield Matter(
            "wait",
            _DESK_OF_WAIT[kind],
            channel,
            order_no,
            kind,
            int(revision),
            dest_id=dest_id,
            until=until,
            by=deadlines.of_destination(channel, order_no, dest_id) if kind == "stock" else None,
            choices=("hold", "cancel"),
        )
