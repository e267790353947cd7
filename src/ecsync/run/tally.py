"""Account for every row of every file: prove rows in = the sum of the verdicts, and keep what was put aside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.entities import ENTITIES
from ecsync.master import counters
from ecsync.master.proof import Proof
from ecsync.master.tables_running import FILE_TALLY, QUARANTINED_ROW
from ecsync.run import row_reasons

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.master.context import RunContext

VERDICTS: Final = ("new", "changed", "unchanged", "duplicate", "quarantined")


@dataclass(frozen=True)
class LoadedFile:
    """One file that was read: how many rows it had, and what the reader put aside."""

    file_id: int
    flow: str
    party: str
    mapping: str
    name: str
    path: Path
    entity: str
    rows_in: int
    rejects: tuple[RejectedRow, ...]
    rejected_rows: int


@dataclass(frozen=True)
class RejectedRow:
    """One cell that could not be used. `value` is personal until proven otherwise: it goes to the quarantine only."""

    line: int
    column: str
    reason: str
    params: dict[str, str]
    value: str
    business_key: str = ""


FetchRecords = Callable[[LoadedFile, list[int]], dict[int, bytes]]


def account(ctx: RunContext, files: Iterable[LoadedFile], fetch: FetchRecords) -> list[Proof]:
    """Fill file_tally and quarantined_row; return one proof per file: its rows in equal the sum of the verdicts."""
    proofs = []
    for file in files:
        counts = _verdicts(ctx, file)
        put_aside = _rows_put_aside(ctx, file)
        _keep(ctx, file, put_aside, fetch)
        counts["quarantined"] += file.rejected_rows
        proofs.append(Proof("file.rows", file.name, file.rows_in, sum(counts.values()), file.flow))
        ctx.conn.execute(
            sa.insert(FILE_TALLY).values(
                file_id=file.file_id,
                run_id=ctx.run_id,
                entity=file.entity,
                rows_in=file.rows_in,
                **{f"rows_{verdict}": counts[verdict] for verdict in VERDICTS},
            )
        )
    return proofs


def _verdicts(ctx: RunContext, file: LoadedFile) -> dict[str, int]:
    counts = dict.fromkeys(VERDICTS, 0)
    table = f"stg_{ENTITIES[file.entity].name}"
    rows = ctx.rows(
        f"SELECT verdict, COUNT(*) FROM {table} "  # noqa: S608
        "WHERE src_file = :file AND verdict <> '' GROUP BY verdict ORDER BY verdict",
        file=file.file_id,
    )
    for verdict, count in rows:
        counts[str(verdict)] = int(count)
    return counts


def _rows_put_aside(ctx: RunContext, file: LoadedFile) -> list[RejectedRow]:
    entity = ENTITIES[file.entity]
    key = entity.key[0]
    rows = ctx.rows(
        f"SELECT src_line, verdict_reason, {key} FROM stg_{entity.name} "  # noqa: S608
        "WHERE src_file = :file AND verdict = 'quarantined' ORDER BY src_line, src_row",
        file=file.file_id,
    )
    found = []
    for line, reason, business_key in rows:
        code, _sep, column = str(reason).partition(":")
        found.append(RejectedRow(int(line), column, code, {}, "", str(business_key)))
    return found


def _keep(ctx: RunContext, file: LoadedFile, put_aside: list[RejectedRow], fetch: FetchRecords) -> None:
    kept = [*file.rejects, *put_aside]
    if not kept:
        return
    raw = fetch(file, sorted({row.line for row in kept}))
    first_id = counters.take(ctx.conn, "quarantined_row", len(kept))
    ctx.conn.execute(
        sa.insert(QUARANTINED_ROW),
        [
            {
                "row_id": first_id + offset,
                "file_id": file.file_id,
                "flow": file.flow,
                "mapping": file.mapping,
                "file_name": file.name,
                "line": row.line,
                "column_name": row.column,
                "reason": row.reason,
                "params": json.dumps(row.params, ensure_ascii=False, sort_keys=True),
                "raw_value": row.value,
                "raw_record": raw.get(row.line, b"").hex(),
                "business_key": row.business_key,
                "quarantined_at": ctx.now,
                "run_id": ctx.run_id,
            }
            for offset, row in enumerate(kept)
        ],
    )
    _tell(ctx, file, kept)


def _tell(ctx: RunContext, file: LoadedFile, kept: list[RejectedRow]) -> None:
    groups: dict[tuple[str, str], list[RejectedRow]] = {}
    for row in kept:
        groups.setdefault((row.reason, row.column), []).append(row)
    for (reason, column), rows in sorted(groups.items()):
        ctx.findings.add(
            "rows_quarantined",
            file.name,
            count=len({row.line for row in rows}),
            reason=row_reasons.sentence(reason, rows[0].params),
            code=reason,
            column=column,
            line=min(row.line for row in rows),
        )
