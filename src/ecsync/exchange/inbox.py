"""Collect a flow's files: list, let them settle, download, hash, spool, record. Nothing is read here.

The spool holds each content once, under its SHA-256. Events and states with known content are passed over; a
snapshot with known content and a later as-of is a new observation, and so is a state where the flow says so. That
a known content came again for a later time is kept: its partner has spoken. Where files stay at the partner's, one
that was seen with the same name, size and mtime is not downloaded again.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import sqlalchemy as sa

from ecsync.errors import TransferError
from ecsync.exchange import names, sightings, telling
from ecsync.exchange.archiving import finish_remote
from ecsync.exchange.arrival import AsOfRule, as_of
from ecsync.exchange.endpoint import Endpoint, Listing, RemoteFile
from ecsync.faultpoints import declare, faultpoint
from ecsync.findings import FindingLog
from ecsync.locale import N_
from ecsync.master.tables_running import INBOX_FILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecsync.config import Inbound
    from ecsync.exchange.steps import Steps

__all__ = ["Collected", "FlowFacts", "collect", "finish_remote", "record_spooled"]

BEFORE_LISTING: Final = declare("inbox.before_listing", "a flow's folder is about to be listed")
AFTER_SPOOLING: Final = declare("inbox.after_spooling", "a file is in the spool, durable, not recorded")
AFTER_RECORD: Final = declare("inbox.after_record", "a spooled file is recorded and committed")

NAME_WITHOUT_DATE: Final = N_("its name does not hold the date that the mapping expects")
ANOTHER_NAME: Final = N_("Have the partner write the date into the name, or change as_of in the mapping")
TRY_LATER: Final = N_("Try again later, or check the connection with `ecsync doctor`")

# A file that was refused, and is still there, is tried again: its mapping may have been mended.
_KNOWN: Final = ("spooled", "loaded", "skipped", "guarded", "erased")


@dataclass(frozen=True)
class FlowFacts:
    """What the exchange must know of a flow's mapping."""

    mapping: str
    nature: Literal["events", "state", "snapshot"]
    as_of: AsOfRule


@dataclass
class Collected:
    """What a flow's folder gave: numbers of new files, and how many were known, still growing, or refused."""

    taken: list[int] = field(default_factory=list)
    known: int = 0
    unstable: int = 0
    refused: int = 0


def collect(
    steps: Steps,
    flow: Inbound,
    facts: FlowFacts,
    endpoint: Endpoint,
    spool: Path,
    *,
    run_id: int,
    now: str,
    findings: FindingLog,
    sleep: Callable[[float], None] = time.sleep,
) -> Collected:
    """Bring a flow's new files into the spool; raise UnreachableError where the partner is away.

    What is strange (an unsafe name, a file that is still growing) is said and left for the next run.
    """
    faultpoint(BEFORE_LISTING)
    (spool / f".{flow.name}.part").unlink(missing_ok=True)
    collected = Collected()
    listing = endpoint.list_files(flow.place)
    _say_refused(flow, listing, collected, findings)
    wanted = _wanted(flow, listing)
    seen: dict[RemoteFile, str] = {}
    if flow.after == "keep":
        # Only files that stay would be downloaded over and over; all others are looked at by their bytes.
        with steps.begin() as conn:
            seen = sightings.contents_seen(conn, flow.name, wanted, states=_KNOWN, surely=True)
    collected.known += len(seen)
    candidates = [file for file in wanted if file not in seen]
    settled = _settled(flow, endpoint, candidates, sleep)
    for file in candidates:
        if file not in settled:
            _unstable(flow, file, collected, findings)
            continue
        try:
            sha256 = _spool(flow, endpoint, file, spool)
        except TransferError as error:
            collected.refused += 1
            findings.add(
                "file_refused",
                file.name,
                flow=flow.name,
                **telling.reasoned(error, TRY_LATER),
            )
            continue
        if sha256 is None:
            _unstable(flow, file, collected, findings)
            continue
        faultpoint(AFTER_SPOOLING)
        _record(steps, flow, facts, file, sha256, collected, findings, run_id=run_id, now=now)
        faultpoint(AFTER_RECORD)
    return collected


def record_spooled(
    steps: Steps,
    flow: Inbound,
    facts: FlowFacts,
    *,
    name: str,
    size: int,
    mtime: str,
    sha256: str,
    run_id: int,
    now: str,
) -> int:
    """Record a file that is in the spool already (a plan's input); return its number, 0 where it was known."""
    collected = Collected()
    file = RemoteFile(name, size, mtime)
    _record(steps, flow, facts, file, sha256, collected, FindingLog(), run_id=run_id, now=now)
    return collected.taken[0] if collected.taken else 0


def _wanted(flow: Inbound, listing: Listing) -> list[RemoteFile]:
    there = listing.by_name()
    done = flow.done_suffix
    wanted = [
        file
        for file in listing.files
        if names.matches(file.name, flow.pattern)
        and not (done and file.name.endswith(done))
        and (not done or file.name + done in there)
    ]
    return sorted(wanted, key=lambda file: (file.mtime, file.name))


def _say_refused(flow: Inbound, listing: Listing, collected: Collected, findings: FindingLog) -> None:
    here = names.folder_parts(flow.place)
    archive = names.folder_parts(flow.archive_path)[: len(here) + 1]
    for entry in listing.refused:
        # The archive folder, and names that the pattern does not ask for, are nobody's business.
        if entry.name and ((*here, entry.name) == archive or not names.matches(entry.name, flow.pattern)):
            continue
        collected.refused += 1
        findings.add("name_refused", flow.name, reason=entry.reason)


