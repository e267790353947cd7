"""What a shop's partners may have been told after any history: a model in plain Python that knows no table of ours.

It reads what was put on the partners' servers and what was delivered to them, and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

Row = Mapping[str, str]
PLENTY = ("TOWEL-L", "COOKIE-12")
INSTRUCTING = ("morning", "noon", "night")


@dataclass
class Known:
    """The newest state of an order that any file has brought."""

    as_of: datetime
    status: str
    checking: str
    lines: dict[str, int]
    was_cancelled: bool = False


@dataclass
class Line:
    """One line of a parcel, and what the warehouse made of it."""

    parcel: str
    order: str
    sku: str
    qty: int
    shipped: int = 0
    short: int = 0
    recalled: int = 0
    returned: int = 0

    @property
    def open(self) -> int:
        """Return the units that are still to be packed."""
        return self.qty - self.shipped - self.short - self.recalled

    @property
    def kept(self) -> int:
        """Return the units that were told and did not come back unpacked."""
        return self.qty - self.short - self.recalled


@dataclass
class Model:
    """What is known, and what follows from it."""

    orders: dict[str, Known] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    waiting: dict[str, Row] = field(default_factory=dict)  # events, by id, that were not accepted yet
    taken: dict[str, Row] = field(default_factory=dict)
    recalled: set[str] = field(default_factory=set)
    shipments: set[tuple[str, str]] = field(default_factory=set)
    arrived: list[tuple[str, Known]] = field(default_factory=list)
    told: list[Row] = field(default_factory=list)

    def is_news(self, order: str, as_of: datetime) -> bool:
        """Tell whether a state of an order is newer than every state that a run has taken in."""
        known = self.orders.get(order)
        return known is None or as_of > known.as_of

    def order_arrives(self, order: str, state: Known) -> None:
        """Put a state of an order on the mall's server; the next run takes it."""
        self.arrived.append((order, state))

    def event_arrives(self, event: Row) -> None:
        """Put an event on the warehouse's server; the next run takes it."""
        self.told.append(event)

    def take_in(self) -> None:
        """Take in what arrived, as a run does at its beginning."""
        for order, state in self.arrived:
            known = self.orders.get(order)
            cancelled = state.status == "cancelled" or bool(known and known.was_cancelled)
            if known is None or state.as_of > known.as_of:
                self.orders[order] = state
            self.orders[order].was_cancelled = cancelled
        self.arrived = []
        for event in self.told:
            if event["event_id"] not in self.taken:
                self.waiting.setdefault(event["event_id"], event)
        self.told = []
        self._judge(("shipped", "short"))
        self._judge(("recalled",))
        self._judge(("return",))

    def _judge(self, kinds: tuple[str, ...]) -> None:
        for event in sorted(self.waiting.values(), key=lambda e: (e["at"], e["event_id"])):
            if event["kind"] in kinds and self._accept(event):
                self.taken[event["event_id"]] = self.waiting.pop(event["event_id"])

    def _accept(self, event: Row) -> bool:
        if event["kind"] == "recalled":
            lines = [line for line in self.lines.values() if line.parcel == event["parcel_no"] and line.open]
            for line in lines if event["parcel_no"] in self.recalled else ():
                line.recalled += line.open
            return bool(lines) and event["parcel_no"] in self.recalled
        found = self.lines.get((event["parcel_no"], event["line_no"]))
        if found is None or found.sku != event["sku"]:
            return False
        qty = int(event["qty"])
        if qty > (found.shipped - found.returned if event["kind"] == "return" else found.open):
            return False
        if event["kind"] == "shipped":
            found.shipped += qty
            self.shipments.add((found.order, event["tracking_no"]))
        elif event["kind"] == "short":
            found.short += qty
        else:
            found.returned += qty
        return True

    def may_go(self, order: str) -> bool:
        """Tell whether an order may be given to the warehouse."""
        known = self.orders[order]
        return (known.status, known.checking) == ("ready", "0") and order not in self.held

    def kept_of(self, order: str) -> Counter[str]:
        """Return the units of an order that are in parcels, by SKU."""
        units: Counter[str] = Counter()
        for line in self.lines.values():
            if line.order == order:
                units[line.sku] += line.kept
        return units

    def instructed(self, rows: Iterable[Row], kind: str) -> list[str]:
        """Compare what the warehouse was told so far with what it may, and must, have been told."""
        wrong = []
        seen: set[tuple[str, str]] = set()
        for row in rows:
            key = (row["parcel_no"], row["line_no"])
            if key in seen:
                wrong.append(f"{key} was told twice")
            seen.add(key)
            if key not in self.lines:
                self.lines[key] = Line(key[0], row["order_no"], row["sku"], int(row["qty"]))
                if not self.may_go(row["order_no"]):
                    wrong.append(f"{row['order_no']} was told and may not go")
        if seen != self.lines.keys():
            wrong.append(f"{self.lines.keys() - seen} is told no more")
        for order, known in self.orders.items():
            kept, wanted = self.kept_of(order), Counter(known.lines)
            if kept - wanted:
                wrong.append(f"{order}: {kept} was told, {wanted} was ordered")
            plenty = all(sku in PLENTY for sku in wanted)
            if kind in INSTRUCTING and plenty and self.may_go(order) and wanted - kept:
                wrong.append(f"{order}: {wanted} was ordered, only {kept} was told")
        return wrong

    def recalls(self, rows: Iterable[Row], kind: str) -> list[str]:
        """Compare the parcels that were recalled with those of cancelled orders."""
        parcels = [row["parcel_no"] for row in rows]
        wrong = [f"{parcel} was recalled twice" for parcel, times in Counter(parcels).items() if times > 1]
        cancelled = {line.parcel for line in self.lines.values() if self.orders[line.order].was_cancelled}
        wrong += [f"{parcel} was recalled for nothing" for parcel in parcels if parcel not in cancelled]
        if kind in INSTRUCTING:
            due = {
                line.parcel
                for line in self.lines.values()
                if line.open and self.orders[line.order].status == "cancelled"
            }
            wrong += [f"{parcel} was not recalled" for parcel in sorted(due - set(parcels))]
        self.recalled |= set(parcels)
        return wrong

    def noticed(self, rows: Iterable[Row], kind: str) -> list[str]:
        """Compare the shipments that the mall was told of with those that there were."""
        told = [(row["注文番号"], row["お荷物伝票番号"]) for row in rows]
        wrong = [f"{key} was noticed twice" for key, times in Counter(told).items() if times > 1]
        wrong += [f"{key} never left" for key in told if key not in self.shipments]
        if kind in {"evening", "night"}:
            must = {(order, no) for order, no in self.shipments if not self.orders[order].was_cancelled}
            wrong += [f"{key} was not noticed" for key in sorted(must - set(told))]
        return wrong

    def sold(self, rows: Iterable[Row], kind: str) -> list[str]:
        """Compare the units that the core system was told as sold with those that left, less those that came back."""
        rows = list(rows)
        ids = Counter(row["entry_id"] for row in rows)
        wrong = [f"{entry} was told twice" for entry, times in ids.items() if times > 1]
        units: Counter[tuple[str, str]] = Counter()
        for row in rows:
            if row["sku"]:
                units[row["order_no"], row["sku"]] += int(row["qty"])
        left: Counter[tuple[str, str]] = Counter()
        for line in self.lines.values():
            left[line.order, line.sku] += line.shipped - line.returned
        if kind == "night":
            wrong += [
                f"{key}: {units[key]} sold, {left[key]} left"
                for key in sorted(units.keys() | left.keys())
                if units[key] != left[key] and not self.orders[key[0]].was_cancelled
            ]
        return wrong
