"""Turn decisions into files: rows not told yet -> mapping -> payload on disk (fsynced) -> outbox row and keys.

All inside the run's transaction; nothing leaves the machine here. A row that the receiver could not read
is left out with everything of its business key, said so, and stays untold.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ecsync.exchange import outbox
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_
from ecsync.mapping import catalogue, writer
from ecsync.mapping.cell_text import WRITE_RULES
from ecsync.master import counters
from ecsync.progress import step
from ecsync.run import clock, documents, guards
from ecsync.run.flow_mappings import outbound_mapping, party_texts
from ecsync.run.outgoing_rows import OutgoingRows, Selection, outgoing_rows
from ecsync.run.row_file import as_rows, with_row_keys
from ecsync.run.workspace import Workspace, fsync_folder
from ecsync.stock import documents as stock_documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecsync.config import Outbound, Settings
    from ecsync.mapping.model import OutboundMapping
    from ecsync.master.context import RunContext
    from ecsync.run.prove import HeldBack
    from ecsync.run.stages import Stage

BEFORE_PAYLOAD = declare("publish.before_payload", "the payload of an outbound file is not written yet")
AFTER_PAYLOAD = declare("publish.after_payload", "the payload is durable, its outbox row is not inserted yet")
AFTER_ENQUEUE = declare("publish.after_enqueue", "the outbox row and its keys are in the open transaction")

_FALLEN_TO_ZERO = """
SELECT COUNT(*) FROM channel_quantity q
WHERE q.channel = :party AND q.qty = 0 AND COALESCE(q.previous_qty, 0) > 0
  AND NOT EXISTS (SELECT 1 FROM outbox_key k WHERE k.document = 'channel_quantities' AND k.business_key
                  = q.channel || ':' || q.item_key || ':' || q.sku_key || ':' || q.sequence)
  AND NOT EXISTS (SELECT 1 FROM channel_quantity later
                  WHERE later.channel = q.channel AND later.item_key = q.item_key
                    AND later.sku_key = q.sku_key AND later.sequence > q.sequence)
"""

# A party may have several flows of a document; what the first of them left is for the others.
_TOLD_IN_RUN = """
SELECT COUNT(*) FROM outbox_file f WHERE f.run_id = :run AND f.document = :document AND f.party = :party
"""


@dataclass(frozen=True)
class Published:
    """One outbound file of this run."""

    flow: str
    endpoint: str
    remote_dir: str
    remote_name: str
    sha256: str
    size: int
    row_count: int
    payload: Path
    document: str
    outbox_id: int


def publish(
    ctx: RunContext, stages: tuple[Stage, ...], workspace: Workspace, held: HeldBack
) -> list[Published]:
    """Write every outbound file that this run's stages decided; return them in order of sending."""
    names = {stage.name for stage in stages}
    published: list[Published] = []
    flows = _flows_by_priority(ctx)
    with step(N_("writing files"), total=len(flows)) as advance:
        for flow in flows:
            mapping = outbound_mapping(ctx.settings, flow)
            if flow.handover == "rows":
                mapping = as_rows(mapping)
            source = documents.SOURCES[mapping.entity]
            if source.stage in names:
                published += _publish_flow(ctx, flow, mapping, source, workspace, held)
            advance(1)
    return published


def _flows_by_priority(ctx: RunContext) -> list[Outbound]:
    def priority(flow: Outbound) -> tuple[int, str]:
        entity = catalogue.load_outbound(flow.mapping, ctx.settings.folder).entity
        return documents.SOURCES[entity].priority, flow.name

    return sorted(ctx.settings.outbound, key=priority)


def _publish_flow(
    ctx: RunContext,
    flow: Outbound,
    mapping: OutboundMapping,
    source: documents.DocumentSource,
    workspace: Workspace,
    held: HeldBack,
) -> Iterator[Published]:
    selection = _selection(ctx.settings, flow, source, _fresh_run(ctx, flow, source))
    with outgoing_rows(ctx, mapping, selection, held.keys(mapping.entity)) as rows:
        if not rows.more() or (
            (stopped := _guard(ctx, flow, mapping)) is not None and not _let_pass(ctx, flow, stopped)
        ):
            return
        part = 0
        while rows.more():
            made = _publish_file(ctx, flow, mapping, source, workspace, rows, part)
            if made is not None:
                yield made
                part += 1


