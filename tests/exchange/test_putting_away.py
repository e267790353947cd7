"""After the commit: the partner's folder is left as agreed, and one flow leaves the files of another alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsync.exchange import archiving, inbox
from ecsync.findings import FindingLog
from exchange.desk import Desk

LATER = "2026-11-25T03:00:00Z"
MTIME = 1_795_000_000
only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


@pytest.fixture
def desk(folder_desk: Desk) -> Desk:
    folder_desk.inflow()
    return folder_desk


def files(desk: Desk, columns: str = "name, as_of, state") -> list[tuple[object, ...]]:
    return desk.master.rows(f"SELECT {columns} FROM inbox_file ORDER BY file_id")


def loaded(desk: Desk) -> None:
    """Do what a run's commit does."""
    with desk.master.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE inbox_file SET state = 'loaded' WHERE state = 'spooled'")


def put_away(desk: Desk) -> set[int]:
    return inbox.finish_remote(desk.steps, desk.settings, FindingLog())


@pytest.mark.parametrize("after", ["archive", "delete", "keep"])
def test_after_the_commit_the_partners_folder_is_left_as_agreed(desk: Desk, after: str) -> None:
    desk.inflow(after=after, archive_path="out/done")
    desk.place("a.csv", b"content")
    desk.collect()
    assert put_away(desk) == set()
    assert (desk.partner / "out" / "a.csv").exists(), "nothing leaves before it is loaded"
    loaded(desk)
    for _again in range(2):
        assert put_away(desk) == set()
        assert (desk.partner / "out" / "a.csv").exists() is (after == "keep")
        assert (desk.partner / "out" / "done" / "a.csv").exists() is (after == "archive")
    assert files(desk, "remote_done") == [
        ({"archive": "archived", "delete": "deleted", "keep": "kept"}[after],)
    ]


def test_a_newer_file_of_the_same_name_is_not_put_away(desk: Desk) -> None:
    desk.inflow(after="delete")
    desk.place("a.csv", b"content")
    desk.collect()
    loaded(desk)
    desk.place("a.csv", b"newer!!", MTIME + 60)
    put_away(desk)
    assert (desk.partner / "out" / "a.csv").read_bytes() == b"newer!!"


def test_a_refused_file_stays_where_it_is(desk: Desk) -> None:
    desk.inflow(after="archive")
    desk.place("a.csv", b"content")
    desk.collect()
    with desk.master.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE inbox_file SET state = 'refused'")
    put_away(desk)
    assert (desk.partner / "out" / "a.csv").exists()


@only_sqlite
def test_a_file_that_the_flow_no_longer_asks_for_stays_where_it_is(desk: Desk) -> None:
    desk.inflow(after="delete", pattern="*")
    desk.place("a.csv", b"content")
    desk.collect()
    loaded(desk)
    desk.inflow(after="delete", pattern="b*")
    put_away(desk)
    assert desk.there("out") == {"a.csv": b"content"}


@only_sqlite
def test_two_archives_of_one_name_both_stay(desk: Desk) -> None:
    desk.inflow(after="archive", archive_path="out/done")
    for number, content in enumerate((b"one", b"two", b"one"), start=1):
        desk.place("a.csv", content, MTIME + number)
        desk.collect(now=LATER, run_id=number)
        loaded(desk)
        assert put_away(desk) == set()
        assert not (desk.partner / "out" / "a.csv").exists()
    kept = sorted(p.read_bytes() for p in (desk.partner / "out" / "done").iterdir())
    assert kept in ([b"one", b"two"], [b"one", b"one", b"two"])


@only_sqlite
def test_a_done_file_goes_with_its_file(desk: Desk) -> None:
    desk.inflow(after="archive", archive_path="out/done", done_suffix=".done")
    desk.place("a.csv", b"content")
    desk.place("a.csv.done", b"")
    desk.collect()
    loaded(desk)
    put_away(desk)
    assert sorted(desk.there("out")) == []
    assert sorted(desk.there("out/done")) == ["a.csv", "a.csv.done"]


