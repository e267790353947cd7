"""Rows that were put aside: list them, export them in the partner's own layout, take mended ones back in."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ecsync.errors import UsageError
from ecsync.exchange import inbox
from ecsync.locale import _
from ecsync.mapping import catalogue, reader, records
from ecsync.mapping.model_file import AsOf
from ecsync.master.tables_running import INBOX_FILE, QUARANTINED_ROW
from ecsync.run import mending
from ecsync.run.collecting import flow_facts
from ecsync.run.flow_mappings import inbound_mapping
from ecsync.run.workspace import fsync_folder

if TYPE_CHECKING:
    from ecsync.config import Inbound, Settings
    from ecsync.exchange.steps import Steps


_ROW = QUARANTINED_ROW.c
STANDING = ("open", "exported")


@dataclass(frozen=True)
class PutAside:
    """A row that was put aside: where it stands and why; no value of it."""

    row_id: int
    flow: str
    file_name: str
    line: int
    column: str
    reason: str
    params: dict[str, str]
    business_key: str
    state: str


def put_aside(conn: sa.Connection, flow: str = "") -> list[PutAside]:
    """Return the rows that wait to be mended, by flow, file and line."""
    table = QUARANTINED_ROW.c
    query = sa.select(
        table.row_id,
        table.flow,
        table.file_name,
        table.line,
        table.column_name,
        table.reason,
        table.params,
        table.business_key,
        table.state,
    ).where(table.state.in_(STANDING))
    if flow:
        query = query.where(table.flow == flow)
    query = query.order_by(table.flow, table.file_id, table.line, table.row_id)
    return [
        PutAside(int(r[0]), r[1], r[2], int(r[3]), r[4], r[5], dict(json.loads(r[6] or "{}")), r[7], r[8])
        for r in conn.execute(query)
    ]


@dataclass(frozen=True)
class Exported:
    """How many records were written, and of how many files with another header rows are left."""

    records: int
    files_left: int


def export(steps: Steps, settings: Settings, flow: Inbound, target: Path) -> Exported:
    """Write the rows of a flow that are put aside, with the header of their own file.

    The layout is the partner's: same encoding, same quoting, the very bytes. Rows of files with another
    header than the newest one's stay for another export. Raises UsageError where there is no row, or where
    `target` exists.
    """
    if target.exists():
        raise UsageError(_("{path} exists; name another file").format(path=target))
    mapping = catalogue.load_inbound(flow.mapping, settings.folder)
    with steps.begin() as conn:
        files = _files_with_rows(conn, settings, flow)
        if not files:
            raise UsageError(_("no rows of {flow} are put aside").format(flow=flow.name))
        newest = max(files)
        header = records.header_bytes(files[newest], mapping)
        alike = [number for number in sorted(files) if records.header_bytes(files[number], mapping) == header]
        rows = _records(conn, alike)
        target.parent.mkdir(parents=True, exist_ok=True)
        records.write_quarantine(files[newest], mapping, dict(enumerate(rows)), target)
        conn.execute(
            sa.update(QUARANTINED_ROW)
            .where(_ROW.file_id.in_(alike), _ROW.state == "open", _ROW.raw_record != "")
            .values(state="exported")
        )
    return Exported(len(rows), len(files) - len(alike))


def _files_with_rows(conn: sa.Connection, settings: Settings, flow: Inbound) -> dict[int, Path]:
    query = (
        sa.select(_ROW.file_id, INBOX_FILE.c.spool_path)
        .join(INBOX_FILE, INBOX_FILE.c.file_id == _ROW.file_id)
        .where(_ROW.flow == flow.name, _ROW.state.in_(STANDING), _ROW.raw_record != "")
        .distinct()
        .order_by(_ROW.file_id)
    )
    places = {int(row[0]): settings.folder / "spool" / Path(str(row[1])).name for row in conn.execute(query)}
    return {number: path for number, path in places.items() if path.is_file()}


def _records(conn: sa.Connection, files: list[int]) -> list[bytes]:
    query = (
        sa.select(_ROW.file_id, _ROW.line, _ROW.raw_record)
        .where(_ROW.file_id.in_(files), _ROW.state.in_(STANDING), _ROW.raw_record != "")
        .order_by(_ROW.file_id, _ROW.line, _ROW.row_id)
    )
    distinct = {(int(row[0]), int(row[1])): bytes.fromhex(str(row[2])) for row in conn.execute(query)}
    return [distinct[place] for place in sorted(distinct)]


def retry(steps: Steps, settings: Settings, flow: Inbound, mended: Path, now: str) -> int:
    """Put a mended file into the spool as a file of its flow; return how many rows it answers.

    Each row carries the time of the file in which it was put aside (see `mending`), so that it never overrules a
    newer state. The next run takes it in.
    """
    content = mended.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    keys = _keys_in(settings, flow, mended)
    with steps.begin() as conn:
        origin = conn.execute(
            sa.select(sa.func.max(INBOX_FILE.c.as_of))
            .select_from(INBOX_FILE.join(QUARANTINED_ROW, INBOX_FILE.c.file_id == _ROW.file_id))
            .where(_ROW.flow == flow.name, _ROW.state.in_(STANDING))
        ).scalar()
    if not origin:
        raise UsageError(
            _("no rows of {flow} are put aside, so nothing can be mended").format(flow=flow.name),
            hint="ecsync quarantine list",
        )
    target = settings.folder / "spool" / digest
    temporary = target.with_suffix(".part")
    temporary.write_bytes(content)
    temporary.chmod(0o600)
    with temporary.open("rb") as handle:
        os.fsync(handle.fileno())
    temporary.replace(target)
    fsync_folder(target.parent)
    facts = replace(flow_facts(settings, flow), as_of=AsOf.model_validate({"from": "mtime"}))
    inbox.record_spooled(
        steps,
        flow,
        facts,
        name=mended.name,
        size=len(content),
        mtime=str(origin),
        sha256=digest,
        run_id=0,
        now=now,
    )
    with steps.begin() as conn:
        mending.mark(conn, flow.name, digest)
        return _answer(conn, flow, keys)


def _keys_in(settings: Settings, flow: Inbound, mended: Path) -> set[str]:
    """Return the business keys of a mended file; raise FileRefusedError where it cannot be read at all."""
    mapping = inbound_mapping(settings, flow.mapping, flow.party)
    keys: set[str] = set()
    for batch in reader.open_reader(mended, mapping, file_name=mended.name):
        keys.update(batch.rows.column(mapping.frame.key[0]).unique().to_pylist())
        keys.update(reject.business_key for reject in batch.rejects)
    return keys


def _answer(conn: sa.Connection, flow: Inbound, keys: set[str]) -> int:
    """Mark the rows that a mended file answers: those of its keys, and exported ones whose key was unreadable."""
    standing = conn.execute(
        sa.select(_ROW.row_id, _ROW.business_key, _ROW.state)
        .where(_ROW.flow == flow.name, _ROW.state.in_(STANDING))
        .order_by(_ROW.row_id)
    ).all()
    answered = [
        {"number": row_id} for row_id, key, state in standing if (key in keys if key else state == "exported")
    ]
    if answered:
        conn.execute(
            sa.update(QUARANTINED_ROW).where(_ROW.row_id == sa.bindparam("number")).values(state="retried"),
            answered,
        )
    return len(answered)
