"""An invented shop's orders, shipments and returns, put straight into the master."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ecsync.accounting import corrections, journals, proofs, returns, sales
from ecsync.findings import FindingLog
from ecsync.master.proof import Proof
from ecsync.master.schema import METADATA
from master_under_test import MasterUnderTest

CHANNEL = "rakuten1"
HEADER = ("wrapping", "shipping", "cod_fee", "payment_fee", "buyer_fee", "adjustment")


@dataclass
class Line:
    """One line of an order."""

    line_id: str
    unit_price: int
    qty: int = 1
    tax_rate: int | None = 1000
    sku: str = ""
    price_includes_tax: int = 1
    ships_flag: int = 1

    @property
    def our_sku(self) -> str:
        return self.sku or f"SKU-{self.line_id}"


@dataclass
class Booked:
    """What one night left."""

    findings: FindingLog
    proofs: list[Proof] = field(default_factory=list)

    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]


class Shop:
    """Write the tables that other rooms fill, and run the nights of the accounting room."""

    def __init__(self, master: MasterUnderTest, **settings: Any) -> None:
        self.master = master
        self.settings = master.make_settings(**settings) if settings else master.settings
        self.runs = 0
        self.events = 0
        self.changes = 0
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._instructed: dict[tuple[str, int], str] = {}

    def order(self, order_no: str, lines: list[Line], **header: Any) -> None:
        """Place an order; `billed` is what the parts come to unless it is given."""
        for line in lines:
            self._put(
                "order_line",
                {
                    "channel": CHANNEL,
                    "order_no": order_no,
                    "line_id": line.line_id,
                    "sku": line.our_sku,
                    "item_name": "品",
                    "unit_price": line.unit_price,
                    "qty": line.qty,
                    "tax_rate": line.tax_rate,
                    "price_includes_tax": line.price_includes_tax,
                    "ships_flag": line.ships_flag,
                },
            )
        goods = sum(line.unit_price * line.qty for line in lines)
        header.setdefault("billed", goods + signed(header))
        self._put(
            "sales_order",
            {"channel": CHANNEL, "order_no": order_no, "order_status": "ready", "goods": goods, **header},
        )

    def change(self, order_no: str, **header: Any) -> None:
        """Let a later revision of the order say something else."""
        assignments = ", ".join(f"{name} = :{name}" for name in header)
        comma = ", " if assignments else ""
        self._write(
            f"UPDATE sales_order SET revision = revision + 1{comma}{assignments} WHERE order_no = :order_no",
            order_no=order_no,
            **header,
        )

    def change_line(self, order_no: str, line_id: str, **values: Any) -> None:
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        self._write(
            f"UPDATE order_line SET {assignments} WHERE order_no = :order_no AND line_id = :line_id",
            order_no=order_no,
            line_id=line_id,
            **values,
        )

    def drop_line(self, order_no: str, line_id: str) -> None:
        self._write(
            "DELETE FROM order_line WHERE order_no = :order_no AND line_id = :line_id",
            order_no=order_no,
            line_id=line_id,
        )

    def instruct(self, order_no: str, parcel_no: str, lines: list[tuple[str, str, int]]) -> None:
        """Instruct (line_id, sku, qty) as one parcel."""
        for line_no, (line_id, sku, qty) in enumerate(lines, start=1):
            self._instructed[parcel_no, line_no] = sku
            self._put(
                "instruction_line",
                {
                    "parcel_no": parcel_no,
                    "line_no": line_no,
                    "channel": CHANNEL,
                    "order_no": order_no,
                    "line_id": line_id,
                    "sku": sku,
                    "qty": qty,
                },
            )

    def done_without_parcel(self, order_no: str, day: str = "2026-11-20") -> None:
        """Let an order of nothing to ship be done."""
        self._put("order_without_parcel", {"channel": CHANNEL, "order_no": order_no, "done_on": day})

    def event(
        self, kind: str, parcel_no: str, line_no: int, qty: int, day: str = "2026-11-20", verdict: str = "ok"
    ) -> str:
        """Let the warehouse tell something; return the event's id."""
        self.events += 1
        event_id = f"E{self.events:04d}"
        self._put(
            "warehouse_event",
            {
                "warehouse": "main",
                "event_id": event_id,
                "kind": kind,
                "parcel_no": parcel_no,
                "line_no": line_no,
                "sku": self._instructed[parcel_no, line_no],
                "qty": qty,
                "at": f"{day}T03:00:00Z",
                "business_date": day,
                "verdict": verdict,
            },
        )
        return event_id

    def ship_all(self, order_no: str, lines: list[Line], day: str = "2026-11-20", parcel: str = "") -> str:
        """Instruct and ship the whole order in one parcel; return its number."""
        lines = [line for line in lines if line.ships_flag]
        parcel_no = parcel or f"P-{order_no}"
        self.instruct(order_no, parcel_no, [(line.line_id, line.our_sku, line.qty) for line in lines])
        for line_no, line in enumerate(lines, start=1):
            if line.qty:
                self.event("shipped", parcel_no, line_no, line.qty, day)
        return parcel_no

    def night(self, business_date: str = "2026-11-24", **overrides: Any) -> Booked:
        """Run the book stage and its proofs as a run of its own."""
        self.flush()
        self.runs += 1
        facts = {
            "run_id": self.runs,
            "business_date": business_date,
            "settings": self.settings,
            "findings": FindingLog(),
            **overrides,
        }
        with self.master.context(**facts) as ctx:
            corrections.reverse_changed(ctx)
            sales.book_sales(ctx)
            returns.book_returns(ctx)
            journals.write_journals(ctx)
            self.changes = ctx.changes
            return Booked(ctx.findings, proofs.check(ctx))

    def amounts(self, booking_key: str) -> dict[int, tuple[int, int]]:
        """Return {rate: (gross, tax)} of a booking."""
        found = self.master.rows(
            "SELECT tax_rate, gross, tax FROM booking_amount WHERE booking_key = :key ORDER BY tax_rate",
            key=booking_key,
        )
        return {rate: (gross, tax) for rate, gross, tax in found}

    def totals(self, order_no: str, *kinds: str) -> dict[int, tuple[int, int]]:
        """Return {rate: (gross, tax)} over an order's bookings of these kinds."""
        found = self.master.rows(
            "SELECT b.kind, a.tax_rate, a.gross, a.tax FROM booking b "
            "JOIN booking_amount a ON a.booking_key = b.booking_key WHERE b.order_no = :order_no "
            "ORDER BY a.booking_key, a.tax_rate",
            order_no=order_no,
        )
        result: dict[int, tuple[int, int]] = {}
        for kind, rate, gross, tax in found:
            if not kinds or kind in kinds:
                before = result.get(rate, (0, 0))
                result[rate] = (before[0] + gross, before[1] + tax)
        return result

    def journal(self) -> list[tuple[Any, ...]]:
        """Return the journal as (entry_no, side, account, sub_account, tax_class, tax_rate, amount, tax_amount)."""
        return self.master.rows(
            "SELECT entry_no, side, account, sub_account, tax_class, tax_rate, amount, tax_amount "
            "FROM journal_line ORDER BY entry_no, line_no"
        )

    def keys(self) -> list[str]:
        return [row[0] for row in self.master.rows("SELECT booking_key FROM booking ORDER BY booking_key")]

    def flush(self) -> None:
        """Put everything that was told so far into the master, in one transaction."""
        with self.master.engine.begin() as conn:
            for table in dict.fromkeys(name for name, _row in self._waiting):
                rows = [row for name, row in self._waiting if name == table]
                for row in rows:
                    conn.execute(sa.insert(METADATA.tables[table]).values(row))
        self._waiting.clear()

    def _put(self, table: str, row: dict[str, Any]) -> None:
        self._waiting.append((table, row))

    def _write(self, sql: str, **params: Any) -> None:
        self.flush()
        with self.master.engine.begin() as conn:
            conn.execute(sa.text(sql), params)


def signed(header: dict[str, Any]) -> int:
    """Return what an order's header adds to its goods."""
    added = sum(header.get(name, 0) for name in (*HEADER, "tax_excluded"))
    taken = sum(
        header.get(name, 0) for name in ("discount", "points", "coupon_shop", "coupon_mall", "gift_card")
    )
    return added - taken
