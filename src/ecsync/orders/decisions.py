"""Act on what a person decided about an order, its holds or its fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ecsync.errors import DecisionRefusedError
from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import _
from ecsync.master import decisions as record_of
from ecsync.orders import amending
from ecsync.orders.amendable import FIELDS
from ecsync.orders.channel_rules import channel_rules
from ecsync.orders.decision_catalogue import DECISIONS
from ecsync.orders.release_rules import RELEASE_RULES

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from ecsync.master.decisions import Decision
    from ecsync.orders.amending import Change
    from ecsync.orders.lookup import OrderFacts

_SHUT: Final = "UPDATE order_hold SET closed_at = :now, run_id = 0 WHERE closed_at = '' AND {which}"
_OF_ORDER: Final = "channel = :channel AND order_no = :order_no"
_IN_PARCELS: Final = f"""
SELECT COUNT(*) FROM instruction_line
WHERE {_OF_ORDER} AND line_id = :line_id AND qty > short_qty + recalled_qty
"""  # noqa: S608


@dataclass(frozen=True)
class Hold:
    """A hold that stands: what it is about ('' or a destination), why, and what was doubtful."""

    dest_id: str
    reason: str
    subject: str


@dataclass(frozen=True)
class Effect:
    """What came of a decision: fields that changed, and holds that ended."""

    changes: tuple[Change, ...] = ()
    released: tuple[Hold, ...] = ()
    state: str = ""


def open_holds(ctx: RunContext, order: OrderFacts) -> list[Hold]:
    """Return the holds that stand, by destination and reason."""
    return [
        Hold(*map(str, row))
        for row in ctx.rows(
            "SELECT dest_id, reason, subject FROM order_hold WHERE channel = :channel AND order_no = :order_no "
            "AND closed_at = '' ORDER BY dest_id, reason",
            **order.key,
        )
    ]


def decide(ctx: RunContext, order: OrderFacts, decision: Decision) -> Effect:
    """Do what a decision about an order, a hold or a field says, and record it.

    Raises DecisionRefusedError where it does not fit what the order is. A parcel's decisions are shipping's.
    """
    _refuse_wrong_state(order, decision.kind)
    if decision.kind == "release":
        return _release(ctx, order, decision)
    if decision.kind == "amend":
        _refuse_odd_values(ctx, order, decision)
        return Effect(changes=amending.amend(ctx, order, decision))
    if decision.kind in {"keep_ours", "take_mall"}:
        act = amending.keep_ours if decision.kind == "keep_ours" else amending.take_mall
        held = tuple(hold for hold in open_holds(ctx, order) if hold.reason == "amendment_contested")
        changes = act(ctx, order, decision)
        _shut(ctx, order, held)
        return Effect(changes=changes, released=held)
    if decision.kind == "hold":
        return _hold(ctx, order, decision)
    return _cancel(ctx, order, decision) if decision.kind == "cancel" else _reopen(ctx, order, decision)


def _refuse_wrong_state(order: OrderFacts, kind: str) -> None:
    expected = "cancelled" if kind == "reopen" else "open"
    if order.state == expected:
        return
    words = {
        "open": _("it is open"),
        "cancelled": _("it is cancelled"),
        "shipped": _("it has left in full"),
        "foreign": _("it is from before the cut-over and belongs to the old system"),
    }
    raise DecisionRefusedError(
        _("order {order}: 「{decision}」 is not possible: {why}").format(
            order=f"{order.channel} {order.order_no}",
            decision=_(DECISIONS[kind].word),
            why=words[order.state],
        )
    )


def _release(ctx: RunContext, order: OrderFacts, decision: Decision) -> Effect:
    standing = open_holds(ctx, order)
    held = [
        hold
        for hold in standing
        if decision.reason in {"", hold.reason} and decision.dest_id in {"", hold.dest_id}
    ]
    if not held:
        raise DecisionRefusedError(_nothing_to_release(order, decision, standing))
    for hold in held:
        rule = RELEASE_RULES[hold.reason]
        if not rule.releasable:
            raise DecisionRefusedError(
                _("the hold {code} ({reason}) cannot be released: {why}").format(
                    code=hold.reason, reason=_(HOLD_REASONS[hold.reason][0]), why=_(rule.why)
                ),
                hint=_(HOLD_REASONS[hold.reason][1]),
            )
    for hold in held:
        single = replace(decision, dest_id=hold.dest_id, reason=hold.reason)
        number = record_of.record(ctx, single, revision=order.revision, subject=hold.subject)
        record_of.end(ctx, single, "release", "superseded", by=number)
        if hold.reason == "staff_hold":
            record_of.end(ctx, replace(single, reason=""), "hold", "withdrawn", by=number)
    _shut(ctx, order, tuple(held))
    return Effect(released=tuple(held))


def _nothing_to_release(order: OrderFacts, decision: Decision, standing: list[Hold]) -> str:
    subject = f"{order.channel} {order.order_no}"
    if not standing:
        return _("order {order} is not held").format(order=subject)
    return _("order {order} is not held for {code}; it is held for: {held}").format(
        order=subject,
        code=decision.reason or decision.dest_id,
        held=", ".join(sorted({hold.reason for hold in standing})),
    )


def _shut(ctx: RunContext, order: OrderFacts, holds: tuple[Hold, ...]) -> None:
    for hold in holds:
        ctx.execute(
            _SHUT.format(which=f"{_OF_ORDER} AND dest_id = :dest_id AND reason = :reason"),
            **order.key,
            dest_id=hold.dest_id,
            reason=hold.reason,
            now=ctx.now,
        )


def _hold(ctx: RunContext, order: OrderFacts, decision: Decision) -> Effect:
    if any(h.reason == "staff_hold" and h.dest_id == decision.dest_id for h in open_holds(ctx, order)):
        return Effect()
    number = record_of.record(ctx, decision, revision=order.revision)
    record_of.end(ctx, replace(decision, reason="staff_hold"), "release", "superseded", by=number)
    ctx.execute(
        "INSERT INTO order_hold (channel, order_no, dest_id, reason, opened_at, run_id) "
        "VALUES (:channel, :order_no, :dest_id, 'staff_hold', :now, 0) "
        "ON CONFLICT (channel, order_no, dest_id, reason, opened_at) DO UPDATE SET closed_at = '', run_id = 0",
        **order.key,
        dest_id=decision.dest_id,
        now=ctx.now,
    )
    return Effect(state="held")


def _cancel(ctx: RunContext, order: OrderFacts, decision: Decision) -> Effect:
    record_of.record(ctx, decision, revision=order.revision)
    held = tuple(open_holds(ctx, order))
    ctx.execute(_SHUT.format(which=_OF_ORDER), **order.key, now=ctx.now)
    _set_state(ctx, order, "cancelled", "cancelled")
    return Effect(released=held, state="cancelled")


def _reopen(ctx: RunContext, order: OrderFacts, decision: Decision) -> Effect:
    ours = ctx.scalar(
        f"SELECT COUNT(*) FROM staff_decision WHERE {_OF_ORDER} AND kind = 'cancel' AND state = 'active'",  # noqa: S608
        **order.key,
    )
    with channel_rules(ctx):
        theirs = ctx.scalar(
            "SELECT COUNT(*) FROM w_status WHERE channel = :channel AND order_status = :status AND role = 'cancelled'",
            channel=order.channel,
            status=order.order_status,
        )
    if theirs or not ours:
        raise DecisionRefusedError(
            _("order {order} was cancelled by the shop, not by us; reopen it on the mall's screen").format(
                order=f"{order.channel} {order.order_no}"
            )
        )
    number = record_of.record(ctx, decision, revision=order.revision)
    record_of.end(ctx, decision, "cancel", "withdrawn", by=number)
    _set_state(ctx, order, "open", "reopened")
    return Effect(state="open")


def _set_state(ctx: RunContext, order: OrderFacts, state: str, kind: str) -> None:
    ctx.execute(
        f"UPDATE sales_order SET state = :state, run_id = 0 WHERE {_OF_ORDER}",  # noqa: S608
        **order.key,
        state=state,
    )
    amending.write_revision(ctx, order, kind, ())


def _refuse_odd_values(ctx: RunContext, order: OrderFacts, decision: Decision) -> None:
    """Refuse what is well written and cannot be: a day that has passed, a SKU that is not there, a part that left."""
    values = dict(decision.values)
    if values.get("wished_date", "9999") < ctx.business_date:
        raise DecisionRefusedError(_("the delivery date has passed"))
    if "sku" in values:
        _refuse_unknown_sku(ctx, values["sku"])
    if any(FIELDS[name].scope == "dest:" for name in values):
        _refuse_part(ctx, order, "dest_id", decision.dest_id)
    if any(FIELDS[name].scope == "line:" for name in values):
        _refuse_part(ctx, order, "line_id", decision.line_id)
        if ctx.scalar(_IN_PARCELS, **order.key, line_id=decision.line_id):
            raise DecisionRefusedError(
                _("line {line} is in the warehouse's hands or has left; recall its parcel first").format(
                    line=decision.line_id
                )
            )


def _refuse_part(ctx: RunContext, order: OrderFacts, column: str, part: str) -> None:
    parts = [
        str(row[0])
        for row in ctx.rows(
            f"SELECT DISTINCT {column} FROM order_line WHERE {_OF_ORDER} ORDER BY {column}",  # noqa: S608
            **order.key,
        )
    ]
    if part not in parts:
        raise DecisionRefusedError(
            _("order {order} has no such part; there are: {parts}").format(
                order=f"{order.channel} {order.order_no}", parts=", ".join(parts)
            ),
            hint="--dest" if column == "dest_id" else "--line",
        )


def _refuse_unknown_sku(ctx: RunContext, sku: str) -> None:
    known = "(SELECT sku FROM product UNION SELECT set_sku AS sku FROM set_component) p"
    if ctx.scalar(f"SELECT COUNT(*) FROM {known} WHERE p.sku = :sku", sku=sku):  # noqa: S608
        return
    alike = [
        str(row[0])
        for row in ctx.rows(
            f"SELECT p.sku FROM {known} WHERE p.sku >= :start AND p.sku < :stop ORDER BY p.sku LIMIT 5",  # noqa: S608
            start=sku[:3],
            stop=sku[:3] + "\U0010ffff",
        )
    ]
    raise DecisionRefusedError(
        _("there is no such SKU; SKUs that begin alike: {alike}").format(alike=", ".join(alike) or "-")
    )
