"""Settle rows of one file that carry the same key: identical ones count once, different ones are put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.master.scratch import analyze, scratch_tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.entities import Entity
    from ecsync.master.context import RunContext

_LEAST = -9223372036854775807


def settle(
    ctx: RunContext,
    entity: Entity,
    file_id: int,
    key: tuple[str, ...],
    different: str,
    add: tuple[str, ...] = (),
) -> None:
    """Give a verdict to rows of a file that share `key` (canonical column names).

    Columns of `add` are added over the rows of a key: the first row holds the sums, the rest become `duplicate`.

    The first row (by physical line) of identical ones stays open, the rest become `duplicate`. Where rows
    of one key differ, all of them become `quarantined` with reason `duplicate_key` (policy `quarantine`).
    """
    table = f"stg_{entity.name}"
    integers = {column.name for column in entity.columns if column.is_integer}
    keys = ", ".join(key)
    known = "".join(f" AND s.{name} IS NOT NULL" for name in key if name in integers)
    same_key = " AND ".join(f"d.{name} = s.{name}" for name in key)
    typed = ", ".join(f"{name} {'BIGINT' if name in integers else 'TEXT'}" for name in key)
    with scratch_tables(
        ctx,
        tmp_doubled_key=f"{typed}, first_row BIGINT, PRIMARY KEY ({keys})",
        tmp_doubled_row="src_row BIGINT, first_row BIGINT, PRIMARY KEY (first_row, src_row)",
    ):
        # Grouped, not compared row by row: any column of a key may be blank in most of a file.
        ctx.execute(
            f"INSERT INTO tmp_doubled_key ({keys}, first_row) SELECT {keys}, MIN(src_row) FROM {table} s "  # noqa: S608
            f"WHERE src_file = :file{known} GROUP BY {keys} HAVING COUNT(*) > 1",
            file=file_id,
        )
        if not ctx.scalar("SELECT COUNT(*) FROM tmp_doubled_key"):
            return
        analyze(ctx, "tmp_doubled_key")
        ctx.execute(
            "INSERT INTO tmp_doubled_row (src_row, first_row) SELECT s.src_row, "  # noqa: S608
            f"(SELECT d.first_row FROM tmp_doubled_key d WHERE {same_key}) FROM {table} s "
            f"WHERE s.src_file = :file AND EXISTS (SELECT 1 FROM tmp_doubled_key d WHERE {same_key})",
            file=file_id,
        )
        analyze(ctx, "tmp_doubled_row")
        _give_verdicts(ctx, entity, key, different, add)


def put_aside(ctx: RunContext, entity: Entity, file_id: int, keys: Iterable[str]) -> None:
    """Put aside the rows of a file whose key has another row that could not be read: their sum would be too small."""
    name = entity.key[0]
    for value in sorted(set(keys)):
        ctx.execute(
            f"UPDATE stg_{entity.name} SET verdict = 'quarantined', verdict_reason = 'incomplete_sum:{name}' "  # noqa: S608
            f"WHERE src_file = :file AND {name} = :value AND verdict = ''",
            file=file_id,
            value=value,
        )


def _give_verdicts(
    ctx: RunContext, entity: Entity, key: tuple[str, ...], different: str, add: tuple[str, ...]
) -> None:
    table = f"stg_{entity.name}"
    differs = " OR ".join(
        f"COALESCE(o.{c.name}, {_LEAST}) <> COALESCE(s.{c.name}, {_LEAST})"
        if c.is_integer
        else f"o.{c.name} <> s.{c.name}"
        for c in entity.columns
        if c.name not in (*key, *add)
    )
    if differs and different == "quarantine":
        ctx.execute(
            f"UPDATE {table} SET verdict = 'quarantined', verdict_reason = 'duplicate_key:{key[-1]}' "  # noqa: S608
            "WHERE verdict = '' AND src_row IN (SELECT r.src_row FROM tmp_doubled_row r WHERE r.first_row IN ("
            f"SELECT x.first_row FROM tmp_doubled_row x JOIN {table} s ON s.src_row = x.src_row "
            f"JOIN {table} o ON o.src_row = x.first_row WHERE x.src_row <> x.first_row AND ({differs})))"
        )
    for name in add:
        ctx.execute(
            f"UPDATE {table} SET {name} = (SELECT CAST(SUM(s.{name}) AS BIGINT) FROM tmp_doubled_row r "  # noqa: S608
            f"JOIN {table} s ON s.src_row = r.src_row WHERE r.first_row = {table}.src_row) "
            "WHERE verdict = '' AND src_row IN (SELECT r.first_row FROM tmp_doubled_row r)"
        )
    ctx.execute(
        f"UPDATE {table} SET verdict = 'duplicate', verdict_reason = 'identical' WHERE verdict = '' "  # noqa: S608
        "AND src_row IN (SELECT r.src_row FROM tmp_doubled_row r WHERE r.src_row <> r.first_row)"
    )
