"""Read the distinct texts of a column as canonical values: in one stroke where nothing needs to be asked of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.convert import EXCEL_NUMBER, Outcome, TextReader, is_worked_on, text_reader
from ecsync.mapping.converted import Converted, assemble

if TYPE_CHECKING:
    from ecsync.entities import Column
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_in import Reads
    from ecsync.mapping.raw_cells import Distinct

_MOST_REMEMBERED: Final = 50_000
# Few distinct texts stand in such columns, so what they mean is worth keeping over the batches.
_REMEMBERED: Final = frozenset({"yen", "count", "rate", "flag", "code", "date"})
# Texts of a key that must be looked at one by one: not ASCII, or left behind by a spreadsheet program.
_UNUSUAL_KEY: Final = rf"[^\x00-\x7f]|^(?:{EXCEL_NUMBER}|#.*)$"


class Texts(Protocol):
    """Reads the distinct texts of a column."""

    def __call__(self, distinct: Distinct) -> Converted:
        """Return the canonical column."""


def texts_reader(source: Reads, column: Column, mapping: InboundMapping) -> Texts:
    """Return what reads the texts of a source as values of `column`."""
    reading = source.as_ or mapping.reading(column.name)
    asked = source.required or is_worked_on(source)
    if reading == "text" and not asked:
        return trimmed
    read = text_reader(source, column, mapping)
    each = _Each(read, column, {} if reading in _REMEMBERED else None)
    return _Keys(each) if reading == "key" and not asked else each


def trimmed(distinct: Distinct) -> Converted:
    """Return texts as they are written, outer blanks gone."""
    texts = pc.utf8_trim_whitespace(distinct.values)
    return Converted(texts.take(pa.array(distinct.codes)))


class _Each:
    """Asks each distinct text, and remembers what it means where few of them come again and again."""

    def __init__(self, read: TextReader, column: Column, memory: dict[str, Outcome] | None) -> None:
        self._read = read
        self._column = column
        self._memory = memory

    def __call__(self, distinct: Distinct) -> Converted:
        return assemble(self._outcomes(distinct.texts), distinct.codes, self._column)

    def _outcomes(self, texts: list[str]) -> list[Outcome]:
        memory = self._memory
        if memory is None:
            return list(map(self._read, texts))
        if len(memory) > _MOST_REMEMBERED:
            memory.clear()
        for text in texts:
            if text not in memory:
                memory[text] = self._read(text)
        return [memory[text] for text in texts]


class _Keys:
    """Texts folded as keys are compared: those in ASCII are folded already."""

    def __init__(self, each: _Each) -> None:
        self._each = each

    def __call__(self, distinct: Distinct) -> Converted:
        if pc.any(pc.match_substring_regex(distinct.values, _UNUSUAL_KEY)).as_py():
            return self._each(distinct)
        return trimmed(distinct)
