"""Every habit of a partner's, from a clear start: what is there afterwards, and what is never touched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exchange.desk import HANDOVERS, Desk
from exchange.servers import Faults, endpoint_table, faulty_server
from master_under_test import MasterUnderTest

only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
CONTENT = "注文番号,数量\r\nR-1,2\r\n".encode("cp932")


def expected(handover: str, content: bytes = CONTENT, name: str = "orders_001.csv") -> dict[str, bytes]:
    """Return what the partner must have in the end."""
    return {name: content} | ({f"{name}.done": b""} if handover == "done_file" else {})


@pytest.fixture(params=["folder", "sftp"])
def desk(request: pytest.FixtureRequest, master: MasterUnderTest, partner: Path) -> Iterator[Desk]:
    if request.param == "folder":
        yield Desk(master, partner, {"kind": "folder", "root": str(partner)})
        return
    with faulty_server(partner.parent) as server:
        yield Desk(master, partner, endpoint_table(server))


@pytest.mark.parametrize("handover", HANDOVERS)
@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_a_file_arrives_whole_and_once(desk: Desk, handover: str, size: int) -> None:
    content = os.urandom(size)
    desk.flow(handover=handover)
    desk.put(content)
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there() == expected(handover, content)
    before = {path: path.stat().st_mtime_ns for path in desk.partner.rglob("*")}
    again = desk.deliver()
    assert (again.counts, again.statuses) == ({}, set())
    assert {path: path.stat().st_mtime_ns for path in desk.partner.rglob("*")} == before


@pytest.mark.parametrize("handover", HANDOVERS)
def test_the_steps_are_those_of_the_protocol(sftp_desk: Desk, handover: str) -> None:
    sftp_desk.flow(handover=handover)
    sftp_desk.put(CONTENT)
    sftp_desk.deliver()
    renaming = [] if handover == "direct" else ["renaming", "renamed"]
    steps = ["uploading", "uploaded", *renaming, "verified"]
    assert [
        row[0] for row in sftp_desk.master.rows("SELECT state FROM delivery_attempt ORDER BY attempt_id")
    ] == steps
    assert [line.state for line in sftp_desk.journal.lines()] == steps


@only_sqlite
def test_the_temporary_name_is_of_the_delivery_and_outside_the_partners_pattern(sftp_desk: Desk) -> None:
    sftp_desk.put(CONTENT)
    (name,) = sftp_desk.master.rows("SELECT temp_name FROM outbox_file")[0]
    assert name.startswith(".ecsync-1-")
    assert name.endswith(".part")


@only_sqlite
def test_the_prefix_of_temporary_names_is_the_mappings_choice(sftp_desk: Desk, faults: Faults) -> None:
    sftp_desk.flow(temp_prefix="tmp_")
    sftp_desk.put(CONTENT)
    faults.deny = frozenset({"rename"})
    sftp_desk.deliver()
    assert [name[:6] for name in sftp_desk.there()] == ["tmp_1-"]


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_target_with_our_bytes_is_a_delivery_made(desk: Desk, handover: str) -> None:
    desk.flow(handover=handover)
    (desk.partner / "in" / "orders_001.csv").write_bytes(CONTENT)
    desk.put(CONTENT)
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there() == expected(handover)


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_target_with_other_bytes_is_a_conflict_and_stays(desk: Desk, handover: str) -> None:
    desk.flow(handover=handover)
    (desk.partner / "in" / "orders_001.csv").write_bytes(b"foreign")
    desk.put(CONTENT)
    delivered = desk.deliver()
    assert delivered.counts == {"conflict": 1}
    assert delivered.conflicts == [1]
    assert delivered.statuses == {3}
    assert desk.findings.counts == {"delivery_conflict": 1}
    assert desk.there() == {"orders_001.csv": b"foreign"}


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_waiting_file_goes_when_the_partner_has_taken_the_other(desk: Desk, handover: str) -> None:
    desk.flow(handover=handover, on_exists="wait")
    taken = desk.partner / "in" / "orders_001.csv"
    taken.write_bytes(b"foreign")
    desk.put(CONTENT)
    for _run in range(2):
        assert desk.deliver().counts == {"waiting": 1}
        assert desk.findings.counts == {"delivery_waits": 1}
        assert desk.there() == {"orders_001.csv": b"foreign"}
    taken.unlink()
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there() == expected(handover)


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_an_untaken_older_file_of_ours_is_replaced_where_the_mapping_says_so(
    desk: Desk, handover: str
) -> None:
    desk.flow(handover=handover, on_exists="replace")
    desk.put(b"older", keys=["Q-1"])
    desk.deliver()
    desk.put(CONTENT, keys=["Q-2"])
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there() == expected(handover)


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_foreign_file_is_never_replaced(desk: Desk, handover: str) -> None:
    desk.flow(handover=handover, on_exists="replace")
    (desk.partner / "in" / "orders_001.csv").write_bytes(b"foreign")
    desk.put(CONTENT)
    assert desk.deliver().counts == {"conflict": 1}
    assert desk.there() == {"orders_001.csv": b"foreign"}


@only_sqlite
def test_a_target_that_appears_during_the_upload_is_not_overwritten(
    sftp_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecsync.exchange.handover_rename import RenameHandOver

    def late(self: RenameHandOver) -> None:
        (sftp_desk.partner / "in" / "orders_001.csv").write_bytes(b"foreign")
        original(self)

    original = RenameHandOver._announce_rename
    monkeypatch.setattr(RenameHandOver, "_announce_rename", late)
    sftp_desk.put(CONTENT)
    assert sftp_desk.deliver().counts == {"conflict": 1}
    assert sftp_desk.there() == {"orders_001.csv": b"foreign"}


@only_sqlite
def test_a_foreign_done_file_is_a_conflict(desk: Desk) -> None:
    desk.flow(handover="done_file")
    (desk.partner / "in" / "orders_001.csv.done").write_bytes(b"")
    desk.put(CONTENT)
    assert desk.deliver().counts == {"conflict": 1}
    assert desk.there() == {"orders_001.csv.done": b""}


@only_sqlite
def test_a_payload_of_ours_with_its_done_file_is_a_delivery_made(folder_desk: Desk) -> None:
    folder_desk.flow(handover="done_file")
    for name, content in expected("done_file").items():
        (folder_desk.partner / "in" / name).write_bytes(content)
        os.utime(folder_desk.partner / "in" / name, (1_795_000_000, 1_795_000_000))
    folder_desk.put(CONTENT)
    assert folder_desk.deliver().counts == {"verified": 1}
    assert {path.stat().st_mtime for path in (folder_desk.partner / "in").iterdir()} == {1_795_000_000}


@only_sqlite
def test_an_old_done_file_leaves_before_an_older_file_of_ours_is_replaced(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecsync.exchange.folder_endpoint import FolderEndpoint

    folder_desk.flow(handover="done_file", on_exists="replace")
    folder_desk.put(b"older", keys=["P-0"])
    folder_desk.deliver()
    seen: list[list[str]] = []
    write = FolderEndpoint.write

    def watched(self: FolderEndpoint, *args: object, **words: object) -> None:
        seen.append(sorted(folder_desk.there()))
        write(self, *args, **words)

    monkeypatch.setattr(FolderEndpoint, "write", watched)
    folder_desk.put(CONTENT)
    assert folder_desk.deliver().counts == {"verified": 1}
    assert folder_desk.there() == expected("done_file")
    assert seen == [["orders_001.csv"], ["orders_001.csv"]]


@only_sqlite
def test_a_partner_that_may_be_read_and_does_not_let_us_look_gets_nothing(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(Faults(deny=frozenset({"stat"})))
    desk.flow(handover="done_file")
    desk.put(CONTENT)
    assert desk.deliver().statuses == {13}
    assert (desk.state(), desk.there()) == ("planned", {})


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_bytes_that_a_partner_confirmed_and_lost_are_missed_at_once(
    folder_desk: Desk, monkeypatch: pytest.MonkeyPatch, handover: str
) -> None:
    from ecsync.exchange.folder_endpoint import FolderEndpoint

    write = FolderEndpoint.write

    def short(self: FolderEndpoint, folder: str, name: str, *args: object, **words: object) -> None:
        write(self, folder, name, *args, **words)
        os.truncate(folder_desk.partner / folder / name, 3)

    folder_desk.flow(handover=handover)
    folder_desk.put(CONTENT)
    monkeypatch.setattr(FolderEndpoint, "write", short)
    assert folder_desk.deliver().statuses == {13}
    assert folder_desk.state() == "uploading"
    monkeypatch.undo()
    assert folder_desk.deliver().counts == {"verified": 1}
    assert folder_desk.there() == expected(handover)


@only_sqlite
@pytest.mark.parametrize("handover", ["rename", "direct"])
def test_a_partner_that_takes_at_once_is_told_once(sftp_desk: Desk, faults: Faults, handover: str) -> None:
    faults.take_at_once = True
    sftp_desk.flow(handover=handover)
    sftp_desk.put(CONTENT)
    assert sftp_desk.deliver().counts == {"verified": 1}
    sftp_desk.deliver()
    assert len(list((sftp_desk.partner.parent / "taken").iterdir())) == 1


@only_sqlite
@pytest.mark.parametrize("on_unknown", ["hold", "resend"])
def test_a_partner_that_takes_a_payload_before_its_done_file_leaves_the_outcome_unknown(
    sftp_desk: Desk, faults: Faults, on_unknown: str
) -> None:
    faults.take_at_once = True
    sftp_desk.flow(handover="done_file", on_unknown=on_unknown)
    sftp_desk.put(CONTENT)
    assert sftp_desk.deliver().statuses == {16}
    assert sftp_desk.deliver().statuses == {16}
    assert len(list((sftp_desk.partner.parent / "taken").iterdir())) == 1


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_write_only_partner_gets_every_byte_confirmed_one_by_one(
    make_desk: Callable[..., Desk], handover: str
) -> None:
    faults = Faults(deny=frozenset({"read"}))
    desk = make_desk(faults, readable=False)
    desk.flow(handover=handover)
    desk.put(os.urandom(150_000))
    assert desk.deliver().counts == {"verified": 1}
    assert "read" not in faults.acts


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_partner_that_hides_its_folder_still_gets_its_file(
    make_desk: Callable[..., Desk], handover: str
) -> None:
    desk = make_desk(Faults(deny=frozenset({"read", "stat", "list"})), readable=False)
    desk.flow(handover=handover)
    desk.put(CONTENT)
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there() == expected(handover)
