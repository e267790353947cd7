"""Merge staged rows of which each stands for itself: the newest one per key wins, and only differences are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, scratch_tables

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_SCRATCH: Final = {
    "w_rank": "src_row BIGINT, first_row BIGINT, tie BIGINT, PRIMARY KEY (src_row)",
    "w_fate": "src_row BIGINT, fate TEXT, PRIMARY KEY (src_row)",
}


@dataclass(frozen=True)
class Value:
    """One value of a row: SQL over the staged row `s`, its column in the target, and whether it is an integer."""

    source: str
    target: str
    integer: bool = False

    def unequal(self) -> str:
        """Return the condition that staging and the target `t` differ."""
        if not self.integer:
            return f"{self.source} <> t.{self.target}"
        return f"({self.source} <> t.{self.target} OR ({self.source} IS NULL) <> (t.{self.target} IS NULL))"


@dataclass(frozen=True)
class RowMerge:
    """How rows of one frame go into one table.

    `key` pairs staged and target columns. `known_as_of` is SQL for the as-of of what the target `t` (or a
    table of `joins`) holds; `also_differs` is a further condition over `s` and the joined tables, of what
    is kept elsewhere than in the target.
    """

    staging: str
    target: str
    key: tuple[tuple[str, str], ...]
    values: tuple[Value, ...]
    known_as_of: str
    keeps_as_of: bool = False
    joins: str = ""
    also_differs: str = ""

    @property
    def differs(self) -> str:
        """Return the condition that the target holds something else than the staged row."""
        return " OR ".join(value.unequal() for value in self.values)

    @property
    def on_key(self) -> str:
        """Return the condition that joins the target `t` to the staged row `s`."""
        return " AND ".join(f"t.{target} = s.{staged}" for staged, target in self.key)


def settle_copies(ctx: RunContext, merge: RowMerge) -> None:
    """Leave one row per key without a verdict: the newest; equal times and different content put all of them aside."""
    key = ", ".join(f"s.{staged}" for staged, _target in merge.key)
    grouped = f"SELECT {key} FROM {merge.staging} s WHERE s.verdict = '' GROUP BY {key} HAVING COUNT(*) > 1"  # noqa: S608
    if not ctx.scalar(f"SELECT COUNT(*) FROM ({grouped}) g"):  # noqa: S608
        return
    same_key = " AND ".join(f"g.{staged} = s.{staged}" for staged, _target in merge.key)
    order = "ORDER BY s.src_as_of DESC"
    ctx.execute(
        "INSERT INTO w_rank (src_row, first_row, tie) "  # noqa: S608
        f"SELECT s.src_row, FIRST_VALUE(s.src_row) OVER (PARTITION BY {key} {order}, s.src_file, s.src_row), "
        f"RANK() OVER (PARTITION BY {key} {order}) "
        f"FROM {merge.staging} s JOIN ({grouped}) g ON {same_key} WHERE s.verdict = ''"
    )
    differs = " OR ".join(
        f"COALESCE(CAST({v.source} AS TEXT), '') <> COALESCE(CAST({v.source.replace('s.', 'o.')} AS TEXT), '')"
        for v in merge.values
    )
    contradicted = (
        f"EXISTS (SELECT 1 FROM w_rank q JOIN {merge.staging} o ON o.src_row = q.src_row "  # noqa: S608
        f"WHERE q.first_row = r.first_row AND q.tie = 1 AND ({differs}))"
    )
    for condition, verdict, reason in (
        ("r.tie > 1", "duplicate", "older_state"),
        (f"r.tie = 1 AND {contradicted}", "quarantined", f"duplicate_key:{merge.key[-1][0]}"),
        ("r.tie = 1 AND r.src_row <> r.first_row", "duplicate", "identical"),
    ):
        ctx.execute(
            f"UPDATE {merge.staging} AS s SET verdict = CAST(:verdict AS TEXT), "  # noqa: S608
            "verdict_reason = CAST(:reason AS TEXT) WHERE s.verdict = '' AND EXISTS ("
            f"SELECT 1 FROM w_rank r WHERE r.src_row = s.src_row AND {condition})",
            verdict=verdict,
            reason=reason,
        )


def merge_rows(ctx: RunContext, merge: RowMerge, *, may_overwrite: bool = True) -> None:
    """Write new and changed rows and give every staged row its verdict.

    A row older than what is known changes nothing; one of the same time that says something else is put
    aside. Without `may_overwrite` only new keys are written: another system is right for the rest.
    """
    with scratch_tables(ctx, **_SCRATCH):
        settle_copies(ctx, merge)
        differs = " OR ".join(filter(None, (merge.differs, merge.also_differs)))
        ctx.execute(
            "INSERT INTO w_fate (src_row, fate) SELECT n.src_row, n.fate FROM ("  # noqa: S608
            f"SELECT s.src_row, CASE WHEN t.{merge.key[0][1]} IS NULL THEN 'new' "
            f"WHEN {merge.known_as_of} > s.src_as_of THEN 'older' "
            f"WHEN ({differs}) AND {merge.known_as_of} = s.src_as_of THEN 'conflict' "
            f"WHEN {merge.differs} THEN '{'changed' if may_overwrite else 'not_owner'}' "
            f"WHEN {differs} THEN '{'seen' if may_overwrite else 'not_owner'}' ELSE '' END AS fate "
            f"FROM {merge.staging} s LEFT JOIN {merge.target} t ON {merge.on_key} {merge.joins} "
            "WHERE s.verdict = '') n WHERE n.fate <> ''"
        )
        analyze(ctx, "w_fate")
        _write(ctx, merge)
        _give_verdicts(ctx, merge)


def _write(ctx: RunContext, merge: RowMerge) -> None:
    keys = [target for _staged, target in merge.key]
    values = [(value.target, value.source) for value in merge.values]
    if merge.keeps_as_of:
        values.append(("as_of", "s.src_as_of"))
    targets = [target for target, _source in values]
    updates = ", ".join(f"{name} = excluded.{name}" for name in (*targets, "run_id"))
    ctx.execute(
        f"INSERT INTO {merge.target} ({', '.join((*keys, *targets))}, run_id) "  # noqa: S608
        f"SELECT {', '.join((*(f's.{staged}' for staged, _t in merge.key), *(source for _t, source in values)))}, :run "
        f"FROM w_fate f JOIN {merge.staging} s ON s.src_row = f.src_row WHERE f.fate IN ('new', 'changed') "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {updates}",
        run=ctx.run_id,
    )


def _give_verdicts(ctx: RunContext, merge: RowMerge) -> None:
    # On a usual day nearly all rows say what is known already.
    ctx.execute(f"UPDATE {merge.staging} SET verdict = 'unchanged' WHERE verdict = ''")  # noqa: S608
    ctx.execute(
        f"UPDATE {merge.staging} AS s SET "  # noqa: S608
        "verdict = (SELECT CASE f.fate WHEN 'new' THEN 'new' WHEN 'changed' THEN 'changed' WHEN 'seen' THEN 'changed' "
        "WHEN 'conflict' THEN 'quarantined' ELSE 'unchanged' END FROM w_fate f WHERE f.src_row = s.src_row), "
        f"verdict_reason = (SELECT CASE f.fate WHEN 'conflict' THEN 'duplicate_key:{merge.key[-1][0]}' "
        "WHEN 'older' THEN 'older_state' WHEN 'not_owner' THEN 'not_owner' ELSE '' END "
        "FROM w_fate f WHERE f.src_row = s.src_row) WHERE s.src_row IN (SELECT f.src_row FROM w_fate f)"
    )
    # PostgreSQL still believes that no row has a verdict, and would join what comes next row by row.
    analyze(ctx, merge.staging)
