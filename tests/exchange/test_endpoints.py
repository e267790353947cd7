"""The contract of a partner's door, held by folders and by a real SFTP server alike."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ecsync.config import Settings
from ecsync.errors import ConfigurationError, TransferError, UnreachableError
from ecsync.exchange.endpoint import Endpoint
from ecsync.exchange.opening import open_endpoint
from exchange.servers import Faults, endpoint_table, faulty_server


@contextmanager
def sftp_door(
    tmp_path: Path, partner: Path, faults: Faults | None = None, **changes: object
) -> Iterator[Endpoint]:
    with faulty_server(partner.parent, faults) as server:
        table = endpoint_table(server, **changes)
        with open_endpoint("partner", project(tmp_path, table)) as endpoint:
            yield endpoint


def project(folder: Path, endpoint: dict[str, object]) -> Settings:
    return Settings.model_validate(
        {"project": {"name": "x"}, "endpoints": {"partner": endpoint}, "folder": folder}
    )


@pytest.fixture(params=["folder", "sftp", "sftp-write-only"])
def door(request: pytest.FixtureRequest, tmp_path: Path, partner: Path) -> Iterator[Endpoint]:
    if request.param == "folder":
        with open_endpoint(
            "partner", project(tmp_path, {"kind": "folder", "root": str(partner)})
        ) as endpoint:
            yield endpoint
        return
    with sftp_door(tmp_path, partner, readable=request.param == "sftp") as endpoint:
        yield endpoint


def local(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "payload"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("size", [0, 1, 32_767, 32_768, 32_769, 200_000])
@pytest.mark.parametrize("in_order", [True, False])
def test_what_is_written_is_what_is_read(
    door: Endpoint, tmp_path: Path, partner: Path, size: int, in_order: bool
) -> None:
    content = os.urandom(size)
    door.write("", "a.csv", local(tmp_path, content), in_order=in_order)
    assert (partner / "a.csv").read_bytes() == content
    assert b"".join(door.read("", "a.csv")) == content
    assert door.sha256("", "a.csv") == hashlib.sha256(content).hexdigest()
    received = door.download("", "a.csv", tmp_path / "got")
    assert (received.size, received.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert (tmp_path / "got").read_bytes() == content
    assert (tmp_path / "got").stat().st_mode & 0o077 == 0


def test_writing_again_leaves_nothing_of_a_longer_file(door: Endpoint, tmp_path: Path, partner: Path) -> None:
    (partner / "a.csv").write_bytes(b"x" * 100_000)
    door.write("", "a.csv", local(tmp_path, b"short"), in_order=True)
    assert (partner / "a.csv").read_bytes() == b"short"


def test_a_listing_tells_size_and_mtime_in_the_order_of_names(door: Endpoint, partner: Path) -> None:
    for name in ("b.csv", "a.csv"):
        (partner / name).write_bytes(b"12345")
        os.utime(partner / name, (1_795_000_000, 1_795_000_000))
    files = door.list_files("").files
    assert [(f.name, f.size, f.mtime) for f in files] == [
        ("a.csv", 5, "2026-11-18T11:06:40Z"),
        ("b.csv", 5, "2026-11-18T11:06:40Z"),
    ]
    assert door.stat("", "a.csv") == files[0]


def test_a_file_that_is_not_there_has_no_stat(door: Endpoint) -> None:
    assert door.stat("", "a.csv") is None
    assert door.likeness("", "a.csv", Path(os.devnull)) == "absent"


def test_reading_what_is_not_there_says_so(door: Endpoint, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        door.download("", "a.csv", tmp_path / "got")


def test_listing_a_folder_that_is_not_there_is_refused(door: Endpoint) -> None:
    with pytest.raises(TransferError, match="partner does not let us list nowhere"):
        door.list_files("nowhere")


def test_rename_never_overwrites(door: Endpoint, partner: Path) -> None:
    (partner / "new").write_bytes(b"new")
    (partner / "old").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        door.rename("", "new", "old")
    assert (partner / "old").read_bytes() == b"old"
    assert (partner / "new").read_bytes() == b"new"


def test_replace_overwrites(door: Endpoint, partner: Path) -> None:
    (partner / "new").write_bytes(b"new")
    (partner / "old").write_bytes(b"old")
    door.replace("", "new", "old")
    assert (partner / "old").read_bytes() == b"new"
    assert not (partner / "new").exists()


def test_renaming_what_is_not_there_says_so(door: Endpoint) -> None:
    with pytest.raises(FileNotFoundError):
        door.rename("", "a", "b")


def test_removing_twice_is_removing_once(door: Endpoint, partner: Path) -> None:
    (partner / "a").write_bytes(b"1")
    door.remove("", "a")
    door.remove("", "a")
    assert not (partner / "a").exists()


def test_move_makes_the_folder_and_never_overwrites(door: Endpoint, partner: Path) -> None:
    (partner / "a").write_bytes(b"1")
    door.move("", "a", "done/2026", "a")
    (partner / "a").write_bytes(b"2")
    with pytest.raises(FileExistsError):
        door.move("", "a", "done/2026", "a")
    assert (partner / "done" / "2026" / "a").read_bytes() == b"1"
    assert (partner / "a").read_bytes() == b"2"


@pytest.mark.parametrize(
    ("there", "said"),
    [(b"0123456789", "same"), (b"01234", "prefix"), (b"", "prefix"), (b"012345678901", "other")],
)
def test_likeness_is_told_with_or_without_reading(
    door: Endpoint, tmp_path: Path, partner: Path, there: bytes, said: str
) -> None:
    (partner / "a").write_bytes(there)
    assert door.likeness("", "a", local(tmp_path, b"0123456789")) == said


def test_other_bytes_of_the_same_size_are_seen_where_reading_is_allowed(
    door: Endpoint, tmp_path: Path, partner: Path
) -> None:
    (partner / "a").write_bytes(b"01234X6789")
    expected = "other" if door.readable else "same"
    assert door.likeness("", "a", local(tmp_path, b"0123456789")) == expected


@pytest.mark.parametrize("path", ["../other", "/etc", "a/../../b", "a\\b"])
def test_no_path_leaves_the_root(door: Endpoint, path: str) -> None:
    with pytest.raises(ConfigurationError):
        door.list_files(path)


@pytest.mark.parametrize("name", ["../a", "a/b", "..", "a\0b"])
def test_no_name_leaves_its_folder(door: Endpoint, tmp_path: Path, name: str) -> None:
    with pytest.raises(TransferError):
        door.download("", name, tmp_path / "got")
    with pytest.raises(TransferError):
        door.write("", name, local(tmp_path, b"1"), in_order=True)


def test_a_link_is_never_followed(door: Endpoint, tmp_path: Path, partner: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (partner / "a.csv").symlink_to(tmp_path / "secret")
    assert door.list_files("").files == ()
    with pytest.raises(TransferError):
        door.stat("", "a.csv")


def test_a_folder_that_is_away_is_unreachable(tmp_path: Path) -> None:
    settings = project(tmp_path, {"kind": "folder", "root": "not-mounted"})
    with pytest.raises(UnreachableError, match="not there"), open_endpoint("partner", settings):
        pass


def test_an_endpoint_that_nobody_declared_is_a_configuration_error(tmp_path: Path) -> None:
    settings = project(tmp_path, {"kind": "folder", "root": "x"})
    with pytest.raises(ConfigurationError, match="there are: partner"), open_endpoint("nobody", settings):
        pass


def test_short_reads_are_asked_for_again(tmp_path: Path, partner: Path) -> None:
    content = os.urandom(100_000)
    (partner / "a").write_bytes(content)
    with sftp_door(tmp_path, partner, Faults(short_reads=1_000)) as endpoint:
        assert b"".join(endpoint.read("", "a")) == content


def test_a_partner_in_cp932_is_read_and_written_in_cp932(tmp_path: Path, partner: Path) -> None:
    raw = os.fsdecode("商品.csv".encode("cp932"))
    (partner / raw).write_bytes(b"1")
    with sftp_door(tmp_path, partner, file_name_encoding="cp932") as endpoint:
        assert [file.name for file in endpoint.list_files("").files] == ["商品.csv"]
        endpoint.rename("", "商品.csv", "表.csv")
    assert (partner / os.fsdecode("表.csv".encode("cp932"))).exists()


def test_a_server_without_posix_rename_removes_and_renames(
    tmp_path: Path, partner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from asyncssh.sftp import SFTPServerHandler

    offered = [pair for pair in SFTPServerHandler._extensions if not pair[0].startswith(b"posix-rename")]
    monkeypatch.setattr(SFTPServerHandler, "_extensions", offered)
    (partner / "new").write_bytes(b"new")
    (partner / "old").write_bytes(b"old")
    faults = Faults()
    with sftp_door(tmp_path, partner, faults) as endpoint:
        endpoint.replace("", "new", "old")
    assert (partner / "old").read_bytes() == b"new"
    assert "replace" not in faults.acts


def test_a_connection_that_died_between_two_acts_is_opened_again(tmp_path: Path, partner: Path) -> None:
    (partner / "a").write_bytes(b"1")
    with sftp_door(tmp_path, partner) as endpoint:
        assert endpoint.list_files("").files
        endpoint._stream._channel.get_transport().close()
        assert endpoint.list_files("").files
        endpoint._stream._channel.get_transport().close()
        endpoint.remove("", "a")
        endpoint._stream._channel.close()
        (partner / "b").write_bytes(b"1")
        endpoint.remove("", "b")
    assert list(partner.iterdir()) == []


def test_a_read_that_is_cut_is_tried_again_from_its_beginning(tmp_path: Path, partner: Path) -> None:
    content = os.urandom(300_000)
    (partner / "a").write_bytes(content)
    with sftp_door(tmp_path, partner) as endpoint:
        blocks = endpoint.read("", "a")
        next(blocks)
        endpoint._stream._channel.get_transport().close()
        with pytest.raises(UnreachableError):
            list(blocks)
        assert endpoint.download("", "a", tmp_path / "got").size == 300_000


def test_a_partner_that_refuses_connections_is_tried_a_bounded_number_of_times(tmp_path: Path) -> None:
    from ecsync.exchange.sftp_endpoint import SftpEndpoint

    pauses: list[float] = []
    with faulty_server(tmp_path / "remote") as server:
        table = endpoint_table(server, retries=3, retry_delay_seconds=2)
    settings = project(tmp_path, table)
    endpoint = SftpEndpoint("partner", settings.endpoints["partner"], tmp_path, sleep=pauses.append)
    with pytest.raises(UnreachableError):
        endpoint.connect()
    assert pauses == [2, 4, 8]
