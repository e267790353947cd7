"""The outbox: files that are decided and wait to be handed over, and the business keys that they tell.

Told means: the outbox row is committed. A row names the one endpoint of its flow; its keys are unique over
all files of a document, so that no order, parcel or entry is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ecsync.errors import ConfigurationError, ProofError, UsageError
from ecsync.exchange import names
from ecsync.locale import _
from ecsync.master import counters
from ecsync.master.tables_running import DELIVERY_ATTEMPT, OUTBOX_FILE, OUTBOX_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecsync.config import Outbound

COUNTER: Final = "outbox"
SETTLED: Final = ("verified", "acknowledged", "dropped")
NEEDS_PERSON: Final = ("unknown", "conflict")


@dataclass(frozen=True)
class OutboxDraft:
    """A finished payload on disk, and the flow it belongs to. `payload_path` is relative to the outbox folder."""

    flow: Outbound
    document: str
    remote_name: str
    sha256: str
    size: int
    row_count: int
    payload_path: str
    priority: int
    readable: bool
    created_at: str
    run_id: int


@dataclass(frozen=True)
class OutboxFile:
    """An outbox row with the number of its newest step (0 where nothing was begun)."""

    outbox_id: int
    flow: str
    document: str
    party: str
    mapping: str
    endpoint: str
    remote_dir: str
    remote_name: str
    sha256: str
    size: int
    row_count: int
    payload_path: str
    handover: str
    done_suffix: str
    on_exists: str
    on_unknown: str
    receiver_removes: int
    readable: int
    priority: int
    state: str
    temp_name: str
    detail: str
    created_at: str
    erased_at: str
    run_id: int
    attempt: int

    @property
    def delivery(self) -> str:
        """Return the delivery id: the same on every attempt, on every machine."""
        return delivery_id(self.outbox_id, self.sha256)

    @property
    def place(self) -> tuple[str, str, str]:
        """Return where it goes: endpoint, folder, name."""
        return self.endpoint, self.remote_dir, self.remote_name


def delivery_id(outbox_id: int, sha256: str) -> str:
    """Return the id that temp names and journal lines carry."""
    return f"{outbox_id}-{sha256[:8]}"


@dataclass(frozen=True)
class ToldKeys:
    """What a file tells: a query of `business_key` and the number (`reference`) by which the file calls it.

    `params` are the query's; `count` is how many keys it yields.
    """

    sql: str
    params: Mapping[str, object]
    count: int


def enqueue(conn: sa.Connection, draft: OutboxDraft, told: ToldKeys) -> int:
    """Put a file into the outbox inside the run's transaction and return its number.

    Raises ProofError where one of its business keys was told before, ConfigurationError for an unsafe name.
    """
    reason = names.refusal(draft.remote_name)
    if reason:
        raise ConfigurationError(
            _("the file name of mapping {mapping} is not safe: {reason}").format(
                mapping=draft.flow.mapping, reason=_(reason)
            )
        )
    names.folder_parts(draft.flow.path)
    outbox_id = counters.take(conn, COUNTER, 1)
    flow = draft.flow
    conn.execute(
        sa.insert(OUTBOX_FILE).values(
            outbox_id=outbox_id,
            flow=flow.name,
            document=draft.document,
            party=flow.party,
            mapping=flow.mapping,
            endpoint=flow.endpoint,
            remote_dir=flow.path,
            remote_name=draft.remote_name,
            sha256=draft.sha256,
            size=draft.size,
            row_count=draft.row_count,
            payload_path=draft.payload_path,
            handover=flow.handover,
            done_suffix=flow.done_suffix if flow.handover == "done_file" else "",
            on_exists=flow.on_exists,
            on_unknown=flow.on_unknown,
            receiver_removes=int(flow.receiver_removes),
            readable=int(draft.readable),
            priority=draft.priority,
            state="planned",
            temp_name=f"{flow.temp_prefix}{delivery_id(outbox_id, draft.sha256)}.part"
            if flow.handover == "rename"
            else "",
            created_at=draft.created_at,
            updated_at=draft.created_at,
            run_id=draft.run_id,
        )
    )
    _tell(conn, draft, outbox_id, told)
    return outbox_id


# Hundreds of thousands in a night of stock: they never leave the database.
_TELL: Final = """
INSERT INTO outbox_key (document, outbox_id, run_id, business_key, reference)
SELECT CAST(:document AS TEXT), CAST(:outbox_id AS BIGINT), CAST(:run_id AS BIGINT), t.business_key, t.reference
FROM ({told}) t
"""


def _tell(conn: sa.Connection, draft: OutboxDraft, outbox_id: int, told: ToldKeys) -> None:
    own = {"document": draft.document, "outbox_id": outbox_id, "run_id": draft.run_id}
    try:
        with conn.begin_nested():
            conn.execute(sa.text(_TELL.format(told=told.sql)), {**told.params, **own})
    except sa.exc.IntegrityError:
        raise ProofError(
            _("flow {flow} would tell something twice; nothing was kept").format(flow=draft.flow.name),
            hint=_("report this: the stage that decides must leave out what was told"),
        ) from None


_COLUMNS: Final = tuple(OUTBOX_FILE.c[name] for name in OutboxFile.__dataclass_fields__ if name != "attempt")


def _select() -> sa.Select[Any]:
    newest = (
        sa.select(sa.func.coalesce(sa.func.max(DELIVERY_ATTEMPT.c.attempt_id), 0))
        .where(DELIVERY_ATTEMPT.c.outbox_id == OUTBOX_FILE.c.outbox_id)
        .scalar_subquery()
    )
    return sa.select(*_COLUMNS, newest.label("attempt"))


def unsettled(conn: sa.Connection) -> list[OutboxFile]:
    """Return every file that is not settled, in the order of sending: by priority, then by number."""
    query = (
        _select()
        .where(OUTBOX_FILE.c.state.not_in(SETTLED))
        .order_by(OUTBOX_FILE.c.priority, OUTBOX_FILE.c.outbox_id)
    )
    return [OutboxFile(*row) for row in conn.execute(query)]


def listing(conn: sa.Connection, *, everything: bool = False) -> list[OutboxFile]:
    """Return the files that are not settled, or all of them, the newest first."""
    query = _select().order_by(OUTBOX_FILE.c.outbox_id.desc())
    if not everything:
        query = query.where(OUTBOX_FILE.c.state.not_in(SETTLED))
    return [OutboxFile(*row) for row in conn.execute(query)]


def get(conn: sa.Connection, outbox_id: int) -> OutboxFile:
    """Return one file; raise UsageError where there is none of that number."""
    row = conn.execute(_select().where(OUTBOX_FILE.c.outbox_id == outbox_id)).one_or_none()
    if row is None:
        raise UsageError(
            _("the outbox holds no file {number}").format(number=outbox_id), hint="ecsync outbox list"
        )
    return OutboxFile(*row)


def keys_of(conn: sa.Connection, outbox_id: int) -> list[str]:
    """Return the business keys that a file tells, in order, as `spoken` writes them."""
    query = (
        sa.select(OUTBOX_KEY.c.business_key, OUTBOX_KEY.c.reference)
        .where(OUTBOX_KEY.c.outbox_id == outbox_id)
        .order_by(OUTBOX_KEY.c.business_key)
    )
    return [spoken(str(row[0]), str(row[1])) for row in conn.execute(query)]


def spoken(key: str, reference: str) -> str:
    """Return a key with the number that its file gave it, as one text of the delivery journal."""
    return f"{key}\t{reference}" if reference else key


def heard(text: str) -> tuple[str, str]:
    """Return key and number of a text that `spoken` wrote."""
    key, _separator, reference = text.partition("\t")
    return key, reference


def with_keys(msgid: str, keys: Sequence[str], most: int) -> str:
    """Return a detail of a delivery that names some business keys, as one text."""
    return f"{msgid}\t{', '.join(keys[:most])}{' …' if len(keys) > most else ''}"


def why(detail: str) -> dict[str, str]:
    """Return what a delivery's detail says, as parameters of a finding."""
    msgid, _separator, keys = detail.partition("\t")
    return {"reason": msgid, "keys": keys}


def spoken_detail(detail: str) -> str:
    """Return what a delivery's detail says, in the language spoken now."""
    msgid, separator, keys = detail.partition("\t")
    return _(msgid).format(keys=keys) if separator else _(msgid)


def is_older_of_ours(conn: sa.Connection, file: OutboxFile, *, sha256: str, size: int) -> bool:
    """Tell whether what lies at the file's place is an earlier file of ours (by size where `sha256` is '')."""
    older = (
        sa.select(OUTBOX_FILE.c.outbox_id)
        .where(
            OUTBOX_FILE.c.endpoint == file.endpoint,
            OUTBOX_FILE.c.remote_dir == file.remote_dir,
            OUTBOX_FILE.c.remote_name == file.remote_name,
            OUTBOX_FILE.c.outbox_id < file.outbox_id,
            OUTBOX_FILE.c.sha256 == sha256 if sha256 else OUTBOX_FILE.c.size == size,
        )
        .limit(1)
    )
    return conn.execute(older).first() is not None
