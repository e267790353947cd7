"""docs/exit-status.md is the program's own table."""

import re
from pathlib import Path

from ecsync.cli.statuses import STATUSES
from ecsync.errors import EcsyncError
from ecsync.locale import _, speaking
from ecsync.run.outcome import PRECEDENCE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "exit-status.md").read_text(encoding="utf-8")
ROWS = {
    int(status): (meaning, japanese)
    for status, meaning, japanese in re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|", PAGE, re.MULTILINE)
}


def test_every_status_stands_in_the_table_with_its_meaning() -> None:
    with speaking("en"):
        assert {status: meaning for status, (meaning, _japanese) in ROWS.items()} == {
            status: _(meaning) for status, meaning in STATUSES.items()
        }


def test_the_japanese_meaning_is_the_program_s() -> None:
    with speaking("ja"):
        assert {status: japanese for status, (_meaning, japanese) in ROWS.items()} == {
            status: _(meaning) for status, meaning in STATUSES.items()
        }


def test_which_status_counts_is_told_in_the_program_s_order() -> None:
    told = re.search(r"signals \(130, 143\), then ((?:\d+, )*\d+)\.", PAGE)
    assert told
    assert tuple(int(status) for status in told[1].split(", ")) == PRECEDENCE


def test_no_error_ends_with_a_status_that_the_table_lacks() -> None:
    def tree(kind: type[EcsyncError]) -> set[type[EcsyncError]]:
        return {kind}.union(*(tree(below) for below in kind.__subclasses__()))

    assert {kind.exit_status for kind in tree(EcsyncError)} <= set(STATUSES)
