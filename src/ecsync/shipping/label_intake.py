"""Take what label software says of parcels in once, however often its export is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_CONTENT: Final = "carrier || ' ' || ship_date"

# A label that was made by hand names no parcel of ours; one that is not issued has no number yet, or has not left.
_IDLE: Final = "verdict = '' AND (parcel_no = '' OR tracking_no = '' OR not_shipped_flag = 1)"
_ASIDE: Final = f"UPDATE stg_parcel_results SET verdict = 'unchanged' WHERE {_IDLE}"  # noqa: S608

_TO_COUNT: Final = f"""
SELECT src_party, COUNT(DISTINCT CASE WHEN parcel_no <> '' THEN parcel_no END),
       SUM(CASE WHEN parcel_no = '' THEN 1 ELSE 0 END)
FROM stg_parcel_results
WHERE {_IDLE}
GROUP BY src_party ORDER BY src_party
"""  # noqa: S608

_CONTRADICTORY: Final = f"""
UPDATE stg_parcel_results SET verdict = 'quarantined', verdict_reason = 'label_conflict:ship_date'
FROM (
  SELECT src_party AS party, parcel_no AS parcel, tracking_no AS number, src_as_of AS as_of
  FROM stg_parcel_results WHERE verdict = ''
  GROUP BY src_party, parcel_no, tracking_no, src_as_of
  HAVING MIN({_CONTENT}) <> MAX({_CONTENT})
) AS c
WHERE c.party = stg_parcel_results.src_party AND c.parcel = stg_parcel_results.parcel_no
  AND c.number = stg_parcel_results.tracking_no AND c.as_of = stg_parcel_results.src_as_of
  AND stg_parcel_results.verdict = ''
"""  # noqa: S608

# Of several exports the newest says how a label is; what it repeats counts from when it was first said.
_NEWEST: Final = f"""
UPDATE stg_parcel_results SET verdict = 'duplicate', verdict_reason = 'identical'
FROM (
  SELECT src_row AS told_in,
         ROW_NUMBER() OVER (PARTITION BY src_party, parcel_no, tracking_no
                            ORDER BY same DESC, src_as_of, src_row) AS nth
  FROM (
    SELECT s.*, CASE WHEN {_CONTENT} = FIRST_VALUE({_CONTENT}) OVER (
             PARTITION BY src_party, parcel_no, tracking_no ORDER BY src_as_of DESC, src_row) THEN 1 ELSE 0 END AS same
    FROM stg_parcel_results s WHERE verdict = ''
  ) t
) AS r
WHERE r.told_in = stg_parcel_results.src_row AND r.nth > 1
"""  # noqa: S608

_SAME: Final = "p.carrier = stg_parcel_results.carrier AND p.ship_date = stg_parcel_results.ship_date"
_KNOWN: Final = f"""
UPDATE stg_parcel_results
SET verdict = CASE WHEN ({_SAME}) OR p.as_of > stg_parcel_results.src_as_of THEN 'unchanged' ELSE 'changed' END
FROM parcel_result AS p
WHERE p.warehouse = stg_parcel_results.src_party AND p.parcel_no = stg_parcel_results.parcel_no
  AND p.tracking_no = stg_parcel_results.tracking_no AND stg_parcel_results.verdict = ''
"""  # noqa: S608

_REST: Final = "UPDATE stg_parcel_results SET verdict = 'new' WHERE verdict = ''"

_MOVED: Final = """
SELECT s.src_party, s.parcel_no, s.ship_date FROM stg_parcel_results s
JOIN parcel_result p ON p.warehouse = s.src_party AND p.parcel_no = s.parcel_no AND p.tracking_no = s.tracking_no
WHERE s.verdict = 'changed' AND p.verdict = 'ok'
ORDER BY s.src_party, s.parcel_no, s.tracking_no
"""

_CHANGE: Final = """
UPDATE parcel_result SET carrier = s.carrier, ship_date = s.ship_date, as_of = s.src_as_of, run_id = :run
FROM stg_parcel_results AS s
WHERE s.verdict = 'changed' AND s.src_party = parcel_result.warehouse AND s.parcel_no = parcel_result.parcel_no
  AND s.tracking_no = parcel_result.tracking_no
"""

_ADD: Final = """
INSERT INTO parcel_result (warehouse, parcel_no, tracking_no, carrier, ship_date, as_of, verdict, run_id)
SELECT s.src_party, s.parcel_no, s.tracking_no, s.carrier, s.ship_date, s.src_as_of, 'pending', :run
FROM stg_parcel_results s WHERE s.verdict = 'new'
ORDER BY s.src_party, s.parcel_no, s.tracking_no
"""


def take_in_labels(ctx: RunContext) -> None:
    """Move what is new in stg_parcel_results to parcel_result, and settle the verdict of each row.

    A label counts once: parcel and tracking number. Another ship date of it is taken from the newest export;
    once the parcel has left, that is said and changes nothing. Rows without a tracking number, or that say that
    nothing has left (not issued), and rows without a parcel number (made by hand) are passed over and counted in the
    findings.
    """
    for party, not_issued, by_hand in ctx.rows(_TO_COUNT):
        if not_issued:
            ctx.findings.add("labels_not_issued", party, count=not_issued)
        if by_hand:
            ctx.findings.add("labels_by_hand", party, count=by_hand)
    for statement in (_ASIDE, _CONTRADICTORY, _NEWEST, _KNOWN, _REST):
        ctx.execute(statement)
    for party, parcel_no, ship_date in ctx.rows(_MOVED):
        ctx.findings.add("label_date_moved", f"{party} {parcel_no}", ship_date=ship_date)
    ctx.execute(_CHANGE, run=ctx.run_id)
    ctx.execute(_ADD, run=ctx.run_id)
