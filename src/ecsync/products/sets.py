"""Set products: a file's rows of one set are that set, taken whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.master.scratch import analyze, scratch_tables

if TYPE_CHECKING:
    from ecsync.master.context import RunContext

_SCRATCH: Final = {
    "w_bad_set": "set_sku TEXT, src_file BIGINT, PRIMARY KEY (set_sku, src_file)",
    # The rows that count; staging is not indexed by set.
    "w_component": "set_sku TEXT, src_file BIGINT, component_sku TEXT, qty BIGINT, src_as_of TEXT, "
    "PRIMARY KEY (set_sku, src_file, component_sku)",
    # A fate is one of new, changed, unchanged, older, conflict, cycle.
    "w_set": "set_sku TEXT, src_file BIGINT, as_of TEXT, row_count BIGINT, place BIGINT, tie BIGINT, fate TEXT, "
    "PRIMARY KEY (set_sku, src_file)",
}

_ITSELF: Final = """
UPDATE stg_set_components SET verdict = 'quarantined', verdict_reason = 'set_of_itself:component_sku'
WHERE verdict = '' AND set_sku = component_sku
"""

# Rows already put aside are looked at, too: SQLite reads what the same statement has written.
_TWICE: Final = (
    "EXISTS (SELECT 1 FROM stg_set_components o WHERE o.src_file = s.src_file AND o.set_sku = s.set_sku "
    "AND o.component_sku = s.component_sku AND o.verdict <> 'duplicate' AND {condition})"
)
_CONTRADICTING: Final = f"""
UPDATE stg_set_components AS s SET verdict = 'quarantined', verdict_reason = 'duplicate_key:component_sku'
WHERE s.verdict = '' AND {_TWICE.format(condition="o.qty <> s.qty")}
"""  # noqa: S608
_IDENTICAL: Final = f"""
UPDATE stg_set_components AS s SET verdict = 'duplicate', verdict_reason = 'identical'
WHERE s.verdict = '' AND {_TWICE.format(condition="o.src_row < s.src_row")}
"""  # noqa: S608

_BAD: Final = """
INSERT INTO w_bad_set (set_sku, src_file)
SELECT DISTINCT set_sku, src_file FROM stg_set_components WHERE verdict = 'quarantined'
"""
_PUT_ASIDE: Final = """
UPDATE stg_set_components AS s SET verdict = 'quarantined', verdict_reason = 'incomplete_set'
WHERE s.verdict = '' AND EXISTS (SELECT 1 FROM w_bad_set b WHERE b.set_sku = s.set_sku AND b.src_file = s.src_file)
"""

_COMPONENTS: Final = """
INSERT INTO w_component (set_sku, src_file, component_sku, qty, src_as_of)
SELECT set_sku, src_file, component_sku, qty, src_as_of FROM stg_set_components WHERE verdict = ''
"""

_VERSIONS: Final = """
INSERT INTO w_set (set_sku, src_file, as_of, row_count, place, tie, fate)
SELECT g.set_sku, g.src_file, g.as_of, g.row_count,
       ROW_NUMBER() OVER (PARTITION BY g.set_sku ORDER BY g.as_of DESC, g.src_file),
       RANK() OVER (PARTITION BY g.set_sku ORDER BY g.as_of DESC), ''
FROM (SELECT set_sku, src_file, MAX(src_as_of) AS as_of, COUNT(*) AS row_count
      FROM w_component GROUP BY set_sku, src_file) g
"""

# As many equal rows as either side has rows: the same set.
_EQUAL_ROWS: Final = """
(SELECT COUNT(*) FROM w_component a JOIN {other} b ON b.set_sku = a.set_sku
   AND b.component_sku = a.component_sku AND b.qty = a.qty
 WHERE a.set_sku = w_set.set_sku AND a.src_file = w_set.src_file{condition})
"""
_KNOWN_COUNT: Final = "(SELECT COUNT(*) FROM set_component t WHERE t.set_sku = w_set.set_sku)"
_KNOWN_TIME: Final = "(SELECT MAX(t.as_of) FROM set_component t WHERE t.set_sku = w_set.set_sku)"
_FATES: Final = f"""
UPDATE w_set SET fate = CASE
  WHEN {_KNOWN_COUNT} = 0 THEN 'new'
  WHEN as_of < {_KNOWN_TIME} THEN 'older'
  WHEN row_count = {_KNOWN_COUNT} AND row_count = {_EQUAL_ROWS.format(other="set_component", condition="")}
  THEN 'unchanged'
  WHEN as_of = {_KNOWN_TIME} THEN 'conflict'
  ELSE 'changed' END
