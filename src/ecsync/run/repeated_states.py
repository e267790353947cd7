"""States that came again with the very bytes of an earlier file, after another file had said otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_SEEN_AGAIN: Final = """
SELECT COUNT(*) FROM inbox_sighting g
JOIN inbox_file f ON f.flow = g.flow AND f.sha256 = g.sha256 AND f.seen_as_of > f.as_of
WHERE g.run_id = :run AND g.outcome = 'known'
"""

# An order that tells its own time of change repeats nothing: the same bytes are the same, older change.
_CONTRADICTED: Final = """
SELECT f.flow, f.party, s.order_no, MAX(g.name) AS name, MAX(f.as_of) AS first, MAX(o.as_of) AS newest
FROM inbox_sighting g
JOIN inbox_file f ON f.flow = g.flow AND f.sha256 = g.sha256 AND f.seen_as_of > f.as_of
JOIN order_source s ON s.file_id = f.file_id AND s.channel = f.party
JOIN sales_order o ON o.channel = s.channel AND o.order_no = s.order_no
WHERE g.run_id = :run AND g.outcome = 'known' AND o.updated_at = '' AND f.seen_as_of > o.as_of
  AND EXISTS (SELECT 1 FROM order_source n WHERE n.channel = s.channel AND n.order_no = s.order_no
              AND n.file_id <> f.file_id AND n.revision > s.revision)
  AND NOT EXISTS (SELECT 1 FROM order_source n WHERE n.channel = s.channel AND n.order_no = s.order_no
                  AND n.file_id = f.file_id AND n.revision > s.revision)
GROUP BY f.flow, f.party, s.order_no
ORDER BY f.party, s.order_no
"""


def name_contradicted(ctx: RunContext) -> None:
    """Name every order whose present state a known file contradicts that this run saw again, for a later time.

    Such a file changes nothing: who puts an old export in once more must not undo what came after it.
    """
    if not ctx.scalar(_SEEN_AGAIN, run=ctx.run_id):
        return
    for row in ctx.rows(_CONTRADICTED, run=ctx.run_id):
        ctx.findings.add(
            "state_repeated",
            str(row.order_no),
            channel=str(row.party),
            file=str(row.name),
            first=str(row.first),
            newest=str(row.newest),
            flow=str(row.flow),
        )
