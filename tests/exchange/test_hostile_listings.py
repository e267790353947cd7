"""Remote names are data: whatever a listing holds, nothing is written outside the spool, and the run goes on."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.config import Settings
from ecsync.errors import ConfigurationError
from ecsync.exchange import names
from ecsync.exchange.opening import open_endpoint
from exchange.desk import Desk
from exchange.servers import FaultySftp, endpoint_table, faulty_server

HOSTILE = {
    b"../../etc/passwd": names.SEPARATOR,
    b"/absolute.csv": names.SEPARATOR,
    b"a\\b.csv": names.SEPARATOR,
    b"..\\x.csv": names.SEPARATOR,
    b"a\0b.csv": names.CONTROL,
    b"a\nb.csv": names.CONTROL,
    b"a\x1b[2Jb.csv": names.CONTROL,
    "a\u202eb.csv".encode(): names.CONTROL,
    b".hidden.csv": names.LEADING,
    b"-rf.csv": names.LEADING,
    b"a..csv": names.PARENT,
    b"x" * 251 + b".csv": names.TOO_LONG,
    "商品.csv".encode("cp932"): names.NOT_DECODABLE,
    b"": names.EMPTY,
}


@pytest.mark.parametrize("raw", HOSTILE)
def test_an_unsafe_name_is_refused_with_its_reason(raw: bytes) -> None:
    name = names.decode(raw, "utf-8")
    assert (names.NOT_DECODABLE if name is None else names.refusal(name)) == HOSTILE[raw]


@pytest.mark.parametrize("name", ["orders.csv", "注文_20261124.csv", "a b (1).csv", "が.csv", "x" * 200])
def test_an_ordinary_name_is_taken(name: str) -> None:
    assert names.refusal(name) == ""


@given(st.text())
def test_a_name_that_is_taken_stays_in_its_folder(name: str) -> None:
    if not names.refusal(name):
        path = Path("/inbox") / name
        assert path.parent == Path("/inbox")
        assert path.name == name
        assert Path(os.path.normpath(path)) == path


@given(st.binary(max_size=8))
def test_a_decoded_name_leads_back_to_its_bytes(raw: bytes) -> None:
    for encoding in ("utf-8", "cp932", "euc_jp"):
        name = names.decode(raw, encoding)
        assert name is None or names.encode(name, encoding) == raw


@pytest.mark.parametrize("path", ["..", "a/../b", "/a", "a\\b", "a/\0"])
def test_a_configured_path_stays_below_the_root(path: str) -> None:
    with pytest.raises(ConfigurationError):
        names.folder_parts(path)


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("orders_1.csv", "orders_*.csv", True),
        ("ORDERS_1.csv", "orders_*.csv", False),
        ("orders_1.csv", r"re:orders_\d+\.csv", True),
        ("orders_1.csv.bak", r"re:orders_\d+\.csv", False),
    ],
)
def test_a_pattern_is_shell_signs_or_a_whole_regular_expression(name: str, pattern: str, fits: bool) -> None:
    assert names.matches(name, pattern) is fits


class HostileSftp(FaultySftp):
    """List names that no file system would hold, twins included."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:  # noqa: ARG002
        for raw in HOSTILE:
            yield asyncssh.SFTPName(raw, attrs=asyncssh.SFTPAttrs(size=3, permissions=0o100644, mtime=1))
        for _twin in range(2):
            yield asyncssh.SFTPName(
                b"good.csv", attrs=asyncssh.SFTPAttrs(size=3, permissions=0o100644, mtime=1)
            )
        yield asyncssh.SFTPName(b"Good.csv", attrs=asyncssh.SFTPAttrs(size=3, permissions=0o100644, mtime=1))
        yield asyncssh.SFTPName(b"dir.csv", attrs=asyncssh.SFTPAttrs(permissions=0o040755))
        yield asyncssh.SFTPName(b"link.csv", attrs=asyncssh.SFTPAttrs(permissions=0o120777))


def test_a_hostile_listing_gives_the_good_files_and_reasons(tmp_path: Path, partner: Path) -> None:
    from ecsync.exchange.throwaway_sftp import ThrowawayServer
    from exchange.servers import PASSWORD, USER, Faults

    def hostile(channel: Any, folder: Path) -> HostileSftp:
        return HostileSftp(channel, folder, Faults())

    with (
        faulty_server(tmp_path / "other"),
        ThrowawayServer(partner.parent, {USER: PASSWORD}, sftp=hostile) as server,
    ):
        settings = Settings.model_validate(
            {"project": {"name": "x"}, "endpoints": {"partner": endpoint_table(server)}, "folder": tmp_path}
        )
        with open_endpoint("partner", settings) as endpoint:
            listing = endpoint.list_files("")
    assert [file.name for file in listing.files] == ["Good.csv", "good.csv"]
    assert {entry.reason for entry in listing.refused} == {*HOSTILE.values(), names.NOT_A_FILE}


def test_thousands_of_entries_are_listed(tmp_path: Path, partner: Path) -> None:
    for number in range(3_000):
        (partner / f"{number:05}.csv").touch()
    with faulty_server(partner.parent) as server:
        settings = Settings.model_validate(
            {"project": {"name": "x"}, "endpoints": {"partner": endpoint_table(server)}, "folder": tmp_path}
        )
        with open_endpoint("partner", settings) as endpoint:
            assert len(endpoint.list_files("").files) == 3_000


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_run_collects_beside_hostile_names_and_writes_only_into_its_spool(
    sftp_desk: Desk, tmp_path: Path
) -> None:
    sftp_desk.inflow()
    for raw in (b".hidden.csv", b"-rf.csv", b"a\nb.csv", "商品.csv".encode("cp932")):
        Path(os.fsdecode(os.fsencode(sftp_desk.partner / "out") + b"/" + raw)).write_bytes(b"x")
    (sftp_desk.partner / "out" / "dir.csv").mkdir()
    (sftp_desk.partner / "out" / "link.csv").symlink_to("/etc/passwd")
    sftp_desk.place("good.csv", b"1")
    folder = sftp_desk.master.folder

    def outside() -> set[Path]:
        own = {folder / "spool", folder / "data"}
        return {p for p in tmp_path.rglob("*") if not own & set(p.parents)}

    before = outside()
    collected = sftp_desk.collect()
    assert (len(collected.taken), collected.refused) == (1, 6)
    assert sftp_desk.findings.counts == {"name_refused": 6}
    assert outside() == before
    assert len(list((folder / "spool").iterdir())) == 1
