"""The delivery journal: what was about to be done at a partner's, kept outside the database.

One JSON line per step, appended and made durable after the step's commit and before its act. A line that
the database lacks therefore means that the database is older than the journal: a restored backup.

A line holds `attempt` (number of the step), `delivery` (id), `outbox`, `state`, `endpoint`, `dir`, `name`,
`sha256`. The first line of every upload also holds `file` (the outbox row), `keys` (its business keys) and
`numbers` (counters that rose since the journal last told them): no later line stands without it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecsync.errors import ConfigurationError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEFORE_APPEND: Final = declare(
    "journal.before_append", "a step is committed; the journal does not know it yet"
)
HALF_APPENDED: Final = declare("journal.half_appended", "half of a line is in the journal: a torn line")
AFTER_APPEND: Final = declare(
    "journal.after_append", "a step is in the journal, durable; its act has not begun"
)

_BLOCK: Final = 65_536


@dataclass(frozen=True)
class JournalLine:
    """One step as the journal tells it. `file`, `keys` and `numbers` are empty on later lines."""

    attempt: int
    delivery: str
    outbox_id: int
    state: str
    endpoint: str
    remote_dir: str
    remote_name: str
    sha256: str
    at: str
    file: dict[str, Any] | None = None
    keys: tuple[str, ...] = ()
    numbers: dict[str, int] | None = None

    def encoded(self) -> bytes:
        """Return the line as it stands in the journal."""
        told: dict[str, Any] = {
            "attempt": self.attempt,
            "delivery": self.delivery,
            "outbox": self.outbox_id,
            "state": self.state,
            "endpoint": self.endpoint,
            "dir": self.remote_dir,
            "name": self.remote_name,
            "sha256": self.sha256,
            "at": self.at,
        }
        if self.file is not None:
            told |= {"file": self.file, "keys": list(self.keys), "numbers": self.numbers or {}}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


class DeliveryJournal:
    """The journal file of a project; on PostgreSQL one file for all hosts."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made with the first line."""
        self.path = path
        self._numbers: dict[str, int] | None = None

    def append(self, line: JournalLine) -> None:
        """Append a line, durable when this returns; a torn line before it is cut off first."""
        self._cut_torn_line()
        data = line.encoded()
        faultpoint(BEFORE_APPEND)
        is_new = not self.path.exists()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            half = len(data) // 2
            _write_all(handle, data[:half])
            faultpoint(HALF_APPENDED)
            _write_all(handle, data[half:])
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            _fsync_folder(self.path.parent)
        if line.numbers and self._numbers is not None:
            self._numbers |= line.numbers
        faultpoint(AFTER_APPEND)

    def lines(self) -> Iterator[JournalLine]:
        """Yield every whole line in order; raise ConfigurationError naming a line that is damaged."""
        for number, raw in enumerate(self._raw_lines(), start=1):
            line = _decoded(raw)
            if line is None:
                raise self._damaged(number)
            yield line

    def last(self) -> JournalLine | None:
        """Return the last whole line, reading only the end of the file; None where there is none."""
        raw = self._last_raw()
        if not raw:
            return None
        line = _decoded(raw)
        if line is None:
            raise self._damaged(0)
        return line

    def holds(self, attempt: int) -> bool:
        """Tell whether the step of that number was journaled, and so may have been acted on."""
        mark = b'{"attempt":%d,' % attempt
        return any(raw.startswith(mark) for raw in self._raw_lines())

    def numbers(self) -> dict[str, int]:
        """Return the highest value of every counter that the journal has told."""
        if self._numbers is None:
            found: dict[str, int] = {}
            for line in self.lines():
                for name, value in (line.numbers or {}).items():
                    found[name] = max(value, found.get(name, value))
            self._numbers = found
        return self._numbers

    def _raw_lines(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as journal:
                for raw in journal:
                    if raw.endswith(b"\n"):
                        yield raw
        except FileNotFoundError:
            return

    def _last_raw(self) -> bytes:
        tail = b""
        for block in self._blocks_from_end():
            tail = block + tail
            whole = tail[: tail.rfind(b"\n") + 1]
            if whole.count(b"\n") > 1:
                break
        return tail[: tail.rfind(b"\n") + 1].rstrip(b"\n").rpartition(b"\n")[2]

    def _blocks_from_end(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as journal:
                position = journal.seek(0, os.SEEK_END)
                while position > 0:
                    step = min(_BLOCK, position)
                    position = journal.seek(position - step)
                    yield journal.read(step)
        except FileNotFoundError:
            return

    def _damaged(self, number: int) -> ConfigurationError:
        return ConfigurationError(
            _("line {line} of the delivery journal {path} is damaged").format(
                line=number or _("(last)"), path=self.path
            ),
            hint=_("put the journal back from its newest copy; until then nothing is sent"),
        )

    def _cut_torn_line(self) -> None:
        torn = 0
        for block in self._blocks_from_end():
            newline = block.rfind(b"\n")
            torn += len(block) - (newline + 1)
            if newline >= 0:
                break
        if torn:
            with self.path.open("r+b") as journal:
                journal.truncate(journal.seek(0, os.SEEK_END) - torn)
                os.fsync(journal.fileno())


def _decoded(raw: bytes) -> JournalLine | None:
    try:
        told = json.loads(raw)
        return JournalLine(
            attempt=int(told["attempt"]),
            delivery=str(told["delivery"]),
            outbox_id=int(told["outbox"]),
            state=str(told["state"]),
            endpoint=str(told["endpoint"]),
            remote_dir=str(told["dir"]),
            remote_name=str(told["name"]),
            sha256=str(told["sha256"]),
            at=str(told["at"]),
            file=told.get("file"),
            keys=tuple(told.get("keys", ())),
            numbers=told.get("numbers"),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
