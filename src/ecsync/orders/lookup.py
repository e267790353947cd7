"""Find the order that a person means, and say what there is where it cannot be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.errors import UsageError
from ecsync.locale import _
from ecsync.master.tables_orders import SALES_ORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST: Final = 5
_ORDER: Final = SALES_ORDER.c


@dataclass(frozen=True)
class OrderFacts:
    """An order as decisions see it."""

    channel: str
    order_no: str
    state: str
    order_status: str
    revision: int

    @property
    def key(self) -> dict[str, str]:
        """Return the order's key as parameters of a statement."""
        return {"channel": self.channel, "order_no": self.order_no}


def find_order(conn: sa.Connection, words: Sequence[str]) -> OrderFacts:
    """Return the order that `channel order_no`, or an order number alone, names.

    Raises UsageError, with what there is, where no order or more than one has that number.
    """
    given = " ".join(words).split()
    if len(given) not in {1, 2}:
        raise UsageError(
            _(
                "name an order by its number, or by its shop and its number: rakuten1 000001-20261124-0000000001"
            )
        )
    query = sa.select(
        _ORDER.channel, _ORDER.order_no, _ORDER.state, _ORDER.order_status, _ORDER.revision
    ).where(_ORDER.order_no == given[-1])
    if len(given) == 2:  # noqa: PLR2004 - shop and number
        query = query.where(_ORDER.channel == given[0])
    found = [OrderFacts(*row) for row in conn.execute(query.order_by(_ORDER.channel))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            _("several shops have an order {number}; name one of them: {orders}").format(
                number=given[-1], orders=", ".join(f"{order.channel} {order.order_no}" for order in found)
            )
        )
    # What was typed is not said again: where a `=` was forgotten, it is a name or an address.
    raise UsageError(_("there is no such order; {alike}").format(alike=_alike(conn, given[-1])))


def _alike(conn: sa.Connection, number: str) -> str:
    """Say which orders look like a number that is not there."""
    plain = number.replace("/", "//").replace("%", "/%").replace("_", "/_")
    query = (
        sa.select(_ORDER.channel, _ORDER.order_no)
        .where(_ORDER.order_no.like(f"%{plain}%", escape="/"))
        .order_by(_ORDER.ordered_at.desc(), _ORDER.channel, _ORDER.order_no)
        .limit(_MOST)
    )
    alike = [f"{channel} {order_no}" for channel, order_no in conn.execute(query)]
    if alike:
        return _("orders like it: {orders}").format(orders=", ".join(alike))
    shops = [
        str(row[0]) for row in conn.execute(sa.select(_ORDER.channel).distinct().order_by(_ORDER.channel))
    ]
    if not shops:
        return _("no order has come in yet")
    return _("no order looks like it; there are orders of: {shops}").format(shops=", ".join(shops))
