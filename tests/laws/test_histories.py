"""Histories nobody would write down: files that come twice, late, renamed, shuffled and overlapping, and a warehouse
that says things twice, too early, in part or with another number; people who hold orders and let them go again.

After every run a model that reads only files says what the partners may and must have been told. At the end the same
facts are told once, in order, to another shop: it must end with the same master and have sent the same bytes.
"""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as laws
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ecsync.errors import DecisionRefusedError
from ecsync.master.decisions import Decision
from ecsync.run.deciding import decide, deciding
from figures import SEED, counting, scaled
from history_model import PLENTY, Known, Line, Model
from oracle import master_rows
from shop import copy_shop, utc
from story_shop import (
    EVENT_COLUMNS,
    Order,
    StoryShop,
    an_order,
    moment,
    new_story,
    number_of,
    order_file,
    plain_table,
)

SCARCE = "COFFEE-500"
UNITS = {"TOWEL-L": 500, "COOKIE-12": 500, SCARCE: 3}
FIRST_COUNT = moment("08:00")
KINDS = ("morning", "noon", "evening", "stock", "night")
GUARD = "guard = { min_rows = 1, min_share_of_usual = 0.2 }\n"  # small files are this test's very food
# The files' times are the mall's own. Where a copy is no news, which of two copies comes first decides its time.
ORDERS = 'name = "rakuten1-orders"'
NEWS = f'{ORDERS}\nrepeated = "news"'
CHANGES = ("", "cancelled", "paid", "checked", "moved")


@dataclass(frozen=True)
class OrderFile:
    """The states of some orders as the mall wrote them down at one time."""

    as_of: datetime
    orders: tuple[Order, ...]


@dataclass(frozen=True)
class Arrival:
    """A file on a partner's server."""

    path: str
    content: bytes
    mtime: datetime


@dataclass(frozen=True)
class Act:
    """What our side did: a run, or a decision about an order."""

    what: str
    at: datetime
    order: str = ""


def tracking(number: int) -> str:
    """Return a number of the carrier with its check digit."""
    digits = f"{40090000000 + number:011d}"
    return f"{digits}{int(digits) % 7}"


