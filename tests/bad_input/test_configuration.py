"""A configuration that cannot be used: said with its place within two seconds, without its secrets; nothing is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bad_input.cases_rest import CONFIGURATION
from bad_input.cases_shop import NOON, CasesShop
from bad_input.conftest import Kept
from bad_input.noon import HASH, LANGUAGES, command, told_on, unlike
from canaries import heard, journal_of, reports_of
from ecsync.master.engine import open_engine
from ecsync.master.fingerprint import business_state
from ecsync.shipped import mappings_dir

SECRET = "canary-secret-90210"
SOON = 2.0
DEEP = 10_000
BOMB = "\n".join(
    ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
)


def _mapping(shop: CasesShop, text: str) -> None:
    path = shop.project / "mappings" / "rakuten" / "orders.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def _add(shop: CasesShop, text: str) -> None:
    with (shop.project / "ecsync.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def _owners(shop: CasesShop, text: str) -> None:
    (shop.project / "owners.yaml").write_text(text, encoding="utf-8")


def _literal(shop: CasesShop) -> None:
    _add(shop, f'\n[endpoints.extra]\nkind = "sftp"\nhost = "h"\nuser = "u"\npassword = "{SECRET}"\n')


def _eucjp(shop: CasesShop) -> None:
    path = shop.project / "ecsync.toml"
    path.write_bytes(path.read_text(encoding="utf-8").replace("～", "〜").encode("euc_jp"))


SHIPPED = (mappings_dir() / "rakuten/orders.yaml").read_text(encoding="utf-8")
HARM: dict[str, Callable[[CasesShop], None]] = {
    "literal secret": _literal,
    "no toml": lambda shop: _add(shop, f'\n[endpoints.extra\npassword = "{SECRET}"\n'),
    "no utf-8": _eucjp,
    "unknown word": lambda shop: _add(shop, f'\n[lucky]\nnumber = "{SECRET}"\n'),
    "deep toml": lambda shop: _add(shop, f"\nx = {'[' * DEEP}{']' * DEEP}\n"),
    "bomb in owners": lambda shop: _owners(shop, BOMB),
    "deep owners": lambda shop: _owners(shop, f"product: {'[' * DEEP}{']' * DEEP}\n"),
    "bomb in mapping": lambda shop: _mapping(shop, f"{BOMB}\n{SHIPPED}"),
    "deep mapping": lambda shop: _mapping(shop, f"{SHIPPED}\nx: {'[' * DEEP}{']' * DEEP}\n"),
    "large mapping": lambda shop: _mapping(shop, f"{SHIPPED}\n# {'x' * (1 << 20)}\n"),
}


def state(engine: sa.Engine) -> dict[str, str]:
    """Return the fingerprint of the master, asked of an engine that was opened while the settings were right."""
    with engine.connect() as conn:
        return dict(business_state(conn))


AT_ONCE = {"literal secret", "bomb in owners", "bomb in mapping", "deep owners"}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.key, marks=() if case.key in AT_ONCE else pytest.mark.slow)
        for case in CONFIGURATION
    ],
)
def test_a_configuration_that_cannot_be_used(before_noon: CasesShop, kept: Kept, case) -> None:
    shop = before_noon
    shop.put("rakuten-orders", kept.files["rakuten-orders"])
    engine = open_engine(shop.shop.settings)
    before = state(engine)
    HARM[case.key](shop)
    remote = shop.shop.remote()
    for language, words in zip(LANGUAGES, case.said, strict=True):
        began = time.process_time()
        said = command(shop, language, "sync", "noon", "--as-of", NOON.isoformat())
        assert time.process_time() - began < SOON
        assert said.status == case.status, said.err
        assert words in said.err
        assert SECRET not in said.out + said.err
    assert shop.shop.remote() == remote
    assert heard(HASH.sub("", reports_of(shop.shop) + journal_of(shop.shop))) == []
    assert state(engine) == before
    engine.dispose()


@pytest.mark.slow
def test_once_it_is_mended_the_noon_is_an_ordinary_one(kept: Kept, tmp_path: Path) -> None:
    undisturbed, shop = (kept.before.copy(tmp_path / name) for name in ("undisturbed", "shop"))
    whole = (shop.project / "ecsync.toml").read_bytes()
    for one in (undisturbed, shop):
        one.put("rakuten-orders", kept.files["rakuten-orders"])
    _literal(shop)
    said = command(shop, "ja", "sync", "noon", "--as-of", NOON.isoformat())
    (shop.project / "ecsync.toml").write_bytes(whole)
    for one in (undisturbed, shop):
        one.run(NOON)
    assert unlike(undisturbed, shop) == {}
    assert told_on(shop, said) == []
