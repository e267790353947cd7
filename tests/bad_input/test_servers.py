"""Servers that refuse us or must not be trusted: all others are served; once let in, the work is finished."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from bad_input.cases_servers import LISTING, SERVERS
from bad_input.cases_shop import CAME, LATER, NOON, CasesShop
from bad_input.conftest import Kept
from bad_input.noon import LANGUAGES, OTHERS, command, told_on, unlike
from ecsync.exchange.throwaway_sftp import ThrowawayServer
from exchange.servers import Faults, FaultySftp
from exchange.test_hostile_listings import HOSTILE
from story_shop import moment

PASSWORD, WRONG = "right-word-77", "wrong-word-77"
VARIABLE = "ECSYNC_CASES_PW"
AT_ONCE = {"open password"}
SECOND = moment("12:10")
Changes = dict[str, Any]


def _file(shop: CasesShop, name: str, content: bytes, mode: int) -> str:
    path = shop.project / name
    path.write_bytes(content)
    path.chmod(mode)
    return name


def _changed(shop: CasesShop, server: ThrowawayServer) -> Changes:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[1]
    _file(shop, "known_hosts", f"[{server.host}]:{server.port} ssh-ed25519 {other}\n".encode(), 0o600)
    return {"host_key": None}


def _open_key(shop: CasesShop, _server: ThrowawayServer) -> Changes:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    return {"key_file": str(shop.project / _file(shop, "id", key, 0o644)), "password": None}


ENDPOINTS: dict[str, Callable[[CasesShop, ThrowawayServer], Changes]] = {
    "pinned": lambda _shop, _server: {"host_key": "SHA256:" + "A" * 43},
    "unknown": lambda _shop, _server: {"host_key": None},
    "changed": _changed,
    "password": lambda shop, _server: {"password": {"file": _file(shop, "pw", WRONG.encode(), 0o600)}},
    "open key": _open_key,
    "open password": lambda shop, _server: {
        "password": {"file": _file(shop, "pw", PASSWORD.encode(), 0o644)}
    },
    "no secret": lambda _shop, _server: {"password": {"env": "ECSYNC_NOT_SET"}},
}
KEEPS_OUT = {*ENDPOINTS, "away"}  # nothing of the partner comes in


def endpoint_text(server: ThrowawayServer, changes: Changes) -> str:
    table: Changes = {
        "kind": "sftp", "host": server.host, "port": server.port, "user": "rakuten", "host_key": server.fingerprint,
        "password": {"env": VARIABLE}, "timeout_seconds": 3, "retries": 0, **changes,
    }  # fmt: skip

    def written(value: object) -> str:
        if isinstance(value, dict):
            return "{ " + ", ".join(f'{name} = "{text}"' for name, text in value.items()) + " }"
        return str(value) if isinstance(value, int) else f'"{value}"'

    lines = [f"{name} = {written(value)}" for name, value in table.items() if value is not None]
    return "\n".join(["[endpoints.rakuten]", *lines, ""])


@contextlib.contextmanager
def behind_sftp(shop: CasesShop, sftp: Any, changes: Callable[..., Changes]) -> Iterator[ThrowawayServer]:
    """Put Rakuten behind an SFTP server while the block lasts, and give its folder back afterwards."""
    path = shop.project / "ecsync.toml"
    whole = path.read_text(encoding="utf-8")
    folder = f'[endpoints.rakuten]\nkind = "folder"\nroot = "{shop.shop.partners}/rakuten"\n'
    assert folder in whole
    with ThrowawayServer(shop.shop.partners, {"rakuten": PASSWORD}, sftp=sftp) as server:
        path.write_text(whole.replace(folder, endpoint_text(server, changes(shop, server))), encoding="utf-8")
        yield server
    path.write_text(whole, encoding="utf-8")


@contextlib.contextmanager
def trouble(shop: CasesShop, key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThrowawayServer | None]:
    """Let the trouble of a case last as long as the block."""
    monkeypatch.setenv(VARIABLE, PASSWORD)
    rakuten = shop.shop.partners / "rakuten"
    if key == "away":
        rakuten.rename(rakuten.with_name("gone"))
        yield None
        rakuten.with_name("gone").rename(rakuten)
        return
    if key == "conflict":
        foreign = shop.shop.partners / "warehouse/in/instruction_20261124_002.csv"
        foreign.write_bytes(b"somebody else's\r\n")
        yield None
        assert foreign.read_bytes() == b"somebody else's\r\n", "never overwritten"
        return
    if key == "no posix-rename":
        from asyncssh.sftp import SFTPServerHandler

        offered = [pair for pair in SFTPServerHandler._extensions if not pair[0].startswith(b"posix-rename")]
        monkeypatch.setattr(SFTPServerHandler, "_extensions", offered)
    faults = Faults(quota=10) if key == "quota" else Faults()
    changes = ENDPOINTS.get(key, lambda _shop, _server: {})
    with behind_sftp(shop, lambda channel, folder: FaultySftp(channel, folder, faults), changes) as server:
        yield server


@pytest.mark.parametrize(
    "key", [pytest.param(case.key, marks=() if case.key in AT_ONCE else pytest.mark.slow) for case in SERVERS]
)
def test_a_server_in_the_way(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    case = next(case for case in SERVERS if case.key == key)
    undisturbed, shop = (kept.before.copy(tmp_path / name) for name in ("undisturbed", "shop"))
    late = key in KEEPS_OUT
    for one in (undisturbed, shop):
        for flow in OTHERS:
            one.put(flow, kept.files[flow])
    if not late:
        undisturbed.put("rakuten-orders", kept.files["rakuten-orders"])
    shop.put("rakuten-orders", kept.files["rakuten-orders"])
    said = []
    with trouble(shop, key, monkeypatch) as server:
        for language, at in zip(LANGUAGES, (NOON, SECOND), strict=True):
            said.append(command(shop, language, "sync", "noon", "--format", "csv", "--as-of", at.isoformat()))
        for one, words in zip(said, case.said, strict=True):
            assert one.status == case.status, one.out + one.err
            assert words in one.out
        logins = server.logins if server is not None else []
        if key in ENDPOINTS:
            assert set(logins) == ({"rakuten"} if key == "password" else set()), "a stranger gets no password"
    assert shop.shop.rows("SELECT COUNT(*) FROM sales_order WHERE channel = 'yahoo'") == [(2,)]
    assert told_on(shop, *said) == []
    assert not re.search(f"{PASSWORD}|{WRONG}", "".join(one.out + one.err for one in said))
    if key == "conflict":
        return  # a person resolves it
    if late:
        undisturbed.run(NOON)
        undisturbed.run(SECOND)
        undisturbed.put("rakuten-orders", kept.files["rakuten-orders"])
        undisturbed.run(LATER)
    else:
        for at in (NOON, SECOND, LATER):
            undisturbed.run(at)
    assert shop.run(LATER).exit_status == 0
    assert unlike(undisturbed, shop) == {}


class HostileSftp(FaultySftp):
    """List what lies there, among names that lead elsewhere."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        for raw in HOSTILE:
            yield asyncssh.SFTPName(raw, attrs=asyncssh.SFTPAttrs(size=3, permissions=0o100644, mtime=1))
        for raw, mode in ((b"dir.csv", 0o040755), (b"link.csv", 0o120777)):
            yield asyncssh.SFTPName(raw, attrs=asyncssh.SFTPAttrs(permissions=mode))
        async for name in super().scandir(path):
            yield name


