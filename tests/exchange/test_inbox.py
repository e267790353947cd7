"""What comes in: each content once, nothing that is still being written, and the partner's folder left as agreed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ecsync.errors import ConfigurationError
from ecsync.exchange import inbox, sightings
from ecsync.exchange.arrival import AsOf, as_of
from ecsync.exchange.endpoint import RemoteFile
from ecsync.exchange.folder_endpoint import FolderEndpoint
from ecsync.findings import FindingLog
from exchange.desk import Desk, KilledError, killed_at
from master_under_test import NOW

LATER = "2026-11-25T03:00:00Z"
MTIME = 1_795_000_000
AS_OF = "2026-11-18T11:06:40Z"
only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


@pytest.fixture
def desk(folder_desk: Desk) -> Desk:
    folder_desk.inflow()
    return folder_desk


def files(desk: Desk, columns: str = "name, as_of, state") -> list[tuple[object, ...]]:
    return desk.master.rows(f"SELECT {columns} FROM inbox_file ORDER BY file_id")


def spool(desk: Desk) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (desk.master.folder / "spool").iterdir()}


def loaded(desk: Desk) -> None:
    """Do what a run's commit does."""
    with desk.master.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE inbox_file SET state = 'loaded' WHERE state = 'spooled'")


def downloaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that are downloaded from now on."""
    names: list[str] = []
    download = FolderEndpoint.download

    def watched(self: FolderEndpoint, folder: str, name: str, target: Path) -> object:
        names.append(name)
        return download(self, folder, name, target)

    monkeypatch.setattr(FolderEndpoint, "download", watched)
    return names


def test_a_file_is_spooled_under_its_content_and_recorded(desk: Desk) -> None:
    desk.place("a.csv", b"content")
    collected = desk.collect()
    sha256 = hashlib.sha256(b"content").hexdigest()
    assert collected.taken == [1]
    assert spool(desk) == {sha256: b"content"}
    assert (desk.master.folder / "spool" / sha256).stat().st_mode & 0o077 == 0
    assert files(desk, "flow, party, mapping, name, sha256, size, mtime, as_of, spool_path, state") == [
        ("orders", "rakuten1", "plain/orders", "a.csv", sha256, 7, AS_OF, AS_OF, sha256, "spooled")
    ]


@only_sqlite
def test_sftp_and_folder_are_collected_alike(sftp_desk: Desk) -> None:
    sftp_desk.inflow()
    sftp_desk.place("a.csv", b"content")
    assert sftp_desk.collect().taken == [1]
    assert sftp_desk.collect().known == 1


@only_sqlite
def test_only_names_of_the_pattern_are_taken(desk: Desk) -> None:
    desk.place("a.csv", b"1")
    desk.place("a.txt", b"2")
    desk.collect()
    assert [row[0] for row in files(desk)] == ["a.csv"]


@pytest.mark.parametrize("nature", ["events", "state", "snapshot"])
def test_the_same_file_again_is_known_without_a_download(desk: Desk, nature: str) -> None:
    desk.place("a.csv", b"content")
    desk.collect(nature)
    loaded(desk)
    (desk.master.folder / "spool" / hashlib.sha256(b"content").hexdigest()).unlink()
    for _run in range(2):
        collected = desk.collect(nature, now=LATER)
        assert (collected.taken, collected.known) == ([], 1)
    assert len(files(desk)) == 1
    assert spool(desk) == {}


@pytest.mark.parametrize("nature", ["events", "state"])
def test_known_content_under_a_new_name_or_a_new_time_is_passed_over_and_said(
    desk: Desk, nature: str
) -> None:
    desk.place("a.csv", b"content")
    desk.collect(nature)
    loaded(desk)
    desk.place("renamed.csv", b"content")
    desk.place("a.csv", b"content", MTIME + 3_600)
    collected = desk.collect(nature, now=LATER)
    assert (collected.taken, collected.known) == ([], 2)
    assert desk.findings.counts == {"file_known": 2}
    assert len(files(desk)) == 1


@pytest.mark.parametrize("nature", ["events", "state"])
def test_a_known_content_keeps_the_latest_time_for_which_it_came(desk: Desk, nature: str) -> None:
    desk.place("a.csv", b"content")
    desk.collect(nature)
    loaded(desk)
    for hours, latest in ((2, 2), (1, 2), (3, 3)):
        desk.place(f"again_{hours}.csv", b"content", MTIME + hours * 3_600)
        desk.collect(nature, now=LATER)
        assert files(desk, "as_of, seen_as_of") == [(AS_OF, f"2026-11-18T{11 + latest}:06:40Z")]


def test_a_content_that_waits_is_not_seen_again_by_itself(desk: Desk) -> None:
    desk.place("stock.csv", b"content")
    desk.collect("snapshot")
    loaded(desk)
    desk.place("stock.csv", b"content", MTIME + 3_600)
    for _run in range(2):  # the first of them dies before it loads what it took
        desk.collect("snapshot", now=LATER)
    assert files(desk, "state, seen_as_of") == [("loaded", ""), ("spooled", "")]


def test_a_file_that_only_lies_there_does_not_arrive_again(desk: Desk) -> None:
    desk.place("a.csv", b"content")
    desk.collect("state", as_of=AsOf("arrival"))
    loaded(desk)
    desk.collect("state", as_of=AsOf("arrival"), now="2026-11-25T04:00:00Z")
    assert files(desk, "seen_as_of") == [("",)]
    desk.place("a.csv", b"content", MTIME + 3_600)
    desk.collect("state", as_of=AsOf("arrival"), now="2026-11-25T05:00:00Z")
    assert files(desk, "seen_as_of") == [("2026-11-25T05:00:00Z",)]


def test_a_snapshot_with_the_same_bytes_and_a_later_time_is_a_new_observation(desk: Desk) -> None:
    desk.place("stock.csv", b"content")
    desk.collect("snapshot")
    loaded(desk)
    desk.place("stock.csv", b"content", MTIME + 3_600)
    assert desk.collect("snapshot", now=LATER).taken == [2]
    assert [row[1] for row in files(desk)] == [AS_OF, "2026-11-18T12:06:40Z"]
    assert len(spool(desk)) == 1
    desk.place("older.csv", b"content", MTIME - 3_600)
    assert desk.collect("snapshot", now=LATER).taken == []


def test_a_new_content_under_an_old_name_size_and_time_is_a_new_file(desk: Desk) -> None:
    desk.inflow(after="archive")
    desk.place("a.csv", b"one")
    desk.collect()
    desk.place("a.csv", b"two")
    assert desk.collect().taken == [2]


def test_a_fresh_file_that_stays_is_looked_at_again_by_its_bytes(desk: Desk) -> None:
    desk.place("a.csv", b"one", 1_795_489_190)
    desk.collect(now="2026-11-24T03:00:00Z")
    desk.place("a.csv", b"two", 1_795_489_190)
    assert desk.collect(now=LATER).taken == [2]


@only_sqlite
def test_the_number_of_a_file_follows_mtime_and_name_not_the_listing(desk: Desk) -> None:
    desk.place("b.csv", b"2", MTIME)
    desk.place("a.csv", b"3", MTIME + 1)
    desk.place("c.csv", b"1", MTIME)
    desk.collect()
    assert [row[0] for row in files(desk)] == ["b.csv", "c.csv", "a.csv"]


@only_sqlite
def test_a_file_that_grows_between_two_looks_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.inflow(settle_seconds=5)
    path = desk.place("a.csv", b"half")
    desk.place("b.csv", b"whole")
    pauses: list[float] = []

    def grow(seconds: float) -> None:
        pauses.append(seconds)
        path.write_bytes(b"half and more")

    downloads = downloaded(monkeypatch)
    collected = desk.collect(sleep=grow)
    assert (collected.taken, collected.unstable, pauses) == ([1], 1, [5])
    assert desk.findings.counts == {"file_unstable": 1}
    assert downloads == ["b.csv"]
    assert [row[0] for row in files(desk)] == ["b.csv"]
    assert desk.collect(sleep=lambda _seconds: None).taken == [2]


@only_sqlite
def test_a_file_that_changes_during_its_download_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.place("a.csv", b"first")
    with desk.open() as endpoint:
        download = endpoint.download

        def slow(*args: object) -> object:
            received = download(*args)
            path.write_bytes(b"other")
            os.utime(path, (MTIME + 5, MTIME + 5))
            return received

        monkeypatch.setattr(endpoint, "download", slow)
        assert desk.collect(endpoint=endpoint).unstable == 1
    assert files(desk) == []
    assert spool(desk) == {}


@only_sqlite
def test_a_download_that_is_shorter_than_the_listing_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.place("a.csv", b"content")
    with desk.open() as endpoint:
        download = endpoint.download

        def short(path: str, name: str, target: Path) -> object:
            received = download(path, name, target)
            return replace(received, size=received.size - 1)

        monkeypatch.setattr(endpoint, "download", short)
        assert desk.collect(endpoint=endpoint).unstable == 1
    assert (files(desk), spool(desk)) == ([], {})


@only_sqlite
@pytest.mark.parametrize(("pattern", "refused"), [("*.csv", 1), ("*", 2)])
def test_of_folders_beside_the_files_only_those_that_the_pattern_asks_for_are_said(
    desk: Desk, pattern: str, refused: int
) -> None:
    desk.inflow(after="archive", archive_path="out/done/2026", pattern=pattern)
    for name in ("done", "other", "folder.csv"):
        (desk.partner / "out" / name).mkdir()
    collected = desk.collect()
    assert (collected.taken, collected.refused) == ([], refused)
    assert [(finding.code, finding.subject) for finding in desk.findings] == [
        ("name_refused", "orders")
    ] * refused


@only_sqlite
def test_a_file_that_vanishes_before_its_download_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.place("a.csv", b"first")
    with desk.open() as endpoint:
        monkeypatch.setattr(desk, "findings", FindingLog())
        download = endpoint.download

        def late(*args: object) -> object:
            path.unlink()
            return download(*args)

        monkeypatch.setattr(endpoint, "download", late)
        assert desk.collect(endpoint=endpoint).unstable == 1
    assert spool(desk) == {}


@only_sqlite
def test_one_file_that_may_not_be_read_does_not_stop_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.place("a.csv", b"1")
    desk.place("b.csv", b"2")
    with desk.open() as endpoint:
        download = endpoint.download

        def denied(path: str, name: str, target: Path) -> object:
            if name == "a.csv":
                target.write_bytes(b"part")
                raise endpoint.refused(path, name, "read")
            return download(path, name, target)

        monkeypatch.setattr(endpoint, "download", denied)
        collected = desk.collect(endpoint=endpoint)
    assert (collected.taken, collected.refused) == ([1], 1)
    assert desk.findings.counts == {"file_refused": 1}
    assert list(spool(desk).values()) == [b"2"]


@only_sqlite
def test_what_a_dead_run_left_half_downloaded_leaves_the_spool(desk: Desk) -> None:
    (desk.master.folder / "spool" / ".orders.part").write_bytes(b"part")
    desk.collect()
    assert spool(desk) == {}


@only_sqlite
def test_a_file_that_was_erased_past_its_days_is_still_known(desk: Desk) -> None:
    desk.place("a.csv", b"content")
    desk.collect()
    with desk.master.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE inbox_file SET state = 'erased'")
    desk.place("a.csv", b"content", MTIME + 60)
    assert (desk.collect(now=LATER).taken, len(files(desk))) == ([], 1)


@only_sqlite
def test_every_look_at_a_file_is_kept_with_what_came_of_it(desk: Desk) -> None:
    desk.place("a.csv", b"content")
    desk.collect()
    desk.place("b.csv", b"content")
    desk.collect(now=LATER, run_id=2)
    assert desk.master.rows(
        "SELECT flow, name, size, outcome, seen_at, run_id FROM inbox_sighting ORDER BY sighting_id"
    ) == [
        ("orders", "a.csv", 7, "taken", NOW, 1),
        ("orders", "b.csv", 7, "known", LATER, 2),
    ]


@only_sqlite
def test_a_done_file_says_when_a_file_is_whole(desk: Desk) -> None:
    desk.inflow(done_suffix=".done", pattern="*")
    desk.place("a.csv", b"1")
    desk.place("b.csv", b"2")
    desk.place("b.csv.done", b"")
    assert desk.collect().taken == [1]
    assert [row[0] for row in files(desk)] == ["b.csv"]


def test_a_refused_file_that_is_still_there_is_tried_again(desk: Desk) -> None:
    desk.place("a.csv", b"content")
    desk.collect()
    with desk.master.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE inbox_file SET state = 'refused', reason = 'cut'")
    assert desk.collect(now=LATER, run_id=2).taken == [1]
    assert files(desk, "state, reason, run_id") == [("spooled", "", 2)]


@pytest.mark.parametrize(
    ("rule", "name", "expected"),
    [
        (AsOf("mtime"), "a.csv", AS_OF),
        (AsOf("arrival"), "a.csv", NOW),
        (AsOf("column"), "a.csv", ""),
        (AsOf("name", "stock_{date:%Y%m%d%H%M}.csv"), "stock_202611240830.csv", "2026-11-23T23:30:00Z"),
        (AsOf("name", "stock_{date:%Y-%m-%d}*.csv"), "stock_2026-11-24_2.csv", "2026-11-23T15:00:00Z"),
        (AsOf("name", "stock_{date}.csv", "UTC"), "stock_20261124.csv", "2026-11-24T00:00:00Z"),
        (AsOf("name", "stock_{date:%Y%m%d}.csv"), "stock_20261399.csv", None),
        (AsOf("name", "stock_{date:%Y%m%d}.csv"), "other.csv", None),
        (AsOf("name", "*_{date:%y%j}.*"), "main_26328.csv", "2026-11-23T15:00:00Z"),
        (AsOf("name", "{date:%Y.%m.%d}.csv"), "2026.11.24.csv", "2026-11-23T15:00:00Z"),
        (AsOf("name", "{date:%Y.%m.%d}.csv"), "2026x11x24.csv", None),
        (AsOf("name", "a.{date}.csv"), "ax20261124.csv", None),
    ],
)
def test_the_as_of_follows_the_mapping(rule: AsOf, name: str, expected: str | None) -> None:
    assert as_of(rule, name=name, mtime=AS_OF, arrival=NOW) == expected


def test_a_name_pattern_without_a_date_is_a_fault_of_the_mapping() -> None:
    with pytest.raises(ConfigurationError, match=r"stock_\*\.csv has no date"):
        as_of(AsOf("name", "stock_*.csv"), name="stock_1.csv", mtime=AS_OF, arrival=NOW)


def test_a_partner_without_mtimes_leaves_the_arrival() -> None:
    assert as_of(AsOf("mtime"), name="a.csv", mtime="", arrival=NOW) == NOW


@only_sqlite
def test_a_name_without_the_expected_date_is_refused(desk: Desk) -> None:
    desk.place("stock.csv", b"1")
    collected = desk.collect("snapshot", AsOf("name", "stock_{date}.csv"))
    assert (collected.taken, collected.refused) == ([], 1)
    assert desk.findings.counts == {"file_refused": 1}


def put_away(desk: Desk) -> set[int]:
    return inbox.finish_remote(desk.steps, desk.settings, FindingLog())


def test_a_planned_input_is_recorded_from_the_spool(desk: Desk) -> None:
    sha256 = hashlib.sha256(b"content").hexdigest()
    (desk.master.folder / "spool" / sha256).write_bytes(b"content")
    facts = inbox.FlowFacts("plain/orders", "events", AsOf())
    words = {"name": "a.csv", "size": 7, "mtime": AS_OF, "sha256": sha256, "run_id": 1, "now": NOW}
    assert inbox.record_spooled(desk.steps, desk.settings.inbound[0], facts, **words) == 1
    assert inbox.record_spooled(desk.steps, desk.settings.inbound[0], facts, **words) == 0
    desk.place("a.csv", b"content")
    loaded(desk)
    assert desk.collect(now=LATER).known == 1


@only_sqlite
def test_killed_at_any_point_the_next_run_collects_and_puts_away_each_content_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.inflow(after="archive", archive_path="out/done")
    number = 0
    finished = False
    while not finished:
        number += 1
        desk.place(f"{number}.csv", b"content %d" % number)
        finished = True
        for at in (number, 0):
            killed_at(monkeypatch, at)
            try:
                desk.collect(now=LATER)
                loaded(desk)
                put_away(desk)
            except KilledError:
                finished = False
        assert files(desk, "name, state, remote_done")[-1] == (f"{number}.csv", "loaded", "archived")
        assert len(files(desk)) == number
        assert desk.there("out") == {}
        assert len(spool(desk)) == number
    assert number > 5


@only_sqlite
@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([b"1", b"2", b"3"]), st.integers(0, 3)),
        max_size=8,
    )
)
def test_whatever_is_sent_again_renamed_or_late_each_content_is_taken_once(
    desk: Desk, sent: list[tuple[str, bytes, int]]
) -> None:
    desk.master.wipe()
    desk.inflow(after="archive")
    for path in (desk.partner / "out").iterdir():
        path.unlink()
    for name, content, minutes in sent:
        desk.place(f"{name}.csv", content, MTIME + minutes * 60)
        desk.collect(now=LATER)
        loaded(desk)
    taken = [row[0] for row in files(desk, "sha256")]
    assert sorted(taken) == sorted({hashlib.sha256(content).hexdigest() for _name, content, _at in sent})


@only_sqlite
def test_a_refused_file_comes_back_under_its_number_with_the_mapping_of_today(desk: Desk) -> None:
    for number in (1, 2):
        desk.place("a.csv", b"%d" % number, MTIME + number)
        desk.collect()
    with desk.master.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE inbox_file SET state = 'refused', reason = 'cut'")
    desk.inflow(mapping="plain/mended")
    assert desk.collect(now=LATER, run_id=2).taken == [2]
    assert files(desk, "mapping, state, reason") == [
        ("plain/orders", "refused", "cut"),
        ("plain/mended", "spooled", ""),
    ]


@only_sqlite
def test_a_snapshot_of_the_same_time_and_bytes_is_no_new_observation(desk: Desk) -> None:
    desk.place("stock.csv", b"content")
    desk.collect("snapshot")
    loaded(desk)
    desk.place("copy.csv", b"content")
    collected = desk.collect("snapshot", now=LATER)
    assert (collected.taken, collected.known) == ([], 2)


@only_sqlite
@pytest.mark.parametrize(
    ("words", "naps"),
    [
        ({"settle_seconds": 7}, [7]),
        ({"settle_seconds": 0}, []),
        ({"settle_seconds": 7, "done_suffix": ".done"}, []),
    ],
)
def test_only_a_folder_without_done_files_is_looked_at_twice(
    desk: Desk, words: dict[str, object], naps: list[float]
) -> None:
    desk.inflow(**words)
    slept: list[float] = []
    desk.collect(sleep=slept.append)
    assert slept == [], "there is nothing to settle"
    desk.place("a.csv", b"content")
    desk.place("a.csv.done", b"")
    assert desk.collect(sleep=slept.append).taken == [1]
    assert slept == naps


@only_sqlite
@pytest.mark.parametrize(("seconds", "downloads"), [(119, 1), (120, 0)])
def test_a_file_that_stays_is_known_unseen_once_its_time_is_two_minutes_old(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, seconds: int, downloads: int
) -> None:
    noon = 1_795_489_200  # 2026-11-24T03:00:00Z
    desk.place("a.csv", b"content", noon - seconds)
    desk.collect(now=NOW)
    loaded(desk)
    looked = downloaded(monkeypatch)
    assert desk.collect(now=LATER).known == 1
    assert looked == ["a.csv"] * downloads


@only_sqlite
def test_a_thousand_files_are_told_apart_by_name_size_time_and_flow(desk: Desk) -> None:
    listed = [RemoteFile(f"{n}.csv", 1, AS_OF) for n in range(1_001)]
    stored = {"size": 1, "mtime": AS_OF, "seen_at": LATER, "run_id": 1}
    file = {"party": "rakuten1", "mapping": "m", "name": "0.csv", "size": 1, "mtime": AS_OF, "as_of": AS_OF}
    for number, (flow, sha256) in enumerate([("orders", "aa"), ("stock", "cc"), ("orders", "dd")], start=1):
        place = {"file_id": number, "flow": flow, "sha256": sha256, "spool_path": sha256}
        desk.master.insert("inbox_file", file | place | {"state": "loaded", "run_id": 1})
    seen = [
        {"name": "0.csv", "flow": "orders", "sha256": "aa", "outcome": "taken"},
        {"name": "499.csv", "flow": "stock", "sha256": "aa", "outcome": "taken"},
        {"name": "500.csv", "flow": "orders", "sha256": "aa", "outcome": "known"},
        {"name": "501.csv", "flow": "orders", "sha256": "bb", "outcome": "taken"},
        {"name": "502.csv", "flow": "orders", "sha256": "aa", "outcome": "refused"},
        {"name": "503.csv", "flow": "orders", "sha256": "aa", "outcome": "taken", "size": 2},
        {"name": "504.csv", "flow": "orders", "sha256": "cc", "outcome": "taken"},
        {"name": "1000.csv", "flow": "orders", "sha256": "dd", "outcome": "taken"},
        {"name": "1000.csv", "flow": "orders", "sha256": "aa", "outcome": "taken"},
        {"name": "2000.csv", "flow": "orders", "sha256": "aa", "outcome": "taken"},
    ]
    rows = [stored | row | {"sighting_id": number} for number, row in enumerate(seen, start=1)]
    desk.master.insert("inbox_sighting", *rows)
    with desk.master.engine.connect() as conn:
        found = sightings.contents_seen(conn, "orders", listed, states=["loaded"])
        assert sightings.contents_seen(conn, "orders", listed, states=["spooled"]) == {}
    assert {file.name: sha256 for file, sha256 in found.items()} == {
        "0.csv": "aa",
        "500.csv": "aa",
        "1000.csv": "aa",
    }
