"""A file that was read into staging, and what its reader put aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  (a field of a dataclass)


@dataclass(frozen=True)
class LoadedFile:
    """One file that was read: how many rows it had, and what the reader put aside.

    `titles` are the partner's headers behind each canonical column.
    """

    file_id: int
    flow: str
    party: str
    mapping: str
    name: str
    path: Path
    entity: str
    rows_in: int
    rejects: tuple[RejectedRow, ...]
    rejected_rows: int
    mended: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RejectedRow:
    """One cell that could not be used. `value` is personal until proven otherwise: it goes to the quarantine only."""

    line: int
    column: str
    reason: str
    params: dict[str, str]
    value: str
    business_key: str = ""


FetchRecords = Callable[[LoadedFile, list[int]], dict[int, bytes]]
