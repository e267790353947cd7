"""Where two figures for one SKU differ: the kinds, the rows that are found, and their sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

# In the order of what costs most; the rest is worth knowing, and no difference.
DIFFERENCES: Final = ("oversell_risk", "lost_sale", "drift", "unlisted", "unknown_code")
NOTES: Final = ("in_flight", "within_safety", "listed_twice", "unlimited")
KINDS: Final = (*DIFFERENCES, *NOTES)

# theirs + since - ours is the difference: `since` is what moved between their time and now.
SCRATCH: Final = {
    "tmp_difference": "kind TEXT, party TEXT, item_key TEXT, sku_key TEXT, sku TEXT, theirs BIGINT, theirs_at TEXT, "
    "since BIGINT, ours BIGINT, units BIGINT, yen BIGINT, cause TEXT, detail TEXT, "
    "SORTED BY (kind, party, sku, item_key, sku_key)"
}

_TOTALS: Final = """
SELECT kind, COUNT(*), COALESCE(CAST(SUM(units) AS BIGINT), 0), COALESCE(CAST(SUM(yen) AS BIGINT), 0),
       CAST(SUM(CASE WHEN yen IS NULL THEN 1 ELSE 0 END) AS BIGINT)
FROM tmp_difference GROUP BY kind ORDER BY kind
"""

_ROWS: Final = """
SELECT d.kind, d.party, d.item_key, d.sku_key, d.sku, COALESCE(p.name, ''), d.theirs, d.theirs_at, d.since, d.ours,
       d.units, d.yen, d.cause, d.detail
FROM (SELECT t.* FROM tmp_difference t WHERE t.kind = :kind
      ORDER BY COALESCE(t.yen, 0) DESC, t.units DESC, t.party, t.sku, t.item_key, t.sku_key LIMIT :most) d
LEFT JOIN product p ON p.sku = d.sku
ORDER BY COALESCE(d.yen, 0) DESC, d.units DESC, d.party, d.sku, d.item_key, d.sku_key
"""


@dataclass(frozen=True)
class StockDifference:
    """One SKU at one party. `yen` is None where neither a price nor a cost is known.

    `theirs` is what the party's figure said at `theirs_at` (UTC text), `since` the units that moved after
    it, `ours` what it should come to; `units` is how far they are apart. `detail` belongs to `cause`.
    """

    kind: str
    party: str
    item_key: str
    sku_key: str
    sku: str
    name: str
    theirs: int | None
    theirs_at: str
    since: int
    ours: int | None
    units: int
    yen: int | None
    cause: str
    detail: str

    @property
    def apart(self) -> int | None:
        """Return how far theirs is from ours, below zero where theirs is less; None where nothing is compared."""
        if self.kind in {"listed_twice", "unlimited"}:
            return None
        if self.theirs is None or self.ours is None:
            return self.units
        return self.theirs + self.since - self.ours


@dataclass(frozen=True)
class KindTotal:
    """How many rows of a kind there are, with their units and yen; `unpriced` of them have no yen."""

    rows: int
    units: int
    yen: int
    unpriced: int


def totals(ctx: RunContext) -> dict[str, KindTotal]:
    """Return the sums of every kind that was found, shown or not."""
    return {str(kind): KindTotal(*map(int, sums)) for kind, *sums in ctx.rows(_TOTALS)}


def largest(ctx: RunContext, most: int) -> list[StockDifference]:
    """Return at most so many rows of each kind, those with the most yen at stake first."""
    return [StockDifference(*row) for kind in KINDS for row in ctx.rows(_ROWS, kind=kind, most=most)]