class Histories(RuleBasedStateMachine):
    """Live through days of a small shop; `template` is that shop on its first morning."""

    template: StoryShop
    copies: itertools.count[int]
    lived: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        root = self.template.shop.root.with_name(f"history-{next(self.copies)}")
        self.story = StoryShop(copy_shop(self.template.shop, root))
        self.now = moment("08:30")
        self.numbers = itertools.count(1)
        self.model = Model()
        self.mall: dict[str, Order] = {}
        self.written: list[OrderFile] = []
        self.on_the_way: list[OrderFile] = []
        self.events: list[dict[str, str]] = []
        self.left = dict.fromkeys(UNITS, 0)
        self.straight: list[Arrival | Act] = []
        self.counted = FIRST_COUNT
        self.delivered: dict[str, bytes] = {}

    def tick(self) -> datetime:
        self.now += timedelta(minutes=3)
        return self.now

    @initialize(count=st.integers(1, 3))
    def a_first_morning(self, count: int) -> None:
        for number in range(count):
            order = an_order(next(self.numbers), (PLENTY[number % 2], 1 + number))
            self.mall[number_of(order)] = order
        self.write(list(self.mall.values()), late=False)
        self.runs("noon")

    # The mall

    @rule(
        lines=st.lists(
            st.tuples(st.sampled_from([*PLENTY, SCARCE]), st.integers(1, 2)), min_size=1, max_size=2
        ),
        status=st.sampled_from(["ready", "ready", "ready", "unpaid"]),
        checking=st.sampled_from(["0", "0", "0", "1"]),
        others=st.booleans(),
        late=st.booleans(),
    )
    def orders_come(
        self, lines: list[tuple[str, int]], status: str, checking: str, others: bool, late: bool
    ) -> None:
        number = next(self.numbers)
        by_sku = list(dict(lines).items())
        order = an_order(number, *by_sku, status=status, checking=checking, payment="card")
        earlier = [self.mall[key] for key in sorted(self.mall)] if others else []
        self.mall[number_of(order)] = order
        self.write([*earlier, order], late=late)

    @precondition(lambda self: self.mall)
    @rule(data=st.data(), change=st.sampled_from(CHANGES), late=st.booleans())
    def an_order_changes(self, data: st.DataObject, change: str, late: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.mall)))
        order = self.mall[number]
        if change == "cancelled":
            order = replace(order, status="cancelled")
        elif change == "paid" and order.status == "unpaid":
            order = replace(order, status="ready")
        elif change == "checked":
            order = replace(order, checking="0")
        elif change == "moved":
            order = replace(order, person="浜﨑")
        self.mall[number] = order
        self.write([order], late=late)

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data())
    def a_file_comes_late(self, data: st.DataObject) -> None:
        file = data.draw(st.sampled_from(self.on_the_way))
        self.on_the_way.remove(file)
        self.arrives(file, f"order_late_{self.tick():%d%H%M}.csv")

    @precondition(lambda self: self.written)
    @rule(data=st.data(), shuffled=st.booleans(), named_alike=st.booleans())
    def a_file_is_sent_again(self, data: st.DataObject, shuffled: bool, named_alike: bool) -> None:
        file = data.draw(st.sampled_from(self.written))
        if shuffled:
            file = OrderFile(file.as_of, tuple(data.draw(st.permutations(file.orders))))
        name = f"order_{file.as_of:%d%H%M}.csv" if named_alike else f"order_again_{self.tick():%d%H%M}.csv"
        self.arrives(file, name)

    def write(self, orders: list[Order], *, late: bool) -> None:
        file = OrderFile(self.tick(), tuple(orders))
        if late:
            self.on_the_way.append(file)
        else:
            self.arrives(file, f"order_{file.as_of:%d%H%M}.csv")

    def arrives(self, file: OrderFile, name: str) -> None:
        self.story.order_bytes(file.as_of, order_file(file.orders), name=name)
        news = [order for order in file.orders if self.model.is_news(number_of(order), file.as_of)]
        again = file.as_of in {earlier.as_of for earlier in self.written}
        self.written.append(file)
        for order in news:
            state = Known(file.as_of, order.status, order.checking, dict(order.lines))
            self.model.order_arrives(number_of(order), state)
        if news and not again:
            path = f"rms/orders/order_{file.as_of:%d%H%M}.csv"
            self.straight.append(Arrival(path, order_file(news), file.as_of))

    # The warehouse

    @precondition(lambda self: self.model.lines)
    @rule(data=st.data(), how=st.sampled_from(["whole", "whole", "part", "short", "recalled", "return"]))
    def the_warehouse_tells(self, data: st.DataObject, how: str) -> None:
        parcel = data.draw(st.sampled_from(sorted({line.parcel for line in self.model.lines.values()})))
        lines = {key: line for key, line in self.model.lines.items() if line.parcel == parcel}
        number = tracking(len(self.events) + 1)
        if how == "recalled":
            self.told({"kind": "recalled", "parcel_no": parcel})
        for key, line in lines.items():
            if how == "return":
                self.told(self.of(key, line, "return", 1, ""))
            elif how == "whole":
                self.told(self.of(key, line, "shipped", line.open or line.qty, number))
            elif how == "part":
                self.told(self.of(key, line, "shipped", 1, number))
            elif how == "short":
                self.told(self.of(key, line, "short", 1, ""))

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def the_warehouse_tells_again(self, data: st.DataObject) -> None:
        self.sent([data.draw(st.sampled_from(self.events))])

    @precondition(lambda self: self.known_events())
    @rule(data=st.data())
    def the_warehouse_tells_something_else_by_the_same_number(self, data: st.DataObject) -> None:
        """Another tracking number for an event that was taken in: it is put aside, and changes nothing."""
        known = [event for event in self.events if event["event_id"] in self.known_events()]
        self.sent([{**data.draw(st.sampled_from(known)), "tracking_no": tracking(999)}])

    @rule(sku=st.sampled_from(PLENTY))
    def the_warehouse_tells_of_a_parcel_too_early(self, sku: str) -> None:
        parcel = f"P{len({line.parcel for line in self.model.lines.values()}) + 1:08d}"
        line = Line(parcel, "", sku, 1)
        self.told(self.of((parcel, "1"), line, "shipped", 1, tracking(500 + len(self.events))))

    @rule(late=st.booleans())
    def the_warehouse_counts(self, late: bool) -> None:
        at = self.tick()
        units = {sku: UNITS[sku] - self.left[sku] for sku in UNITS}
        before = self.counted
        if late:
            at = before - timedelta(seconds=30)  # a count from before the last one is of no use any more
        self.story.shop.put(
            f"warehouse/out/stock_{self.tick():%d%H%M}.csv", plain_table(("sku", "qty"), units.items()), at
        )
        if not late:
            self.counted = at
            self.straight.append(
                Arrival(
                    f"warehouse/out/stock_{at:%d%H%M}.csv", plain_table(("sku", "qty"), units.items()), at
                )
            )

    @staticmethod
    def of(key: tuple[str, str], line: Line, kind: str, qty: int, number: str) -> dict[str, str]:
        return {
            "kind": kind, "parcel_no": key[0], "line_no": key[1], "sku": line.sku, "qty": str(qty),
            "tracking_no": number, "carrier": "yamato" if number else "",
        }  # fmt: skip

    def known_events(self) -> set[str]:
        """Return the ids of the events that a run has taken in."""
        return self.model.taken.keys() | self.model.waiting.keys()

    def told(self, event: dict[str, str]) -> None:
        full = {"event_id": f"E{len(self.events) + 1:04d}", "at": self.tick().isoformat(), **event}
        self.events.append(full)
        if event["kind"] == "shipped":
            self.left[event["sku"]] += int(event["qty"])
        self.model.event_arrives(full)
        at = self.sent([full])
        self.straight.append(Arrival(f"warehouse/out/events_{at:%d%H%M}.csv", event_table([full]), at))

    def sent(self, events: list[dict[str, str]]) -> datetime:
        at = self.tick()
        self.story.shop.put(f"warehouse/out/events_{at:%d%H%M}.csv", event_table(events), at)
        return at

    # Our side

    @rule(data=st.data(), what=st.sampled_from(["hold", "release"]))
    def somebody_decides(self, data: st.DataObject, what: str) -> None:
        self.decides(what, data.draw(st.sampled_from(sorted(self.model.orders))))

    def decides(self, what: str, order: str) -> None:
        act = Act(what, self.tick(), order)
        if acted(self.story, act):
            self.straight.append(act)
            if what == "hold":
                self.model.held.add(order)
            else:
                self.model.held.discard(order)

    @rule(kind=st.sampled_from(KINDS), next_day=st.booleans())
    def a_run(self, kind: str, next_day: bool) -> None:
        if next_day:
            self.now = (self.now + timedelta(days=1)).replace(hour=8, minute=30)
        self.runs(kind)

    def runs(self, kind: str) -> None:
        act = Act(kind, self.tick())
        self.straight.append(act)
        self.model.take_in()
        outcome = acted(self.story, act)
        wrong = [f"{proof.name} is broken" for proof in outcome.proofs if not proof.holds]
        if outcome.exit_status not in {0, 3}:
            wrong.append(f"status {outcome.exit_status}")
        wrong += self.model.instructed(self.story.instructed(), kind)
        wrong += self.model.recalls(self.story.recalled(), kind)
        wrong += self.model.noticed(self.story.noticed(), kind)
        wrong += self.model.sold(self.story.sold(), kind)
        wrong += not_conserved(self.story)
        delivered = self.story.shop.delivered()
        wrong += [
            f"{path} was changed or taken back"
            for path, content in self.delivered.items()
            if "ritem" not in path and delivered.get(path) != content
        ]
        self.delivered = delivered
        assert wrong == []

    def teardown(self) -> None:
        """Let everything that is under way arrive, run a last noon and night, and tell it all again, straight."""
        for number, file in enumerate(self.on_the_way):
            self.arrives(file, f"order_last_{number}.csv")
        for order in sorted(self.model.held):
            self.decides("release", order)
        for kind in ("noon", "night"):
            self.runs(kind)
        generation = self.story.shop.master()
        assert self.story.run("night", self.now).published == []
        assert self.story.shop.master() == generation, "a run without news changes nothing"
        shop = self.told_straight()
        assert shop.delivered() == self.delivered
        ours, theirs = master_rows(self.story.shop), master_rows(shop)
        assert {name for name in ours if ours[name] != theirs[name]} == set()
        for root in (shop.root, self.story.shop.root):
            shutil.rmtree(root)
        acts = Counter(type(step).__name__ for step in self.straight)
        self.lived += Counter(
            {
                "histories": 1,
                "order files": len(self.written),
                "of them with news": len(
                    {s.path for s in self.straight if isinstance(s, Arrival) and "rms" in s.path}
                ),
                "runs and decisions": acts["Act"],
                "lines instructed": len(self.model.lines),
                "shipments": len(self.model.shipments),
                "recalls": len(self.model.recalled),
                "events refused": len(self.model.waiting),
            }
        )

    def told_straight(self) -> Any:
        root = self.story.shop.root
        straight = StoryShop(copy_shop(self.template.shop, root.with_name(f"{root.name}-straight")))
        for step in self.straight:
            if isinstance(step, Arrival):
                straight.shop.put(step.path, step.content, step.mtime)
            else:
                acted(straight, step)
        return straight.shop


