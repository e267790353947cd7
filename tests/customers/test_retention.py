"""Personal data goes when its channel's time is over: in the master, in quarantine, in the files that hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecsync.customers.limits import oldest_kept
from ecsync.customers.retention import Erasure, erase_due
from ecsync.master.tables_orders import PERSON, PERSON_LINE
from master_under_test import NOW

if TYPE_CHECKING:
    from ecsync.config import Settings
    from ecsync.findings import FindingLog
    from master_under_test import MasterUnderTest

# The business date is 2026-11-24; with 30 days, 2026-10-24 in Japan is past its time, 2026-10-25 is not.
PAST = "2026-10-24T14:59:59Z"
KEPT = "2026-10-24T15:00:00Z"
LONG_PAST = "2026-09-24T14:59:59Z"

CANARY = "秘密の値"


@pytest.fixture
def shop(master: MasterUnderTest) -> Settings:
    """Settings of a channel that keeps personal data for 30 days, and of one that keeps it for a year."""
    orders = {"party": "rakuten1", "mapping": "rakuten/orders", "endpoint": "rms"}
    return master.make_settings(
        channels={
            "rakuten1": {"retention_days": 30},
            "rakuten2": {"platform": "rakuten", "warehouse": "main"},
        },
        endpoints={"rms": {"kind": "folder", "root": "rms"}},
        inbound=[
            {"name": "orders", **orders},
            {"name": "counts", **orders, "party": "main"},
            {"name": "products", **orders, "party": "erp"},
        ],
    )


def add_order(
    master: MasterUnderTest, order_no: str, ordered_at: str, state: str = "shipped", channel: str = "rakuten1"
) -> None:
    key = {"channel": channel, "order_no": order_no}
    master.insert("sales_order", {**key, "ordered_at": ordered_at, "state": state, "billed": 1500})
    values = {
        c.name: CANARY for c in PERSON.columns if not c.primary_key and c.name not in {"erased_at", "run_id"}
    }
    master.insert("person", {**key, "role": "buyer", "dest_id": "", **values})
    master.insert("person", {**key, "role": "ship", "dest_id": "D1", **values})
    master.insert("person_line", {**key, "line_id": "1", "options": CANARY})


def erase(master: MasterUnderTest, settings: Settings) -> tuple[Erasure, FindingLog, int]:
    with master.context(settings=settings) as ctx:
        erasure = erase_due(ctx)
        return erasure, ctx.findings, ctx.changes


def erased_orders(master: MasterUnderTest) -> list[str]:
    return [
        str(n)
        for (n,) in master.rows("SELECT DISTINCT order_no FROM person WHERE erased_at <> '' ORDER BY 1")
    ]


def test_the_limit_is_midnight_of_the_projects_zone(master: MasterUnderTest) -> None:
    assert oldest_kept("2026-11-24", 30, master.settings.zone) == KEPT


def test_every_personal_value_of_a_closed_order_goes(master: MasterUnderTest, shop: Settings) -> None:
    add_order(master, "PAST", PAST)
    add_order(master, "KEPT", KEPT)

    erasure, findings, _changes = erase(master, shop)

    assert erasure.orders == 1
    assert [(f.code, f.subject, f.params["count"]) for f in findings] == [("erased", "rakuten1", "1")]
    assert erased_orders(master) == ["PAST"]
    for table in (PERSON.name, PERSON_LINE.name):
        assert CANARY not in str(master.rows(f"SELECT * FROM {table} WHERE order_no = 'PAST'"))
        assert CANARY in str(master.rows(f"SELECT * FROM {table} WHERE order_no = 'KEPT'"))
        assert master.rows(f"SELECT DISTINCT erased_at FROM {table} WHERE order_no = 'PAST'") == [(NOW,)]
    assert master.scalar("SELECT billed FROM sales_order WHERE order_no = 'PAST'") == 1500


@pytest.mark.parametrize("state", ["shipped", "cancelled", "foreign"])
def test_each_closed_state(master: MasterUnderTest, shop: Settings, state: str) -> None:
    add_order(master, "PAST", PAST, state)

    assert erase(master, shop)[0].orders == 1


def test_an_open_order_keeps_its_address_twice_as_long(master: MasterUnderTest, shop: Settings) -> None:
    add_order(master, "PAST", PAST, "open")
    add_order(master, "LONG-PAST", LONG_PAST, "open")

    erase(master, shop)

    assert erased_orders(master) == ["LONG-PAST"]


def test_each_channel_has_its_own_time(master: MasterUnderTest, shop: Settings) -> None:
    add_order(master, "PAST", PAST)
    add_order(master, "OTHER", LONG_PAST, channel="rakuten2")

    erase(master, shop)

    assert erased_orders(master) == ["PAST"]


def test_once_is_enough(master: MasterUnderTest, shop: Settings) -> None:
    add_order(master, "PAST", PAST)
    erase(master, shop)

    erasure, findings, changes = erase(master, shop)

    assert erasure == Erasure(0, (), (), ())
    assert changes == 0
    assert list(findings) == []


@pytest.mark.parametrize(
    ("values", "goes"),
    [
        ({"as_of": PAST}, True),
        ({"as_of": KEPT}, False),
        ({"as_of": "", "mtime": PAST}, True),
        ({"as_of": PAST, "state": "refused"}, True),
        ({"as_of": PAST, "state": "erased"}, False),
        ({"as_of": PAST, "party": "main"}, True),  # it may hold orders of the channel
        ({"as_of": KEPT, "party": "main"}, False),
        ({"as_of": PAST, "party": "erp"}, False),
        ({"as_of": PAST, "party": "rakuten2"}, False),
    ],
)
def test_inbound_files(master: MasterUnderTest, shop: Settings, values: dict[str, Any], goes: bool) -> None:
    master.insert(
        "inbox_file", {"file_id": 7, "flow": "orders", "party": "rakuten1", "state": "loaded", **values}
    )

    assert erase(master, shop)[0].inbox_files == ((7,) if goes else ())
    assert (master.scalar("SELECT state FROM inbox_file") == "erased") is (
        goes or values.get("state") == "erased"
    )


@pytest.mark.parametrize(
    ("row", "file", "goes"),
    [
        ({"quarantined_at": NOW}, {"as_of": PAST}, True),
        ({"quarantined_at": PAST}, {"as_of": KEPT}, False),
        ({"quarantined_at": PAST}, None, True),
        ({"quarantined_at": KEPT}, None, False),
        ({"quarantined_at": PAST, "flow": "counts"}, None, True),
        ({"quarantined_at": PAST, "flow": "products"}, None, False),
    ],
)
def test_rows_in_quarantine(
    master: MasterUnderTest, shop: Settings, row: dict[str, Any], file: dict[str, Any] | None, goes: bool
) -> None:
    if file is not None:
        master.insert("inbox_file", {"file_id": 7, "flow": "orders", "party": "rakuten1", **file})
    kept = {
        "row_id": 3,
        "file_id": 7,
        "flow": "orders",
        "raw_value": CANARY,
        "raw_record": "e7a798",
        "reason": "r",
    }
    master.insert("quarantined_row", {**kept, **row})

    assert erase(master, shop)[0].quarantined_rows == ((3,) if goes else ())
    expected = ("", "", "dropped", "r") if goes else (CANARY, "e7a798", "open", "r")
    assert master.rows("SELECT raw_value, raw_record, state, reason FROM quarantined_row") == [expected]


def add_parcel(master: MasterUnderTest, parcel_no: str, order_no: str, outbox_id: int = 1) -> None:
    parcel = {"parcel_no": parcel_no, "channel": "rakuten1", "order_no": order_no, "warehouse": "main"}
    master.insert("shipping_instruction", parcel)
    key = {"document": "shipping_instructions", "business_key": f"rakuten1:{order_no}:{parcel_no}:1"}
    master.insert("outbox_key", {**key, "reference": parcel_no, "outbox_id": outbox_id})


def add_payload(master: MasterUnderTest, **values: Any) -> None:
    payload = {"outbox_id": 1, "document": "shipping_instructions", "party": "main", "state": "verified"}
    master.insert("outbox_file", {**payload, **values})


def test_labels_go_like_instructions(master: MasterUnderTest, shop: Settings) -> None:
    add_order(master, "PAST", PAST)
    add_payload(master, document="parcels")
    add_parcel(master, "00000001", "PAST")

    assert erase(master, shop)[0].outbox_files == (1,)


def test_a_payload_goes_when_all_its_parcels_may(master: MasterUnderTest, shop: Settings) -> None:
    add_order(master, "PAST", PAST)
    add_order(master, "PAST-2", PAST, "cancelled")
    add_payload(master)
    add_parcel(master, "00000001", "PAST")
    add_parcel(master, "00000002", "PAST-2")

    assert erase(master, shop)[0].outbox_files == (1,)
    assert master.scalar("SELECT erased_at FROM outbox_file") == NOW


def test_a_payload_stays_with_one_parcel_that_is_kept(master: MasterUnderTest, shop: Settings) -> None:
    add_order(master, "PAST", PAST)
    add_order(master, "KEPT", KEPT)
    add_payload(master)
    add_parcel(master, "00000001", "PAST")
    add_parcel(master, "00000002", "KEPT")

    assert erase(master, shop)[0].outbox_files == ()


@pytest.mark.parametrize(
    "values",
    [{"state": "planned"}, {"state": "unknown"}, {"document": "channel_quantities"}, {"erased_at": PAST}],
)
def test_a_payload_that_must_still_go_out_or_holds_nobody_stays(
    master: MasterUnderTest, shop: Settings, values: dict[str, Any]
) -> None:
    add_order(master, "PAST", PAST)
    add_payload(master, **values)
    add_parcel(master, "00000001", "PAST")

    assert erase(master, shop)[0].outbox_files == ()


def test_corrections_and_notes_go_with_the_persons_of_their_order(
    master: MasterUnderTest, shop: Settings
) -> None:
    for order_no, ordered_at in (("past", PAST), ("kept", KEPT)):
        add_order(master, order_no, ordered_at)
        key = {"channel": "rakuten1", "order_no": order_no}
        number = master.scalar("SELECT COUNT(*) FROM decision_note") + 1
        master.insert("staff_decision", {**key, "decision_id": number, "kind": "amend", "decided_by": "佐藤"})
        master.insert("decision_note", {**key, "decision_id": number, "note": CANARY})
        field = {**key, "scope": "dest:D1", "field": "ship_address"}
        master.insert("order_amendment", {**field, "decision_id": number, "personal": 1})
        values = {"value": CANARY, "base_value": CANARY, "mall_value": CANARY}
        master.insert("person_amendment", {**field, **values})

    erase(master, shop)

    for table, columns in (("person_amendment", "value, base_value, mall_value"), ("decision_note", "note")):
        found = dict(master.rows(f"SELECT order_no, {columns.replace(', ', ' || ')} FROM {table}"))
        assert (found["past"], CANARY in found["kept"]) == ("", True), table
    assert master.rows("SELECT decided_by FROM staff_decision ORDER BY decision_id") == [("佐藤",), ("佐藤",)]


def test_a_note_on_an_order_that_was_erased_before_goes_too(master: MasterUnderTest, shop: Settings) -> None:
    add_order(master, "past", PAST)
    erase(master, shop)
    master.insert(
        "decision_note", {"decision_id": 1, "channel": "rakuten1", "order_no": "past", "note": CANARY}
    )
    erase(master, shop)
    assert master.rows("SELECT note FROM decision_note") == [("",)]
    _erasure, _findings, changes = erase(master, shop)
    assert changes == 0
