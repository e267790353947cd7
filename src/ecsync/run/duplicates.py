"""Settle rows of one file that carry the same key: identical ones count once, different ones are put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecsync.entities import Entity
    from ecsync.master.context import RunContext


def settle(ctx: RunContext, entity: Entity, file_id: int, key: tuple[str, ...], different: str) -> None:
    """Give a verdict to rows of a file that share `key` (canonical column names).

    The first row (by physical line) of identical ones stays open, the rest become `duplicate`. Where rows
    of one key differ, all of them become `quarantined` with reason `duplicate_key` (policy `quarantine`).
    """
    table = f"stg_{entity.name}"
    same_key = " AND ".join(f"o.{name} = s.{name}" for name in key)
    differs = " OR ".join(
        f"COALESCE(o.{c.name}, -9223372036854775807) <> COALESCE(s.{c.name}, -9223372036854775807)"
        if c.is_integer
        else f"o.{c.name} <> s.{c.name}"
        for c in entity.columns
        if c.name not in key
    )
    doubled = (
        f"SELECT 1 FROM {table} o WHERE o.src_file = s.src_file AND {same_key} AND o.src_row <> s.src_row"  # noqa: S608
    )
    if differs and different == "quarantine":
        ctx.execute(
            f"UPDATE {table} AS s SET verdict = 'quarantined', verdict_reason = 'duplicate_key:{key[-1]}' "  # noqa: S608
            f"WHERE s.src_file = :file AND s.verdict = '' AND EXISTS ({doubled} AND ({differs}))",
            file=file_id,
        )
    ctx.execute(
        f"UPDATE {table} AS s SET verdict = 'duplicate', verdict_reason = 'identical' "  # noqa: S608
        f"WHERE s.src_file = :file AND s.verdict = '' AND EXISTS ({doubled} AND o.src_row < s.src_row)",
        file=file_id,
    )