WHERE place = 1
"""  # noqa: S608

_CONFLICTS: Final = f"""
UPDATE w_set SET fate = 'conflict'
WHERE tie = 1 AND place > 1 AND (
  row_count <> (SELECT f.row_count FROM w_set f WHERE f.set_sku = w_set.set_sku AND f.place = 1)
  OR row_count <> {
    _EQUAL_ROWS.format(
        other="w_component",
        condition=" AND b.src_file = "
        "(SELECT f.src_file FROM w_set f WHERE f.set_sku = w_set.set_sku AND f.place = 1)",
    )
})
"""  # noqa: S608
_CONFLICT_FOR_ALL: Final = """
UPDATE w_set SET fate = 'conflict'
WHERE tie = 1 AND fate <> 'older' AND EXISTS (
  SELECT 1 FROM w_set c WHERE c.set_sku = w_set.set_sku AND c.place > 1 AND c.fate = 'conflict')
"""

# What the sets would consist of, all the way down; a set that holds itself would be taken apart for ever.
_CYCLES: Final = """
UPDATE w_set SET fate = 'cycle' WHERE fate IN ('new', 'changed') AND set_sku IN (
  WITH RECURSIVE edge (parent, child) AS (
    SELECT s.set_sku, s.component_sku FROM w_set w
    JOIN w_component s ON s.set_sku = w.set_sku AND s.src_file = w.src_file
    WHERE w.fate IN ('new', 'changed')
    UNION
    SELECT t.set_sku, t.component_sku FROM set_component t WHERE NOT EXISTS (
      SELECT 1 FROM w_set w WHERE w.set_sku = t.set_sku AND w.fate IN ('new', 'changed'))
  ), part (root, child) AS (
    SELECT w.set_sku, e.child FROM w_set w JOIN edge e ON e.parent = w.set_sku WHERE w.fate IN ('new', 'changed')
    UNION
    SELECT p.root, e.child FROM part p JOIN edge e ON e.parent = p.child
  )
  SELECT root FROM part WHERE root = child)
"""

_WRITTEN: Final = """
FROM w_set w JOIN w_component s ON s.set_sku = w.set_sku AND s.src_file = w.src_file
WHERE w.fate IN ('new', 'changed')
"""
_GONE: Final = """
DELETE FROM set_component WHERE EXISTS (SELECT 1 FROM w_set w WHERE w.set_sku = set_component.set_sku
                                        AND w.fate = 'changed')
  AND NOT EXISTS (SELECT 1 FROM w_set w JOIN w_component s
                    ON s.set_sku = w.set_sku AND s.src_file = w.src_file
                  WHERE w.set_sku = set_component.set_sku AND w.fate = 'changed'
                    AND s.component_sku = set_component.component_sku)
"""
_WRITE: Final = f"""
INSERT INTO set_component (set_sku, component_sku, qty, as_of, run_id)
SELECT s.set_sku, s.component_sku, s.qty, w.as_of, :run {_WRITTEN}
ON CONFLICT (set_sku, component_sku)
DO UPDATE SET qty = excluded.qty, as_of = excluded.as_of, run_id = excluded.run_id
"""

_OF_SET: Final = "w.set_sku = s.set_sku AND w.src_file = s.src_file"
_VERDICTS: Final = f"""
UPDATE stg_set_components AS s SET
  verdict = (SELECT CASE WHEN w.tie > 1 THEN 'duplicate'
                         WHEN w.fate IN ('conflict', 'cycle') THEN 'quarantined'
                         WHEN w.place > 1 THEN 'duplicate'
                         WHEN w.fate IN ('new', 'changed') THEN w.fate
                         ELSE 'unchanged' END FROM w_set w WHERE {_OF_SET}),
  verdict_reason = (SELECT CASE WHEN w.tie > 1 OR w.fate = 'older' THEN 'older_state'
                                WHEN w.fate = 'conflict' THEN 'duplicate_key:component_sku'
                                WHEN w.fate = 'cycle' THEN 'set_cycle:component_sku'
                                WHEN w.place > 1 THEN 'identical' ELSE '' END FROM w_set w WHERE {_OF_SET})
WHERE s.verdict = ''
"""  # noqa: S608


def merge_sets(ctx: RunContext) -> None:
    """Replace the components of each set that stg_set_components says differently and later.

    A set that its file names keeps no component which that file leaves out; a set that no file names
    stays. Put aside: a set with a row that cannot be used, one that holds itself at any depth, and one of
    which two files of the same time say different things.
    """
    with scratch_tables(ctx, **_SCRATCH):
        for statement in (_ITSELF, _CONTRADICTING, _IDENTICAL, _BAD, _PUT_ASIDE, _COMPONENTS, _VERSIONS):
            ctx.execute(statement)
        analyze(ctx, "w_component", "w_set")
        for statement in (_FATES, _CONFLICTS, _CONFLICT_FOR_ALL, _CYCLES, _GONE):
            ctx.execute(statement)
        ctx.execute(_WRITE, run=ctx.run_id)
        ctx.execute(_VERDICTS)