def _settled(
    flow: Inbound, endpoint: Endpoint, candidates: list[RemoteFile], sleep: Callable[[float], None]
) -> set[RemoteFile]:
    if not candidates or flow.settle_seconds == 0 or flow.done_suffix:
        return set(candidates)
    sleep(flow.settle_seconds)
    return set(candidates) & set(endpoint.list_files(flow.place).files)


def _spool(flow: Inbound, endpoint: Endpoint, file: RemoteFile, spool: Path) -> str | None:
    """Download into the spool and return the SHA-256; None where the file changed meanwhile."""
    draft = spool / f".{flow.name}.part"
    try:
        received = endpoint.download(flow.place, file.name, draft)
        if received.size != file.size or endpoint.stat(flow.place, file.name) != file:
            return None
        draft.replace(spool / received.sha256)
    except FileNotFoundError:
        return None
    finally:
        draft.unlink(missing_ok=True)
    handle = os.open(spool, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return received.sha256


def _record(
    steps: Steps,
    flow: Inbound,
    facts: FlowFacts,
    file: RemoteFile,
    sha256: str,
    collected: Collected,
    findings: FindingLog,
    *,
    run_id: int,
    now: str,
) -> None:
    when = as_of(facts.as_of, name=file.name, mtime=file.mtime, arrival=now)
    if when is None:
        collected.refused += 1
        findings.add("file_refused", file.name, flow=flow.name, reason=NAME_WITHOUT_DATE, advice=ANOTHER_NAME)
        return
    with steps.begin() as conn:
        known = _known(conn, flow, facts, sha256, when)
        file_id = 0
        if not known:
            file_id = _put_back_refused(conn, flow, sha256, run_id) or _insert(
                conn, flow, facts, file, sha256, when, run_id
            )
        else:
            _open_again(conn, flow, sha256)
            _seen_again(conn, flow, facts, file, sha256, when)
        sightings.record(
            conn, flow.name, file, sha256, outcome="known" if known else "taken", at=now, run_id=run_id
        )
    if known:
        collected.known += 1
        findings.add("file_known", file.name, flow=flow.name)
    else:
        collected.taken.append(file_id)


def _known(conn: sa.Connection, flow: Inbound, facts: FlowFacts, sha256: str, when: str) -> bool:
    query = sa.select(INBOX_FILE.c.file_id).where(
        INBOX_FILE.c.flow == flow.name, INBOX_FILE.c.sha256 == sha256, INBOX_FILE.c.state.in_(_KNOWN)
    )
    if facts.nature == "snapshot" or (facts.nature == "state" and flow.repeated == "news"):
        query = query.where(INBOX_FILE.c.as_of >= when)
    return conn.execute(query.limit(1)).first() is not None


def _put_back_refused(conn: sa.Connection, flow: Inbound, sha256: str, run_id: int) -> int:
    refused = (
        INBOX_FILE.c.flow == flow.name,
        INBOX_FILE.c.sha256 == sha256,
        INBOX_FILE.c.state == "refused",
    )
    file_id = conn.execute(sa.select(sa.func.min(INBOX_FILE.c.file_id)).where(*refused)).scalar()
    if file_id is None:
        return 0
    conn.execute(
        sa.update(INBOX_FILE)
        .where(INBOX_FILE.c.file_id == file_id)
        .values(state="spooled", reason="", mapping=flow.mapping, run_id=run_id)
    )
    return int(file_id)


def _open_again(conn: sa.Connection, flow: Inbound, sha256: str) -> None:
    """Let a re-sent file be put away at the partner's like the first one."""
    conn.execute(
        sa.update(INBOX_FILE)
        .where(INBOX_FILE.c.flow == flow.name, INBOX_FILE.c.sha256 == sha256, INBOX_FILE.c.remote_done != "")
        .values(remote_done="")
    )


def _seen_again(
    conn: sa.Connection, flow: Inbound, facts: FlowFacts, file: RemoteFile, sha256: str, when: str
) -> None:
    """Keep that a content came again for a later time.

    A file that only lies there would arrive anew in every run, so by arrival it counts by a new mtime alone.
    """
    same = (INBOX_FILE.c.flow == flow.name, INBOX_FILE.c.sha256 == sha256, INBOX_FILE.c.state.in_(_KNOWN))
    latest = sightings.last_spoke()
    newest = conn.execute(
        sa.select(INBOX_FILE.c.file_id, latest, INBOX_FILE.c.mtime)
        .where(*same)
        .order_by(latest.desc(), INBOX_FILE.c.file_id.desc())
        .limit(1)
    ).one()
    if str(newest[1]) >= when or (facts.as_of.from_ == "arrival" and str(newest[2]) >= file.mtime):
        return
    conn.execute(sa.update(INBOX_FILE).where(INBOX_FILE.c.file_id == newest.file_id).values(seen_as_of=when))


def _insert(
    conn: sa.Connection,
    flow: Inbound,
    facts: FlowFacts,
    file: RemoteFile,
    sha256: str,
    when: str,
    run_id: int,
) -> int:
    # No business number, so no counter tells it: content may come in any order.
    file_id = int(conn.execute(sa.select(sa.func.max(INBOX_FILE.c.file_id))).scalar() or 0) + 1
    conn.execute(
        sa.insert(INBOX_FILE).values(
            file_id=file_id,
            flow=flow.name,
            party=flow.party,
            mapping=facts.mapping,
            name=file.name,
            sha256=sha256,
            size=file.size,
            mtime=file.mtime,
            as_of=when,
            spool_path=sha256,
            state="spooled",
            run_id=run_id,
        )
    )
    return file_id


def _unstable(flow: Inbound, file: RemoteFile, collected: Collected, findings: FindingLog) -> None:
    collected.unstable += 1
    findings.add("file_unstable", file.name, flow=flow.name)
