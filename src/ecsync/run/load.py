"""Read every spooled file into the staging file, before the transaction opens.

Memory stays bounded: a file is streamed in batches; one with more than 10,000 unusable cells is refused whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from ecsync.entities import ENTITIES
from ecsync.errors import FileRefusedError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_, _
from ecsync.mapping import catalogue, reader, records
from ecsync.mapping import rejects as faults
from ecsync.master.staging_tables import FOLLOWS
from ecsync.progress import step
from ecsync.run import arrow_memory, following_rows, guards, mending, row_reasons
from ecsync.run.flow_mappings import inbound_mapping
from ecsync.run.loaded_file import LoadedFile, RejectedRow
from ecsync.run.pairs import spool_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ecsync.config import Inbound, Settings
    from ecsync.exchange.steps import Steps
    from ecsync.findings import FindingLog
    from ecsync.mapping.model import InboundMapping
    from ecsync.master.staging import StagingWriter
    from ecsync.run.spooled import Arrival, SpooledFile
    from ecsync.run.workspace import Workspace

BEFORE_FILE = declare("load.before_file", "a spooled file is about to be read into staging")
AFTER_FILE = declare("load.after_file", "a spooled file is in staging, not in the master")

# A file of which so much cannot be read is not the file that the mapping describes.
_MOST_REJECTS: Final = 10_000
_TOO_MANY: Final = N_("more than {most} cells cannot be used; the first: {why}")
_IS_IT_THE_FILE: Final = N_("is this the file that the mapping describes? `ecsync mappings show` prints it")
_HALVES: Final = ("heads", "rows")


@dataclass
class Loaded:
    """What came of reading: files in staging, files refused (reason), files stopped by a guard."""

    files: list[LoadedFile] = field(default_factory=list)
    pairs: list[tuple[LoadedFile, LoadedFile]] = field(
        default_factory=list
    )  # heads and rows; both are in files
    refused: dict[int, str] = field(default_factory=dict)
    guarded: dict[int, str] = field(default_factory=dict)
    discarded: list[tuple[str, int]] = field(default_factory=list)  # rows of these leave staging again


def load(
    steps: Steps,
    settings: Settings,
    arrivals: list[Arrival],
    staging: StagingWriter,
    workspace: Workspace,
    findings: FindingLog,
    *,
    now: str,
    run_id: int,
) -> Loaded:
    """Read the files into staging; a refused or guarded file is named and the rest goes on.

    Of a pair both halves are taken, or neither.
    """
    loading = _Loading(steps, settings, staging, workspace, findings, now, run_id)
    with arrow_memory.given_back():
        for arrival in arrivals:
            loading.take(arrival)
    return loading.loaded


@dataclass
class _Loading:
    steps: Steps
    settings: Settings
    staging: StagingWriter
    workspace: Workspace
    findings: FindingLog
    now: str
    run_id: int
    loaded: Loaded = field(default_factory=Loaded)

    def take(self, arrival: Arrival) -> None:
        taken: list[LoadedFile] = []
        for file in arrival.files:
            faultpoint(BEFORE_FILE)
            read = self._usable(file, known=file.file_id == arrival.again)
            if read is None:
                self.loaded.discarded += [(other.entity, other.file_id) for other in taken]
                return
            taken.append(read)
        self.loaded.files += taken
        if len(taken) == len(_HALVES):
            self.loaded.pairs.append((taken[0], taken[1]))
        faultpoint(AFTER_FILE)

    def _usable(self, file: SpooledFile, *, known: bool) -> LoadedFile | None:
        mapping = inbound_mapping(self.settings, file.mapping, file.party)
        path = spool_path(self.settings, self.workspace, file)
        try:
            read = read_file(file, mapping, self.staging, path, self.findings)
        except FileRefusedError as error:
            self.loaded.refused[file.file_id] = error.reason
            self.loaded.discarded.append((mapping.entity, file.file_id))
            self.findings.add("file_refused", file.name, flow=file.flow, **faults.told(error))
            return None
        if read.mended or known:
            return read
        flow = self.settings.inbound_flow(file.flow)
        stopped = _stopped(self.steps, flow, read.rows_in, self.now, self.run_id, self.findings)
        if stopped is None:
            return read
        self.loaded.guarded[file.file_id] = stopped.guard
        self.loaded.discarded.append((mapping.entity, file.file_id))
        return None


def read_file(
    file: SpooledFile,
    mapping: InboundMapping,
    staging: StagingWriter,
    path: Path,
    findings: FindingLog,
) -> LoadedFile:
    """Read one file into staging through its mapping. Raises FileRefusedError where it is refused whole."""
    options = reader.ReadOptions(file_as_of=file.as_of)
    source = reader.open_reader(path, mapping, file_name=file.name, options=options)
    rejects: list[RejectedRow] = []
    rejected_rows = 0
    with step(N_("reading"), file.name) as advance:
        for batch in source:
            if batch.rows.num_rows:
                staging.append(mapping.entity, _with_source(batch.rows, file, mapping))
            advance(batch.rows.num_rows)
            rejected_rows += batch.rejected_rows
            rejects.extend(
                RejectedRow(r.line, r.column, r.reason, dict(r.params), r.value, r.business_key)
                for r in batch.rejects
            )
            if len(rejects) > _MOST_REJECTS:
                raise _unreadable(rejects)
    if source.unknown_columns:
        findings.add("unknown_columns", file.name, flow=file.flow, columns=", ".join(source.unknown_columns))
    return LoadedFile(
        file_id=file.file_id,
        flow=file.flow,
        party=file.party,
        mapping=file.mapping,
        name=file.name,
        path=path,
        entity=mapping.entity,
        rows_in=source.rows_in,
        rejects=tuple(rejects),
        titles=source.titles,
        rejected_rows=rejected_rows,
        mended=file.remote_done == mending.MENDED,
    )


def _unreadable(rejects: list[RejectedRow]) -> FileRefusedError:
    first = rejects[0]
    params = {"most": str(_MOST_REJECTS), **first.params}
    params["why"] = row_reasons.title(first.reason)
    return FileRefusedError(
        _(_TOO_MANY).format_map({**params, "why": row_reasons.sentence(first.reason, first.params)}),
        reason="too_many_rejects",
        line=first.line,
        column=first.column,
        params=params,
        hint=_(_IS_IT_THE_FILE),
        fault=_TOO_MANY,
        advice=_IS_IT_THE_FILE,
    )


def _with_source(rows: pa.RecordBatch, file: SpooledFile, mapping: InboundMapping) -> pa.RecordBatch:
    count = rows.num_rows
    constants = {
        "src_file": pa.array([file.file_id], pa.int64()),
        "src_party": pa.array([file.party], pa.string()),
        "src_as_of": pa.array([file.as_of], pa.string()),
    }
    columns = dict(zip(rows.schema.names, rows.columns, strict=True))
    for name, value in constants.items():
        columns[name] = pa.repeat(value[0], count)
    # Half of a pair does not say yet all that its orders say.
    if mapping.entity == "order_lines" and mapping.pair is None:
        columns[FOLLOWS] = following_rows.follows(rows)
    return pa.RecordBatch.from_pydict(columns)


def _stopped(
    steps: Steps, flow: Inbound, rows_in: int, now: str, run_id: int, findings: FindingLog
) -> guards.Stopped | None:
    with steps.begin() as conn:
        stopped = guards.check_file(conn, flow, rows_in)
        if stopped is None or guards.use_override(conn, stopped.guard, flow.name, now, run_id, findings):
            return None
    findings.add("guard_stopped", flow.name, guard=stopped.guard, detail=stopped.detail)
    return stopped


def fetch_records(settings: Settings, file: LoadedFile, lines: list[int]) -> dict[int, bytes]:
    """Return the raw records of a loaded file that begin at these physical lines."""
    return records.fetch_records(file.path, catalogue.load_inbound(file.mapping, settings.folder), lines)


def known_entities(settings: Settings, flows: Iterable[Inbound], entities: frozenset[str]) -> list[Inbound]:
    """Return the flows whose mapping yields one of the entities."""
    return [
        f
        for f in flows
        if catalogue.load_inbound(f.mapping, settings.folder).entity in entities & set(ENTITIES)
    ]
