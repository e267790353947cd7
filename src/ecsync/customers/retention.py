"""Erase personal data when its channel's retention time is over: in the master here, in files by what this marks.

An order is past its time `retention_days` after its local date. Closed orders (shipped, cancelled, foreign)
lose their persons then; an open one, which still needs its address, after twice that time (it is held
from then on, for it has no address). A file is past its time when every order in it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.customers.limits import OPEN_FACTOR, oldest_kept
from ecsync.entities import ENTITIES
from ecsync.master.scratch import analyze, fill, scratch_tables
from ecsync.master.tables_decisions import DECISION_NOTE, PERSON_AMENDMENT
from ecsync.master.tables_orders import PERSON, PERSON_LINE

if TYPE_CHECKING:
    import sqlalchemy as sa

    from ecsync.master.context import RunContext

_SCRATCH: Final = {
    "w_limit": "channel TEXT, closed_before TEXT, open_before TEXT, PRIMARY KEY (channel)",
    "w_party": "party TEXT, closed_before TEXT, PRIMARY KEY (party)",
    "w_flow": "flow TEXT, party TEXT, PRIMARY KEY (flow)",
    "w_document": "document TEXT, PRIMARY KEY (document)",
    "w_due": "channel TEXT, order_no TEXT, PRIMARY KEY (channel, order_no)",
    "w_erased": "kind TEXT, id BIGINT, PRIMARY KEY (kind, id)",
}

PERSONAL: Final = (PERSON, PERSON_LINE, PERSON_AMENDMENT, DECISION_NOTE)
_NOT_ERASED: Final = (
    "EXISTS (SELECT 1 FROM {table} p "
    "WHERE p.channel = o.channel AND p.order_no = o.order_no AND p.erased_at = '')"
)
_DUE: Final = f"""
INSERT INTO w_due (channel, order_no)
SELECT o.channel, o.order_no FROM sales_order o JOIN w_limit l ON l.channel = o.channel
WHERE o.ordered_at < CASE WHEN o.state = 'open' THEN l.open_before ELSE l.closed_before END
  AND ({" OR ".join(_NOT_ERASED.format(table=table.name) for table in PERSONAL)})
"""  # noqa: S608

# What a file holds was ordered before its as-of. A warehouse's file holds orders of all its channels, and so it is
# past its time with the shortest of theirs.
_INBOX: Final = """
INSERT INTO w_erased (kind, id)
SELECT 'inbox', f.file_id FROM inbox_file f JOIN w_party l ON l.party = f.party
WHERE f.state <> 'erased' AND CASE WHEN f.as_of <> '' THEN f.as_of ELSE f.mtime END < l.closed_before
"""

_QUARANTINE: Final = """
INSERT INTO w_erased (kind, id)
SELECT 'quarantine', q.row_id FROM quarantined_row q
JOIN w_flow w ON w.flow = q.flow JOIN w_party l ON l.party = w.party
LEFT JOIN inbox_file f ON f.file_id = q.file_id
WHERE q.erased_at = ''
  AND CASE WHEN COALESCE(f.as_of, '') <> '' THEN f.as_of ELSE q.quarantined_at END < l.closed_before
"""

# A payload that may still have to be sent is kept; so is one with a parcel whose persons are not erased.
_OUTBOX: Final = """
INSERT INTO w_erased (kind, id)
SELECT 'outbox', b.outbox_id FROM outbox_file b
WHERE b.erased_at = '' AND b.state IN ('verified', 'acknowledged', 'dropped')
  AND EXISTS (SELECT 1 FROM w_document d WHERE d.document = b.document)
  AND EXISTS (SELECT 1 FROM outbox_key k WHERE k.outbox_id = b.outbox_id)
  AND NOT EXISTS (
    SELECT 1 FROM outbox_key k
    LEFT JOIN shipping_instruction i ON i.parcel_no = k.reference
    LEFT JOIN sales_order o ON o.channel = i.channel AND o.order_no = i.order_no
    WHERE k.outbox_id = b.outbox_id
      AND (o.order_no IS NULL OR EXISTS (SELECT 1 FROM person p WHERE p.channel = o.channel
                                         AND p.order_no = o.order_no AND p.erased_at = '')))
