"""Why a file waits, or a partner was not reached, is kept as words and said in the reader's language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ecsync.errors import UnreachableError
from ecsync.exchange import telling
from ecsync.findings import Finding, FindingLog
from ecsync.locale import N_, speaking
from ecsync.locale.said import said, to_keep
from exchange.desk import Desk

only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


def in_both(finding: Finding) -> tuple[str, str]:
    with speaking("en"):
        english = f"{finding.sentence()} / {finding.action()}"
    with speaking("ja"):
        return english, f"{finding.sentence()} / {finding.action()}"


@pytest.mark.parametrize("run_language", ["en", "ja"])
def test_what_is_said_keeps_its_msgid_and_its_words(run_language: str) -> None:
    with speaking(run_language):
        text = said(N_("{endpoint} did not answer in time"), endpoint="mall")
    assert "mall" in text
    assert text.isascii() == (run_language == "en")
    assert to_keep(text) == ("{endpoint} did not answer in time", {"endpoint": "mall"})
    assert to_keep("a sentence of nobody's") == ("a sentence of nobody's", {})


@pytest.mark.parametrize("run_language", ["en", "ja"])
def test_an_unreachable_partner_is_said_in_the_readers_language(run_language: str) -> None:
    log = FindingLog()
    with speaking(run_language):
        error = UnreachableError(
            said(N_("{endpoint} did not answer in time"), endpoint="mall"), hint=said(N_("try again later"))
        )
        log.add("partner_unreachable", "mall", **telling.unreachable(error))
    english, japanese = in_both(next(iter(log)))
    assert "mall did not answer in time" in english
    assert english.isascii()
    assert "did not answer" not in japanese
    assert "try again" not in japanese
    assert "mall" in japanese


@only_sqlite
@pytest.mark.parametrize("run_language", ["en", "ja"])
def test_a_delivery_that_waits_says_why_in_the_readers_language(
    make_desk: Callable[..., Desk], run_language: str
) -> None:
    desk = make_desk()
    desk.put(b"content")
    desk.endpoint["port"] = 1
    with speaking(run_language):
        desk.deliver()
    english, japanese = in_both(next(f for f in desk.findings if f.code == "delivery_waits"))
    assert english.isascii()
    assert "cannot be reached" in english
    assert "reached" not in japanese
