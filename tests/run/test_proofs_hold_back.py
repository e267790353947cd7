"""A broken proof holds back what it is about and nothing else; one of the whole stops the run."""

from __future__ import annotations

import pytest

from ecsync.errors import ProofError
from ecsync.findings import FindingLog
from ecsync.master.proof import Proof
from ecsync.run import prove
from ecsync.run.prove import HeldBack
from master_under_test import MasterUnderTest

NOTHING: dict[str, set[str]] = {}


def proved(
    master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch, *proofs: Proof, files: tuple[Proof, ...] = ()
) -> tuple[list[Proof], HeldBack, FindingLog]:
    """Prove with these results of the rooms' checks."""
    checks = [lambda _ctx, one=proof: [one] for proof in proofs]
    monkeypatch.setattr(prove, "CHECKS", tuple(checks))
    with master.context() as ctx:
        made, held = prove.prove(ctx, list(files))
        return made, held, ctx.findings


def broken(name: str, subject: str) -> Proof:
    return Proof(name, subject, 5, 4)


def test_proofs_that_hold_hold_nothing_back(master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    file, yen = Proof("file.rows", "a.csv", 3, 3), Proof("order.yen", "rakuten1:1", 10, 10)
    made, held, findings = proved(master, monkeypatch, yen, files=(file,))
    assert made == [file, yen]
    assert (held.by_document, findings.counts) == (NOTHING, {})
    assert held.keys("parcels") == set()


def test_a_proof_of_the_whole_stops_the_run(master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProofError, match=r"books\.balance does not hold for all: 5 expected, 4 found"):
        proved(master, monkeypatch, broken("order.yen", "rakuten1:1"), broken("books.balance", "all"))


def test_a_broken_proof_is_said_with_both_numbers(
    master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    _made, held, findings = proved(master, monkeypatch, files=(broken("file.rows", "a.csv"),))
    (finding,) = findings
    assert (finding.code, finding.subject) == ("proof_broken", "a.csv")
    assert finding.params == {"proof": "file.rows", "detail": "5 / 4"}
    assert held.by_document == NOTHING


def test_an_entry_that_does_not_balance_is_not_told(
    master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    _made, held, _findings = proved(
        master, monkeypatch, broken("entry.balance", "sale:1"), broken("entry.balance", "sale:2")
    )
    assert held.by_document == {"journal_lines": {"sale:1", "sale:2"}}


def quantity(sku: str, qty: int, previous: int | None, channel: str = "rakuten1") -> dict[str, object]:
    place = {"channel": channel, "item_key": f"{sku}-{qty}", "sku_key": "", "sequence": "0001"}
    return {**place, "sku": sku, "qty": qty, "previous_qty": previous}


def came(sku: str, warehouse: str = "main", kind: str = "receipt", parcel_no: str = "") -> dict[str, object]:
    event_id = f"{'E' if kind == 'receipt' else kind[0].upper()}-{parcel_no or sku}"
    return {
        "warehouse": warehouse, "event_id": event_id, "kind": kind, "sku": sku, "qty": 1, "parcel_no": parcel_no,
    }  # fmt: skip


def test_of_a_sku_whose_ledger_is_broken_only_falls_are_told(
    master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    master.insert(
        "stock_balance",
        {"warehouse": "main", "sku": "A", "on_hand": 5, "run_id": 0},
        {"warehouse": "main", "sku": "B", "on_hand": 5, "run_id": 0},
        {"warehouse": "west", "sku": "A", "on_hand": 5, "run_id": 0},
    )
    master.insert("set_component", {"set_sku": "SET", "component_sku": "A", "qty": 2})
    master.insert("set_component", {"set_sku": "OTHER", "component_sku": "B", "qty": 2})
    rises = [quantity("A", 3, 2), quantity("A", 7, None, "yahoo1"), quantity("SET", 4, 1)]
    others = [quantity("A", 1, 2), quantity("A", 2, 2), quantity("B", 9, 1), quantity("OTHER", 9, 1)]
    master.insert("channel_quantity", *rises, *others)
    master.insert("warehouse_event", came("A"), came("B"), came("A", "west"), came("A", kind="return"))
    master.insert("warehouse_event", came("A", kind="sold"))
    _made, held, _findings = proved(master, monkeypatch, broken("sku.ledger", "main:A"))
    assert held.by_document == {
        "channel_quantities": {"rakuten1:A-3::0001", "yahoo1:A-7::0001", "rakuten1:SET-4::0001"},
        "core_receipts": {"receipt:main:E-A", "return:main:R-A"},
    }
    assert master.rows("SELECT warehouse, sku, blocked_flag, run_id FROM stock_balance ORDER BY 1, 2") == [
        ("main", "A", 1, 1),
        ("main", "B", 0, 0),
        ("west", "A", 0, 0),
    ]


def test_two_broken_skus_hold_back_the_rises_of_both(
    master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    master.insert("stock_balance", {"warehouse": "main", "sku": "A", "blocked_flag": 1, "run_id": 0})
    master.insert("channel_quantity", quantity("A", 3, 2), quantity("B", 3, 2))
    _made, held, _findings = proved(
        master, monkeypatch, broken("sku.ledger", "main:A"), broken("sku.ledger", "main:B")
    )
    assert held.keys("channel_quantities") == {"rakuten1:A-3::0001", "rakuten1:B-3::0001"}
    assert master.scalar("SELECT run_id FROM stock_balance") == 0, "what is blocked stays as it is"


def parcel(number: str, order_no: str, channel: str = "rakuten1", sequence: int = 1) -> dict[str, object]:
    return {
        "parcel_no": number,
        "channel": channel,
        "order_no": order_no,
        "dest_id": "1",
        "sequence": sequence,
    }


def booked(key: str, order_no: str, entry_no: int, channel: str = "rakuten1") -> dict[str, dict[str, object]]:
    return {
        "booking": {"booking_key": key, "channel": channel, "order_no": order_no},
        "booking_journal": {"booking_key": key, "entry_no": entry_no},
        "journal_entry": {"entry_no": entry_no, "entry_key": f"entry of {key}"},
        "core_entry": {"entry_id": f"core of {key}", "channel": channel, "order_no": order_no},
    }


def test_an_order_that_does_not_add_up_is_told_to_nobody(
    master: MasterUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    master.insert(
        "shipping_instruction",
        parcel("P-1", "1"),
        parcel("P-2", "1", sequence=2),
        parcel("P-3", "2"),
        parcel("P-4", "1", "yahoo1"),
    )
    for rows in (booked("s1", "1", 1), booked("s2", "2", 2), booked("s3", "1", 3, "yahoo1")):
        for table, row in rows.items():
            master.insert(table, row)
    for channel, order_no in (("rakuten1", "1"), ("rakuten1", "2"), ("yahoo1", "1")):
        order = {"channel": channel, "order_no": order_no}
        master.insert("sales_order", order)
        master.insert("shipping_notice", {**order, "dest_id": "1", "tracking_no": f"T-{order_no}"})
    master.insert("warehouse_event", *(came("A", kind="return", parcel_no=f"P-{n}") for n in (1, 3, 4)))
    _made, held, _findings = proved(master, monkeypatch, broken("order.yen", "rakuten1:1"))
    parcels = {"rakuten1:1:1:1", "rakuten1:1:1:2"}
    assert held.by_document == {
        "shipping_instructions": parcels,
        "parcels": parcels,
        "payment_orders": {"rakuten1:1"},
        "payment_captures": {"rakuten1:1"},
        "payment_shipments": {"rakuten1:1:1:T-1"},
        "core_entries": {"core of s1"},
        "core_receipts": {"return:main:R-P-1"},
        "journal_lines": {"entry of s1"},
    }
