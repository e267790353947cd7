"""How a run ends: which status counts, and the row that keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ecsync.config import Settings
from ecsync.findings import FindingLog
from ecsync.run import records
from ecsync.run.outcome import PRECEDENCE, Outcome, first_of
from ecsync.run.publish import Published
from master_under_test import BUSINESS_DATE, NOW, MasterUnderTest

CLOCK = "2026-11-24T03:00:00Z"


def outcome(*findings: str, **facts: object) -> Outcome:
    log = FindingLog()
    for code in findings:
        log.add(code, "a.csv", reason="", flow="orders")
    return Outcome(1, "noon", BUSINESS_DATE, CLOCK, dry=False, findings=log, **facts)  # type: ignore[arg-type]


def test_of_two_statuses_the_first_by_precedence_counts() -> None:
    assert PRECEDENCE == (1, 2, 10, 11, 15, 16, 12, 13, 14, 3, 4, 0)
    for place, first in enumerate(PRECEDENCE):
        for second in PRECEDENCE[place:]:
            assert first_of({first, second}) == first
    assert first_of(set()) == 0


SENT = [Published("f", "e", "d", "n", "0", 1, 1, None, "parcels", 1)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("findings", "facts", "status"),
    [
        ((), {}, 0),
        (("file_known",), {}, 0),
        (("file_refused",), {}, 14),
        (("file_refused",), {"files_taken": ["b.csv"]}, 3),
        (("file_refused",), {"published": SENT}, 3),
        (("guard_stopped",), {}, 3),
        (("guard_stopped",), {"statuses": {13}}, 13),
        ((), {"statuses": {16, 13}}, 16),
    ],
)
def test_a_refused_file_is_the_runs_status_only_where_nothing_else_was_done(
    findings: tuple[str, ...], facts: dict[str, object], status: int
) -> None:
    assert outcome(*findings, **facts).exit_status == status


def test_the_settings_of_a_run_are_no_part_of_what_it_says(settings: Callable[..., Settings]) -> None:
    said = outcome("file_known")
    told = replace(said, settings=settings())
    assert (told, repr(told)) == (said, repr(said))
    assert told.local_clock == ""


def test_runs_that_are_not_delivered_are_found_the_oldest_first(master: MasterUnderTest) -> None:
    with master.engine.begin() as conn:
        opened = [
            records.open_run(conn, kind, BUSINESS_DATE, NOW) for kind in ("noon", "night", "noon", "counts")
        ]
        assert [run.run_id for run in opened] == [1, 2, 3, 4]
        assert opened[1] == records.RunRow(2, "night", BUSINESS_DATE, NOW, "open", None)
        records.set_state(conn, 1, "delivered", exit_status=0, ended_at=NOW)
        records.set_state(conn, 2, "committed")
        records.set_state(conn, 4, "failed", exit_status=13)
        left = records.unfinished(conn)
    assert [(run.run_id, run.kind, run.state, run.exit_status) for run in left] == [
        (2, "night", "committed", None),
        (3, "noon", "open", None),
    ]
    assert master.rows("SELECT run_id, exit_status, ended_at, started_at FROM run ORDER BY run_id") == [
        (1, 0, NOW, NOW),
        (2, None, "", NOW),
        (3, None, "", NOW),
        (4, 13, "", NOW),
    ]


def test_a_stage_that_runs_again_writes_over_its_first_try(master: MasterUnderTest) -> None:
    with master.engine.begin() as conn:
        for run_id, position, stage, summary in (
            (1, 1, "orders", "3"),
            (2, 1, "orders", "4"),
            (1, 2, "stock", "5"),
        ):
            records.note_stage(conn, run_id, position, stage, summary)
        records.note_stage(conn, 1, 1, "orders", "9")
    assert master.rows("SELECT run_id, position, stage, summary FROM stage_run ORDER BY 1, 2") == [
        (1, 1, "orders", "9"),
        (1, 2, "stock", "5"),
        (2, 1, "orders", "4"),
    ]
