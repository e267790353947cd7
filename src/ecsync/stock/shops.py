"""The channels that sell from a counted warehouse, and what each of them keeps back."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from ecsync.stock.places import parties_behind

if TYPE_CHECKING:
    from datetime import datetime

    from ecsync.master.context import RunContext

# withheld: the safety and, while a file behind the channel is stale or missing, its stale-data buffer
SHOP_COLUMNS: Final = (
    "channel TEXT, warehouse TEXT, safety BIGINT, withheld BIGINT, most BIGINT, PRIMARY KEY (channel)"
)


def open_shops(ctx: RunContext) -> list[dict[str, object]]:
    """Return one row of SHOP_COLUMNS per channel, by name.

    A channel whose warehouse was never counted, or whose cut-over is still to come, is left out.
    """
    counted = {row[0] for row in ctx.rows("SELECT DISTINCT warehouse FROM stock_balance ORDER BY warehouse")}
    rows: list[dict[str, object]] = []
    for name, channel in sorted(ctx.settings.channels.items()):
        if channel.warehouse not in counted or _is_to_come(channel.cutover, ctx.now):
            continue
        stale = stale_parties(ctx) & parties_behind(ctx.settings, name)
        rows.append(
            {
                "channel": name,
                "warehouse": channel.warehouse,
                "safety": channel.safety,
                "withheld": channel.safety + (channel.stale_buffer if stale else 0),
                "most": channel.max_published,
            }
        )
    return rows


def stale_parties(ctx: RunContext) -> frozenset[str]:
    """Return whose expected files are stale or missing."""
    return frozenset(flow.party for flow in ctx.settings.inbound if flow.name in ctx.stale_flows)


def _is_to_come(cutover: datetime | None, now: str) -> bool:
    return cutover is not None and cutover.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") > now