"""

_MARKS: Final = (
    ("inbox_file", "file_id", "inbox", "state = 'erased'"),
    ("outbox_file", "outbox_id", "outbox", "erased_at = :now"),
    (
        "quarantined_row",
        "row_id",
        "quarantine",
        (
            "raw_value = '', raw_record = '', erased_at = :now, "
            "state = CASE WHEN state IN ('open', 'exported') THEN 'dropped' ELSE state END"
        ),
    ),
)


@dataclass(frozen=True)
class Erasure:
    """What was erased in the master, and which files go with it: ids, ascending."""

    orders: int
    inbox_files: tuple[int, ...]
    outbox_files: tuple[int, ...]
    quarantined_rows: tuple[int, ...]


def erase_due(ctx: RunContext) -> Erasure:
    """Blank the persons of orders that are past their channel's time, and mark files for removal.

    Blanked: every value of person and person_line (`erased_at` is set; an import never fills them again), of
    corrections and of notes, cells and records in quarantine. Marked: inbox_file.state = 'erased' and
    outbox_file.erased_at; their bytes go after the commit. Adds a finding `erased` per channel.
    """
    with scratch_tables(ctx, **_SCRATCH):
        _fill_limits(ctx)
        ctx.execute(_DUE)
        analyze(ctx, "w_due")
        for table in PERSONAL:
            _blank(ctx, table)
        for statement in (_INBOX, _QUARANTINE, _OUTBOX):
            ctx.execute(statement)
        for table_name, key, kind, change in _MARKS:
            used = {"now": ctx.now} if ":now" in change else {}
            ctx.execute(
                f"UPDATE {table_name} SET {change} WHERE EXISTS (SELECT 1 FROM w_erased e "  # noqa: S608
                f"WHERE e.kind = '{kind}' AND e.id = {table_name}.{key})",
                **used,
            )
        counts = ctx.rows("SELECT channel, COUNT(*) FROM w_due GROUP BY channel ORDER BY channel")
        for channel, count in counts:
            ctx.findings.add("erased", str(channel), count=count)
        return Erasure(
            sum(count for _channel, count in counts),
            _ids(ctx, "inbox"),
            _ids(ctx, "outbox"),
            _ids(ctx, "quarantine"),
        )


def _fill_limits(ctx: RunContext) -> None:
    settings = ctx.settings
    limits: list[dict[str, object]] = []
    for name, channel in sorted(settings.channels.items()):
        days = channel.retention_days
        limits.append(
            {
                "channel": name,
                "closed_before": oldest_kept(ctx.business_date, days, settings.zone),
                "open_before": oldest_kept(ctx.business_date, days * OPEN_FACTOR, settings.zone),
            }
        )
    fill(ctx, "w_limit", limits)
    parties: dict[str, str] = {}
    for limit in limits:
        name, before = str(limit["channel"]), str(limit["closed_before"])
        for party in (name, settings.channels[name].warehouse):
            parties[party] = max(before, parties.get(party, ""))
        for party, company in settings.payment_companies.items():
            if not company.channels or name in company.channels:
                parties[party] = max(before, parties.get(party, ""))
    fill(ctx, "w_party", [{"party": party, "closed_before": before} for party, before in parties.items()])
    fill(
        ctx,
        "w_flow",
        [{"flow": f.name, "party": f.party} for f in settings.inbound if f.party in parties],
    )
    fill(
        ctx,
        "w_document",
        [{"document": e.name} for e in ENTITIES.values() if e.direction == "out" and e.personal_columns],
    )


def _blank(ctx: RunContext, table: sa.Table) -> None:
    kept = {*(c.name for c in table.primary_key), "channel", "order_no", "erased_at", "run_id"}
    blanks = ", ".join(f"{c.name} = ''" for c in table.columns if c.name not in kept)
    ctx.execute(
        f"UPDATE {table.name} SET {blanks}, erased_at = :now, run_id = :run "  # noqa: S608
        f"WHERE erased_at = '' AND EXISTS (SELECT 1 FROM w_due w WHERE w.channel = {table.name}.channel "
        f"AND w.order_no = {table.name}.order_no)",
        now=ctx.now,
        run=ctx.run_id,
    )


def _ids(ctx: RunContext, kind: str) -> tuple[int, ...]:
    return tuple(
        int(row[0]) for row in ctx.rows("SELECT id FROM w_erased WHERE kind = :kind ORDER BY id", kind=kind)
    )
