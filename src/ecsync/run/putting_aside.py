"""Keep every row that could not be used: file, line, column, value, reason, and its record as the partner wrote it.

A file's rows go to the quarantine in portions, so that memory does not grow with what is wrong with it.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.entities import ENTITIES
from ecsync.master import counters
from ecsync.master.tables_running import QUARANTINED_ROW
from ecsync.run import row_reasons
from ecsync.run.loaded_file import FetchRecords, LoadedFile, RejectedRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.master.context import RunContext

_PORTION: Final = 10_000


class _Told:
    """Counts per reason and column: lines, the first of them, and what the reason's sentence needs."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], tuple[int, int, dict[str, str]]] = {}

    def add(self, row: RejectedRow) -> None:
        count, first, params = self._groups.get((row.reason, row.column), (0, row.line, row.params))
        self._groups[row.reason, row.column] = (count + 1, min(first, row.line), params)

    def say(self, ctx: RunContext, file: LoadedFile) -> None:
        for (reason, column), (count, line, params) in sorted(self._groups.items()):
            ctx.findings.add(
                "rows_quarantined",
                file.name,
                **params,
                count=count,
                flow=file.flow,
                reason=row_reasons.title(reason),
                advice=row_reasons.advice(reason),
                code=reason,
                column=column or "-",
                line=line,
            )


def keep(ctx: RunContext, file: LoadedFile, fetch: FetchRecords) -> None:
    """Insert what the reader rejected and what the rooms put aside; say it once per reason and column."""
    told = _Told()
    rows = _all_rows(ctx, file)
    while portion := list(islice(rows, _PORTION)):
        raw = fetch(file, sorted({row.line for row in portion}))
        first_id = counters.take(ctx.conn, "quarantined_row", len(portion))
        ctx.conn.execute(
            sa.insert(QUARANTINED_ROW),
            [_values(ctx, file, row, first_id + offset, raw) for offset, row in enumerate(portion)],
        )
        for row in portion:
            told.add(row)
    told.say(ctx, file)


def _all_rows(ctx: RunContext, file: LoadedFile) -> Iterator[RejectedRow]:
    yield from file.rejects
    entity = ENTITIES[file.entity]
    query = (
        f"SELECT src_row, src_line, verdict_reason, {entity.key[0]} FROM stg_{entity.name} "  # noqa: S608
        "WHERE src_file = :file AND verdict = 'quarantined' AND src_row > :after ORDER BY src_row LIMIT :most"
    )
    after = 0
    while portion := ctx.rows(query, file=file.file_id, after=after, most=_PORTION):
        for row, line, reason, business_key in portion:
            code, _sep, column = str(reason).partition(":")
            yield RejectedRow(int(line), file.titles.get(column, column), code, {}, "", str(business_key))
            after = int(row)


def _values(
    ctx: RunContext, file: LoadedFile, row: RejectedRow, row_id: int, raw: dict[int, bytes]
) -> dict[str, object]:
    return {
        "row_id": row_id,
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
