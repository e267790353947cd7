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
from ecsync.mapping import catalogue, records
from ecsync.mapping.model_file import AsOf
from ecsync.master.tables_running import INBOX_FILE, QUARANTINED_ROW
from ecsync.run.collecting import flow_facts
from ecsync.run.workspace import fsync_folder

if TYPE_CHECKING:
    from ecsync.config import Inbound, Settings
    from ecsync.exchange.steps import Steps
    from ecsync.mapping.model import InboundMapping


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


def put_aside(conn: sa.Connection, flow: str = "", *, state: str = "open") -> list[PutAside]:
    """Return the rows in quarantine by flow, file and line."""
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
    ).where(table.state == state)
    if flow:
        query = query.where(table.flow == flow)
    query = query.order_by(table.flow, table.file_id, table.line, table.row_id)
    return [
        PutAside(int(r[0]), r[1], r[2], int(r[3]), r[4], r[5], dict(json.loads(r[6] or "{}")), r[7], r[8])
        for r in conn.execute(query)
    ]


def export(conn: sa.Connection, settings: Settings, flow: Inbound, target: Path) -> int:
    """Write the open rows of a flow with the header of their own file; return how many records.

    The layout is the partner's: same encoding, same quoting, the very bytes. Raises UsageError where
    there is none, or where `target` exists.
    """
    table = QUARANTINED_ROW.c
    rows = conn.execute(
        sa.select(table.file_id, table.line, table.raw_record)
        .where(table.flow == flow.name, table.state == "open", table.raw_record != "")
        .order_by(table.file_id, table.line, table.row_id)
    ).all()
    if not rows:
        raise UsageError(_("no rows of {flow} are put aside").format(flow=flow.name))
    if target.exists():
        raise UsageError(_("{path} exists; name another file").format(path=target))
    distinct = {(int(file_id), int(line)): bytes.fromhex(str(raw)) for file_id, line, raw in rows}
    mapping = catalogue.load_inbound(flow.mapping, settings.folder)
    newest = max(file_id for file_id, _line in distinct)
    header = _header_of(conn, settings, newest, mapping)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(header)
        for _key, record in sorted(distinct.items()):
            out.write(record if record.endswith((b"\n", b"\r")) else record + b"\r\n")
        out.flush()
        os.fsync(out.fileno())
    return len(distinct)


def _header_of(conn: sa.Connection, settings: Settings, file_id: int, mapping: InboundMapping) -> bytes:
    name = conn.execute(sa.select(INBOX_FILE.c.spool_path).where(INBOX_FILE.c.file_id == file_id)).scalar()
    path = settings.folder / "spool" / Path(str(name)).name
    return records.header_bytes(path, mapping) if path.is_file() else b""


def retry(steps: Steps, settings: Settings, flow: Inbound, mended: Path, now: str) -> int:
    """Put a mended file into the spool as a file of its flow; return how many rows it answers.

    It carries the as-of of the newest file whose rows it mends, so that it never overrules a newer state.
    The next run takes it in.
    """
    content = mended.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    table = QUARANTINED_ROW.c
    with steps.begin() as conn:
        origin = conn.execute(
            sa.select(sa.func.max(INBOX_FILE.c.as_of))
            .select_from(INBOX_FILE.join(QUARANTINED_ROW, INBOX_FILE.c.file_id == table.file_id))
            .where(table.flow == flow.name, table.state == "open")
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
        result = conn.execute(
            sa.update(QUARANTINED_ROW)
            .where(table.flow == flow.name, table.state == "open")
            .values(state="retried")
        )
    return int(result.rowcount)
