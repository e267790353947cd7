"""Everything that happened to an order, line by line, in staff's words; no personal value is known here."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from ecsync.locale import N_, _
from ecsync.orders.difference_rows import FieldChange
from ecsync.report.blocks import Block, Column, Report
from ecsync.report.chain_words import DELIVERIES, EVENTS, WAITS, hold_reason, word
from ecsync.report.field_words import STATUSES, change_words, revision_words
from ecsync.report.figures import moment, party_title, unit, yen
from ecsync.report.matter_words import decision_word
from ecsync.run.row_reasons import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.config import Settings
    from ecsync.report.blocks import Cell
    from ecsync.run.order_chain import OrderChain, Step

STATES: Final[dict[str, str]] = {
    "open": N_("open"),
    "cancelled": N_("cancelled"),
    "shipped": N_("shipped"),
    "foreign": N_("left to the old system"),
    "": N_("not taken in"),
}
PAYMENTS: Final[dict[str, str]] = {
    "waiting": N_("payment is waited for"),
    "confirmed": N_("payment is confirmed"),
    "not_needed": N_("no payment is needed first"),
}
REVISIONS: Final[dict[str, str]] = {
    "new": N_("taken in"),
    "changed": N_("changed by the shop: {fields}"),
    "cancelled": N_("cancelled by the shop: {fields}"),
    "reopened": N_("open again: {fields}"),
}
BOOKINGS: Final[dict[str, str]] = {
    "sale": N_("sale booked: {amount} on {day}"),
    "return": N_("return booked: {amount} on {day}"),
    "reversal": N_("booking reversed: {amount} on {day}"),
}
PARCELS: Final[dict[str, str]] = {
    "instructed": N_("at the warehouse"),
    "recalling": N_("a recall is asked for"),
    "recalled": N_("stopped before it left"),
    "shipped": N_("shipped"),
}
ANSWERS: Final[dict[str, str]] = {
    "recalled": N_("stopped before it left"),
    "refused": N_("could not be stopped"),
    "shipped": N_("it had left"),
}


def report_of(settings: Settings, chains: Sequence[OrderChain]) -> Report:
    """Return the report: per shop what the order is now, what stands, and its history by time."""
    blocks: list[Block] = []
    for chain in chains:
        blocks += [_now(settings, chain), _stands(chain), _history(settings, chain)]
    title = _("What happened to order {order}").format(order=chains[0].order_no)
    return Report(title, tuple(blocks), data=[asdict(chain) for chain in chains])


def _now(settings: Settings, chain: OrderChain) -> Block:
    shop = party_title(settings, chain.channel)
    lines = [_("now: {state}").format(state=_(STATES[chain.state]))]
    if chain.state:
        lines += [
            _("ordered {ordered}; in the shop: {status}; {payment}").format(
                ordered=moment(settings, chain.ordered_at),
                status=word(STATUSES, chain.order_status),
                payment=word(PAYMENTS, chain.payment_state),
            ),
            _("revision {revision}, as of {as_of}").format(
                revision=chain.revision, as_of=moment(settings, chain.as_of)
            ),
        ]
        if chain.billed is not None:
            lines.append(_("billed {amount}").format(amount=yen(chain.billed)))
    return Block(_("{shop} {order}").format(shop=shop, order=chain.order_no), tuple(lines))


def _stands(chain: OrderChain) -> Block:
    rows: list[tuple[Cell, ...]] = []
    for kind, first, second, third, fourth in chain.stands:
        if kind == "line":
            rows.append((_("line"), first, second or _("unknown code"), int(third), yen(int(fourth))))
        elif kind == "allocation":
            rows.append(
                (_("allocated"), first, second, int(fourth), _("of {needed} needed").format(needed=third))
            )
        elif kind == "wait":
            rows.append((_("waits"), first, "", None, f"{word(WAITS, second)} {third}".strip()))
        elif kind == "hold":
            rows.append((_("to be checked"), first, "", None, _about(hold_reason(second), third)))
        else:
            rows.append((_("parcel"), first, third, None, word(PARCELS, second)))
    return Block(
        _("What stands now"),
        columns=(
            _("what"),
            Column(_("line, destination or parcel"), "code"),
            Column(_("SKU or tracking number"), "code"),
            Column(_("quantity"), "count", unit()),
            _("remark"),
        ),
        rows=tuple(rows),
        empty=_("nothing"),
    )


def _history(settings: Settings, chain: OrderChain) -> Block:
    return Block(
        _("What happened, by time"),
        columns=(
            _("time"),
            _("what happened"),
            Column(_("file"), "code"),
            Column(_("line"), "count"),
            _("state"),
            Column(_("run"), "count"),
        ),
        rows=tuple(
            (
                moment(settings, step.at) if "T" in step.at else step.at,
                step_words(settings, chain, step),
                step.file,
                step.line or None,
                word(DELIVERIES, step.state) if step.file and step.state else "",
                step.run_id or None,
            )
            for step in chain.steps
        ),
        empty=_("nothing"),
    )


def step_words(settings: Settings, chain: OrderChain, step: Step) -> str:  # noqa: PLR0911  (one line per kind)
    """Return what a step was, in the current language."""
    if step.kind == "revision":
        return _revision(chain, step)
    if step.kind == "quarantined":
        return _("a row could not be used: {reason}").format(
            reason=_about(sentence(step.what, {}), step.detail)
        )
    if step.kind == "decision":
        fields = revision_words(step.detail) if step.detail else ""
        return _("{who} decided: {what}").format(who=step.more, what=_about(decision_word(step.what), fields))
    if step.kind == "decision_ended":
        return _("a decision ended: {what}").format(what=decision_word(step.what))
    if step.kind == "payment":
        return _("payment confirmed") if step.what == "confirmed" else _("payment withdrawn")
    if step.kind == "held":
        return _("to be checked: {reason}").format(reason=_about(hold_reason(step.what), step.detail))
    if step.kind == "hold_over":
        return _("checked: {reason}").format(reason=hold_reason(step.what))
    if step.kind == "instructed":
        return _("shipping instruction {parcel} to {place}, ship date {date}").format(
            parcel=step.what, place=party_title(settings, step.detail), date=step.more
        )
    if step.kind == "event":
        return _event(step)
    return _other(step)


def _other(step: Step) -> str:
    words = {
        "ordered": N_("ordered in the shop"),
        "recall": N_("recall of {what} asked for"),
        "recall_answer": N_("the warehouse answered the recall of {what}: {answer}"),
        "parcel_change": N_("changed after its shipping instruction {what}: {fields}"),
        "notice": N_("shipping notice to the shop, tracking number {what}"),
        "journal": N_("journal entry {what} of {detail}"),
        "core_entry": N_("told to the core system, booked on {detail}"),
        "core_receipt": N_("told to the core system: back in stock, {sku}, received on {detail}"),
        "erased": N_("personal data erased"),
    }
    if step.kind == "booking":
        return _(BOOKINGS[step.what]).format(amount=yen(int(step.detail)), day=step.more)
    return _(words[step.kind]).format(
        what=step.what,
        detail=step.detail,
        sku=step.more,
        answer=word(ANSWERS, step.detail),
        fields=revision_words(step.detail) if step.kind == "parcel_change" else "",
    )


def _revision(chain: OrderChain, step: Step) -> str:
    own = [change for change in chain.changes if change[0] == int(step.more)]
    told = [FieldChange(scope, field, personal=False, old=old, new=new) for _n, scope, field, old, new in own]
    known = {change.field for change in told}
    personal = [name for name in step.detail.split(",") if name and name not in known]
    told += [FieldChange("", name, personal=True, old="", new="") for name in personal]
    return _(REVISIONS[step.what]).format(fields=change_words(told))


def _event(step: Step) -> str:
    said = f"{word(EVENTS, step.what)} {step.detail}".strip()
    return f"{said} ({step.more})" if step.more else said


def _about(what: str, subject: str) -> str:
    return f"{what} ({subject})" if subject else what
