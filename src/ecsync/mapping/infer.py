"""What a partner's file says of itself, before anybody has declared it: proven where it can be, else a guess."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync import progress
from ecsync.errors import MappingError
from ecsync.locale import N_
from ecsync.mapping.bytestream import cell_encoding
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.infer_columns import ColumnSeen
from ecsync.mapping.infer_encoding import CANDIDATES, Encodings, try_encodings
from ecsync.mapping.infer_header import HeaderSeen, find_header, judge_header
from ecsync.mapping.infer_keys import Keys, KeySearch
from ecsync.mapping.infer_layout import Layout, find_layout, head_records
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.named_settings import with_own_words
from ecsync.mapping.parse import raw_batches
from ecsync.mapping.raw_cells import RawCells, UndecodableError
from ecsync.mapping.rejects import FileFault, refused
from ecsync.mapping.scan import scan
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecsync.mapping.model import Mapping
    from ecsync.mapping.model_file import InboundFile
    from ecsync.mapping.scan import Scan

_JUDGED: Final = 2_000


@dataclass(frozen=True)
class Contents:
    """What was seen in all rows."""

    rows: int
    columns: list[ColumnSeen]
    keys: Keys


@dataclass(frozen=True)
class Inferred:
    """All that was seen in one file; `file` are the words of `file:` that follow from it."""

    encodings: Encodings
    layout: Layout
    header: HeaderSeen
    file: InboundFile
    contents: Contents


def infer_file(path: Path, mappings: Sequence[Mapping], *, header: bool | None = None) -> Inferred:
    """Look at every byte and every cell of a file. `header` says whether it has one, where a person knows.

    Headers are known from the `mappings`. Raises FileRefusedError where the file is empty, no text, in none of the
    encodings, cut or ragged.
    """
    with progress.step(N_("looking at"), path.name):
        encodings = try_encodings(path)
        layout = find_layout(path, _encoding_of(encodings))
        file = layout.file
        records = head_records(path, file, _JUDGED)
        known = {name for one in mappings for name in names_of(one)}
        first = find_header([one.cells for one in records], known) if header is None else 0
        if first:
            file = file.model_copy(update={"preamble": records[first].above})
        judged = judge_header([one.cells for one in records[first:]], known, header)
        if not judged.is_there:
            file = file.model_copy(update={"header": "none", "names": judged.names})
        shape = layout.shape if file == layout.file else scan(path, file)
        return Inferred(encodings, layout, judged, file, _contents(path, file, shape, judged.names))


def known_mappings(project: Path | None = None) -> list[Mapping]:
    """Return every mapping that loads, as its layout is; a draft that is not finished yet knows nothing."""
    found: list[Mapping] = []
    for entry in list_mappings(project):
        with suppress(MappingError):
            found.append(_unsettled(load_mapping(entry.name, project)))
    return found


def _unsettled(mapping: Mapping) -> Mapping:
    if isinstance(mapping, InboundMapping):
        return with_own_words(mapping)
    return with_own_words(mapping)


def names_of(mapping: Mapping) -> set[str]:
    """Return the header names, folded, that a mapping knows."""
    if not isinstance(mapping, InboundMapping):
        return {fold_name(name) for name in mapping.header}
    named = {fold_name(name) for header in mapping.headers for name in header.names}
    return named | ({fold_name(name) for name in mapping.unused} if mapping.unused != "any" else set())


def _encoding_of(encodings: Encodings) -> str:
    if encodings.possible:
        return encodings.possible[0]
    furthest = max(encodings.trials, key=lambda one: one.offset)
    tried = encodings.mark or ", ".join(CANDIDATES)
    raise refused(FileFault.ENCODING, line=furthest.line, offset=furthest.offset, params={"encoding": tried})


def _contents(path: Path, file: InboundFile, shape: Scan, names: tuple[str, ...]) -> Contents:
    columns = [ColumnSeen(name) for name in names]
    search = KeySearch(names)
    for cells in _batches(path, file, shape, range(len(names))):
        for at, column in enumerate(columns):
            column.look(cells.distinct(at), cells.lines)
        search.look(cells)

    def compare(positions: Sequence[int], rows: set[int]) -> dict[int, tuple[str, ...]]:
        found: dict[int, tuple[str, ...]] = {}
        first = 0
        for cells in _batches(path, file, shape, positions):
            for row in sorted(rows):
                if first <= row < first + cells.rows:
                    parts = [cells.distinct(at) for at in positions]
                    found[row] = tuple(part.texts[part.codes[row - first]].strip() for part in parts)
            first += cells.rows
            if len(found) == len(rows):
                break
        return found

    # A key that is blank in a row tells nothing apart there.
    keys = search.settle(compare).without({at for at, column in enumerate(columns) if column.blank})
    return Contents(shape.records, columns, keys)


def _batches(path: Path, file: InboundFile, shape: Scan, positions: Sequence[int]) -> Iterator[RawCells]:
    encoding = cell_encoding(file)
    try:
        for batch in raw_batches(path, file, shape, positions):
            yield RawCells(batch.columns, batch.lines, encoding)
    except UndecodableError:
        raise refused(FileFault.CHANGED_WHILE_READ) from None
