"""Decide about staged orders as the command line does: in a transaction of its own, between two imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecsync.master.decisions import Decision
from ecsync.orders import decisions
from ecsync.orders.corrections import read_pairs, with_parts
from ecsync.orders.holds import refresh_holds
from ecsync.orders.lookup import find_order
from master_under_test import NOW
from orders.staged_orders import ORDER, take

if TYPE_CHECKING:
    from ecsync.orders.decisions import Effect
    from master_under_test import MasterUnderTest
    from orders.staged_orders import Taken

MIDDAY: Final = "2026-11-24T04:00:00Z"


def known_shop(master: MasterUnderTest) -> MasterUnderTest:
    """Return a master that knows SKU-A and SKU-B."""
    for sku in ("SKU-A", "SKU-B"):
        master.insert("product", {"sku": sku, "tax_rate": 1000})
    return master


def came(master: MasterUnderTest, *files: tuple[list[dict[str, Any]], str], **options: Any) -> Taken:
    """Take files in and judge the holds, as a run does."""
    return take(master, *files, after=[refresh_holds], **options)


def decide(
    master: MasterUnderTest, kind: str, *pairs: str, order_no: str = ORDER, now: str = MIDDAY, **facts: Any
) -> Effect:
    """Decide as 佐藤; `pairs` are corrections as they are typed."""
    values = read_pairs(pairs) if pairs else ()
    decision = Decision(kind, "rakuten1", order_no, "佐藤", values=values, **facts)
    with master.context(run_id=0, now=now) as ctx:
        order = find_order(ctx.conn, ("rakuten1", order_no))
        return decisions.decide(ctx, order, with_parts(ctx, decision))


def decided(master: MasterUnderTest, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of the decisions kept, oldest first."""
    return master.rows(f"SELECT {', '.join(columns)} FROM staff_decision ORDER BY decision_id")


def receiver(master: MasterUnderTest, column: str, order_no: str = ORDER, dest_id: str = "D1") -> Any:
    """Return a value of a receiver."""
    return master.scalar(
        f"SELECT {column} FROM person WHERE role = 'ship' AND order_no = :order_no AND dest_id = :dest_id",
        order_no=order_no,
        dest_id=dest_id,
    )


def amendment(master: MasterUnderTest, field: str, column: str = "state") -> Any:
    """Return a column of a correction."""
    return master.scalar(f"SELECT {column} FROM order_amendment WHERE field = :field", field=field)


__all__ = ["MIDDAY", "NOW", "amendment", "came", "decide", "decided", "known_shop", "receiver"]
