"""Every row of every file becomes something that the run can name, or the file is put aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecsync.master.context import RunContext
from ecsync.run import load, tally
from ecsync.run.loaded_file import LoadedFile, RejectedRow
from master_under_test import MasterUnderTest
from story_shop import Row, StoryShop, an_order, moment

NOON = moment("12:00")
VERDICTS = ("new", "new", "new", "changed", "changed", "unchanged", "duplicate", "quarantined", "")


def a_file(file_id: int, rows_in: int, *rejects: RejectedRow) -> LoadedFile:
    names = ("orders", "rakuten1", "rakuten/orders", f"{file_id}.csv")
    return LoadedFile(file_id, *names, Path("spool"), "order_lines", rows_in, rejects, len(rejects))


def test_a_file_is_counted_by_what_its_rows_became_each_or_together(master: MasterUnderTest) -> None:
    master.load("order_lines", [{"order_no": f"R-{n}", "line_id": "1"} for n in range(len(VERDICTS))])
    master.load("order_lines", [{"order_no": "R-0", "line_id": "1"}])
    reject = RejectedRow(12, "個数", "order_conflict", {}, "一個")
    with master.context() as ctx:
        for row, verdict in enumerate(VERDICTS, start=1):
            ctx.execute(
                "UPDATE stg_order_lines SET verdict = :verdict, verdict_reason = 'order_conflict:qty'"
                " WHERE src_file = 1 AND src_row = :row",
                verdict=verdict,
                row=row,
            )
        ctx.execute("UPDATE stg_order_lines SET verdict = 'unchanged' WHERE src_file = 2")
        ctx.execute(
            "INSERT INTO stg_count (src_file, verdict, row_count) VALUES (2, 'unchanged', 2), (3, 'new', 1)"
        )
        files = [a_file(1, 10, reject), a_file(2, 3)]
        proofs = tally.account(ctx, files, lambda _file, lines: dict.fromkeys(lines, b"raw"))
    assert [(p.name, p.subject, p.expected, p.actual, p.detail, p.holds) for p in proofs] == [
        ("file.rows", "1.csv", 10, 9, "orders", False),
        ("file.rows", "2.csv", 3, 3, "orders", True),
    ]
    columns = ", ".join(f"rows_{verdict}" for verdict in tally.VERDICTS)
    assert master.rows(f"SELECT file_id, run_id, entity, rows_in, {columns} FROM file_tally ORDER BY 1") == [
        (1, 1, "order_lines", 10, 3, 2, 1, 1, 2),
        (2, 1, "order_lines", 3, 0, 0, 3, 0, 0),
    ]
    assert master.scalar("SELECT COUNT(*) FROM quarantined_row") == 2


def test_a_file_whose_rows_do_not_add_up_is_put_aside_and_the_rest_goes_on(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:00"), an_order(1, ("MUG-WHITE", 1)), name="order_lost.csv")
    story.orders(moment("11:30"), an_order(2, ("MUG-BLUE", 1)))
    counted = tally._verdicts

    def lose_one(ctx: RunContext, file: LoadedFile) -> dict[str, int]:
        counts = counted(ctx, file)
        return counts | {"new": counts["new"] - 1} if file.name == "order_lost.csv" else counts

    monkeypatch.setattr(tally, "_verdicts", lose_one)
    outcome = story.run("noon", NOON)
    assert [line["sku"] for line in story.instructed()] == ["MUG-BLUE"]
    assert outcome.exit_status == 3
    said = [finding for finding in outcome.findings if finding.code == "proof_broken"]
    assert [(finding.subject, finding.params) for finding in said] == [
        ("order_lost.csv", {"proof": "file.rows", "detail": "rakuten1-orders"})
    ]
    assert "order_lost.csv" not in outcome.files_taken
    assert story.shop.rows("SELECT state, reason FROM inbox_file WHERE name = 'order_lost.csv'") == [
        ("guarded", "rows_unaccounted")
    ]
    assert story.shop.rows("SELECT order_no FROM sales_order") == [("000001-20261124-0000000002",)]
    assert outcome.changes["sales_order"] == 1


def unusable(row: Row) -> Row:
    return row | {"個数": "一個"} if int(row["注文番号"][-4:]) < 4 else row


@pytest.mark.parametrize(("most", "refused"), [(3, False), (2, True)])
def test_a_file_of_which_too_much_cannot_be_read_is_refused_whole(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch, most: int, refused: bool
) -> None:
    monkeypatch.setattr(load, "_MOST_REJECTS", most)
    story.count(moment("08:00"))
    orders = [an_order(number, ("MUG-WHITE", 1)) for number in range(1, 5)]
    story.orders(moment("11:30"), *orders, change=unusable)
    outcome = story.run("noon", NOON)
    assert (len(story.instructed()), len(story.shop.rows("SELECT * FROM quarantined_row"))) == (
        (0, 0) if refused else (1, 3)
    )
    state = story.shop.rows("SELECT state, reason FROM inbox_file WHERE flow = 'rakuten1-orders'")
    assert state == [("refused", "too_many_rejects") if refused else ("loaded", "")]
    said = [finding for finding in outcome.findings if finding.code == "file_refused"]
    assert [(f.params["line"], f.params["column"]) for f in said] == ([("2", "個数")] if refused else [])
