"""Orders that come, shrink and go, and a warehouse that says anything at any time: no illegal state is ever reached."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, seed
from hypothesis import settings as laws
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ecsync.shipping import proofs as shipping_proofs
from ecsync.shipping.instructing import instruct
from ecsync.shipping.notices import decide_notices
from ecsync.shipping.recalls import request_recalls
from ecsync.shipping.results import take_events
from ecsync.stock import proofs as stock_proofs
from ecsync.stock.allocation import allocate
from ecsync.stock.ledger import post_events
from ecsync.stock.snapshots import take_snapshots
from figures import SEED, counting, scaled
from master_under_test import MasterUnderTest
from stock.small_shop import order_rows, put, recipe_rows

SKUS = ("A", "B")
STEPS = (take_events, post_events, take_snapshots, allocate, request_recalls, instruct, decide_notices)
# What may follow what; a parcel without a following state is done.
FOLLOWING = {
    "": {"instructed"},
    "instructed": {"recalling", "recalled", "shipped"},
    "recalling": {"instructed", "recalled", "shipped"},
    "recalled": set(),
    "shipped": set(),
}

ANSWERS = ("shipped", "short", "recalled", "return", "whole recalled", "whole refused")
yes = st.booleans()

_LINES_LAST_FIRST = (
    "SELECT parcel_no, line_no, sku, qty FROM instruction_line ORDER BY parcel_no DESC, line_no"
)

_TELL = """
INSERT INTO outbox_key (document, business_key, reference)
SELECT 'shipping_instructions',
       i.channel || ':' || i.order_no || ':' || i.dest_id || ':' || CAST(i.sequence AS TEXT), i.parcel_no
