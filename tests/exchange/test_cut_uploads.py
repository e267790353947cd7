"""Connections that break and runs that are killed, at every place: the next run ends right, and tells nothing twice."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from ecsync.exchange import handover
from ecsync.exchange.resolution import resolve
from exchange.desk import HANDOVERS, Desk, KilledError, killed_at
from exchange.servers import Faults
from master_under_test import NOW

only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
SIZE = 100_000
CUTS = {
    "at byte 0": {"cut_after_bytes": 0},
    "at byte 1": {"cut_after_bytes": 1},
    "at byte 32767": {"cut_after_bytes": 32_767},
    "at byte 32768": {"cut_after_bytes": 32_768},
    "at byte 32769": {"cut_after_bytes": 32_769},
    "at half": {"cut_after_bytes": SIZE // 2},
    "before the last byte": {"cut_after_bytes": SIZE - 1},
    "before close": {"cut_at": "before_close"},
    "after close": {"cut_at": "after_close"},
    "before rename": {"cut_at": "before_rename"},
    "after rename, before its reply": {"cut_at": "after_rename"},
    "before the final stat": {"cut_at": "before_last_stat"},
}


@only_sqlite
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("readable", [True, False], ids=["readable", "write-only"])
@pytest.mark.parametrize("handover", HANDOVERS)
def test_after_a_cut_the_next_run_ends_right(
    make_desk: Callable[..., Desk], handover: str, readable: bool, cut: str
) -> None:
    content = os.urandom(SIZE)
    faults = Faults(**CUTS[cut])
    desk = make_desk(faults, readable=readable)
    desk.flow(handover=handover)
    desk.put(content)
    first = desk.deliver()
    # Looking again is harmless, so a cut look is tried again at once.
    was_cut = cut != "before the final stat" and (
        handover == "rename" or not cut.endswith(("rename", "reply"))
    )
    if was_cut:
        assert first.statuses == {13}
        if handover == "rename":
            assert desk.there().get("orders_001.csv") in {None, content}
    again = desk.deliver()
    assert again.statuses == set()
    done = {"orders_001.csv.done": b""} if handover == "done_file" else {}
    assert desk.there() == {"orders_001.csv": content} | done
    assert desk.state() == "verified"


def end_honestly(desk: Desk, handover: str, outbox_id: int) -> None:
    """Deliver once more. Only `direct` may have to say that it cannot know: then a person says to send again."""
    delivered = desk.deliver()
    if handover == "direct" and delivered.statuses == {16}:
        assert desk.there() == {}
        resolve(desk.steps, desk.journal, outbox_id, "resend", now=NOW)
        delivered = desk.deliver()
    assert delivered.statuses == set()


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_killed_at_any_point_the_next_run_ends_right(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch, handover: str
) -> None:
    desk = folder_desk
    desk.flow(handover=handover)
    done = {"orders_001.csv.done": b""} if handover == "done_file" else {}
    content = b"0123456789" * 10
    number = 0
    while True:
        number += 1
        outbox_id = desk.put(content, keys=[f"P-{number}"])
        passed = killed_at(monkeypatch, number)
        finished = True
        try:
            desk.deliver()
        except KilledError:
            finished = False
        killed_at(monkeypatch, 0)
        end_honestly(desk, handover, outbox_id)
        assert desk.there() == {"orders_001.csv": content} | done, (number, passed)
        assert desk.state(outbox_id) == "verified"
        for path in (desk.partner / "in").iterdir():
            path.unlink()
        if finished:
            break
    assert number > 15


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
@pytest.mark.parametrize("second", [3, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2, 5, 8))])
def test_killed_again_during_the_recovery_the_third_run_ends_right(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch, handover: str, second: int
) -> None:
    desk = folder_desk
    desk.flow(handover=handover)
    done = {"orders_001.csv.done": b""} if handover == "done_file" else {}
    number = 0
    while True:
        number += 1
        outbox_id = desk.put(b"content", keys=[f"P-{number}"])
        finished = True
        for at in (number, second):
            killed_at(monkeypatch, at)
            try:
                desk.deliver()
            except KilledError:
                finished = False
        killed_at(monkeypatch, 0)
        end_honestly(desk, handover, outbox_id)
        assert desk.there() == {"orders_001.csv": b"content"} | done
        for path in (desk.partner / "in").iterdir():
            path.unlink()
        if finished:
            break


@only_sqlite
def test_a_partner_that_took_the_renamed_file_before_we_knew_leaves_the_outcome_unknown(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(Faults(cut_at="after_rename", take_at_once=True))
    desk.put(b"content")
    assert desk.deliver().statuses == {13}
    for _run in range(2):
        delivered = desk.deliver()
        assert (delivered.unknown, delivered.statuses) == ([1], {16})
        assert desk.findings.counts == {"delivery_unknown": 1}
    assert len(list((desk.partner.parent / "taken").iterdir())) == 1


@only_sqlite
def test_where_the_receiver_removes_files_a_vanished_file_was_taken(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(Faults(cut_at="after_rename", take_at_once=True))
    desk.flow(receiver_removes=True)
    desk.put(b"content")
    desk.deliver()
    assert desk.deliver().counts == {"verified": 1}
    assert len(list((desk.partner.parent / "taken").iterdir())) == 1


@only_sqlite
def test_where_the_partner_allows_it_an_unknown_file_is_sent_again(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(Faults(cut_at="after_rename", take_at_once=True))
    desk.flow(on_unknown="resend")
    desk.put(b"content")
    desk.deliver()
    assert desk.deliver().counts == {"verified": 1}
    assert len(list((desk.partner.parent / "taken").iterdir())) == 2


def cut_direct(desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str, **words: object) -> None:
    """Kill a hand-over, a direct one unless the words say else, at a point by name."""
    desk.flow(**{"handover": "direct", **words})
    desk.put(b"content")
    passed = killed_at(monkeypatch, 0)
    original = passed.append

    class Watch(list[str]):
        def append(self, name: str) -> None:
            original(name)
            if name == point:
                raise KilledError

    from ecsync import faultpoints

    watch = Watch()
    monkeypatch.setattr(faultpoints, "_act", watch.append)
    with pytest.raises(KilledError):
        desk.deliver()
    killed_at(monkeypatch, 0)


def test_direct_is_sent_again_where_the_journal_shows_that_no_open_was_asked_for(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_direct(folder_desk, monkeypatch, "delivery.after_step")
    assert folder_desk.state() == "uploading"
    assert folder_desk.deliver().counts == {"verified": 1}


def test_direct_is_unknown_where_an_open_may_have_been_asked_for(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_direct(folder_desk, monkeypatch, "handover.after_write")
    (folder_desk.partner / "in" / "orders_001.csv").unlink()
    assert folder_desk.deliver().statuses == {16}
    assert folder_desk.there() == {}


def test_direct_is_unknown_where_the_journal_was_lost(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_desk.put(b"before", name="before.csv", keys=["B-1"])
    folder_desk.deliver()
    cut_direct(folder_desk, monkeypatch, "handover.after_write")
    (folder_desk.partner / "in" / "orders_001.csv").unlink()
    folder_desk.journal.path.unlink()
    assert folder_desk.deliver().statuses == {16}


def test_direct_is_unknown_where_the_master_lost_its_steps(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_direct(folder_desk, monkeypatch, "delivery.after_step")
    with folder_desk.master.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM delivery_attempt")
    assert folder_desk.deliver().statuses == {16}


def test_direct_with_a_true_prefix_is_written_again(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_direct(folder_desk, monkeypatch, "handover.before_write")
    (folder_desk.partner / "in" / "orders_001.csv").write_bytes(b"cont")
    assert folder_desk.deliver().counts == {"verified": 1}
    assert folder_desk.there() == {"orders_001.csv": b"content"}


def test_direct_with_other_bytes_is_a_conflict(folder_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_direct(folder_desk, monkeypatch, "handover.before_write")
    (folder_desk.partner / "in" / "orders_001.csv").write_bytes(b"foreign")
    assert folder_desk.deliver().counts == {"conflict": 1}
    assert folder_desk.there() == {"orders_001.csv": b"foreign"}


@only_sqlite
@pytest.mark.long
@pytest.mark.parametrize("size", [0, 1, 20_000, 2_000_000, 20_000_000])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("handover", HANDOVERS)
def test_cuts_of_every_size(make_desk: Callable[..., Desk], handover: str, share: float, size: int) -> None:
    content = os.urandom(size)
    desk = make_desk(Faults(cut_after_bytes=int(size * share)))
    desk.flow(handover=handover)
    desk.put(content)
    desk.deliver()
    assert desk.deliver().statuses == set()
    assert desk.there()["orders_001.csv"] == content


@only_sqlite
@pytest.mark.parametrize(("there", "ends"), [(b"content", "verified"), (b"foreign", "conflict")])
def test_direct_looks_again_before_an_upload_that_was_never_begun(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch, there: bytes, ends: str
) -> None:
    cut_direct(folder_desk, monkeypatch, "delivery.after_step")
    (folder_desk.partner / "in" / "orders_001.csv").write_bytes(there)
    assert folder_desk.deliver().counts == {ends: 1}
    assert folder_desk.there() == {"orders_001.csv": there}


@only_sqlite
@pytest.mark.parametrize(
    ("words", "statuses", "state"),
    [({"receiver_removes": True}, set(), "verified"), ({"on_unknown": "hold"}, {16}, "unknown")],
)
def test_what_vanished_with_its_done_file_was_taken_only_where_the_receiver_removes_files(
    folder_desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    words: dict[str, object],
    statuses: set[int],
    state: str,
) -> None:
    cut_direct(folder_desk, monkeypatch, "done_file.after_done", handover="done_file", **words)
    for path in (folder_desk.partner / "in").iterdir():
        path.unlink()
    assert folder_desk.deliver().statuses == statuses
    assert folder_desk.state() == state
    assert folder_desk.there() == {}


@only_sqlite
@pytest.mark.parametrize("there", [b"foreign", b"cont"])
def test_no_done_file_is_written_beside_a_payload_that_is_not_ours(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch, there: bytes
) -> None:
    cut_direct(folder_desk, monkeypatch, "done_file.before_done", handover="done_file")
    (folder_desk.partner / "in" / "orders_001.csv").write_bytes(there)
    assert folder_desk.deliver().counts == {"conflict": 1}
    assert folder_desk.there() == {"orders_001.csv": there}


@only_sqlite
def test_a_done_file_that_was_asked_for_and_is_not_there_is_written(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_direct(folder_desk, monkeypatch, "done_file.before_done", handover="done_file")
    assert folder_desk.deliver().counts == {"verified": 1}
    assert folder_desk.there() == {"orders_001.csv": b"content", "orders_001.csv.done": b""}


@only_sqlite
def test_a_vanished_payload_is_sent_again_before_its_done_file_where_the_partner_allows_it(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_direct(folder_desk, monkeypatch, "done_file.before_done", handover="done_file", on_unknown="resend")
    (folder_desk.partner / "in" / "orders_001.csv").unlink()
    assert folder_desk.deliver().counts == {"verified": 1}
    assert folder_desk.there() == {"orders_001.csv": b"content", "orders_001.csv.done": b""}


# Killed before the rename, with the temporary file gone: what lies under the final name, and what then is said.
GONE = {
    "taken": ({"receiver_removes": True}, None, "verified", handover.TAKEN),
    "nowhere": ({}, None, "unknown", handover.GONE),
    "renamed after all": ({}, b"content", "verified", ""),
    "another file": ({}, b"foreign", "unknown", handover.FOREIGN),
    "sent again": ({"on_unknown": "resend"}, None, "verified", ""),
}


@only_sqlite
@pytest.mark.parametrize("case", GONE)
def test_a_temporary_file_that_is_gone_says_what_is_known(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    words, there, state, detail = GONE[case]
    cut_direct(folder_desk, monkeypatch, "rename.before_rename", handover="rename", **words)
    for path in (folder_desk.partner / "in").iterdir():
        path.unlink()
    if there is not None:
        (folder_desk.partner / "in" / "orders_001.csv").write_bytes(there)
    folder_desk.deliver()
    assert folder_desk.master.rows("SELECT state, detail FROM outbox_file") == [(state, detail)]
    assert folder_desk.there().get("orders_001.csv") == (b"content" if case == "sent again" else there)


@only_sqlite
def test_why_an_outcome_cannot_be_known_is_kept(folder_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_direct(folder_desk, monkeypatch, "handover.after_write")
    (folder_desk.partner / "in" / "orders_001.csv").unlink()
    folder_desk.deliver()
    assert folder_desk.master.rows("SELECT state, detail FROM outbox_file") == [("unknown", handover.ABSENT)]
