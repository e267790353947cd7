"""The round through the outbox: its order, its partners apart from each other, and where a file may go at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ecsync.errors import ConfigurationError, LockedError, ProofError, UsageError
from ecsync.exchange import outbox
from ecsync.exchange.resolution import resolve
from exchange.desk import FLOW, HANDOVERS, Desk
from master_under_test import NOW

only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


def told(desk: Desk) -> list[tuple[object, ...]]:
    return desk.master.rows("SELECT document, business_key, outbox_id FROM outbox_key ORDER BY business_key")


def test_a_business_key_is_told_once_in_any_file(folder_desk: Desk) -> None:
    folder_desk.put(b"one", keys=["P-1", "P-2"])
    with pytest.raises(ProofError, match="twice") as caught:
        folder_desk.put(b"two", name="other.csv", keys=["P-3", "P-2"])
    assert "P-2" not in str(caught.value)
    assert told(folder_desk) == [("parcels", "P-1", 1), ("parcels", "P-2", 1)]
    assert folder_desk.master.scalar("SELECT COUNT(*) FROM outbox_file") == 1


def test_a_number_of_the_outbox_rolls_back_with_its_run(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    with pytest.raises(ProofError):
        folder_desk.put(b"two")
    assert folder_desk.put(b"three", keys=["P-3"]) == 2


def test_thousands_of_keys_are_told(folder_desk: Desk) -> None:
    folder_desk.put(b"one", keys=[f"P-{n:05}" for n in range(12_000)])
    assert folder_desk.master.scalar("SELECT COUNT(*) FROM outbox_key") == 12_000


@only_sqlite
@pytest.mark.parametrize(
    ("handover", "temp", "done"), [("rename", True, ""), ("direct", False, ""), ("done_file", False, ".done")]
)
def test_a_row_names_what_its_hand_over_uses_and_nothing_else(
    folder_desk: Desk, handover: str, temp: bool, done: str
) -> None:
    folder_desk.flow(handover=handover)
    folder_desk.put(b"one")
    ((temp_name, done_suffix),) = folder_desk.master.rows("SELECT temp_name, done_suffix FROM outbox_file")
    assert (temp_name != "", done_suffix) == (temp, done)


@only_sqlite
def test_a_file_may_call_a_key_by_a_number_of_its_own(folder_desk: Desk) -> None:
    folder_desk.put(b"one", keys={"P-2": "", "P-1": "SHP-9"})
    with folder_desk.master.engine.connect() as conn:
        keys = outbox.keys_of(conn, 1)
    assert keys == ["P-1\tSHP-9", "P-2"]
    assert [outbox.heard(key) for key in keys] == [("P-1", "SHP-9"), ("P-2", "")]


PLACES = {
    "its own place": ({}, True),
    "another name": ({"remote_name": "other.csv"}, False),
    "another folder": ({"remote_dir": "out"}, False),
    "another partner": ({"endpoint": "other"}, False),
    "the first of all": ({"outbox_id": 1}, False),
}


@only_sqlite
@pytest.mark.parametrize("place", PLACES)
def test_an_older_file_of_ours_is_known_by_its_place_and_its_bytes(folder_desk: Desk, place: str) -> None:
    folder_desk.put(b"older", keys=["P-1"])
    folder_desk.put(b"newer", keys=["P-2"])
    changes, known = PLACES[place]
    bytes_of = hashlib.sha256(b"older").hexdigest()
    with folder_desk.master.engine.connect() as conn:
        file = replace(outbox.get(conn, 2), **changes)

        def is_ours(sha256: str, size: int = 5) -> bool:
            return outbox.is_older_of_ours(conn, file, sha256=sha256, size=size)

        assert is_ours(bytes_of) is known
        assert is_ours("") is known  # a partner that lets us look, not read: by size
        assert not is_ours("", 6)
        assert not is_ours("0" * 64)


@pytest.mark.parametrize("name", ["../x.csv", "a/b.csv", ".hidden", "", "x" * 201])
def test_an_unsafe_name_of_ours_is_a_configuration_error(folder_desk: Desk, name: str) -> None:
    with pytest.raises(ConfigurationError, match="not safe"):
        folder_desk.put(b"one", name=name)


def test_files_go_by_priority_then_by_number(sftp_desk: Desk) -> None:
    for number, priority in enumerate((50, 10, 50, 20), start=1):
        sftp_desk.put(b"%d" % number, name=f"{number}.csv", keys=[f"P-{number}"], priority=priority)
    sftp_desk.deliver()
    order = [line.outbox_id for line in sftp_desk.journal.lines() if line.state == "verified"]
    assert order == [2, 4, 1, 3]


def two_partners(desk: Desk) -> None:
    desk.outbound.append(FLOW | {"name": "out2", "endpoint": "other"})
    (desk.master.folder / "other" / "in").mkdir(parents=True)
    original = desk.master.make_settings

    def with_other(**patch: object) -> object:
        patch["endpoints"] = {**patch["endpoints"], "other": {"kind": "folder", "root": "other"}}
        return original(**patch)

    object.__setattr__(desk.master, "make_settings", with_other)


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_partner_that_is_down_delays_only_its_own_files(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    two_partners(desk)
    right, desk.endpoint["port"] = desk.endpoint["port"], 1
    desk.put(b"one", name="1.csv", keys=["P-1"])
    desk.put(b"two", name="2.csv", keys=["P-2"])
    desk.put(b"three", name="3.csv", keys=["P-3"], flow="out2")
    delivered = desk.deliver()
    assert delivered.counts == {"planned": 2, "verified": 1}
    assert delivered.statuses == {13}
    assert list(delivered.unreachable) == ["partner"]
    assert desk.findings.counts == {"delivery_waits": 2}
    assert (desk.master.folder / "other" / "in" / "3.csv").read_bytes() == b"three"
    desk.endpoint["port"] = right
    assert desk.deliver().counts == {"verified": 2}


@only_sqlite
@pytest.mark.parametrize("kind", ["folder", "sftp"])
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_partner_whose_folder_is_gone_delays_only_its_own_files(
    folder_desk: Desk, make_desk: Callable[..., Desk], kind: str, handover: str
) -> None:
    desk = folder_desk if kind == "folder" else make_desk(name="sftp")
    two_partners(desk)
    desk.flow(handover=handover)
    desk.put(b"one", name="1.csv", keys=["P-1"])
    desk.put(b"three", name="3.csv", keys=["P-3"], flow="out2")
    folder = desk.partner / "in"
    folder.rename(desk.partner / "away")
    delivered = desk.deliver()
    assert (delivered.counts["verified"], delivered.statuses) == (1, {13})
    assert desk.findings.counts == {"delivery_waits": 1}
    (desk.partner / "away").rename(folder)
    # The partner plainly refused to open it: nothing of it can be there, so that it goes by itself.
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there()["1.csv"] == b"one"


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_refused_login_is_tried_once_for_all_files_of_a_partner(
    make_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    from exchange.servers import PASSWORD_VARIABLE

    desk = make_desk()
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong")
    for number in range(3):
        desk.put(b"%d" % number, name=f"{number}.csv", keys=[f"P-{number}"])
    assert desk.deliver().statuses == {12}
    assert desk.there() == {}


def test_a_file_that_is_refused_does_not_stop_the_next_one(sftp_desk: Desk) -> None:
    (sftp_desk.partner / "in" / "1.csv").mkdir()
    sftp_desk.put(b"one", name="1.csv", keys=["P-1"])
    sftp_desk.put(b"two", name="2.csv", keys=["P-2"])
    delivered = sftp_desk.deliver()
    assert delivered.statuses == {13}
    assert sftp_desk.there() == {"2.csv": b"two"}


def test_a_later_file_never_passes_an_earlier_one_of_the_same_name(folder_desk: Desk) -> None:
    folder_desk.flow(on_exists="wait")
    foreign = folder_desk.partner / "in" / "stock.csv"
    foreign.write_bytes(b"foreign")
    folder_desk.put(b"one", name="stock.csv", keys=["S-1"])
    folder_desk.put(b"two", name="stock.csv", keys=["S-2"])
    assert folder_desk.deliver().counts == {"waiting": 1, "planned": 1}
    foreign.unlink()
    assert folder_desk.deliver().counts == {"verified": 1, "waiting": 1}
    assert folder_desk.there() == {"stock.csv": b"one"}
    foreign.unlink()
    assert folder_desk.deliver().counts == {"verified": 1}
    assert folder_desk.there() == {"stock.csv": b"two"}


@pytest.mark.parametrize(
    "words", [{"endpoint": "other"}, {"path": "elsewhere"}, {"mapping": "plain/other"}, {"party": "erp"}]
)
def test_a_file_goes_only_where_its_flow_says(folder_desk: Desk, words: dict[str, str]) -> None:
    two_partners(folder_desk)
    folder_desk.put(b"one")
    folder_desk.flow(**words)
    delivered = folder_desk.deliver()
    assert delivered.statuses == {10}
    assert delivered.counts == {"planned": 1}
    assert folder_desk.there() == {}
    assert list((folder_desk.master.folder / "other" / "in").iterdir()) == []


def test_every_row_of_a_flow_names_the_flows_own_endpoint(folder_desk: Desk) -> None:
    two_partners(folder_desk)
    for number, flow in enumerate(("out", "out2")):
        folder_desk.put(b"%d" % number, name=f"{number}.csv", keys=[f"P-{number}"], flow=flow)
    assert folder_desk.master.rows("SELECT flow, endpoint FROM outbox_file ORDER BY outbox_id") == [
        ("out", "partner"),
        ("out2", "other"),
    ]


def test_a_damaged_payload_is_never_sent(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    (payload,) = (folder_desk.master.folder / "outbox").glob("*.payload")
    payload.write_bytes(b"two")
    assert folder_desk.deliver().statuses == {16}
    payload.unlink()
    assert folder_desk.deliver().statuses == {16}
    assert folder_desk.there() == {}


def test_a_run_that_was_overtaken_sends_nothing_more(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    taken = []
    overtaken = LockedError("another run has taken over")

    def fence(_conn: sa.Connection) -> None:
        taken.append(1)
        if len(taken) > 2:
            raise overtaken

    with pytest.raises(LockedError):
        folder_desk.deliver(fence=fence)
    assert folder_desk.state() == "uploaded"
    assert "orders_001.csv" not in folder_desk.there()
    assert folder_desk.deliver().counts == {"verified": 1}


def unknown(desk: Desk) -> None:
    desk.put(b"one")
    desk.set_state("unknown")


@pytest.mark.parametrize(
    ("verdict", "state", "there"),
    [
        ("sent", "verified", {}),
        ("dropped", "dropped", {}),
        ("resend", "verified", {"orders_001.csv": b"one"}),
    ],
)
def test_a_person_settles_what_cannot_be_known(
    folder_desk: Desk, verdict: str, state: str, there: dict[str, bytes]
) -> None:
    unknown(folder_desk)
    assert folder_desk.deliver().statuses == {16}
    resolve(folder_desk.steps, folder_desk.journal, 1, verdict, now=NOW)
    assert folder_desk.deliver().statuses == set()
    assert folder_desk.state() == state
    assert folder_desk.there() == there
    assert told(folder_desk) == [("parcels", "P-1", 1)]


def test_only_what_is_open_can_be_resolved(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    folder_desk.deliver()
    for number, verdict in ((1, "sent"), (2, "sent"), (1, "maybe")):
        with pytest.raises(UsageError):
            resolve(folder_desk.steps, folder_desk.journal, number, verdict, now=NOW)


def test_the_outbox_is_listed_the_newest_first(folder_desk: Desk) -> None:
    for number in (1, 2):
        folder_desk.put(b"%d" % number, name=f"{number}.csv", keys=[f"P-{number}"])
    folder_desk.deliver()
    folder_desk.put(b"3", name="3.csv", keys=["P-3"])
    with folder_desk.steps.begin() as conn:
        assert [file.outbox_id for file in outbox.listing(conn)] == [3]
        everything = outbox.listing(conn, everything=True)
    assert [file.outbox_id for file in everything] == [3, 2, 1]
    assert everything[-1].delivery == f"1-{hashlib.sha256(b'1').hexdigest()[:8]}"