FROM shipping_instruction i
WHERE i.state <> 'recalled' AND NOT EXISTS (SELECT 1 FROM outbox_key k WHERE k.reference = i.parcel_no)
"""


_COUNTED = """
SELECT COALESCE(SUM(c.row_count), 0) FROM stg_count c
WHERE c.src_file IN (SELECT s.src_file FROM stg_{entity} s)
"""

_ANSWERED_TOO_EARLY = """
SELECT COUNT(*) FROM warehouse_event e JOIN recall r ON r.parcel_no = e.parcel_no WHERE e.verdict = 'no_recall'
"""


class LivesOfParcels(RuleBasedStateMachine):
    """Drive the stages from results to notices against a small shop."""

    master: MasterUnderTest

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count(1)
        self.minutes = itertools.count(1)
        self.seconds = itertools.count(1)
        self.states: dict[str, str] = {}
        self.waiting: list[tuple[str, list[dict[str, object]], str]] = []
        self.master.wipe()
        put(self.master, recipe_rows("S", A=2, B=1))
        for sku in SKUS:
            self.event(kind="receipt", sku=sku, qty=12, parcel_no="", line_no=None)
        self.orders_come([("A", 2), ("S", 1)], second=True)
        self.run_twice()

    def clock(self) -> str:
        minute = next(self.minutes)
        return f"2026-11-24T{minute // 60:02}:{minute % 60:02}:00Z"

    @rule(
        wanted=st.lists(st.tuples(st.sampled_from(["A", "B", "S", ""]), st.integers(1, 4)), max_size=3),
        second=yes,
    )
    def orders_come(self, wanted: list[tuple[str, int]], second: bool) -> None:
        for sku, qty in wanted:
            lines = [(sku, qty), *([("B", 1)] if second else [])]
            put(self.master, order_rows(f"{next(self.numbers):03}", *lines, at="2026-11-23T00:00:00Z"))
        self.run_twice()

    @rule(data=st.data(), state=st.sampled_from(["cancelled", "open"]), now=yes)
    def order_is_cancelled_or_taken_up_again(self, data: st.DataObject, state: str, now: bool) -> None:
        self.change_one(
            data, "sales_order", f"UPDATE sales_order SET state = '{state}' WHERE state <> 'shipped'"
        )
        if now:
            self.run_twice()

    @rule(data=st.data(), qty=st.integers(0, 5), now=yes)
    def quantity_changes(self, data: st.DataObject, qty: int, now: bool) -> None:
        self.change_one(data, "order_line", f"UPDATE order_line SET qty = {qty} WHERE line_id = '1'")
        if now:
            self.run_twice()

    def change_one(self, data: st.DataObject, table: str, sql: str) -> None:
        numbers = [row[0] for row in self.master.rows(f"SELECT DISTINCT order_no FROM {table} ORDER BY 1")]
        with self.master.engine.begin() as conn:
            conn.execute(sa.text(f"{sql} AND order_no = :n"), {"n": data.draw(st.sampled_from(numbers))})

    @rule(sku=st.sampled_from(SKUS), qty=st.integers(0, 15), now=yes)
    def warehouse_counts(self, sku: str, qty: int, now: bool) -> None:
        self.waiting.append(("stock_levels", [{"sku": sku, "qty": qty}], self.clock()))
        if now:
            self.run_twice()

    @rule(sku=st.sampled_from(SKUS), qty=st.integers(-3, 9), now=yes)
    def units_come_or_go(self, sku: str, qty: int, now: bool) -> None:
        kind = "receipt" if qty > 0 else "adjustment"
        self.event(kind=kind, sku=sku, qty=qty, parcel_no="", line_no=None)
        if now:
            self.run_twice()

    @rule(data=st.data(), kinds=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=4), now=yes)
    def warehouse_answers(self, data: st.DataObject, kinds: list[str], now: bool) -> None:
        lines = [tuple(row) for row in self.master.rows(_LINES_LAST_FIRST)]
        for kind in kinds if lines else ():
            parcel_no, line_no, sku, told = data.draw(st.sampled_from(lines))
            if kind.startswith("whole "):
                self.event(kind=kind[6:], sku="", qty=None, parcel_no=parcel_no, line_no=None)
            else:
                qty = data.draw(st.sampled_from([told, 1, told + 1]))
                self.event(kind=kind, sku=sku, qty=qty, parcel_no=parcel_no, line_no=line_no)
        if now:
            self.run_twice()

    @rule(data=st.data(), now=yes)
    def warehouse_ships_a_parcel(self, data: st.DataObject, now: bool) -> None:
        parcels = [
            row[0] for row in self.master.rows("SELECT parcel_no FROM shipping_instruction ORDER BY 1 DESC")
        ]
        chosen = data.draw(st.sampled_from(parcels)) if parcels else ""
        lines = self.master.rows(
            "SELECT line_no, sku, qty FROM instruction_line WHERE parcel_no = :p", p=chosen
        )
        for line_no, sku, qty in lines:
            self.event(kind="shipped", sku=sku, qty=qty, parcel_no=chosen, line_no=line_no)
        if now:
            self.run_twice()

    def event(self, **facts: object) -> None:
        number, at = next(self.numbers), self.clock()
        row = {
            "event_id": f"E{number:03}",
            "tracking_no": f"{number:010}",
            "at": at,
            "at_offset": 540,
            **facts,
        }
        self.waiting.append(("warehouse_events", [row], at))

    def run_twice(self) -> None:
        files, self.waiting = self.waiting, []
        self.run(files)
        # An answer that came before its recall was asked for is taken by the run after the request.
        if not self.master.scalar(_ANSWERED_TOO_EARLY):
            changes = self.run(list(reversed(files)))
            assert changes == 0, "the same files again changed the master"

    def run(self, files: list[tuple[str, list[dict[str, object]], str]]) -> int:
        for entity, rows, as_of in files:
            self.master.load(entity, rows, party="main", as_of=as_of)
        second = next(self.seconds)
        with self.master.context(now=f"2026-11-24T03:{second // 60:02}:{second % 60:02}Z") as ctx:
            for step in STEPS:
                step(ctx)
            broken = [p for p in (*stock_proofs.check(ctx), *shipping_proofs.check(ctx)) if not p.holds]
            assert broken == []
            for entity in ("stock_levels", "warehouse_events"):
                without = ctx.scalar(f"SELECT COUNT(*) FROM stg_{entity} WHERE verdict = ''")
                counted = ctx.scalar(_COUNTED.format(entity=entity))
                assert without == counted, "each row has one verdict, by itself or among those counted"
            ctx.execute(_TELL)
            return ctx.changes

    @invariant()
    def no_more_is_promised_than_there_is(self) -> None:
        assert (
            self.master.rows(
                "SELECT a.sku FROM allocation a LEFT JOIN stock_balance b ON b.sku = a.sku "
                "GROUP BY a.sku, b.on_hand HAVING SUM(a.qty) > COALESCE(CASE WHEN b.on_hand > 0 THEN b.on_hand END, 0)"
            )
            == []
        )

    @invariant()
    def parcels_move_only_forward(self) -> None:
        for parcel_no, state in self.master.rows("SELECT parcel_no, state FROM shipping_instruction"):
            before = self.states.get(parcel_no, "")
            assert state == before or state in reachable(before), f"{before} -> {state}"
            self.states[parcel_no] = state

    @invariant()
    def a_parcel_is_open_exactly_while_units_are(self) -> None:
        rows = self.master.rows(
            "SELECT i.state, CAST(SUM(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty) AS BIGINT), "
            "CAST(MIN(l.qty - l.shipped_qty - l.short_qty - l.recalled_qty) AS BIGINT) "
            "FROM shipping_instruction i JOIN instruction_line l ON l.parcel_no = i.parcel_no "
            "GROUP BY i.parcel_no, i.state"
        )
        for state, open_units, least in rows:
            assert least >= 0
            assert (state in ("instructed", "recalling")) == (open_units > 0)

    @invariant()
    def a_recall_is_answered_exactly_when_its_parcel_is_not_recalling(self) -> None:
        rows = self.master.rows(
            "SELECT i.state, r.answer FROM recall r JOIN shipping_instruction i ON i.parcel_no = r.parcel_no"
        )
        assert all((state == "recalling") == (answer == "") for state, answer in rows)

    @invariant()
    def every_number_is_told_to_the_shop_once(self) -> None:
        assert (
            self.master.rows(
                "SELECT tracking_no FROM shipping_notice GROUP BY tracking_no HAVING COUNT(*) > 1"
            )
            == []
        )


def reachable(state: str) -> set[str]:
    """Return every state that may follow, in one step or several of one run."""
    found: set[str] = set()
    step = {state}
    while step:
        step = set().union(*(FOLLOWING[name] for name in step)) - found
        found |= step
    return found


def play(master: MasterUnderTest, *, examples: int, steps: int) -> None:
    machine = seed(SEED)(type("Lives", (LivesOfParcels,), {"master": master}))
    run_state_machine_as_test(
        machine,
        settings=laws(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_few_lives(master):
    play(master, examples=3, steps=12)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_many_lives(master):
    lives = scaled(200)
    with counting(19, f"lives of parcels of 50 steps, {master.dialect}", seed=SEED) as count:
        play(master, examples=lives, steps=50)
        count.trials = lives
