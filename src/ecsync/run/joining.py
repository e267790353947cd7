"""Join the halves of a pair in staging, prove totals that need all lines of an order, give heads a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.mapping import catalogue, pairing

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from ecsync.run.load import Loaded


def join(ctx: RunContext, loaded: Loaded) -> None:
    """Make whole rows of the pairs, and prove the totals that waited; doubled keys are settled before."""
    folder = ctx.settings.folder
    for heads, rows in loaded.pairs:
        mapping = catalogue.load_inbound(heads.mapping, folder)
        for statement in (*pairing.join_statements(mapping), pairing.totals_statement(mapping)):
            ctx.execute(statement, **_named(statement, heads.file_id, rows.file_id))
    for file in loaded.files:
        mapping = catalogue.load_inbound(file.mapping, folder)
        if mapping.pair is None and mapping.totals_wait:
            ctx.execute(pairing.totals_statement(mapping), rows=file.file_id)


def settle_heads(ctx: RunContext, loaded: Loaded) -> None:
    """Give every head that was joined the verdict of its rows."""
    for heads, rows in loaded.pairs:
        mapping = catalogue.load_inbound(heads.mapping, ctx.settings.folder)
        ctx.execute(pairing.verdict_statement(mapping), heads=heads.file_id, rows=rows.file_id)


def _named(statement: str, heads: int, rows: int) -> dict[str, int]:
    return {name: number for name, number in (("heads", heads), ("rows", rows)) if f":{name}" in statement}
