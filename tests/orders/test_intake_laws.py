"""Law 1 on generated files: names, copies, order of rows and order of files do not matter; as-of times do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecsync.orders.holds import refresh_holds
from ecsync.orders.payment import confirm_payments
from ecsync.orders.waits import refresh_money_waits
from orders.staged_orders import row, state, take

if TYPE_CHECKING:
    from collections.abc import Callable

    from master_under_test import MasterUnderTest

STEPS = (confirm_payments, refresh_holds, refresh_money_waits)
TIMES = ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z")
Rows = list[dict[str, Any]]


def for_all(master: MasterUnderTest, law: Callable[[list[tuple[Rows, str]], st.DataObject], None]) -> None:
    """Try a law on generated states: more of them on the quicker database."""
    few = settings(
        max_examples=12 if master.dialect == "sqlite" else 4,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    few(given(states=snapshots(), data=st.data())(law))()


@st.composite
def orders(draw: st.DrawFn) -> Rows:
    """One state of one order: one to three lines to one or two destinations."""
    number = draw(st.integers(1, 4))
    common: dict[str, Any] = {
        "order_status": draw(
            st.sampled_from(["processing", "ready", "shipped", "cancelled", "cancel_pending"])
        ),
        "payment_method": draw(st.sampled_from(["card", "cod"])),
        "checking_flag": draw(st.integers(0, 1)),
        "points": draw(st.sampled_from([None, 0, 100])),
        "buyer_name": draw(st.sampled_from(["架空 花子", "架空 太郎"])),
        "goods": draw(st.sampled_from([1000, 2000, 3000])),
    }
    return [
        row(
            f"000001-{number:04d}",
            str(line),
            qty=draw(st.integers(0, 2)),
            dest_id=draw(st.sampled_from(["D1", "D2"])),
            sku_code=draw(st.sampled_from(["SKU-A", "SKU-Z"])),
            **common,
        )
        for line in range(1, draw(st.integers(1, 3)) + 1)
    ]


@st.composite
def snapshots(draw: st.DrawFn) -> list[tuple[Rows, str]]:
    """States of several orders, each order once per time: (an order's rows, as-of)."""
    found: dict[tuple[str, str], tuple[Rows, str]] = {}
    for rows in draw(st.lists(orders(), min_size=1, max_size=8)):
        as_of = draw(st.sampled_from(TIMES))
        found.setdefault((rows[0]["order_no"], as_of), (rows, as_of))
    return list(found.values())


def files_of(states: list[tuple[Rows, str]], draw: st.DataObject) -> list[tuple[Rows, str]]:
    """Spread states over files, some of them twice, rows and files in any order; an order's rows stay together."""
    files: list[tuple[Rows, str]] = []
    for as_of in TIMES:
        here = [rows for rows, time in states if time == as_of]
        copies = draw.draw(st.lists(st.sampled_from(here), max_size=2)) if here else []
        halves: tuple[Rows, Rows, Rows] = ([], [], [])
        for rows in here:
            halves[draw.draw(st.integers(0, 1))].extend(rows)
        for rows in {rows[0]["order_no"]: rows for rows in copies}.values():
            halves[2].extend(rows)
        files += [(draw.draw(st.permutations(half)), as_of) for half in halves if half]
    return list(draw.draw(st.permutations(files)))


def fresh(master: MasterUnderTest) -> None:
    master.wipe()
    master.insert("product", {"sku": "SKU-A", "tax_rate": 1000})


def test_one_run_does_not_care_for_names_copies_and_order(master: MasterUnderTest) -> None:
    def law(states: list[tuple[Rows, str]], data: st.DataObject) -> None:
        fresh(master)
        take(master, *states, after=STEPS)
        expected = state(master)

        fresh(master)
        shuffled = take(master, *files_of(states, data), after=STEPS)

        assert state(master) == expected
        assert "" not in shuffled.verdicts
        assert "quarantined" not in shuffled.verdicts

    for_all(master, law)


def test_what_the_reader_marked_spares_work_and_changes_nothing(master: MasterUnderTest) -> None:
    """Rows of an order that plainly go on are not compared in the database: with or without, the same comes out."""

    def law(states: list[tuple[Rows, str]], data: st.DataObject) -> None:
        # Now and then an order whose rows disagree: it must be put aside either way.
        spoilt = [
            (
                [
                    {**one, "points": 7 if data.draw(st.booleans()) else one["points"], "line_id": line}
                    for one, line in zip(rows, data.draw(st.permutations("123")), strict=False)
                ],
                as_of,
            )
            for rows, as_of in states
        ]
        files = files_of(spoilt, data)
        fresh(master)
        marked = take(master, *files, after=STEPS)
        expected = state(master)

        fresh(master)
        plain = take(
            master,
            *(([{**one, "src_follows": 0} for one in rows], as_of) for rows, as_of in files),
            after=STEPS,
        )

        assert plain.verdicts == marked.verdicts
        assert state(master) == expected

    for_all(master, law)


def test_files_that_come_again_change_nothing(master: MasterUnderTest) -> None:
    def law(states: list[tuple[Rows, str]], data: st.DataObject) -> None:
        fresh(master)
        take(master, *states, after=STEPS)
        expected = state(master)

        for _again in range(2):
            taken = take(master, *files_of(states, data), after=STEPS)
            assert set(taken.verdicts) <= {"unchanged", "duplicate"}
            assert taken.changes == 0
        assert state(master) == expected

    for_all(master, law)


# How an order came to what it is differs with what arrived when; what it is does not.
HISTORY = ("sales_order.revision",)
CONTENT = ("order_destination", "order_line", "person", "person_line", "sales_order")


def test_late_files_leave_the_newest_content(master: MasterUnderTest) -> None:
    def law(states: list[tuple[Rows, str]], data: st.DataObject) -> None:
        fresh(master)
        take(master, *states)
        expected = state(master, without=HISTORY)

        fresh(master)
        for file in files_of(states, data):
            take(master, file)
        found = state(master, without=HISTORY)

        assert {name: found[name] for name in CONTENT} == {name: expected[name] for name in CONTENT}

    for_all(master, law)
