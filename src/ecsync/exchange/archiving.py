"""After the commit: archive or delete at the partner's what the master holds.

Whatever lies there under the name, size and mtime under which loaded content was seen is put away; a newer
file of the same name is left alone. It looks at what is there, so it may be done any number of times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.errors import AuthenticationError, ConfigurationError, TransferError, UnreachableError
from ecsync.exchange import names, telling
from ecsync.exchange.opening import open_endpoint
from ecsync.exchange.sightings import contents_seen
from ecsync.faultpoints import declare, faultpoint
from ecsync.master.tables_running import INBOX_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecsync.config import Inbound, Settings
    from ecsync.exchange.endpoint import Endpoint
    from ecsync.exchange.steps import Steps
    from ecsync.findings import FindingLog

BEFORE_ARCHIVING: Final = declare(
    "inbox.before_archiving", "a loaded file is about to leave the partner's folder"
)
AFTER_ARCHIVING: Final = declare(
    "inbox.after_archiving", "a loaded file left the partner's folder; not recorded"
)

_LOADED: Final = ("loaded", "skipped", "erased")
_DONE: Final = {"archive": "archived", "delete": "deleted", "keep": "kept"}


def finish_remote(
    steps: Steps, settings: Settings, findings: FindingLog, *, facts: Mapping[str, object] | None = None
) -> set[int]:
    """Put away every loaded file of every flow as `after` says; return the exit statuses of what did not go.

    `facts` names the flows to look at; all of them where it is None.
    """
    flows = [flow for flow in settings.inbound if facts is None or flow.name in facts]
    with steps.begin() as conn:
        due = [flow for flow in flows if _is_due(conn, flow)]
        for flow in due:
            if flow.after == "keep":
                _mark(conn, flow)
    statuses: set[int] = set()
    remote = [flow for flow in due if flow.after != "keep"]
    for name in sorted({flow.endpoint for flow in remote}):
        try:
            with open_endpoint(name, settings) as endpoint:
                for flow in remote:
                    if flow.endpoint == name:
                        statuses |= _put_away_or_say(steps, flow, endpoint, findings)
        except (UnreachableError, AuthenticationError, ConfigurationError) as error:
            statuses.add(error.exit_status)
            findings.add("partner_unreachable", name, **telling.unreachable(error))
    return statuses


def _put_away_or_say(steps: Steps, flow: Inbound, endpoint: Endpoint, findings: FindingLog) -> set[int]:
    try:
        put_away(steps, flow, endpoint)
    except TransferError as error:
        # One folder without rights is no reason to leave the partner's other folders as they are.
        findings.add("partner_unreachable", flow.name, **telling.unreachable(error))
        return {error.exit_status}
    return set()


def put_away(steps: Steps, flow: Inbound, endpoint: Endpoint) -> None:
    """Put away the loaded files of one flow."""
    listing = endpoint.list_files(flow.path)
    there = [file for file in listing.files if names.matches(file.name, flow.pattern)]
    with steps.begin() as conn:
        seen = contents_seen(conn, flow.name, there, states=_LOADED)
    everything = {file.name for file in listing.files}
    for file in there:
        sha256 = seen.get(file)
        if sha256 is None or endpoint.stat(flow.path, file.name) != file:
            continue
        faultpoint(BEFORE_ARCHIVING)
        _leave(flow, endpoint, file.name, sha256)
        done = file.name + flow.done_suffix
        if flow.done_suffix and done in everything:
            _leave(flow, endpoint, done, sha256)
        faultpoint(AFTER_ARCHIVING)
    with steps.begin() as conn:
        _mark(conn, flow)


def _leave(flow: Inbound, endpoint: Endpoint, name: str, sha256: str) -> None:
    if flow.after == "delete":
        endpoint.remove(flow.path, name)
        return
    for target in _archive_names(name, sha256):
        try:
            endpoint.move(flow.path, name, flow.archive_path, target)
        except FileExistsError:
            # A killed run may have archived it already: a move is a link and an unlink on some servers.
            if endpoint.sha256(flow.archive_path, target) == endpoint.sha256(flow.path, name):
                endpoint.remove(flow.path, name)
                return
            continue
        except FileNotFoundError:
            return
        return
    # Both names hold an archive of this content already.
    endpoint.remove(flow.path, name)


def _archive_names(name: str, sha256: str) -> Iterable[str]:
    stem, dot, suffix = name.rpartition(".")
    yield name
    yield f"{stem}.{sha256[:8]}{dot}{suffix}" if stem else f"{name}.{sha256[:8]}"


def _is_due(conn: sa.Connection, flow: Inbound) -> bool:
    query = sa.select(INBOX_FILE.c.file_id).where(*_waiting(flow)).limit(1)
    return conn.execute(query).first() is not None


def _mark(conn: sa.Connection, flow: Inbound) -> None:
    conn.execute(sa.update(INBOX_FILE).where(*_waiting(flow)).values(remote_done=_DONE[flow.after]))


def _waiting(flow: Inbound) -> tuple[sa.ColumnElement[bool], ...]:
    return (INBOX_FILE.c.flow == flow.name, INBOX_FILE.c.state.in_(_LOADED), INBOX_FILE.c.remote_done == "")
