"""Account for every row of every file: prove rows in = the sum of the verdicts, and keep what was put aside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.entities import ENTITIES
from ecsync.master.proof import Proof
from ecsync.master.tables_running import FILE_TALLY
from ecsync.run import putting_aside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecsync.master.context import RunContext
    from ecsync.run.loaded_file import FetchRecords, LoadedFile

VERDICTS: Final = ("new", "changed", "unchanged", "duplicate", "quarantined")


def account(ctx: RunContext, files: Iterable[LoadedFile], fetch: FetchRecords) -> list[Proof]:
    """Fill file_tally and quarantined_row; return one proof per file: its rows in equal the sum of the verdicts."""
    proofs = []
    for file in files:
        counts = _verdicts(ctx, file)
        putting_aside.keep(ctx, file, fetch)
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
    rows += ctx.rows(
        "SELECT verdict, row_count FROM stg_count WHERE src_file = :file ORDER BY verdict", file=file.file_id
    )
    for verdict, count in rows:
        counts[str(verdict)] += int(count)
    return counts
