"""Opening receivables are loaded and proved, never booked."""

from __future__ import annotations

import pytest

from ecsync.accounting.opening import prove_receivables
from ecsync.errors import InputRefusedError
from master_under_test import MasterUnderTest


def owed(master: MasterUnderTest, order_no: str, amount: int) -> None:
    master.insert(
        "opening_receivable", {"channel": "rakuten1", "order_no": order_no, "payer": "楽天", "amount": amount}
    )


def test_the_declared_total_of_a_channel_proves_its_receivables(master: MasterUnderTest) -> None:
    owed(master, "A-1", 3300)
    owed(master, "A-2", -300)
    owed(master, "TOTAL", 3000)
    master.insert("sales_order", {"channel": "rakuten1", "order_no": "A-1", "state": "foreign"})
    with master.context() as ctx:
        proved = prove_receivables(ctx)
    assert [(p.subject, p.expected, p.actual) for p in proved.proofs] == [("rakuten1", 3000, 3000)]
    assert (proved.known_orders, proved.unknown_orders) == (1, 1)
    assert master.scalar("SELECT COUNT(*) FROM booking") == 0


def test_a_total_that_differs_refuses_the_opening(master: MasterUnderTest) -> None:
    owed(master, "A-1", 3300)
    owed(master, "TOTAL", 3301)
    with (
        master.context() as ctx,
        pytest.raises(InputRefusedError, match="add up to 3300, the declared total is 3301"),
    ):
        prove_receivables(ctx)


def test_without_a_total_there_is_nothing_to_contradict(master: MasterUnderTest) -> None:
    owed(master, "A-1", 3300)
    with master.context() as ctx:
        assert all(proof.holds for proof in prove_receivables(ctx).proofs)


def test_an_order_that_is_owed_and_still_open_is_named(master: MasterUnderTest) -> None:
    owed(master, "A-1", 3300)
    master.insert("opening_order", {"channel": "rakuten1", "order_no": "A-1"})
    with master.context() as ctx:
        prove_receivables(ctx)
        assert [(f.code, f.subject) for f in ctx.findings] == [("receivable_also_open", "rakuten1 A-1")]
