"""Whether the tax that a mall states is the tax that we compute from what it states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.accounting.worktables import fill_channels, tax_in, tax_on

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# Rounding may differ by a yen; tax on top is stated once for all rates of an order.
_INCLUDED: Final = f"""
SELECT t.channel, t.order_no, CAST(t.tax_rate AS TEXT) AS detail, t.src_file, t.src_line, t.as_of,
       t.stated_tax AS theirs, {tax_in("t.base", "t.tax_rate", "c.rounding")} AS ours
FROM w_stated t JOIN acc_channel c ON c.channel = t.channel
WHERE t.included = 1
"""  # noqa: S608

_ON_TOP: Final = f"""
SELECT t.channel, t.order_no, '' AS detail, MAX(t.src_file) AS src_file, MIN(t.src_line) AS src_line,
       MAX(t.as_of) AS as_of, MAX(t.stated_tax) AS theirs,
       CAST(SUM({tax_on("t.base", "t.tax_rate", "c.rounding")}) AS BIGINT) AS ours
FROM w_stated t JOIN acc_channel c ON c.channel = t.channel
WHERE t.included = 0
GROUP BY t.channel, t.order_no
"""  # noqa: S608

_MISMATCH: Final = """
INSERT INTO tmp_order_difference
  (kind, channel, order_no, detail, src_file, src_line, as_of, yen, cause, other_channel, other_order)
SELECT 'tax_mismatch', d.channel, d.order_no, d.detail, d.src_file, d.src_line, d.as_of, ABS(d.theirs - d.ours),
       'tax_differs', CAST(d.theirs AS TEXT), CAST(d.ours AS TEXT)
FROM ({stated}) d
WHERE ABS(d.theirs - d.ours) > 1
"""


def judge_stated_tax(ctx: RunContext) -> None:
    """Add a `tax_mismatch` row per order and rate of w_stated whose tax is more than a yen from our own.

    The row carries the stated tax and ours in other_channel and other_order.
    """
    fill_channels(ctx)
    for stated in (_INCLUDED, _ON_TOP):
        ctx.execute(_MISMATCH.format(stated=stated))
