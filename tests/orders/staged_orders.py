"""Order rows as the reader stages them, and the intake run on them. All data is invented."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from ecsync.findings import FindingLog
from ecsync.master.fingerprint import business_state
from ecsync.orders.intake import merge_orders
from master_under_test import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ecsync.master.context import RunContext
    from master_under_test import MasterUnderTest

ORDER: Final = "000001-20261120-0000000001"
OTHER: Final = "000001-20261120-0000000002"
EARLIER: Final = "2026-11-24T01:00:00Z"
LATER: Final = "2026-11-24T09:00:00Z"
LATEST: Final = "2026-11-24T15:00:00Z"

_BASE: Final[dict[str, Any]] = {
    "shop_id": "000001",
    "ordered_at": "2026-11-20T01:00:00Z",
    "ordered_at_offset": 540,
    "order_status": "ready",
    "payment_method": "card",
    "checking_flag": 0,
    "multi_destination_flag": 0,
    "currency": "JPY",
    "unfixed_flag": 0,
    "goods": 1000,
    "wrapping": 0,
    "shipping": 500,
    "billed": 1500,
    "fee_rate": 1000,
    "buyer_name": "架空 花子",
    "buyer_prefecture": "東京都",
    "buyer_phone": "090-0000-0001",
    "buyer_email": "hanako@example.jp",
    "dest_id": "D1",
    "ship_name": "架空 太郎",
    "ship_postcode": "1000001",
    "ship_prefecture": "東京都",
    "ship_city": "千代田区",
    "ship_address": "千代田1-1",
    "ship_phone": "090-0000-0002",
    "ship_address_ok": 1,
    "item_key": "item-a",
    "sku_key": "item-a",
    "sku_code": "SKU-A",
    "item_name": "架空の茶碗",
    "options": "色:藍",
    "unit_price": 1000,
    "qty": 1,
    "tax_rate": 1000,
    "price_includes_tax": 1,
    "src_totals_gap": 0,
}


def row(order_no: str = ORDER, line_id: str = "1", **values: Any) -> dict[str, Any]:
    """Return one staged row: a paid order of one unit of SKU-A at 1,000 yen, and 500 yen shipping."""
    return {**_BASE, "order_no": order_no, "line_id": line_id, **values}


def two_lines(order_no: str = ORDER, **values: Any) -> list[dict[str, Any]]:
    """Return an order of two lines of 1,000 yen each."""
    return [row(order_no, line_id, **{"goods": 2000, "billed": 2500, **values}) for line_id in ("1", "2")]


# Beyond the numbers that tests name themselves.
_RUNS = itertools.count(1_000)


def take(
    master: MasterUnderTest,
    *files: tuple[list[dict[str, Any]], str],
    after: Iterable[Callable[[RunContext], object]] = (),
    rejected: Iterable[tuple[int, str]] = (),
    **overrides: Any,
) -> Taken:
    """Stage files (rows, as-of), merge them, run what comes `after`, and return what became of the rows.

    `rejected` names orders of which the reader refused a row: (position of the file, order number).
    """
    numbers = [master.load("order_lines", rows, as_of=as_of) for rows, as_of in files]
    # What a run has written is known by its number: each of these is a run of its own.
    with master.context(**{"run_id": next(_RUNS), **overrides}) as ctx:
        for position, order_no in rejected:
            ctx.execute(
                "INSERT INTO stg_reject (src_file, src_line, src_party, order_no) "
                "VALUES (:file, 99, 'rakuten1', :order_no)",
                file=numbers[position],
                order_no=order_no,
            )
        merge_orders(ctx)
        for step in after:
            step(ctx)
        verdicts = _verdicts(ctx)
        return Taken(
            [[v[1:] for v in verdicts if v[0] == number] for number in numbers],
            ctx.findings,
            ctx.changes,
        )


def _verdicts(ctx: RunContext) -> list[tuple[Any, ...]]:
    """Return what became of each row; for rows that were counted by order, that is what its revision says."""
    told = {
        (channel, order_no): "new" if kind == "new" else "changed"
        for channel, order_no, kind in ctx.rows(
            "SELECT channel, order_no, kind FROM order_revision WHERE run_id = :run ORDER BY channel, order_no",
            run=ctx.run_id,
        )
    }
    found, counted = [], Counter[tuple[int, str]]()
    for file, party, order_no, line_id, written, reason in ctx.rows(
        "SELECT src_file, src_party, order_no, line_id, verdict, verdict_reason FROM stg_order_lines "
        "ORDER BY src_file, order_no, line_id, src_row"
    ):
        verdict = written or told.get((party, order_no), "unchanged")
        counted[file, verdict] += not written
        found.append((file, order_no, line_id, verdict, reason))
    rows = ctx.rows("SELECT src_file, verdict, row_count FROM stg_count ORDER BY src_file, verdict")
    assert +counted == {(file, verdict): count for file, verdict, count in rows}
    return found


class Taken:
    """What an intake did: verdicts per file, findings, rows written to business tables."""

    def __init__(self, files: list[list[tuple[Any, ...]]], findings: FindingLog, changes: int) -> None:
        self.files = files
        self.findings = findings
        self.changes = changes

    @property
    def verdicts(self) -> list[str]:
        """Return the verdicts of all rows, file by file."""
        return [str(v[2]) for rows in self.files for v in rows]

    @property
    def reasons(self) -> set[str]:
        """Return the reasons of all rows that were put aside."""
        return {str(v[3]) for rows in self.files for v in rows if v[2] == "quarantined"}

    def said(self, code: str) -> list[str]:
        """Return the subjects of the findings of one code."""
        return [f.subject for f in self.findings if f.code == code]


def state(master: MasterUnderTest, **options: Any) -> dict[str, str]:
    """Return the fingerprint of every business table."""
    with master.engine.connect() as conn:
        return dict(business_state(conn, **options))


def order(master: MasterUnderTest, column: str, order_no: str = ORDER) -> Any:
    """Return one column of a sales order."""
    return master.scalar(f"SELECT {column} FROM sales_order WHERE order_no = :order_no", order_no=order_no)


def open_holds(master: MasterUnderTest, order_no: str = ORDER) -> list[tuple[Any, ...]]:
    """Return (dest_id, reason) of the holds that stand."""
    return master.rows(
        "SELECT dest_id, reason FROM order_hold WHERE order_no = :order_no AND closed_at = '' ORDER BY dest_id, reason",
        order_no=order_no,
    )


def ship(master: MasterUnderTest, line_id: str = "1", *, qty: int = 1, order_no: str = ORDER) -> None:
    """Put a shipped instruction line into the master, as the shipping room would."""
    number = master.scalar("SELECT COUNT(*) FROM shipping_instruction") + 1
    parcel = f"{number:08d}"
    key = {"parcel_no": parcel, "channel": "rakuten1", "order_no": order_no}
    master.insert("shipping_instruction", {**key, "dest_id": "D1", "warehouse": "main", "instructed_at": NOW})
    master.insert(
        "instruction_line",
        {**key, "line_no": 1, "line_id": line_id, "sku": "SKU-A", "qty": qty, "shipped_qty": qty},
    )
