"""Make staging ready for the rooms: drop what was refused or guarded, settle doubled keys, list rejects, join pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ecsync.entities import ENTITIES
from ecsync.mapping import catalogue
from ecsync.run import duplicates, joining, mending

if TYPE_CHECKING:
    from ecsync.master.context import RunContext
    from ecsync.run.load import Loaded
    from ecsync.run.loaded_file import LoadedFile

# Orders that must not go half through, and lists of stock that are not complete.
_LISTED = frozenset({"order_lines", "stock_levels"})


def prepare(ctx: RunContext, loaded: Loaded) -> None:
    """Prepare every staging table of the run; rooms then look only at rows whose verdict is ''."""
    for entity, file_id in loaded.discarded:
        ctx.execute(f"DELETE FROM stg_{ENTITIES[entity].name} WHERE src_file = :file", file=file_id)  # noqa: S608
    for file in loaded.files:
        if file.mended:
            mending.date_rows(ctx, file)
        mapping = catalogue.load_inbound(file.mapping, ctx.settings.folder)
        if mapping.duplicates is not None:
            key, policy, frame = mapping.duplicate_key(), mapping.duplicates, ENTITIES[file.entity]
            # Of an order a row that cannot be read puts all aside as it is.
            if policy.add and file.entity != "order_lines":
                duplicates.put_aside(ctx, frame, file.file_id, (r.business_key for r in file.rejects))
            duplicates.settle(ctx, frame, file.file_id, key, policy.different, policy.add)
    rejected = [
        {"src_file": file.file_id, "src_line": line, "src_party": file.party, "order_no": key}
        for file in loaded.files
        if file.entity in _LISTED
        for line, key in sorted({*((r.line, r.business_key) for r in file.rejects), *_not_whole(file)})
        if key or file.entity == "stock_levels"
    ]
    if rejected:
        ctx.conn.execute(
            sa.text(
                "INSERT INTO stg_reject (src_file, src_line, src_party, order_no) "
                "VALUES (:src_file, :src_line, :src_party, :order_no)"
            ),
            rejected,
        )
    joining.join(ctx, loaded)


def _not_whole(file: LoadedFile) -> set[tuple[int, str]]:
    return {(0, "")} if file.mended else set()
