"""Two files joined into one entity, and totals over the lines of an order: as SQL over staged rows.

Both files of a pair stand in the entity's staging table. Each row of the one that holds rows takes what it lacks from
the head of its key; the heads then wait for the verdict of their rows. Everything is set-based, and runs on every
database that the master does. Parameters: `:heads` and `:rows`, the numbers of the two files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.mapping.frames import OFFSET, TOTALS_GAP, UNFIXED_FLAG
from ecsync.mapping.model_total import LINES

if TYPE_CHECKING:
    from ecsync.entities import Entity
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_total import Formula, Total

# The verdict of a head until its rows have theirs: the rooms look only at rows with none.
HEAD: Final = "head"
NOT_IN_THE_OTHER_FILE: Final = "not_in_the_other_file"
INCOMPLETE: Final = "incomplete_order"

_REJECTS: Final = "stg_reject"
_OPEN: Final = "''"
_ASIDE: Final = "'quarantined'"


def join_statements(heads: InboundMapping) -> tuple[str, ...]:
    """Return the statements that join a pair whose rows have been staged and whose doubled keys are settled.

    A key of which either file has no row, or a row that cannot be used, is put aside in both.
    """
    key, table, head_of = _names(heads.frame)
    row_of = _row_of(key)
    some_head = f"EXISTS (SELECT 1 FROM {table} h WHERE {head_of} AND h.verdict = {{verdict}})"  # noqa: S608
    some_row = f"EXISTS (SELECT 1 FROM {table} r WHERE {row_of} AND r.verdict = {{verdict}})"  # noqa: S608
    rejected = f"{{alias}}.{key} IN (SELECT x.order_no FROM {_REJECTS} x WHERE x.src_file = {{file}})"  # noqa: S608
    no_head = f"NOT {some_head.format(verdict=_OPEN)}"
    no_row = f"NOT {some_row.format(verdict=_OPEN)}"
    broken_row = f"({rejected.format(file=':rows', alias='h')} OR {some_row.format(verdict=_ASIDE)})"
    broken_head = f"({rejected.format(file=':heads', alias='r')} OR {some_head.format(verdict=_ASIDE)})"
    joined = (
        f"UPDATE {table} AS r SET {_taken(heads)} FROM {table} AS h "  # noqa: S608
        f"WHERE r.src_file = :rows AND r.verdict = '' AND {head_of} AND h.verdict = ''"
    )
    missing = f"{NOT_IN_THE_OTHER_FILE}:{key}"
    return (
        f"{_put_aside(table, 'h', ':heads', INCOMPLETE)} AND {broken_row}",
        f"{_put_aside(table, 'r', ':rows', INCOMPLETE)} AND {broken_head}",
        f"{_put_aside(table, 'r', ':rows', missing)} AND {no_head}",
        f"{_put_aside(table, 'h', ':heads', missing)} AND {no_row}",
        joined,
        f"UPDATE {table} AS h SET verdict = '{HEAD}' WHERE h.src_file = :heads AND h.verdict = ''",  # noqa: S608
    )


def _put_aside(table: str, alias: str, file: str, reason: str) -> str:
    return (
        f"UPDATE {table} AS {alias} SET verdict = {_ASIDE}, verdict_reason = '{reason}' "  # noqa: S608
        f"WHERE {alias}.src_file = {file} AND {alias}.verdict = {_OPEN}"
    )


def totals_statement(mapping: InboundMapping) -> str:
    """Return the statement that proves the totals of a mapping over the staged rows of the file `:rows`.

    The same as `totals.totals_gap` tells of a batch, with `lines` known.
    """
    key, table, _head = _names(mapping.frame)
    return (
        f"UPDATE {table} AS r SET {TOTALS_GAP} = {_gap(mapping.totals)} "  # noqa: S608
        f"FROM (SELECT o.{key}, CAST(SUM(o.unit_price * o.qty) AS BIGINT) AS lines FROM {table} o "
        f"WHERE o.src_file = :rows AND o.verdict = '' GROUP BY o.{key}) AS g "
        f"WHERE r.src_file = :rows AND r.verdict = '' AND g.{key} = r.{key}"
    )


def verdict_statement(heads: InboundMapping) -> str:
    """Return the statement that gives each waiting head what became of its rows."""
    key, table, _head = _names(heads.frame)
    became = f"EXISTS (SELECT 1 FROM {table} r WHERE {_row_of(key)} AND r.verdict = '{{verdict}}')"  # noqa: S608
    verdicts = ("new", "changed", "unchanged", "duplicate")
    cases = " ".join(f"WHEN {became.format(verdict=one)} THEN '{one}'" for one in verdicts)
    reasons = " ".join(f"WHEN {became.format(verdict=one)} THEN ''" for one in verdicts)
    return (
        f"UPDATE {table} AS h SET verdict = CASE {cases} ELSE 'quarantined' END, "  # noqa: S608
        f"verdict_reason = CASE {reasons} ELSE '{INCOMPLETE}' END "
        f"WHERE h.src_file = :heads AND h.verdict = '{HEAD}'"
    )


def _names(entity: Entity) -> tuple[str, str, str]:
    """Return the key's column, the staging table, and the condition that `h` is the head of `r`."""
    key, *others = entity.key
    # A head fills no other part of the frame's key.
    terms = [_same_key("h", "r", key), *(f"h.{name} = ''" for name in others), "h.src_file + 0 = :heads"]
    return key, f"stg_{entity.name}", " AND ".join(terms)


def _row_of(key: str) -> str:
    """Return the condition that `r` is a row of `h`."""
    return f"{_same_key('r', 'h', key)} AND r.src_file + 0 = :rows"


def _same_key(one: str, other: str, key: str) -> str:
    # By party and key, the columns of a staging index; never by the file (+ 0), of which SQLite would look through
    # every row for each of the other's.
    return f"{one}.src_party = {other}.src_party AND {one}.{key} = {other}.{key}"


def _taken(heads: InboundMapping) -> str:
    known = heads.frame.by_name
    names = [name for name in heads.columns if name != heads.pair_column]
    names += [name + OFFSET for name in heads.columns if name + OFFSET in known]
    if heads.unfixed:
        names.append(UNFIXED_FLAG)
    later = "CASE WHEN h.src_as_of > r.src_as_of THEN h.src_as_of ELSE r.src_as_of END"
    return ", ".join([*(f"{name} = h.{name}" for name in names), f"src_as_of = {later}"])


def _gap(totals: tuple[Total, ...]) -> str:
    if not totals:
        return "NULL"
    targets = sorted({formula.target for total in totals for formula in total.formulas})
    unknown = " OR ".join([f"COALESCE(r.{UNFIXED_FLAG}, 0) = 1", *(f"r.{name} IS NULL" for name in targets)])
    cases = " ".join(f"WHEN {_broken(total)} THEN {_left(total.formulas[0])}" for total in totals)
    return f"CASE WHEN {unknown} THEN NULL {cases} ELSE 0 END"


def _broken(total: Total) -> str:
    return "(" + " AND ".join(f"({_left(formula)}) <> 0" for formula in total.formulas) + ")"


def _left(formula: Formula) -> str:
    terms = [f" - {_amount(name)}" for name in formula.plus] + [
        f" + {_amount(name)}" for name in formula.minus
    ]
    return _amount(formula.target) + "".join(terms)


def _amount(name: str) -> str:
    return "g.lines" if name == LINES else f"COALESCE(r.{name}, 0)"
