"""`doctor`: what is wrong with a project, and whose door a key belongs to."""

from __future__ import annotations

import io

import pytest

from ecsync.exchange.throwaway_sftp import ThrowawayServer
from face import Ecsync
from shop import Shop
from story_shop import StoryShop, moment

PASSWORD = "invented-word-55"
NOW = ("--as-of", moment("12:00").isoformat())


def behind_sftp(shop: Shop, server: ThrowawayServer, *, port: int = 0) -> None:
    """Put the mall behind an SFTP server whose key nobody pinned."""
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    folder = f'kind = "folder"\nroot = "{shop.partners / "rms"}"\n'
    sftp = (
        f'kind = "sftp"\nhost = "{server.host}"\nport = {port or server.port}\nuser = "rms"\nretries = 0\n'
        f'password = {{ env = "ECSYNC_T_PW" }}\ntimeout_seconds = 3\n'
    )
    assert folder in text
    path.write_text(text.replace(folder, sftp), encoding="utf-8")


@pytest.fixture
def server(story: StoryShop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ECSYNC_T_PW", PASSWORD)
    with ThrowawayServer(story.shop.partners, {"rms": PASSWORD}) as serving:
        behind_sftp(story.shop, serving)
        yield serving


def answer(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(words))


def known_hosts(story: StoryShop) -> str:
    path = story.shop.project / "known_hosts"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_a_healthy_project_is_told_good_in_every_part(ecsync: Ecsync) -> None:
    done = ecsync("doctor", "--json", *NOW)
    assert done.status == 0
    names = " ".join(check["name"] for check in done.data)
    for part in ("rakuten/orders", "night", "master", "rms", "kaikei"):
        assert part in names
    assert all(check["good"] for check in done.data)


def test_an_unknown_key_is_refused_with_the_command_that_would_trust_it(
    ecsync: Ecsync, server: ThrowawayServer, story: StoryShop
) -> None:
    done = ecsync("doctor", *NOW)
    assert done.status == 12
    assert server.fingerprint in done.out
    assert "ecsync doctor --trust rms" in done.out
    assert server.logins == [], "no login at a stranger's door"
    assert known_hosts(story) == ""


def test_a_person_who_says_yes_writes_the_key_and_the_door_opens(
    ecsync: Ecsync, server: ThrowawayServer, story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "y\n")
    done = ecsync("doctor", "--trust", "rms", "--quiet")
    assert done.status == 0, done.err
    assert server.fingerprint in done.err, "what a person says yes to is shown, quiet or not"
    assert f"[{server.host}]:{server.port} ssh-ed25519" in known_hosts(story)
    assert (story.shop.project / "known_hosts").stat().st_mode & 0o777 == 0o600
    assert ecsync("doctor", *NOW).status == 0


@pytest.mark.parametrize("words", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_trusted(
    ecsync: Ecsync, server: ThrowawayServer, story: StoryShop, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    answer(monkeypatch, words)
    done = ecsync("doctor", "--trust", "rms", "--json")
    assert done.status == 12
    assert done.data["exit_status"] == 12
    assert known_hosts(story) == ""
    assert server.logins == []


def test_the_fingerprint_may_be_named_and_only_that_one_counts(
    ecsync: Ecsync, server: ThrowawayServer, story: StoryShop
) -> None:
    wrong = ecsync("doctor", "--trust", "rms", "--fingerprint", "SHA256:" + "B" * 43)
    assert wrong.status == 12
    assert known_hosts(story) == ""
    right = ecsync("doctor", "--trust", "rms", "--fingerprint", server.fingerprint, "--json")
    assert right.status == 0, right.err
    assert right.data["fingerprint"] == server.fingerprint
    assert ecsync("doctor", *NOW).status == 0


def test_a_key_that_was_changed_is_refused_until_a_person_trusts_the_new_one(
    ecsync: Ecsync, server: ThrowawayServer, story: StoryShop
) -> None:
    assert ecsync("doctor", "--trust", "rms", "--fingerprint", server.fingerprint).status == 0
    port = server.port
    server.__exit__(None, None, None)
    with ThrowawayServer(story.shop.partners, {"rms": PASSWORD}, port=port) as other:
        done = ecsync("doctor", *NOW)
        assert done.status == 12
        assert other.fingerprint in done.out
        assert other.logins == []
        assert ecsync("sync", "stock", "--as-of", "2026-11-24T12:00+09:00").status == 12
        assert ecsync("doctor", "--trust", "rms", "--fingerprint", other.fingerprint).status == 0
        assert ecsync("doctor", *NOW).status == 0
    server.__init__(story.shop.partners, {"rms": PASSWORD})  # type: ignore[misc]  # the fixture ends this one
    server.__enter__()


def test_a_door_that_does_not_answer_and_one_that_is_no_sftp(
    ecsync: Ecsync, server: ThrowawayServer, story: StoryShop
) -> None:
    path = story.shop.project / "ecsync.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(f"port = {server.port}", "port = 1"), encoding="utf-8"
    )
    assert ecsync("doctor", *NOW).status == 13
    assert ecsync("doctor", "--trust", "rms").status == 13
    done = ecsync("doctor", "--trust", "erp")
    assert done.status == 2
    assert "rms" in done.err


def test_of_several_faults_the_one_that_counts_first_is_the_status(
    ecsync: Ecsync, server: ThrowawayServer, story: StoryShop
) -> None:
    (story.shop.partners / "erp").rename(story.shop.partners / "erp.away")
    done = ecsync("doctor", "--json", *NOW)
    statuses = {check["status"] for check in done.data if not check["good"]}
    assert statuses == {12, 13}
    assert done.status == 12
    del server
