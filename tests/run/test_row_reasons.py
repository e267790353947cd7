"""Whatever puts a row aside has a sentence that staff can read, and an answer in both languages."""

import re
from pathlib import Path

import pytest

import ecsync
from ecsync.findings import Finding
from ecsync.locale import LANGUAGES, _, speaking
from ecsync.mapping.rejects import ROW_REASONS
from ecsync.run.row_reasons import ROOM_REASONS, advice, sentence, title

PACKAGE = Path(ecsync.__file__).parent
PARAMS = {"known": "card, cod", "minimum": "0", "maximum": "99"}
# Reasons of verdicts that put nothing aside, and words of the SQL around them.
NOT_PUT_ASIDE = {"identical", "older", "older_state", "not_owner", "conflict", "cycle", "quarantined"}


def written_by_rooms() -> set[str]:
    """Return every code that a room names as `reason` or `reason:column` in its SQL."""
    codes: set[str] = set()
    for room in ("products", "orders", "stock", "shipping", "run"):
        for path in (PACKAGE / room).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            if "quarantined" in text or "w_bad" in text:
                codes |= set(re.findall(r"'([a-z]+(?:_[a-z]+)+):(?:[a-z_]+|\{[^']+\})'", text))
                codes |= set(re.findall(r"verdict_reason = '([a-z_]+)'", text))
                codes |= set(re.findall(r'_find_disagreement\(\s*ctx, "(\w+)"', text))
                codes |= set(re.findall(r"as_of\)[^']*'(incomplete_\w+)'", text))
    return codes - NOT_PUT_ASIDE


def test_every_reason_of_the_rooms_has_its_sentence() -> None:
    assert written_by_rooms() - set(ROW_REASONS) <= set(ROOM_REASONS)


def test_no_sentence_is_kept_for_a_reason_that_nobody_gives() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.stem != "row_reasons"
    )
    assert {code for code in ROOM_REASONS if code not in sources} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", sorted({*ROW_REASONS, *ROOM_REASONS}))
def test_a_sentence_is_whole_in_every_language(reason: str, lang: str) -> None:
    with speaking(lang):
        text = sentence(reason, PARAMS)
    assert text != reason
    assert "{" not in text


def test_staff_read_the_sentence_and_not_the_code_in_the_language_of_whoever_reads_it() -> None:
    finding = Finding(
        "rows_quarantined",
        "order.csv",
        {
            **PARAMS,
            "count": "2",
            "reason": title("unknown_code"),
            "advice": advice("unknown_code"),
            "column": "支払方法名",
            "line": "7",
            "flow": "rakuten-orders",
        },
    )
    with speaking("en"):
        assert finding.sentence() == (
            "2 rows of order.csv could not be used: The code is not known; known are: card, cod "
            "(column 支払方法名, line 7)"
        )
        assert "`ecsync quarantine retry --flow rakuten-orders`" in finding.action()
    with speaking("ja"):
        assert finding.sentence().startswith("order.csv に取込エラー行が 2 件あります。知らないコードです")
        assert finding.action().startswith(_(advice("unknown_code")))