def acted(story: StoryShop, act: Act) -> Any:
    """Run, or decide: return the outcome, or whether the decision could be made."""
    if act.what in KINDS:
        return story.run(act.what, act.at)
    try:
        with deciding(story.shop.settings, owner="test", clock=utc(act.at)) as ctx:
            reason = "staff_hold" if act.what == "release" else ""
            decide(ctx, Decision(act.what, "rakuten1", act.order, "佐藤", note="電話で確認", reason=reason))
    except DecisionRefusedError:
        return False
    return True


def event_table(events: list[dict[str, str]]) -> bytes:
    return plain_table(EVENT_COLUMNS, [[event.get(name, "") for name in EVENT_COLUMNS] for event in events])


def not_conserved(story: StoryShop) -> list[str]:
    """Return where rows, units or promises do not add up, from the tables alone."""
    rows = story.shop.rows
    lost = rows(
        "SELECT file_id FROM file_tally WHERE rows_in <> rows_new + rows_changed + rows_unchanged + rows_duplicate "
        "+ rows_quarantined"
    )
    units = rows(
        "SELECT b.sku FROM stock_balance b LEFT JOIN (SELECT warehouse, sku, SUM(qty) AS units FROM stock_movement "
        "GROUP BY warehouse, sku) m ON m.warehouse = b.warehouse AND m.sku = b.sku "
        "WHERE b.on_hand <> COALESCE(m.units, 0)"
    )
    promised = rows(
        "SELECT a.sku FROM (SELECT warehouse, sku, SUM(qty) AS units FROM allocation GROUP BY warehouse, sku) a "
        "LEFT JOIN stock_balance b ON b.warehouse = a.warehouse AND b.sku = a.sku "
        "WHERE a.units > CASE WHEN COALESCE(b.on_hand, 0) > 0 THEN b.on_hand ELSE 0 END"
    )
    return [
        f"{what}: {found}"
        for what, found in (("rows", lost), ("units", units), ("promises", promised))
        if found
    ]


