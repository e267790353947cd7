"""The raw cells of one batch, each column reduced to its distinct texts: what needs Python is done once for each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


class UndecodableError(Exception):
    """A cell is not written in the declared encoding; its record begins at physical line `line`."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True)
class Distinct:
    """The distinct texts of a column (`values`, strings), and for each row which of them it holds."""

    codes: NDArray[np.int64]
    values: pa.Array

    @cached_property
    def texts(self) -> list[str]:
        """Return the distinct texts to Python."""
        texts: list[str] = self.values.to_pylist()
        return texts

    @property
    def rows(self) -> pa.Array:
        """Return the text of each row."""
        return self.values.take(pa.array(self.codes))


def distinct_texts(texts: pa.Array) -> Distinct:
    """Return the distinct texts of a string column without nulls."""
    encoded = texts.dictionary_encode()
    return Distinct(_codes(encoded), encoded.dictionary)


class RawCells:
    """The cells of a batch as the partner wrote them, decoded a column at a time when asked for."""

    def __init__(self, columns: Mapping[int, pa.Array], lines: NDArray[np.int64], encoding: str) -> None:
        """Take one pyarrow binary array per position, and the physical line of each row."""
        self._columns = columns
        self._encoding = encoding
        self._distinct: dict[int, Distinct] = {}
        self.lines = lines
        self.rows = len(lines)

    def distinct(self, position: int | None) -> Distinct:
        """Return the texts of the column at a position; blank ones for a column that the file lacks.

        Raises UndecodableError.
        """
        if position is None:
            return Distinct(np.zeros(self.rows, np.int64), pa.array([""]))
        found = self._distinct.get(position)
        if found is None:
            found = self._distinct[position] = self._decode(position)
        return found

    def combined(self, positions: Sequence[int | None]) -> tuple[NDArray[np.int64], list[tuple[str, ...]]]:
        """Return the distinct combinations of several columns, and for each row which of them it holds."""
        columns = [self.distinct(position) for position in positions]
        codes = columns[0].codes
        for column in columns[1:]:
            # Numbered anew at each step, so that the product stays far below 64 bits.
            codes, _first = _numbered(codes * len(column.texts) + column.codes)
        codes, first = _numbered(codes)
        parts = [[column.texts[code] for code in column.codes[first].tolist()] for column in columns]
        return codes, list(zip(*parts, strict=True))

    def said(self, rows: NDArray[np.int64]) -> list[tuple[str, ...]]:
        """Return all that some rows say, column by column."""
        columns = [self.distinct(position) for position in sorted(self._columns)]
        return [tuple(column.texts[column.codes[row]] for column in columns) for row in rows.tolist()]

    def filter(self, keep: NDArray[np.bool_]) -> RawCells:
        """Return the cells of some rows."""
        mask = pa.array(keep)
        kept = {position: column.filter(mask) for position, column in self._columns.items()}
        return RawCells(kept, self.lines[keep], self._encoding)

    def _decode(self, position: int) -> Distinct:
        encoded = self._columns[position].dictionary_encode()
        codes = _codes(encoded)
        if not len(encoded.dictionary):
            return Distinct(codes, pa.array([], pa.string()))
        # One call decodes them all: NUL is no byte of a cell (the scan refused it), nor a part of a character.
        glued = pc.binary_join(
            pa.ListArray.from_arrays([0, len(encoded.dictionary)], encoded.dictionary), b"\0"
        )
        try:
            text = glued[0].as_py().decode(self._encoding)
        except UnicodeDecodeError:
            values = encoded.dictionary.to_pylist()
            code = next(at for at, value in enumerate(values) if not _decodes(value, self._encoding))
            raise UndecodableError(int(self.lines[codes == code][0])) from None
        return Distinct(codes, pc.split_pattern(pa.array([text]), "\0").flatten())


def _codes(encoded: pa.DictionaryArray) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return codes


def _numbered(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return consecutive numbers for equal values, and the first row of each number."""
    encoded = pa.array(values).dictionary_encode()
    codes = _codes(encoded)
    first = np.zeros(len(encoded.dictionary), np.int64)
    # Written from the last row to the first, so that the first one stays.
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, first


def _decodes(value: bytes, encoding: str) -> bool:
    try:
        value.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
