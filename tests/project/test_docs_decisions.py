"""docs/decisions.md: every decision has its day and its sentence, and is short."""

import re
from datetime import date
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "decisions.md").read_text(encoding="utf-8")
DECISIONS = re.findall(r"^- (.*?)(?=^- |^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
LONGEST = 80


def test_every_decision_has_its_day_and_says_in_bold_what_was_decided() -> None:
    for decision in DECISIONS:
        day = re.match(r"\*\*(\d{4}-\d{2}-\d{2}) \S.*?\*\*", decision, re.DOTALL)
        assert day, decision[:60]
        assert date.fromisoformat(day[1])


def test_a_decision_is_short() -> None:
    assert {
        decision[:40]: len(decision.split()) for decision in DECISIONS if len(decision.split()) > LONGEST
    } == {}


def test_days_run_forward_within_a_part() -> None:
    for part in PAGE.split("\n## ")[1:]:
        days = re.findall(r"^- \*\*(\d{4}-\d{2}-\d{2})", part, re.MULTILINE)
        assert days == sorted(days)
