"""Who is at the door, and who we are: refused logins and host keys end with status 12, before a byte is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ecsync.config import Settings
from ecsync.errors import AuthenticationError, ConfigurationError, EcsyncError
from ecsync.exchange import host_keys
from ecsync.exchange.opening import open_endpoint
from ecsync.exchange.throwaway_sftp import ThrowawayServer
from exchange.servers import PASSWORD, PASSWORD_VARIABLE, USER, Faults, endpoint_table, faulty_server


def project(folder: Path, endpoint: dict[str, Any]) -> Settings:
    return Settings.model_validate(
        {"project": {"name": "x"}, "endpoints": {"partner": endpoint}, "folder": folder}
    )


@contextmanager
def refused(settings: Settings, error: type[EcsyncError], match: str) -> Iterator[None]:
    with pytest.raises(error, match=match) as caught, open_endpoint("partner", settings):
        pass
    assert caught.value.exit_status in {10, 12}
    assert PASSWORD not in str(caught.value) + caught.value.hint
    yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ThrowawayServer]:
    with faulty_server(tmp_path / "remote") as running:
        yield running


def test_a_pinned_key_opens_the_door(server: ThrowawayServer, tmp_path: Path) -> None:
    with open_endpoint("partner", project(tmp_path, endpoint_table(server))) as endpoint:
        assert endpoint.list_files("").files == ()


def test_another_key_than_the_pinned_one_is_refused_before_the_login(
    server: ThrowawayServer, tmp_path: Path
) -> None:
    table = endpoint_table(server, host_key="SHA256:" + "A" * 43)
    with refused(project(tmp_path, table), AuthenticationError, "pins SHA256:AAA"):
        assert server.logins == []


@pytest.mark.parametrize("content", [None, "", "# nothing\n", "other ssh-ed25519 AAAA\n", "broken line\n"])
def test_an_unknown_host_is_refused_and_shows_its_fingerprint(
    server: ThrowawayServer, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "known_hosts").write_text(content)
    settings = project(tmp_path, endpoint_table(server, host_key=""))
    with refused(settings, AuthenticationError, server.fingerprint.replace("+", r"\+")):
        assert server.logins == []


def test_a_known_host_is_let_in(server: ThrowawayServer, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text(server.host_key_line + "\n")
    with open_endpoint("partner", project(tmp_path, endpoint_table(server, host_key=""))) as endpoint:
        endpoint.list_files("")


def test_a_hashed_name_in_known_hosts_is_understood(server: ThrowawayServer, tmp_path: Path) -> None:
    import paramiko

    _label, kind, key = server.host_key_line.split()
    hashed = paramiko.HostKeys.hash_host(f"[{server.host}]:{server.port}")
    (tmp_path / "known_hosts").write_text(f"{hashed} {kind} {key}\n")
    with open_endpoint("partner", project(tmp_path, endpoint_table(server, host_key=""))) as endpoint:
        endpoint.list_files("")


def test_a_changed_key_is_refused_and_tells_both(server: ThrowawayServer, tmp_path: Path) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[1]
    (tmp_path / "known_hosts").write_text(f"[{server.host}]:{server.port} ssh-ed25519 {other}\n")
    settings = project(tmp_path, endpoint_table(server, host_key=""))
    with refused(settings, AuthenticationError, "was changed: it offers SHA256:.*, known is SHA256:"):
        assert server.logins == []


def test_the_kind_of_key_that_is_known_is_asked_for(tmp_path: Path) -> None:
    with faulty_server(tmp_path / "remote", host_key_kinds=("ssh-rsa", "ssh-ed25519")) as server:
        assert server.host_key_line.split()[1] == "ssh-rsa"
        (tmp_path / "known_hosts").write_text(server.host_key_line + "\n")
        with open_endpoint("partner", project(tmp_path, endpoint_table(server, host_key=""))) as endpoint:
            endpoint.list_files("")


def test_trust_shows_the_key_and_writes_it_once_in_place_of_the_old_one(
    server: ThrowawayServer, tmp_path: Path
) -> None:
    settings = project(tmp_path, endpoint_table(server, host_key=""))
    endpoint = settings.endpoints["partner"]
    old = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[1]
    (tmp_path / "known_hosts").write_text(
        f"[{server.host}]:{server.port} ssh-ed25519 {old}\nother ssh-rsa AAAA\n"
    )
    key = host_keys.fetch(endpoint)
    assert key.fingerprint == server.fingerprint
    assert server.logins == []
    host_keys.trust(settings, endpoint, key)
    host_keys.trust(settings, endpoint, key)
    assert (tmp_path / "known_hosts").read_text() == f"other ssh-rsa AAAA\n{server.host_key_line}\n"
    assert (tmp_path / "known_hosts").stat().st_mode & 0o077 == 0
    with open_endpoint("partner", settings) as opened:
        opened.list_files("")


def test_trust_does_not_argue_with_a_pin(server: ThrowawayServer, tmp_path: Path) -> None:
    settings = project(tmp_path, endpoint_table(server, host_key="SHA256:" + "A" * 43))
    endpoint = settings.endpoints["partner"]
    with pytest.raises(ConfigurationError, match="pins another"):
        host_keys.trust(settings, endpoint, host_keys.fetch(endpoint))


def test_a_wrong_password_is_tried_once(
    server: ThrowawayServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong")
    with refused(
        project(tmp_path, endpoint_table(server, retries=5)), AuthenticationError, "refused the login"
    ):
        assert server.logins == [USER]


def key_pair(tmp_path: Path, passphrase: str | None = None) -> tuple[Path, str]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    path = tmp_path / "id"
    path.write_bytes(key.export_private_key(passphrase=passphrase, rounds=1, ignore_few_rounds=True))
    path.chmod(0o600)
    return path, key.export_public_key().decode()


def test_a_key_goes_before_the_password(tmp_path: Path) -> None:
    path, public = key_pair(tmp_path)
    with faulty_server(tmp_path / "remote", public_keys={USER: public}) as server:
        table = endpoint_table(server, key_file=str(path))
        with open_endpoint("partner", project(tmp_path, table)) as endpoint:
            endpoint.list_files("")


def test_a_refused_key_is_not_followed_by_the_password(tmp_path: Path) -> None:
    path, _public = key_pair(tmp_path)
    (tmp_path / "other").mkdir()
    _other, allowed = key_pair(tmp_path / "other")
    with faulty_server(tmp_path / "remote", public_keys={USER: allowed}) as server:
        table = endpoint_table(server, key_file=str(path))
        with refused(project(tmp_path, table), AuthenticationError, "refused the login"):
            assert server.logins == [USER]


def test_a_key_with_its_passphrase_opens_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECSYNC_TEST_PASSPHRASE", "invented-passphrase")
    path, public = key_pair(tmp_path, "invented-passphrase")
    with faulty_server(tmp_path / "remote", public_keys={USER: public}) as server:
        table = endpoint_table(
            server, key_file=str(path), key_passphrase={"env": "ECSYNC_TEST_PASSPHRASE"}, password=None
        )
        with open_endpoint("partner", project(tmp_path, table)) as endpoint:
            endpoint.list_files("")
        monkeypatch.setenv("ECSYNC_TEST_PASSPHRASE", "wrong")
        with refused(project(tmp_path, table), AuthenticationError, "no key, or its passphrase is wrong"):
            pass


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path, public = key_pair(tmp_path)
    path.chmod(0o644)
    with faulty_server(tmp_path / "remote", public_keys={USER: public}) as server:
        table = endpoint_table(server, key_file=str(path))
        with refused(project(tmp_path, table), AuthenticationError, "can be read by others"):
            assert server.logins == []


def test_neither_key_nor_password_is_a_configuration_error(server: ThrowawayServer, tmp_path: Path) -> None:
    table = endpoint_table(server, password=None)
    with refused(project(tmp_path, table), ConfigurationError, "neither a key file nor a password"):
        assert server.logins == []


def test_a_server_of_old_ways_is_named_with_what_it_offers(tmp_path: Path) -> None:
    with faulty_server(
        tmp_path / "remote",
        Faults(),
        host_key_kinds=("ssh-rsa",),
        kex_algs=["diffie-hellman-group14-sha1"],
    ) as server:
        table = endpoint_table(server)
        with refused(project(tmp_path, table), AuthenticationError, "diffie-hellman-group14-sha1"):
            assert server.logins == []
