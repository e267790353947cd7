"""Look at the master, and at files as they are now, without taking anything in."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ecsync.findings import FindingLog
from ecsync.master.beside import beside_master
from ecsync.master.context import RunContext
from ecsync.master.engine import is_sqlite
from ecsync.master.staging import StagingWriter
from ecsync.run import duplicate_pass, fresh_files
from ecsync.run.clock import business_date
from ecsync.run.sources import Source, sources_of
from ecsync.run.standing import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecsync.config import Inbound, Settings


@dataclass(frozen=True)
class LookRequest:
    """Which files are looked at beside the master: named ones (FLOW=PATH), and those at the partners with `pull`."""

    clock: str
    files: tuple[str, ...] = ()
    pull: bool = False


@dataclass(frozen=True)
class Look:
    """One look: a context that can only read, what was read beside the master, and which files it rests on."""

    ctx: RunContext
    looked: fresh_files.Looked
    sources: list[Source]


@contextmanager
def looking(
    settings: Settings,
    flows: Sequence[Inbound],
    request: LookRequest,
    extra: Sequence[fresh_files.FreshFile] = (),
) -> Iterator[Look]:
    """Read the files into staging and stand beside the master; everything is thrown away afterwards.

    `extra` are files of the spool. What was read is in a folder of its own (0700), outside the project.
    """
    findings = FindingLog()
    looked = fresh_files.Looked()
    with tempfile.TemporaryDirectory(prefix="ecsync-look-") as name:
        folder = Path(name)
        files = [*extra, *fresh_files.given(settings, request.files, flows)]
        if request.pull:
            with reading(settings) as conn:
                files += fresh_files.pulled(
                    settings, conn, flows, folder, findings, looked, now=request.clock
                )
        dialect = "sqlite" if is_sqlite(settings) else "postgresql"
        with StagingWriter(folder / "staging", dialect) as staging:
            fresh_files.read(settings, files, staging, findings, looked)
            staging.close()
            with beside_master(settings, staging) as conn:
                sources, stale = sources_of(conn, settings, flows, looked.files, request.clock)
                ctx = RunContext(
                    conn=conn,
                    run_id=0,
                    kind="look",
                    now=request.clock,
                    business_date=business_date(request.clock, settings.zone),
                    settings=settings,
                    findings=findings,
                    stale_flows=stale,
                )
                duplicate_pass.prepare(ctx, looked.loaded)
                yield Look(ctx, looked, sources)
