"""Numbers and times of a column in one stroke: only texts in another form than the usual one are asked one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecsync.mapping.converted import Converted, assemble
from ecsync.text.dates import Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecsync.entities import Column
    from ecsync.mapping.convert import Outcome, TextReader
    from ecsync.mapping.convert_times import UtcReader
    from ecsync.mapping.raw_cells import Distinct

# What `parse_integer` and `parse_yen` read as it stands: ASCII digits, no more of them than an amount has.
_WHOLE_NUMBER: Final = r"^-?[0-9]{1,12}$"


class Numbers:
    """Reads whole numbers; what is written with commas, signs or wide digits is asked one by one."""

    def __init__(self, read: TextReader, column: Column, *, unfixed: Sequence[int], unsigned: bool) -> None:
        self._read = read
        self._column = column
        # A number that stands for "not fixed yet" is not for this stroke.
        self._unfixed = pa.array(unfixed, pa.int64()) if unfixed else None
        self._unsigned = unsigned

    def __call__(self, distinct: Distinct) -> Converted:
        """Return the column as int64, null where a text is blank or refused."""
        texts = pc.utf8_trim_whitespace(distinct.values)
        plain = pc.match_substring_regex(texts, _WHOLE_NUMBER)
        numbers = pc.if_else(plain, texts, pa.scalar(None, pa.string())).cast(pa.int64())
        if self._unfixed is not None:
            plain = pc.and_(plain, pc.invert(pc.is_in(numbers, value_set=self._unfixed)))
        if self._unsigned:
            numbers = pc.abs(numbers)
        usual = plain.to_numpy(zero_copy_only=False)
        if usual.all():
            return Converted(numbers.take(pa.array(distinct.codes)))
        outcomes: list[Outcome] = numbers.to_pylist()
        return assemble(asked(outcomes, usual, distinct, self._read), distinct.codes, self._column)


class Times:
    """Reads times of the form that most partners write, in a zone that never moves its clocks."""

    def __init__(self, in_one_stroke: UtcReader, read: TextReader, column: Column) -> None:
        self._in_one_stroke = in_one_stroke
        self._read = read
        self._column = column

    def __call__(self, distinct: Distinct) -> Converted:
        """Return the column as UTC texts with offsets."""
        texts = pc.utf8_trim_whitespace(distinct.values)
        utc, usual, minutes = self._in_one_stroke(texts)
        if usual.all():
            rows = pa.array(distinct.codes)
            return Converted(utc.take(rows), offsets=pa.repeat(pa.scalar(minutes, pa.int64()), len(rows)))
        outcomes: list[Outcome] = [Moment(text or "", minutes) for text in utc.to_pylist()]
        return assemble(asked(outcomes, usual, distinct, self._read), distinct.codes, self._column)


def asked(
    outcomes: list[Outcome], usual: NDArray[np.bool_], distinct: Distinct, read: TextReader
) -> list[Outcome]:
    """Return the outcomes, those of unusual texts by asking for each."""
    for code in np.flatnonzero(~usual).tolist():
        outcomes[code] = read(distinct.texts[code])
    return outcomes