def live(root: Path, *, examples: int, steps: int, number: str, database_url: str = "") -> Counter[str]:
    """Live through so many histories; return what was lived through."""
    template = new_story(root / f"template-{number}", database_url)
    template.open_up(lambda text: text.replace(GUARD, "").replace(ORDERS, NEWS))
    template.count(FIRST_COUNT, **{sku.replace("-", "_"): units for sku, units in UNITS.items()})
    template.run("stock", moment("08:15"))
    lived: Counter[str] = Counter()
    facts = {"template": template, "copies": itertools.count(1), "lived": lived}
    machine = seed(number)(type("Lives", (Histories,), facts))
    run_state_machine_as_test(
        machine,
        settings=laws(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # to shrink takes minutes; the seed repeats what was found
            suppress_health_check=list(HealthCheck),
        ),
    )
    return lived


def test_a_few_histories(tmp_path: Path) -> None:
    assert live(tmp_path, examples=2, steps=12, number="few")["histories"] >= 2


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(4))
def test_many_histories(part: int, memory_folder: Path) -> None:
    with counting(18, "histories of files, parcels and decisions, SQLite", seed=SEED) as count:
        number = f"{SEED}-{part}"
        lived = live(memory_folder, examples=scaled(130), steps=25, number=number)
        count.trials = lived.pop("histories")
        count.where = dict(lived)
