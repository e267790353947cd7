"""Which known formats a header is nearest to: how much of what they need is there, and how much of it they know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.errors import FileRefusedError
from ecsync.mapping.bytestream import cell_encoding
from ecsync.mapping.golden import samples_folder
from ecsync.mapping.headers import split_record
from ecsync.mapping.infer_header import fingerprint_of
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.model_file import InboundFile
from ecsync.mapping.scan import head
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.mapping.infer_header import HeaderSeen
    from ecsync.mapping.model import Mapping
    from ecsync.mapping.model_file import OutboundFile

_SAMPLED: Final = 8


@dataclass(frozen=True)
class Near:
    """A known format beside a file.

    `missing` are headers that it needs and the file lacks, `added` headers of the file that it does not know;
    `same_as` is the sample of it that has the very header. Without a header only the number of columns is compared.
    """

    mapping: Mapping
    needed: int
    of: int
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    same_as: str = ""
    by_name: bool = True

    @property
    def score(self) -> int:
        """Return how much of what it needs is there times how much of the file it knows, in percent."""
        if not self.needed or not self.of:
            return 0
        return (
            100 * (self.needed - len(self.missing)) * (self.of - len(self.added)) // (self.needed * self.of)
        )


def nearest(header: HeaderSeen, mappings: Sequence[Mapping]) -> list[Near]:
    """Return the known formats that share a header with the file, the nearest first."""
    if not header.is_there:
        found = [Near(one, 1, 1, by_name=False) for one in mappings if len(header.names) in _counts(one)]
        return sorted(found, key=lambda one: one.mapping.mapping)
    shared = [one for one in (_compared(mapping, header.names) for mapping in mappings) if one.score]
    shared.sort(key=_order)
    seen = [_with_samples(one, header) for one in shared[:_SAMPLED]] + shared[_SAMPLED:]
    return sorted(seen, key=_order)


def _order(near: Near) -> tuple[bool, int, int, bool, str]:
    goes_out = not isinstance(near.mapping, InboundMapping)
    return not near.same_as, -near.score, len(near.added), goes_out, near.mapping.mapping


def _counts(mapping: Mapping) -> set[int]:
    """Return how many columns a file of a mapping has where it has no header."""
    if not isinstance(mapping, InboundMapping):
        return set() if mapping.file.header else {len(mapping.header)}
    if mapping.file.header == "required":
        return set()
    return {*mapping.file.column_counts, len(mapping.file.names)}


def _compared(mapping: Mapping, names: Sequence[str]) -> Near:
    folded = [fold_name(name) for name in names]
    there = set(folded)
    if isinstance(mapping, InboundMapping):
        needed = [one.names for one in mapping.headers if not one.optional] or [
            one.names for one in mapping.headers
        ]
        declared = {fold_name(name) for one in mapping.headers for name in one.names}
        declared |= {fold_name(name) for name in mapping.unused} if mapping.unused != "any" else set()
    else:
        needed = [(name,) for name in mapping.header] if mapping.file.header else []
        declared = {fold_name(name) for name in mapping.header}
    missing = tuple(one[0] for one in needed if there.isdisjoint(map(fold_name, one)))
    added = tuple(name for name, key in zip(names, folded, strict=True) if key and key not in declared)
    return Near(mapping, len(needed), len(names), missing, added)


def _with_samples(near: Near, header: HeaderSeen) -> Near:
    """Return the same with what the samples beside the mapping show: headers that it passes over, and equal ones."""
    added = near.added
    for name, cells in _sample_headers(near.mapping):
        if fingerprint_of(cells) == header.fingerprint:
            return Near(near.mapping, near.needed, near.of, near.missing, (), name)
        shown = set(map(fold_name, cells))
        if isinstance(near.mapping, InboundMapping) and near.mapping.unused == "any":
            added = tuple(one for one in added if fold_name(one) not in shown)
    return Near(near.mapping, near.needed, near.of, near.missing, added)


def _sample_headers(mapping: Mapping) -> list[tuple[str, list[str]]]:
    folder = samples_folder(mapping)
    paths = sorted(one for one in folder.iterdir() if one.suffix != ".json") if folder.is_dir() else []
    file = mapping.file if isinstance(mapping, InboundMapping) else _as_inbound(mapping.file)
    found = []
    for path in paths:
        try:
            record = head(path, file).header
            found.append((path.name, [one.decode(cell_encoding(file)) for one in split_record(record, file)]))
        except (FileRefusedError, UnicodeDecodeError):
            continue
    return found


def _as_inbound(file: OutboundFile) -> InboundFile:
    return InboundFile(
        encoding=file.encoding,
        delimiter=file.delimiter,
        quote="none" if file.quote == "none" else "csv",
        preamble=len(file.preamble),
    )
