"""The journal outside the database: whole lines, durable before the act, and what it tells after a restored backup."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ecsync.errors import ConfigurationError
from ecsync.exchange import reconciliation
from ecsync.exchange.journal import DeliveryJournal, JournalLine
from ecsync.master import counters, generation
from ecsync.master.fingerprint import business_state
from ecsync.master.tables_running import OUTBOX_FILE
from exchange.desk import HANDOVERS, Desk
from master_under_test import NOW

only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
LINE = JournalLine(1, "1-abcdef01", 1, "uploading", "partner", "in", "注文.csv", "0" * 64, NOW)
WHOLE = replace(LINE, file={"flow": "out"}, keys=("P-1", "P-2"), numbers={"outbox": 1})


@pytest.fixture
def journal(tmp_path: Path) -> DeliveryJournal:
    return DeliveryJournal(tmp_path / "outbox" / "journal.jsonl")


def test_lines_come_back_as_they_were_written(journal: DeliveryJournal) -> None:
    lines = [WHOLE, replace(LINE, attempt=2, state="uploaded")]
    for line in lines:
        journal.append(line)
    assert list(journal.lines()) == lines
    assert journal.last() == lines[-1]
    assert journal.path.stat().st_mode & 0o077 == 0
    assert journal.holds(2)
    assert not journal.holds(3)
    assert not journal.holds(20)


def test_a_journal_that_is_not_there_is_empty(journal: DeliveryJournal) -> None:
    assert list(journal.lines()) == []
    assert journal.last() is None
    assert not journal.holds(1)
    assert journal.numbers() == {}


def test_a_torn_last_line_is_cut_off_wherever_it_was_torn(journal: DeliveryJournal) -> None:
    journal.append(WHOLE)
    whole = journal.path.read_bytes()
    torn = replace(LINE, attempt=2, state="uploaded").encoded()
    for length in range(1, len(torn)):
        journal.path.write_bytes(whole + torn[:length])
        assert journal.last() == WHOLE
        assert list(journal.lines()) == [WHOLE]
        journal.append(replace(LINE, attempt=3))
        assert [line.attempt for line in journal.lines()] == [1, 3]


def test_a_journal_of_one_torn_line_begins_anew(journal: DeliveryJournal) -> None:
    journal.path.parent.mkdir()
    journal.path.write_bytes(b'{"attempt":1,"del')
    assert journal.last() is None
    journal.append(LINE)
    assert list(journal.lines()) == [LINE]


def test_long_lines_are_found_from_the_end(journal: DeliveryJournal) -> None:
    long = replace(WHOLE, keys=tuple(f"P-{n:07}" for n in range(30_000)))
    journal.append(LINE)
    journal.append(replace(long, attempt=2))
    assert journal.last() == replace(long, attempt=2)
    journal.append(replace(LINE, attempt=3))
    assert journal.last() == replace(LINE, attempt=3)


def test_a_damaged_line_inside_is_named(journal: DeliveryJournal) -> None:
    journal.append(LINE)
    with journal.path.open("ab") as file:
        file.write(b"{}\n")
    journal.append(LINE)
    with pytest.raises(ConfigurationError, match="line 2 of the delivery journal"):
        list(journal.lines())


def test_every_number_is_told_once_and_the_highest_counts(folder_desk: Desk) -> None:
    with folder_desk.master.engine.begin() as conn:
        counters.take(conn, "parcel", 7)
    folder_desk.put(b"1", name="1.csv", keys=["P-1"])
    folder_desk.put(b"2", name="2.csv", keys=["P-2"])
    folder_desk.deliver()
    with folder_desk.master.engine.begin() as conn:
        counters.take(conn, "parcel", 1)
    folder_desk.put(b"3", name="3.csv", keys=["P-3"])
    folder_desk.deliver()
    told = [line.numbers for line in folder_desk.journal.lines() if line.state == "uploading"]
    assert told == [{"outbox": 2, "parcel": 7}, {}, {"outbox": 3, "parcel": 8}]
    assert folder_desk.journal.numbers() == {"outbox": 3, "parcel": 8}


def test_a_line_is_durable_before_its_act(folder_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from ecsync.exchange.folder_endpoint import FolderEndpoint

    seen: list[str] = []
    write, rename = FolderEndpoint.write, FolderEndpoint.rename

    def last_state() -> None:
        seen.append(json.loads(folder_desk.journal.path.read_bytes().splitlines()[-1])["state"])
        seen.append(folder_desk.state())

    def watched_write(self: FolderEndpoint, *args: object, **words: object) -> None:
        last_state()
        write(self, *args, **words)

    def watched_rename(self: FolderEndpoint, *args: object) -> None:
        last_state()
        rename(self, *args)

    monkeypatch.setattr(FolderEndpoint, "write", watched_write)
    monkeypatch.setattr(FolderEndpoint, "rename", watched_rename)
    folder_desk.put(b"one")
    folder_desk.deliver()
    assert seen == ["uploading", "uploading", "renaming", "renaming"]


def forget(desk: Desk, outbox_from: int = 1) -> None:
    """Do to the master what restoring an older backup does."""
    with desk.master.engine.begin() as conn:
        for table in ("outbox_file", "outbox_key", "delivery_attempt"):
            conn.exec_driver_sql(f"DELETE FROM {table} WHERE outbox_id >= {outbox_from}")
        conn.exec_driver_sql(f"UPDATE counter SET value = {outbox_from - 1} WHERE name = 'outbox'")
        conn.exec_driver_sql("DELETE FROM counter WHERE name = 'parcel'")


def behind(desk: Desk) -> bool:
    with desk.steps.begin() as conn:
        return reconciliation.needs_reconciliation(desk.journal, conn)


@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_restored_backup_is_seen_and_everything_told_is_put_back(folder_desk: Desk, handover: str) -> None:
    desk = folder_desk
    desk.flow(handover=handover)
    desk.put(b"before", name="before.csv", keys=["P-0"])
    desk.deliver()
    with desk.master.engine.begin() as conn:
        counters.take(conn, "parcel", 3)
    desk.put(b"one", name="1.csv", keys=["P-1", "P-2"])
    desk.put(b"two", name="2.csv", keys=["P-3"])
    desk.deliver()
    assert not behind(desk)
    with desk.master.engine.connect() as conn:
        right = business_state(conn)
    forget(desk, 2)
    assert behind(desk)
    before = desk.there()
    done = reconciliation.reconcile(desk.steps, desk.journal, now=NOW)
    assert (done.files, done.keys, done.numbers) == (2, 3, 2)
    assert not behind(desk)
    with desk.master.engine.connect() as conn:
        assert business_state(conn) == right
        assert generation.current(conn) == 1
    assert desk.deliver().counts == {}
    assert desk.there() == before
    again = reconciliation.reconcile(desk.steps, desk.journal, now=NOW)
    assert (again.files, again.steps, again.keys, again.numbers) == (0, 0, 0, 0)


@only_sqlite
def test_a_restored_backup_gets_thousands_of_keys_back_with_the_numbers_that_files_gave_them(
    folder_desk: Desk,
) -> None:
    keys = {f"P-{n:05}": f"SHP-{n}" if n % 2 else "" for n in range(5_001)}
    folder_desk.put(b"one", keys=keys)  # type: ignore[arg-type]
    folder_desk.deliver()
    rows = "SELECT document, business_key, outbox_id, reference FROM outbox_key ORDER BY business_key"
    right = folder_desk.master.rows(rows)
    forget(folder_desk)
    assert reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW).keys == 5_001
    assert folder_desk.master.rows(rows) == right


def written(desk: Desk) -> list[list[tuple[object, ...]]]:
    """Return what the master says of deliveries, but for the run that wrote it."""
    file = ", ".join(name for name in OUTBOX_FILE.c.keys() if name != "run_id")  # noqa: SIM118
    return [
        desk.master.rows(f"SELECT {file} FROM outbox_file ORDER BY outbox_id"),
        desk.master.rows("SELECT attempt_id, outbox_id, state, at FROM delivery_attempt ORDER BY attempt_id"),
        desk.master.rows("SELECT document, business_key, outbox_id, reference FROM outbox_key ORDER BY 1, 2"),
    ]


@only_sqlite
def test_what_is_put_back_is_what_was_there_to_the_last_column(folder_desk: Desk) -> None:
    folder_desk.put(b"one", name="1.csv", keys=["P-1"], priority=20)
    folder_desk.flow(handover="done_file", on_exists="wait", receiver_removes=True, path="in")
    folder_desk.put(b"two", name="2.csv", keys=["P-2"])
    folder_desk.deliver()
    right = written(folder_desk)
    forget(folder_desk)
    done = reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now="later", run_id=7)
    assert written(folder_desk) == right
    assert (done.files, done.steps, done.keys, done.numbers) == (2, len(right[1]), 2, 1)
    for table in ("outbox_file", "delivery_attempt", "outbox_key"):
        assert folder_desk.master.rows(f"SELECT DISTINCT run_id FROM {table}") == [(7,)]
    with folder_desk.master.engine.begin() as conn:
        generation_then = generation.current(conn)
    reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW)
    with folder_desk.master.engine.begin() as conn:
        assert generation.current(conn) == generation_then, "nothing was put back"


@only_sqlite
def test_a_key_that_the_backup_still_has_is_not_put_back_twice(folder_desk: Desk) -> None:
    folder_desk.put(b"one", keys=["P-1", "P-2"])
    folder_desk.deliver()
    with folder_desk.master.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM delivery_attempt")
        conn.exec_driver_sql("DELETE FROM outbox_key WHERE business_key = 'P-2'")
        conn.exec_driver_sql("UPDATE outbox_key SET document = 'others' WHERE business_key = 'P-1'")
    done = reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW)
    assert (done.files, done.keys) == (0, 2)
    assert written(folder_desk)[2] == [
        ("others", "P-1", 1, ""),
        ("parcels", "P-1", 1, ""),
        ("parcels", "P-2", 1, ""),
    ]


@only_sqlite
@pytest.mark.parametrize(
    "moved",
    [
        "UPDATE delivery_attempt SET attempt_id = attempt_id - 1 WHERE attempt_id > 1",
        "UPDATE delivery_attempt SET outbox_id = 2",
        "UPDATE delivery_attempt SET state = 'uploaded'",
        "UPDATE outbox_file SET sha256 = 'other'",
    ],
)
def test_the_last_line_is_known_only_as_the_same_step_of_the_same_file(folder_desk: Desk, moved: str) -> None:
    folder_desk.flow(handover="direct")
    folder_desk.put(b"one")
    folder_desk.deliver()
    assert not behind(folder_desk)
    with folder_desk.master.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM delivery_attempt WHERE attempt_id < 3")
        conn.exec_driver_sql(moved)
    assert behind(folder_desk)


@only_sqlite
def test_a_journal_that_tells_other_steps_under_the_same_numbers_is_refused(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    folder_desk.deliver()
    with folder_desk.master.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE delivery_attempt SET state = 'planned'")
    with pytest.raises(ConfigurationError, match="does not belong to this database"):
        reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW)


@only_sqlite
def test_a_file_whose_first_line_is_lost_cannot_be_put_back(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    folder_desk.deliver()
    forget(folder_desk)
    path = folder_desk.journal.path
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(ConfigurationError, match="different files under number 1"):
        reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW)
    assert written(folder_desk) == [[], [], []]


def test_a_counter_never_goes_back(folder_desk: Desk) -> None:
    with folder_desk.master.engine.begin() as conn:
        counters.take(conn, "parcel", 3)
    folder_desk.put(b"one")
    folder_desk.deliver()
    forget(folder_desk)
    with folder_desk.master.engine.begin() as conn:
        counters.take(conn, "parcel", 9)
    reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW)
    with folder_desk.master.engine.begin() as conn:
        assert counters.last(conn, "parcel") == 9


def test_a_delivery_that_was_under_way_goes_on_after_reconciling(folder_desk: Desk) -> None:
    folder_desk.put(b"one")

    def fence(_conn: object) -> None:
        if len(list(folder_desk.journal.lines())) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder_desk.deliver(fence=fence)
    forget(folder_desk)
    reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW)
    assert folder_desk.state() == "uploaded"
    assert folder_desk.deliver().counts == {"verified": 1}
    assert folder_desk.there() == {"orders_001.csv": b"one"}


def test_a_row_of_the_backup_takes_the_state_of_the_journal(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    folder_desk.deliver()
    with folder_desk.master.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM delivery_attempt")
        conn.exec_driver_sql("UPDATE outbox_file SET state = 'planned'")
    assert behind(folder_desk)
    reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW)
    assert folder_desk.state() == "verified"
    with folder_desk.master.engine.begin() as conn:
        assert generation.current(conn) == 1


@only_sqlite
def test_a_master_without_a_journal_is_not_behind(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    assert not behind(folder_desk)


@only_sqlite
def test_a_file_that_was_only_begun_is_put_back_as_of_then_and_a_newer_journal_may_say_more(
    folder_desk: Desk,
) -> None:
    folder_desk.put(b"one")
    folder_desk.deliver()
    forget(folder_desk)
    line = json.loads(folder_desk.journal.path.read_bytes().splitlines()[0])
    line["file"]["colour"] = "red"
    folder_desk.journal.path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now="later")
    assert folder_desk.master.rows("SELECT state, updated_at FROM outbox_file") == [("uploading", NOW)]


def test_a_journal_of_another_project_is_refused(folder_desk: Desk) -> None:
    folder_desk.put(b"one")
    folder_desk.deliver()
    kept = folder_desk.journal.path.with_suffix(".kept")
    shutil.copyfile(folder_desk.journal.path, kept)
    forget(folder_desk)
    folder_desk.put(b"another")
    with pytest.raises(ConfigurationError, match="different files under number 1"):
        reconciliation.reconcile(folder_desk.steps, folder_desk.journal, now=NOW)
    assert folder_desk.master.scalar("SELECT COUNT(*) FROM delivery_attempt") == 0


def test_no_personal_value_can_enter_a_line(folder_desk: Desk) -> None:
    folder_desk.put("東京都千代田区,090-0000-0001".encode())
    folder_desk.deliver()
    assert "090-0000" not in folder_desk.journal.path.read_text(encoding="utf-8")
