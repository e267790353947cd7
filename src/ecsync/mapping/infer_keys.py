"""Which columns tell the rows of a file apart: proven over the whole file, or refuted by two lines that are equal.

Different hashes are different cells, which proves a key. Equal ones may be chance, so the cells themselves are read
again before two rows are called equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ecsync.mapping.raw_cells import RawCells

    Hashes = NDArray[np.uint64]

_MOST_SINGLES, _MOST_PAIRS, _MOST_SHARED = 6, 4, 3
_MOST_PAIRED: Final = 10
# So many rows that look equal are read again; where chance made all of them alike, the key counts as not proven.
_MOST_COMPARED: Final = 64
# Rows of a record are few: a column with more of them on average holds no number of a record.
_MOST_ROWS: Final = 20
_NAMED: Final = re.compile(
    r"(?<!郵便)(?<!電話)番号|コード|管理|\bno\b|\bid\b|number|code|key|sku|_id$|_no$|id$", re.IGNORECASE
)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class KeySeen:
    """Columns (positions) that tell all rows apart; where not, `lines` are two rows that are equal.

    A key that is neither unique nor refuted by two lines is not proven.
    """

    columns: tuple[int, ...]
    unique: bool
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Shared:
    """A column whose cells several rows share: how many differ, the most rows of one, whether they stand together."""

    column: int
    different: int
    most: int
    together: bool


@dataclass(frozen=True)
class Keys:
    """What is unique, alone or in pairs, what is not, and what rows share."""

    singles: tuple[KeySeen, ...] = ()
    pairs: tuple[KeySeen, ...] = ()
    shared: tuple[Shared, ...] = ()

    @property
    def best(self) -> tuple[int, ...]:
        """Return the first columns that are unique; none where nothing is."""
        return next((one.columns for one in (*self.singles, *self.pairs) if one.unique), ())

    def without(self, columns: set[int]) -> Keys:
        """Return the same without what these columns have a part in."""
        return Keys(
            tuple(one for one in self.singles if columns.isdisjoint(one.columns)),
            tuple(one for one in self.pairs if columns.isdisjoint(one.columns)),
            tuple(one for one in self.shared if one.column not in columns),
        )


class KeySearch:
    """Chooses candidates by the first batch and follows them through the file; eight bytes a row for each."""

    def __init__(self, names: Sequence[str]) -> None:
        """Take the header names: columns that are named like a number of something are tried first."""
        self._names = names
        self._keys: list[tuple[int, ...]] = []
        self._shared: list[int] = []
        self._parts: dict[tuple[int, ...], list[Hashes]] = {}
        self._lines: list[NDArray[np.int64]] = []

    def look(self, cells: RawCells) -> None:
        """Take one batch."""
        hashes = _BatchHashes(cells)
        if not self._lines:
            self._choose(cells, hashes)
        for key in self._parts:
            self._parts[key].append(hashes.of(key))
        self._lines.append(cells.lines)

    def settle(self, compare: Callable[[Sequence[int], set[int]], dict[int, tuple[str, ...]]]) -> Keys:
        """Return what holds over all rows. `compare(columns, rows)` reads the cells of some rows again."""
        if not self._lines:
            return Keys()
        lines = np.concatenate(self._lines)
        shared, found = [], {}
        for key in list(self._parts):
            every = np.concatenate(self._parts.pop(key))
            if key in self._keys:
                found[key] = self._settled(key, every, lines, compare)
            if len(key) == 1 and key[0] in self._shared:
                shared.append(_shared(key[0], every))
        settled = [found[key] for key in self._keys]
        return Keys(
            tuple(one for one in settled if len(one.columns) == 1),
            tuple(one for one in settled if len(one.columns) > 1),
            tuple(one for one in shared if one.different < len(lines)),
        )

    def _choose(self, cells: RawCells, hashes: _BatchHashes) -> None:
        full = [at for at in range(len(self._names)) if all(map(str.strip, cells.distinct(at).texts))]
        by_name = sorted(full, key=lambda at: not _NAMED.search(self._names[at]))
        singles = [(at,) for at in by_name if len(cells.distinct(at).texts) == cells.rows]
        # A column that is nearly unique is worth two lines that show where it is not.
        different = {at: len(cells.distinct(at).texts) for at in by_name}
        shared = [at for at in by_name if different[at] < cells.rows <= different[at] * _MOST_ROWS]
        # The one that is most nearly unique, and the first that are named like the number of a record.
        shared.sort(key=lambda at: -different[at] if _NAMED.search(self._names[at]) else 0)
        self._shared = [*shared[:1], *(at for at in by_name if at in shared[1:])][:_MOST_SHARED]
        refuted = [(at,) for at in self._shared]
        pairs: list[tuple[int, ...]] = []
        if not singles:
            varied = [at for at in full if len(cells.distinct(at).texts) > 1]
            tried = [(one, other) for one in self._shared for other in varied if one != other]
            tried += list(combinations(varied[:_MOST_PAIRED], 2))
            unique = (pair for pair in _once(tried) if len(np.unique(hashes.of(pair))) == cells.rows)
            pairs = [pair for pair, _number in zip(unique, range(_MOST_PAIRS), strict=False)]
        self._keys = [*singles[:_MOST_SINGLES], *refuted, *pairs]
        self._parts = {key: [] for key in self._keys}

    def _settled(
        self,
        key: tuple[int, ...],
        every: Hashes,
        lines: NDArray[np.int64],
        compare: Callable[[Sequence[int], set[int]], dict[int, tuple[str, ...]]],
    ) -> KeySeen:
        order = np.argsort(every, kind="stable")
        ordered = every[order]
        same = np.flatnonzero(ordered[1:] == ordered[:-1])
        if not len(same):
            return KeySeen(key, unique=True)
        # Those whose second row comes first in the file.
        alike = np.unique(ordered[same[np.argsort(order[same + 1])][:_MOST_COMPARED]])
        starts, ends = np.searchsorted(ordered, alike), np.searchsorted(ordered, alike, "right")
        groups = [
            order[start : min(start + _MOST_COMPARED, end)].tolist()
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        told = compare(key, {row for group in groups for row in group})
        equal = [pair for group in groups if (pair := _first_equal(group, told))]
        if equal:
            later, earlier = min(equal)
            return KeySeen(key, unique=False, lines=(int(lines[earlier]), int(lines[later])))
        # All of them were chance; that proves it only where all of them were read.
        return KeySeen(key, unique=len(same) < _MOST_COMPARED)


class _BatchHashes:
    def __init__(self, cells: RawCells) -> None:
        self._cells = cells
        self._found: dict[int, Hashes] = {}

    def of(self, key: tuple[int, ...]) -> Hashes:
        """Return a hash for each row of what its columns say together."""
        if len(key) == 1:
            return self._single(key[0])
        first, second = map(self._single, key)
        return (first * _MIX) ^ (second + (first >> np.uint64(31)))

    def _single(self, at: int) -> Hashes:
        if at not in self._found:
            distinct = self._cells.distinct(at)
            digests = b"".join(
                blake2b(text.strip().encode("utf-8", "surrogatepass"), digest_size=8).digest()
                for text in distinct.texts
            )
            self._found[at] = np.frombuffer(digests, np.uint64)[distinct.codes]
        return self._found[at]


def _first_equal(rows: list[int], told: dict[int, tuple[str, ...]]) -> tuple[int, int] | None:
    """Return the first row, in the order of the file, that says what one before it says, and that one."""
    before: dict[tuple[str, ...], int] = {}
    for row in rows:
        if told[row] in before:
            return row, before[told[row]]
        before[told[row]] = row
    return None


def _shared(column: int, every: Hashes) -> Shared:
    _values, counts = np.unique(every, return_counts=True)
    runs = 1 + int(np.count_nonzero(every[1:] != every[:-1])) if len(every) else 0
    return Shared(column, len(counts), int(counts.max(initial=0)), together=runs == len(counts))


def _once(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return pairs without those that stand there already, in whatever order of their two."""
    found: dict[frozenset[int], tuple[int, int]] = {}
    for pair in pairs:
        found.setdefault(frozenset(pair), pair)
    return list(found.values())
