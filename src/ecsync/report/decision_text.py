"""What a decision changed, in sentences: fields by name, personal values never."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import _
from ecsync.orders.amendable import words_of
from ecsync.report.matter_words import decision_word

if TYPE_CHECKING:
    from ecsync.orders.amending import Change
    from ecsync.run.deciding import Decided


def sentences(done: Decided) -> list[str]:
    """Return what a decision changed, a line each."""
    subject = done.decision.subject
    if done.is_empty:
        return [_("{order}: it stands so already; nothing changes").format(order=subject)]
    lines = [f"{subject}: {decision_word(done.decision.kind)}"]
    lines += [
        _("the hold ends: {reason}").format(reason=_(HOLD_REASONS[h.reason][0])) for h in done.effect.released
    ]
    lines += [_change(change) for change in done.effect.changes]
    if done.effect.state == "cancelled":
        lines.append(_("the order is cancelled here; cancel it on the mall's screen too"))
    elif done.effect.state == "open":
        lines.append(_("the order is open again"))
    elif done.effect.state == "held":
        lines.append(_("the order stays until the hold is lifted: ecsync orders release"))
    if done.parcel_no and done.decision.kind == "recall":
        lines.append(
            _(
                "the next run asks the warehouse to stop parcel {parcel}; what comes back is instructed anew, "
                "so hold or cancel the order if it is not to ship"
            ).format(parcel=done.parcel_no)
        )
    elif done.parcel_no:
        lines.append(_("parcel {parcel} leaves as it was instructed").format(parcel=done.parcel_no))
    return lines


def _change(change: Change) -> str:
    words = words_of([change.field])
    name = _(words[0]) if words else change.field
    if change.personal or change.field == "ship_address_ok":
        return _("corrected: {field} ({part})").format(field=name, part=change.scope)
    return _("corrected: {field} ({part}): {old} → {new}").format(
        field=name, part=change.scope, old=change.old or "-", new=change.new or "-"
    )


def as_data(done: Decided) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "channel": done.order.channel,
        "order_no": done.order.order_no,
        "decision": done.decision.kind,
        "changed": not done.is_empty,
        "fields": sorted({change.field for change in done.effect.changes}),
        "released": [{"dest_id": hold.dest_id, "reason": hold.reason} for hold in done.effect.released],
        "state": done.effect.state,
        "parcel_no": done.parcel_no,
    }