@pytest.mark.parametrize("partner", ["a server", pytest.param("a folder", marks=pytest.mark.slow)])
def test_hostile_names_in_a_listing(
    before_noon: CasesShop, kept: Kept, monkeypatch: pytest.MonkeyPatch, partner: str
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    shop = before_noon
    shop.put("rakuten-orders", kept.files["rakuten-orders"])
    orders = shop.shop.partners / "rakuten/orders"
    door: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
    if partner == "a server":
        door = behind_sftp(
            shop, lambda channel, folder: HostileSftp(channel, folder, Faults()), lambda *_others: {}
        )
    else:
        for raw in (b".hidden.csv", b"-rf.csv", b"a\nb.csv", "商品.csv".encode("cp932")):
            Path(bytes(orders).decode() + "/" + raw.decode("utf-8", "surrogateescape")).write_bytes(b"x")
        (orders / "dir.csv").mkdir()
        (orders / "link.csv").symlink_to("/etc/passwd")
    outside = {path for path in shop.shop.root.rglob("*") if shop.project not in path.parents}
    with door:
        dry = command(shop, "en", "sync", "noon", "--dry-run", "--as-of", NOON.isoformat())
        real = command(shop, "ja", "sync", "noon", "--as-of", NOON.isoformat())
    assert (dry.status, real.status) == (LISTING.status, LISTING.status), real.out
    for said, words in zip((dry, real), LISTING.said, strict=True):
        assert words in said.out
        assert "\x1b[2J" not in said.out
        assert "/etc/passwd" not in said.out
    assert shop.shop.rows("SELECT COUNT(*) FROM sales_order WHERE order_no LIKE '%10_'") == [(3,)]
    assert told_on(shop, dry, real) == []
    new = {path for path in shop.shop.root.rglob("*") if shop.project not in path.parents} - outside
    assert all(path.parent.name in {"done", "in", "ritem", "quantity"} for path in new), new
    assert CAME.isoformat()
