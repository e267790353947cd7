"""Which keys a file holds, in little: the smallest hashes of them, the same for the same keys in any order."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from ecsync.mapping.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.mapping.model import InboundMapping

_KEPT: Final = 256


def of_file(path: Path, mapping: InboundMapping) -> frozenset[int]:
    """Return the sketch of the pair's key in a file: at most 256 numbers. Raises FileRefusedError.

    Files with the same set of keys have the same sketch, however often and in whatever order they name them; files
    with many keys in common share a part of it.
    """
    column = mapping.pair_column
    only_key = mapping.model_copy(
        update={
            "columns": {column: mapping.columns[column]},
            "unused": "any",
            "totals": (),
            "duplicates": None,
        }
    )
    kept: set[int] = set()
    for batch in open_reader(path, only_key):
        kept.update(map(_hashed, batch.rows.column(column).unique().to_pylist()))
        kept = set(sorted(kept)[:_KEPT])
    return frozenset(kept)


def _hashed(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest())
