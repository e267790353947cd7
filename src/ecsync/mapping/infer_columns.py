"""What the cells of each column have in common, over the whole file: counted, with the lines of what does not fit.

No value of a cell is kept or told; only lines, counts and the names of kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.parse import raw_batches

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ecsync.mapping.model_file import InboundFile
    from ecsync.mapping.scan import Scan

# Kind -> what a filled cell of it looks like. The first that all filled cells fit is the column's.
KINDS: Final = {
    "flag": r"[01]",
    "postcode": r"[0-9]{3}-[0-9]{4}",
    "phone": r"0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}",
    "whole number": r"-?[0-9]{1,12}|-?[0-9]{1,3}(?:,[0-9]{3})+",
    "digits": r"[0-9]+",
    "%Y-%m-%d": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "%Y/%m/%d": r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
    "%Y%m%d": r"20[0-9]{6}",
    "%Y-%m-%d %H:%M:%S": r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{1,2}:[0-9]{2}:[0-9]{2}",
    "%Y/%m/%d %H:%M:%S": r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2} [0-9]{1,2}:[0-9]{2}:[0-9]{2}",
    "%Y-%m-%d %H:%M": r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{1,2}:[0-9]{2}",
    "%Y/%m/%d %H:%M": r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2} [0-9]{1,2}:[0-9]{2}",
    "%Y-%m-%dT%H:%M:%S%z": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:?[0-9]{2})",
}
# A kind with fewer exceptions than one in twenty is told with them; with more it is no kind of the column.
_FEW: Final = 20
_MOST_LINES: Final = 5
_MOST_KEYS: Final = 8
_MOST_PAIRED: Final = 10


@dataclass
class ColumnSeen:
    """One column: filled and blank cells, how many fit each kind, and the first lines that do not."""

    name: str
    filled: int = 0
    blank: int = 0
    fitting: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    against: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    @property
    def kind(self) -> str:
        """Return the kind that all, or nearly all filled cells fit; "text" where none is so."""
        if not self.filled:
            return "text"
        whole = [kind for kind, count in self.fitting.items() if count == self.filled]
        if whole:
            return whole[0]
        best = max(self.fitting, key=lambda kind: self.fitting[kind])
        return best if (self.filled - self.fitting[best]) * _FEW < self.filled else "text"

    @property
    def exceptions(self) -> list[int]:
        """Return the first lines whose cell does not fit the kind."""
        return self.against.get(self.kind, [])


@dataclass(frozen=True)
class KeySeen:
    """Columns whose cells together may tell rows apart; where not, two lines that are equal or one that is blank."""

    names: tuple[str, ...]
    unique: bool
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Contents:
    """What was seen in all rows."""

    rows: int
    columns: list[ColumnSeen]
    keys: list[KeySeen]


def look_at(path: Path, file: InboundFile, shape: Scan, names: list[str]) -> Contents:
    """Read every row once, in batches; memory grows by eight bytes a row and key that is tried."""
    columns = [ColumnSeen(name) for name in names]
    tried: list[tuple[int, ...]] | None = None
    hashes: dict[tuple[int, ...], list[NDArray[np.uint64]]] = {}
    lines: list[NDArray[np.int64]] = []
    for batch in raw_batches(path, file, shape, range(len(names))):
        cells = {at: batch.columns[at] for at in range(len(names))}
        for at, column in enumerate(columns):
            _count(column, cells[at], batch.lines)
        if tried is None:
            tried = _candidates(cells)
            hashes = {key: [] for key in tried}
        for key in tried:
            hashes[key].append(_hashed([cells[at] for at in key]))
        lines.append(batch.lines)
    every = np.concatenate(lines) if lines else np.zeros(0, np.int64)
    keys = [_settled(tuple(names[at] for at in key), parts, every) for key, parts in hashes.items()]
    return Contents(len(every), columns, keys)


def _count(column: ColumnSeen, cells: pa.Array, lines: NDArray[np.int64]) -> None:
    blank = pc.match_substring_regex(cells, r"^\s*$").to_numpy(zero_copy_only=False)
    filled = int(len(cells) - blank.sum())
    column.blank += int(blank.sum())
    column.filled += filled
    if not filled:
        return
    for kind, pattern in KINDS.items():
        fits = pc.match_substring_regex(cells, rf"^\s*(?:{pattern})\s*$").to_numpy(zero_copy_only=False)
        column.fitting[kind] += int(fits.sum())
        room = _MOST_LINES - len(column.against[kind])
        if room > 0:
            column.against[kind] += lines[np.flatnonzero(~fits & ~blank)[:room]].tolist()


def _candidates(cells: dict[int, pa.Array]) -> list[tuple[int, ...]]:
    """Return single columns without an equal cell in the first batch; where there is none, such pairs."""
    full = [at for at, one in cells.items() if not pc.any(pc.equal(pc.binary_length(one), 0)).as_py()]
    singles = [(at,) for at in full if len(cells[at].unique()) == len(cells[at])]
    if singles:
        return list(singles[:_MOST_KEYS])
    pairs = [
        pair
        for pair in combinations(full[:_MOST_PAIRED], 2)
        if len(np.unique(_hashed([cells[at] for at in pair]))) == len(cells[pair[0]])
    ]
    return list(pairs[:_MOST_KEYS])


def _hashed(parts: list[pa.Array]) -> NDArray[np.uint64]:
    rows = zip(*(part.to_pylist() for part in parts), strict=True)
    digests = b"".join(blake2b(b"\0".join(row), digest_size=8).digest() for row in rows)
    return np.frombuffer(digests, np.uint64)


def _settled(names: tuple[str, ...], parts: list[NDArray[np.uint64]], lines: NDArray[np.int64]) -> KeySeen:
    """Different hashes are different cells, which proves a key; equal ones only fail to prove it."""
    every = np.concatenate(parts)
    order = np.argsort(every, kind="stable")
    same = np.flatnonzero(every[order][1:] == every[order][:-1])
    if not len(same):
        return KeySeen(names, unique=True)
    first = order[same].argmin()
    return KeySeen(
        names, unique=False, lines=(int(lines[order[same[first]]]), int(lines[order[same[first] + 1]]))
    )