def _publish_file(
    ctx: RunContext,
    flow: Outbound,
    mapping: OutboundMapping,
    source: documents.DocumentSource,
    workspace: Workspace,
    rows: OutgoingRows,
    part: int,
) -> Published | None:
    sequence = counters.take(ctx.conn, f"file:{flow.name}:{ctx.business_date}", 1)
    name = writer.file_name(
        mapping,
        date=date.fromisoformat(ctx.business_date),
        clock=clock.from_text(ctx.now).astimezone(ctx.settings.zone).time(),
        sequence=sequence,
        part=part,
        party=flow.party,
    )
    payload = workspace.outbox / f"{ctx.run_id:08d}-{flow.name}-{sequence:03d}.payload"
    faultpoint(BEFORE_PAYLOAD)
    batches = rows.of_next_file()
    written = writer.write_file(
        mapping,
        with_row_keys(batches) if flow.handover == "rows" else batches,
        payload,
        writer.WriteOptions(settings=dotted_settings(ctx.settings, flow.party), today=ctx.business_date),
    )
    for change in written.changes:
        replaced = {"code_point": change.code_point, "written": change.written} if change.code_point else {}
        ctx.findings.add(
            "text_replaced" if replaced else "text_cut",
            change.business_key,
            column=change.column,
            count=change.row_count,
            **replaced,
        )
    for refused in written.refused:
        ctx.findings.add(
            "row_not_writable",
            refused.business_key,
            column=refused.column,
            reason=WRITE_RULES[refused.rule],
            code_point=refused.code_point,
            sign=f" ({refused.code_point})" if refused.code_point else "",
        )
    told = rows.told({refused.business_key for refused in written.refused})
    if told is None:
        payload.unlink()
        return None
    _make_durable(payload)
    faultpoint(AFTER_PAYLOAD)
    draft = outbox.OutboxDraft(
        flow=flow,
        document=mapping.entity,
        remote_name=name,
        sha256=written.sha256,
        size=written.size,
        row_count=written.row_count,
        payload_path=payload.name,
        priority=source.priority,
        readable=ctx.settings.endpoints[flow.endpoint].readable,
        created_at=ctx.now,
        run_id=ctx.run_id,
    )
    outbox_id = outbox.enqueue(ctx.conn, draft, told)
    ctx.changes += told.count
    faultpoint(AFTER_ENQUEUE)
    return Published(
        flow.name,
        flow.endpoint,
        flow.path,
        name,
        written.sha256,
        written.size,
        written.row_count,
        payload,
        mapping.entity,
        outbox_id,
    )


def _fresh_run(ctx: RunContext, flow: Outbound, source: documents.DocumentSource) -> int:
    """Return the run whose decisions for this party no file has told, 0 where an earlier flow told some of them."""
    told = ctx.scalar(_TOLD_IN_RUN, run=ctx.run_id, document=source.entity, party=flow.party)
    return 0 if told else ctx.run_id


def _selection(
    settings: Settings, flow: Outbound, source: documents.DocumentSource, fresh_run: int
) -> Selection:
    """Return the query of a flow's rows, and what it is asked with."""
    if source.of_warehouses:
        cutovers = {
            name: clock.to_text(place.cutover) for name, place in settings.warehouses.items() if place.cutover
        }
        since, places = stock_documents.since(cutovers)
        return Selection(source.sql.replace("{since}", since), {"document": source.entity, **places})
    if not source.of_payments:
        return Selection(source.sql, {"party": flow.party, "document": source.entity, "fresh": fresh_run})
    company = settings.payment_companies[flow.party]
    lists = {"methods": sorted(company.methods), "channels": sorted(company.channels or settings.channels)}
    return Selection(source.sql, {"document": source.entity, **lists}, tuple(lists))


def _guard(ctx: RunContext, flow: Outbound, mapping: OutboundMapping) -> guards.Stopped | None:
    if mapping.entity != "channel_quantities" or flow.guard.max_share_to_zero >= 1:
        return None
    fallen = ctx.scalar(_FALLEN_TO_ZERO, party=flow.party)
    listed = ctx.scalar("SELECT COUNT(*) FROM channel_stock WHERE channel = :party", party=flow.party)
    if listed and fallen > listed * flow.guard.max_share_to_zero:
        return guards.Stopped("zero_share", f"{fallen}/{listed}")
    return None


def _let_pass(ctx: RunContext, flow: Outbound, stopped: guards.Stopped) -> bool:
    if guards.use_override(ctx.conn, stopped.guard, flow.name, ctx.now, ctx.run_id, ctx.findings):
        return True
    ctx.findings.add("guard_stopped", flow.name, guard=stopped.guard, detail=stopped.detail)
    return False


def dotted_settings(settings: Settings, party: str) -> dict[str, str]:
    """Return what `{setting: ...}` of a mapping may name for a flow of this party, by dotted name.

    As in `sender.name`, `carriers.yamato.customer_code`, and `channel.ship_status` of the party's options.
    `sender.full_address` is address and building in one.
    """
    sender = settings.sender
    if "address" in sender:
        whole = " ".join(filter(None, (sender["address"], sender.get("building", ""))))
        sender = {"full_address": whole, **sender}
    sections = {
        "sender": sender,
        **{f"carriers.{carrier}": values for carrier, values in settings.carriers.items()},
    }
    named = {
        f"{section}.{name}": value for section, values in sections.items() for name, value in values.items()
    }
    return {**named, **party_texts(settings, party)}


def _make_durable(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
    fsync_folder(path.parent)
