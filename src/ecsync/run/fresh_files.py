"""Read files as they are now, from a path or from the partners, for a look only: nothing is taken in or put away."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ecsync.errors import (
    AuthenticationError,
    ConfigurationError,
    FileRefusedError,
    TransferError,
    UnreachableError,
    UsageError,
)
from ecsync.exchange import names, sightings, telling
from ecsync.exchange.arrival import as_of
from ecsync.exchange.inbox import ANOTHER_NAME, NAME_WITHOUT_DATE
from ecsync.exchange.opening import open_endpoint
from ecsync.locale import _
from ecsync.mapping import catalogue, rejects
from ecsync.run import load, pairs, queries
from ecsync.run.clock import FORMAT
from ecsync.run.flow_mappings import inbound_mapping
from ecsync.run.spooled import SpooledFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import sqlalchemy as sa

    from ecsync.config import Inbound, Settings
    from ecsync.exchange.endpoint import Endpoint
    from ecsync.findings import FindingLog
    from ecsync.master.staging import StagingWriter

# Contents that a run has used or may still use; a refused one is looked at again.
_TAKEN = ("spooled", "loaded", "skipped", "guarded", "erased")


@dataclass(frozen=True)
class FreshFile:
    """A file to look at: where it lies now, and when its content was true.

    `as_of` is '' where a column tells it, None where the name lacks the date that the mapping expects. A
    `spooled` one was taken in before.
    """

    flow: Inbound
    name: str
    path: Path
    as_of: str | None
    spooled: bool = False


@dataclass
class Looked:
    """What came of looking: files read, files refused, partners not reached, and the exit statuses of both.

    `numbers` gives every file that was read by its number in staging; half a pair without the other is not loaded.
    """

    loaded: load.Loaded = field(default_factory=load.Loaded)
    numbers: dict[int, FreshFile] = field(default_factory=dict)
    statuses: set[int] = field(default_factory=set)

    @property
    def files(self) -> list[FreshFile]:
        """Return the files that are in staging, in the order of reading."""
        return [self.numbers[file.file_id] for file in self.loaded.files]


def flows_of(settings: Settings, entities: frozenset[str], parties: frozenset[str]) -> list[Inbound]:
    """Return the inbound flows of these parties whose mapping yields one of the frames."""
    return [
        flow for flow in load.known_entities(settings, settings.inbound, entities) if flow.party in parties
    ]


def given(settings: Settings, words: Sequence[str], flows: Sequence[Inbound]) -> list[FreshFile]:
    """Return the files that were named as FLOW=PATH.

    Raises UsageError for another form, for a flow that has no part in what is asked, and for a missing file.
    """
    known = {flow.name: flow for flow in flows}
    found = []
    for word in words:
        name, separator, path = word.partition("=")
        if not separator or name not in known:
            raise UsageError(
                _("--file {word} is not FLOW=PATH; flows that fit are: {known}").format(
                    word=word, known=", ".join(sorted(known))
                )
            )
        place = Path(path).expanduser()
        if not place.is_file():
            raise UsageError(_("there is no file {path}").format(path=path))
        mtime = datetime.fromtimestamp(place.stat().st_mtime, UTC).strftime(FORMAT)
        found.append(_dated(settings, known[name], place.name, place, mtime, arrival=mtime))
    return found


def pulled(
    settings: Settings,
    conn: sa.Connection,
    flows: Sequence[Inbound],
    folder: Path,
    findings: FindingLog,
    looked: Looked,
    *,
    now: str,
) -> list[FreshFile]:
    """Download what lies at the partners into `folder`: per flow the newest file, and those no run has taken.

    Nothing is archived, removed or recorded. A partner that is away is named; the others are asked.
    """
    files: list[FreshFile] = []
    for endpoint_name in sorted({flow.endpoint for flow in flows}):
        try:
            with open_endpoint(endpoint_name, settings) as endpoint:
                for flow in flows:
                    if flow.endpoint == endpoint_name:
                        files += _pull_or_say(
                            settings, conn, flow, endpoint, folder, findings, looked, now=now
                        )
        except (UnreachableError, AuthenticationError, ConfigurationError) as error:
            looked.statuses.add(error.exit_status)
            findings.add("partner_unreachable", endpoint_name, **telling.unreachable(error))
    return files


def _pull_or_say(
    settings: Settings,
    conn: sa.Connection,
    flow: Inbound,
    endpoint: Endpoint,
    folder: Path,
    findings: FindingLog,
    looked: Looked,
    *,
    now: str,
) -> list[FreshFile]:
    try:
        return _pull_flow(settings, conn, flow, endpoint, folder, now)
    except (TransferError, ConfigurationError) as error:
        # The partner answered: this folder or query is wrong, its others need not be.
        looked.statuses.add(error.exit_status)
        findings.add("partner_unreachable", flow.name, **telling.unreachable(error))
        return []


def _pull_flow(
    settings: Settings, conn: sa.Connection, flow: Inbound, endpoint: Endpoint, folder: Path, now: str
) -> list[FreshFile]:
    if flow.query:
        queries.refuse_unfit(flow, catalogue.load_inbound(flow.mapping, settings.folder))
    listing = endpoint.list_files(flow.place)
    there = {file.name for file in listing.files}
    wanted = sorted(
        (
            file
            for file in listing.files
            if names.matches(file.name, flow.pattern)
            and not (flow.done_suffix and file.name.endswith(flow.done_suffix))
            and (not flow.done_suffix or file.name + flow.done_suffix in there)
        ),
        key=lambda file: (file.mtime, file.name),
    )
    taken = sightings.contents_seen(conn, flow.name, wanted, states=_TAKEN, surely=True)
    found = []
    for number, file in enumerate(wanted):
        if file in taken and file != wanted[-1]:
            continue
        target = folder / f"{flow.name}-{number}"
        endpoint.download(flow.place, file.name, target)
        found.append(_dated(settings, flow, file.name, target, file.mtime, arrival=now))
    return found


def _dated(
    settings: Settings, flow: Inbound, name: str, path: Path, mtime: str, *, arrival: str
) -> FreshFile:
    rule = catalogue.load_inbound(flow.mapping, settings.folder).as_of
    when = as_of(rule, name=name, mtime=mtime, arrival=arrival)
    return FreshFile(flow, name, path, when)


def read(
    settings: Settings,
    files: Iterable[FreshFile],
    staging: StagingWriter,
    findings: FindingLog,
    looked: Looked,
) -> None:
    """Read the files into staging through their mappings; one that is refused is named with its place.

    File numbers are negative, so that none of them is mistaken for a file of the master.
    """
    for number, file in enumerate(files, start=1):
        mapping = inbound_mapping(settings, file.flow.mapping, file.flow.party)
        spooled = SpooledFile(
            file_id=-number,
            flow=file.flow.name,
            party=file.flow.party,
            mapping=file.flow.mapping,
            name=file.name,
            sha256="",
            as_of=file.as_of or "",
            spool_path="",
            remote_done="",
            run_id=0,
        )
        try:
            if file.as_of is None:
                raise FileRefusedError(  # noqa: TRY301
                    _(NAME_WITHOUT_DATE),
                    reason="name_without_date",
                    fault=NAME_WITHOUT_DATE,
                    advice=ANOTHER_NAME,
                )
            looked.loaded.files.append(load.read_file(spooled, mapping, staging, file.path, findings))
            looked.numbers[-number] = file
        except FileRefusedError as error:
            looked.loaded.refused[-number] = error.reason
            looked.loaded.discarded.append((mapping.entity, -number))
            looked.statuses.add(3)
            findings.add("file_refused", file.name, flow=file.flow.name, **rejects.told(error))
    pairs.pair_read(settings, looked.loaded, findings)
    if looked.loaded.refused and not looked.loaded.files:
        looked.statuses.add(14)
