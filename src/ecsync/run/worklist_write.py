"""Write the work lists of the desks, each a file of its own that only its owner may read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.errors import UsageError
from ecsync.locale import _, speaking
from ecsync.master import generation
from ecsync.report.matters import gather_matters
from ecsync.report.worklist import work_list
from ecsync.text.dates import from_utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import sqlalchemy as sa

    from ecsync.config import Settings


@dataclass(frozen=True)
class WrittenList:
    """A list that was written: its desk, its file (None where nothing waits for the desk), its rows."""

    desk: str
    desk_word: str
    path: Path | None
    rows: int


def write_worklists(
    conn: sa.Connection,
    settings: Settings,
    desks: Iterable[str],
    folder: Path,
    *,
    now: str,
    personal: bool = False,
) -> list[WrittenList]:
    """Write a list for every desk that something waits for, in the project's language.

    Files get mode 0600. Raises UsageError where a list of the same minute is there: somebody may be filling it in.
    """
    from ecsync.report.worklist_book import as_workbook  # noqa: PLC0415  (XlsxWriter is heavy)

    written = []
    stamp = from_utc_text(now).astimezone(settings.zone).strftime("%Y%m%d-%H%M")
    with speaking(settings.project.language):
        matters = gather_matters(conn, settings, now)
        for desk in desks:
            work = work_list(
                conn,
                settings,
                desk,
                matters,
                now=now,
                generation=generation.current(conn),
                personal=personal,
            )
            path = folder / f"{work.desk_word}_{stamp}.xlsx" if work.rows else None
            if path is not None:
                _write(path, as_workbook(work))
            written.append(WrittenList(desk, work.desk_word, path, len(work.rows)))
    return written


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(
            _("{path} exists; hand it in or delete it first, or name another folder with --out").format(
                path=path
            )
        ) from None
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
