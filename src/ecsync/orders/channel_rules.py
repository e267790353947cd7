"""What the settings say about each channel, as temporary tables that rules join with."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING

from ecsync.master.scratch import fill, scratch_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Channel
    from ecsync.master.context import RunContext


@contextmanager
def channel_rules(ctx: RunContext) -> Iterator[None]:
    """Make w_channel, w_shop, w_status (role: paid, waiting, hold, cancelled) and w_free_method for a block.

    w_free_method lists the payment methods that need no money before the goods leave: those of the
    setting whatever the status says, cash on delivery unless the status waits (`whatever_status`).
    """
    with scratch_tables(
        ctx,
        w_channel="channel TEXT, cutover TEXT, hold_checking BIGINT, hold_shipped BIGINT, PRIMARY KEY (channel)",
        w_shop="channel TEXT, shop_id TEXT, PRIMARY KEY (channel, shop_id)",
        w_status="channel TEXT, order_status TEXT, role TEXT, PRIMARY KEY (channel, order_status, role)",
        w_free_method="channel TEXT, payment_method TEXT, whatever_status BIGINT, "
        "PRIMARY KEY (channel, payment_method)",
    ):
        for name, channel in sorted(ctx.settings.channels.items()):
            _fill_channel(ctx, name, channel)
        yield


def cutover_text(channel: Channel) -> str:
    """Return the cut-over of a channel as UTC text; '' where every order is ours."""
    if channel.cutover is None:
        return ""
    return channel.cutover.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fill_channel(ctx: RunContext, name: str, channel: Channel) -> None:
    row: dict[str, object] = {
        "channel": name,
        "cutover": cutover_text(channel),
        "hold_checking": int(channel.hold_checking_flag),
        "hold_shipped": int(channel.hold_shipped_at_mall),
    }
    fill(ctx, "w_channel", [row])
    fill(ctx, "w_shop", [{"channel": name, "shop_id": shop} for shop in sorted(set(channel.shop_ids))])
    roles = {
        "paid": channel.status.paid,
        "waiting": channel.status.waiting,
        "hold": channel.status.hold,
        "cancelled": channel.status.cancelled,
    }
    fill(
        ctx,
        "w_status",
        [
            {"channel": name, "order_status": status, "role": role}
            for role, statuses in roles.items()
            for status in sorted(set(statuses))
        ],
    )
    methods = dict.fromkeys(channel.payment_not_needed, 1)
    methods.setdefault("cod", 0)
    fill(
        ctx,
        "w_free_method",
        [
            {"channel": name, "payment_method": method, "whatever_status": whatever}
            for method, whatever in sorted(methods.items())
        ],
    )
