"""Read the distinct texts of a column as canonical values: in one stroke where nothing needs to be asked of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.convert import Outcome, TextReader, is_worked_on, text_reader
from ecsync.mapping.convert_strokes import Numbers, Times, asked
from ecsync.mapping.convert_times import utc_reader
from ecsync.mapping.converted import Converted, assemble
from ecsync.mapping.raw_cells import Distinct, distinct_texts

if TYPE_CHECKING:
    from ecsync.entities import Column
    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_in import Reads

_MOST_REMEMBERED: Final = 50_000
# Few distinct texts stand in such columns, so what they mean is worth keeping over the batches.
_REMEMBERED: Final = frozenset({"rate", "flag", "code", "date"})
# Texts that are in their final form already, as nearly all are; only the others are asked one by one.
# Keys: ASCII, without the + of 1.23E+12 and the # of #NAME?.
_USUAL: Final = {
    "key": r"^(?:[!-\"$-*,-~][ -*,-~]*)$",
    "postcode": r"^(?:[1-9][0-9]{6}|0[1-9][0-9]{5}|00[1-9][0-9]{4})$",
    "phone": r"^0[5-9]0(?:[0-9]{8}|-[0-9]{4}-[0-9]{4})$",
}


class Texts(Protocol):
    """Reads the distinct texts of a column."""

    def __call__(self, distinct: Distinct) -> Converted:
        """Return the canonical column."""


def texts_reader(source: Reads, column: Column, mapping: InboundMapping) -> Texts:
    """Return what reads the texts of a source as values of `column`."""
    if source.before and not source.entry:
        return _Before(source.before, texts_reader(source.model_copy(update={"before": ""}), column, mapping))
    reading = source.as_ or mapping.reading(column.name)
    worked_on = is_worked_on(source)
    if reading == "text" and not worked_on and not source.required:
        return trimmed
    read = text_reader(source, column, mapping)
    if reading in _USUAL and not worked_on:
        usual = _USUAL[reading] if source.required else f"^$|{_USUAL[reading]}"
        return _Usual(usual, read, column)
    if reading in {"yen", "count"} and not worked_on and column.is_integer:
        return Numbers(read, column, unfixed=mapping.unfixed, unsigned=source.unsigned)
    if reading == "datetime" and not worked_on:
        in_one_stroke = utc_reader(source.formats, source.zone)
        if in_one_stroke is not None:
            return Times(in_one_stroke, read, column)
    return _Each(read, column, {} if reading in _REMEMBERED else None)


def trimmed(distinct: Distinct) -> Converted:
    """Return texts as they are written, outer blanks gone."""
    texts = pc.utf8_trim_whitespace(distinct.values)
    return Converted(texts.take(pa.array(distinct.codes)))


class _Before:
    """Hands on the part before the first such sign: of many order numbers, the few shops that lead them."""

    def __init__(self, sign: str, texts: Texts) -> None:
        self._sign = sign
        self._texts = texts

    def __call__(self, distinct: Distinct) -> Converted:
        parts = pc.list_element(pc.split_pattern(distinct.values, self._sign, max_splits=1), 0)
        leading = distinct_texts(parts)
        return self._texts(Distinct(leading.codes[distinct.codes], leading.values))


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


class _Usual:
    """Asks only the texts that do not have the usual form."""

    def __init__(self, usual: str, read: TextReader, column: Column) -> None:
        self._usual = usual
        self._read = read
        self._column = column

    def __call__(self, distinct: Distinct) -> Converted:
        texts = pc.utf8_trim_whitespace(distinct.values)
        usual = pc.match_substring_regex(texts, self._usual).to_numpy(zero_copy_only=False)
        if usual.all():
            return Converted(texts.take(pa.array(distinct.codes)))
        outcomes: list[Outcome] = texts.to_pylist()
        return assemble(asked(outcomes, usual, distinct, self._read), distinct.codes, self._column)
