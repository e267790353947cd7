"""The proofs of the orders room hold after every intake, and name the order that breaks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecsync.orders.proofs import check
from master_under_test import NOW
from orders.staged_orders import LATER, ORDER, OTHER, row, ship, take, two_lines

if TYPE_CHECKING:
    from ecsync.master.proof import Proof
    from master_under_test import MasterUnderTest


def proofs(master: MasterUnderTest) -> list[Proof]:
    with master.context() as ctx:
        return check(ctx)


def broken(master: MasterUnderTest) -> list[tuple[str, str, int, int]]:
    return [(p.name, p.subject, p.expected, p.actual) for p in proofs(master) if not p.holds]


def test_the_goods_of_a_channel_are_its_lines(master: MasterUnderTest) -> None:
    take(master, ([*two_lines(), row(OTHER, goods=1300, wrapping=300)], NOW))
    take(master, ([row(goods=1000)], LATER))

    assert [(p.name, p.subject, p.expected, p.actual) for p in proofs(master)] == [
        ("orders.yen", "rakuten1", 2300, 2300)
    ]


def test_an_order_whose_amounts_the_mall_does_not_add_up_is_held_not_proved(master: MasterUnderTest) -> None:
    take(master, ([row(goods=7)], NOW))

    assert proofs(master) == []


def test_kept_lines_are_no_break(master: MasterUnderTest) -> None:
    take(master, (two_lines(), NOW))
    ship(master, "2")
    take(master, ([row()], LATER))

    assert broken(master) == []


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("UPDATE order_line SET qty = 3", ("order.yen", f"rakuten1:{ORDER}", 1000, 3000)),
        ("DELETE FROM order_destination", ("order.lines", f"rakuten1:{ORDER}", 0, 1)),
        ("UPDATE sales_order SET revision = 4", ("order.revisions", f"rakuten1:{ORDER}", 4, 1)),
    ],
)
def test_damage_is_found_and_named(
    master: MasterUnderTest, damage: str, expected: tuple[str, str, int, int]
) -> None:
    take(master, ([row()], NOW))
    with master.context() as ctx:
        ctx.execute(damage)

    assert broken(master) == [expected]