@only_sqlite
def test_a_partner_that_is_down_is_said_and_tried_by_the_next_run(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    desk.inflow(after="delete")
    desk.place("a.csv", b"content")
    desk.collect()
    loaded(desk)
    right = dict(desk.endpoint)
    desk.endpoint["port"] = 1
    findings = FindingLog()
    assert inbox.finish_remote(desk.steps, desk.settings, findings) == {13}
    assert findings.counts == {"partner_unreachable": 1}
    desk.endpoint = right
    assert put_away(desk) == set()
    assert desk.there("out") == {}


@only_sqlite
def test_flows_without_facts_are_left_alone(desk: Desk) -> None:
    desk.inflow(after="delete")
    desk.place("a.csv", b"content")
    desk.collect()
    loaded(desk)
    assert archiving.finish_remote(desk.steps, desk.settings, FindingLog(), facts={}) == set()
    assert (desk.partner / "out" / "a.csv").exists()


def two_flows(desk: Desk, **words: object) -> None:
    """Let two flows look into two folders of the one partner; `desk.inbound.reverse()` takes turns."""
    desk.inflow(**words)
    desk.inbound.append(desk.inbound[0] | {"name": "stock", "path": "out2", "mapping": "plain/stock"})
    (desk.partner / "out2").mkdir()


def place_in_second(desk: Desk, name: str, content: bytes) -> Path:
    path = desk.partner / "out2" / name
    path.write_bytes(content)
    os.utime(path, (MTIME, MTIME))
    return path


@only_sqlite
@pytest.mark.parametrize("state", ["loaded", "refused"])
def test_the_same_content_in_another_flow_is_another_file(desk: Desk, state: str) -> None:
    two_flows(desk)
    desk.place("a.csv", b"content")
    desk.collect()
    with desk.master.engine.begin() as conn:
        conn.exec_driver_sql(f"UPDATE inbox_file SET state = '{state}', remote_done = 'kept'")
    place_in_second(desk, "a.csv", b"content")
    desk.inbound.reverse()
    assert desk.collect(now=LATER).taken == [2]
    assert files(desk, "flow, state, remote_done") == [
        ("orders", state, "kept"),
        ("stock", "spooled", ""),
    ]


@only_sqlite
def test_what_one_flow_loaded_is_not_put_away_in_anothers_folder(desk: Desk) -> None:
    two_flows(desk, after="delete")
    desk.place("a.csv", b"content")
    place_in_second(desk, "a.csv", b"content")
    desk.collect()
    loaded(desk)
    desk.inbound.reverse()
    desk.collect()  # seen there, and not loaded
    assert put_away(desk) == set()
    assert desk.there("out") == {}
    assert desk.there("out2") == {"a.csv": b"content"}
    assert files(desk, "flow, remote_done") == [("orders", "deleted"), ("stock", "")]


@only_sqlite
def test_one_folder_without_rights_does_not_keep_the_others_from_being_put_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecsync.errors import TransferError
    from ecsync.exchange.folder_endpoint import FolderEndpoint

    two_flows(desk, after="delete")
    for _flow in range(2):
        desk.place("a.csv", b"content")
        place_in_second(desk, "a.csv", b"content")
        desk.collect()
        desk.inbound.reverse()
    loaded(desk)
    remove = FolderEndpoint.remove

    def refused(self: FolderEndpoint, folder: str, name: str) -> None:
        if folder == "out":
            message = "no rights"
            raise TransferError(message)
        remove(self, folder, name)

    monkeypatch.setattr(FolderEndpoint, "remove", refused)
    findings = FindingLog()
    assert inbox.finish_remote(desk.steps, desk.settings, findings) == {TransferError.exit_status}
    assert [(finding.code, finding.subject) for finding in findings] == [("partner_unreachable", "orders")]
    assert (desk.there("out"), desk.there("out2")) == ({"a.csv": b"content"}, {})
    assert files(desk, "flow, remote_done") == [("orders", ""), ("stock", "deleted")]


@only_sqlite
def test_only_the_file_that_was_sent_again_is_put_away_again(desk: Desk) -> None:
    desk.inflow(after="delete")
    for number in (1, 2):
        desk.place(f"{number}.csv", b"%d" % number)
    desk.collect()
    loaded(desk)
    put_away(desk)
    desk.place("1.csv", b"1", MTIME + 60)
    desk.collect(now=LATER)
    assert files(desk, "name, remote_done") == [("1.csv", ""), ("2.csv", "deleted")]
    put_away(desk)
    assert desk.there("out") == {}
    assert files(desk, "remote_done") == [("deleted",), ("deleted",)]


@only_sqlite
def test_an_archive_that_a_dead_run_had_made_is_not_made_twice(desk: Desk) -> None:
    desk.inflow(after="archive", archive_path="out/done")
    desk.place("a.csv", b"content")
    desk.collect()
    loaded(desk)
    (desk.partner / "out" / "done").mkdir()
    (desk.partner / "out" / "done" / "a.csv").write_bytes(b"content")
    put_away(desk)
    assert desk.there("out") == {}
    assert desk.there("out/done") == {"a.csv": b"content"}


@only_sqlite
@pytest.mark.parametrize(
    ("name", "second"), [("a.csv", "a.{}.csv"), ("a", "a.{}"), ("a.b.csv", "a.b.{}.csv")]
)
def test_an_archive_of_another_content_stays_beside_the_new_one(desk: Desk, name: str, second: str) -> None:
    desk.inflow(after="archive", archive_path="out/done", pattern="*")
    desk.place(name, b"content")
    desk.collect()
    loaded(desk)
    (desk.partner / "out" / "done").mkdir()
    (desk.partner / "out" / "done" / name).write_bytes(b"other")
    put_away(desk)
    sha256 = hashlib.sha256(b"content").hexdigest()
    assert desk.there("out/done") == {name: b"other", second.format(sha256[:8]): b"content"}
    desk.place(name, b"content", MTIME + 60)
    desk.collect(now=LATER)
    put_away(desk)
    assert desk.there("out") == {}
    assert len(desk.there("out/done")) == 2
