"""What the accountant must know about an order's amounts: why it is not booked, where the tax differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import N_, _

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_REASONS: Final[dict[str, str]] = {
    "amount_mismatch": HOLD_REASONS["amount_mismatch"][0],
    "unfixed_amount": HOLD_REASONS["unfixed_amount"][0],
    "no_tax_rate": HOLD_REASONS["no_tax_rate"][0],
    "currency": N_("its currency is not yen"),
    "rates_differ": N_("its lines do not carry the amounts that the mall states per tax rate"),
    "line_gone": N_("it no longer holds what was shipped"),
    "sale_not_booked": N_("its sale is not booked"),
    "more_than_sold": N_("more came back than was booked as sold"),
    "part_of_set": N_("only a part of the set came back"),
}

_FAULTS: Final = "SELECT channel, order_no, reason FROM acc_fault ORDER BY channel, order_no"

# Said once, with the order's first booking.
_TAX_DIFFERENCES: Final = """
SELECT a.channel, a.order_no, r.tax_rate, r.stated_tax AS theirs, r.own_stated_tax AS ours
FROM acc_booking b
JOIN acc_order a ON a.channel = b.channel AND a.order_no = b.order_no
JOIN acc_rate r ON r.channel = b.channel AND r.order_no = b.order_no
WHERE b.fees_flag = 1 AND r.stated_tax IS NOT NULL AND ABS(r.stated_tax - r.own_stated_tax) > 1
UNION ALL
SELECT a.channel, a.order_no, MAX(g.tax_rate), a.tax_excluded, MAX(g.own_tax_sum)
FROM acc_booking b
JOIN acc_order a ON a.channel = b.channel AND a.order_no = b.order_no
JOIN acc_rate_goods g ON g.channel = b.channel AND g.order_no = b.order_no
WHERE b.fees_flag = 1 AND a.tax_excluded > 0 AND a.stated_flag = 0
GROUP BY a.channel, a.order_no, a.tax_excluded
HAVING ABS(a.tax_excluded - MAX(g.own_tax_sum)) > 1
ORDER BY 1, 2, 3
"""


def reason_text(reason: str) -> str:
    """Return the reason in the current language."""
    return _(_REASONS[reason])


def percent(rate: int) -> str:
    """Return a rate in basis points as staff write it: 8%, 7.8%."""
    whole, rest = divmod(rate, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def report(ctx: RunContext, code: str) -> int:
    """Add a finding of that code for every order of acc_fault; return how many there are."""
    found = ctx.rows(_FAULTS)
    for channel, order_no, reason in found:
        ctx.findings.add(code, f"{channel} {order_no}", reason=reason_text(reason))
    return len(found)


def report_tax_differences(ctx: RunContext) -> None:
    """Add a finding where the stated tax and our own computation are more than one yen apart."""
    for channel, order_no, rate, theirs, ours in ctx.rows(_TAX_DIFFERENCES):
        ctx.findings.add("tax_differs", f"{channel} {order_no}", theirs=theirs, rate=percent(rate), ours=ours)
