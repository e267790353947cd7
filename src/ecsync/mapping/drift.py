"""How a partner's file differs from the layout that its mapping declares, and the patch that would follow it."""

from __future__ import annotations

import difflib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ecsync.errors import FileRefusedError, UsageError
from ecsync.locale import _
from ecsync.mapping.bytestream import cell_encoding
from ecsync.mapping.catalogue import check_file, load_inbound
from ecsync.mapping.golden import samples_folder
from ecsync.mapping.headers import find_headers, layout_of, split_record
from ecsync.mapping.listing import OWN
from ecsync.mapping.named_settings import with_own_words
from ecsync.mapping.rejects import FileFault
from ecsync.mapping.scan import head
from ecsync.mapping.tables import fold_name
from ecsync.mapping.yaml_patch import names_in, patched

if TYPE_CHECKING:
    from ecsync.mapping.model import InboundMapping

# Below this likeness two names are two columns.
_ALIKE: Final = 0.6
_MOST_COMPARED: Final = 500


class Renamed(NamedTuple):
    """A declared header that is gone and one that came, alike enough to be one column."""

    old: str
    new: str
    likeness: float


class Removed(NamedTuple):
    """A declared header that the file lacks."""

    name: str
    required: bool


@dataclass(frozen=True)
class Drift:
    """What differs. `moved` stand elsewhere than in the mapping's sample, which changes nothing: names count.

    `patch` is a unified diff of the YAML, '' where nothing is to be changed or nothing can be; `text` what it makes.
    `elsewhere` are headers that the mapping takes over from the one it is based on, whose YAML the patch leaves alone.
    """

    mapping: InboundMapping
    added: tuple[str, ...]
    removed: tuple[Removed, ...]
    renamed: tuple[Renamed, ...]
    moved: tuple[str, ...]
    patch: str = ""
    text: str = ""
    elsewhere: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        """Tell whether the file has the declared layout."""
        return not (self.added or self.removed or self.renamed or self.moved)


def find_drift(path: Path, name: str, project: Path | None = None) -> Drift:
    """Compare the header of a file with a mapping.

    Raises FileRefusedError where the file cannot be read as the mapping says, and UsageError where columns are
    known by position only.
    """
    mapping = load_inbound(name, project)
    # Which values a shop has chosen changes no layout.
    filled = with_own_words(mapping)
    cells = _cells(path, filled)
    drift = replace(_compared(filled, cells), mapping=mapping, moved=_moved(filled, cells))
    before = mapping.path.read_bytes().decode("utf-8-sig")
    renames = {one.old: one.new for one in drift.renamed}
    after = patched(mapping.path, renames, () if filled.unused == "any" else drift.added)
    place = f"{OWN}/{name}.yaml"
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{place}", f"b/{place}"
    )
    own = names_in(mapping.path)
    elsewhere = tuple(old for old in renames if fold_name(old) not in own)
    return replace(drift, patch="".join(lines), text=after, elsewhere=elsewhere)


def write_patched(drift: Drift, project: Path) -> Path:
    """Write the patched mapping into the project's own mappings, a shipped one as a copy; return its path.

    Raises MappingError, and writes nothing, where the patched mapping would be wrong.
    """
    name = drift.mapping.mapping
    path = project / OWN / f"{name}.yaml"
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / f"{name}.yaml"
        trial.parent.mkdir()
        trial.write_text(drift.text, encoding="utf-8", newline="")
        for fault in check_file(trial, project):
            raise fault
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(drift.text, encoding="utf-8", newline="")
    fresh.replace(path)
    return path


def _cells(path: Path, mapping: InboundMapping) -> list[str]:
    shape = head(path, mapping.file)
    if not shape.header:
        raise UsageError(
            _("{name} knows columns by their position; a file without a header shows no other names").format(
                name=mapping.mapping
            )
        )
    encoding = cell_encoding(mapping.file)
    try:
        find_headers(mapping, shape.header, shape.header_line)
    except FileRefusedError as refused:
        # Columns that are missing, or there twice, are what is asked for; another encoding is not.
        if refused.reason not in {FileFault.HEADER_MISSING, FileFault.HEADER_DOUBLED}:
            raise
        cells = [cell.decode(encoding) for cell in split_record(shape.header, mapping.file)]
        known = {fold_name(name) for header in mapping.headers for name in header.names}
        # Where no cell is a known header the record may be a row, and its cells somebody's address.
        if known.isdisjoint(map(fold_name, cells)):
            raise
    return [cell.decode(encoding) for cell in split_record(shape.header, mapping.file)]


def _compared(mapping: InboundMapping, cells: list[str]) -> Drift:
    layout = layout_of(mapping, cells)
    gone = [one for one in mapping.headers if layout.position(one) is None]
    new = [name.strip() for name in layout.unknown]
    if mapping.unused == "any":
        declared = {fold_name(name) for one in mapping.headers for name in one.names}
        new = [name.strip() for name in cells if fold_name(name) and fold_name(name) not in declared]
    renamed = _renamed([one.names[0] for one in gone if one.nth == 1], new)
    olds, news = {one.old for one in renamed}, {one.new for one in renamed}
    return Drift(
        mapping,
        added=() if mapping.unused == "any" else tuple(name for name in new if name not in news),
        removed=tuple(
            Removed(one.names[0], not one.optional) for one in gone if one.nth > 1 or one.names[0] not in olds
        ),
        renamed=tuple(renamed),
        moved=(),
    )


def _renamed(gone: list[str], new: list[str]) -> list[Renamed]:
    """Return the likeliest pairs, the most alike first; each name is in one of them."""
    pairs = sorted(
        (
            Renamed(old, name, round(_likeness(old, name), 2))
            for old in gone[:_MOST_COMPARED]
            for name in new[:_MOST_COMPARED]
        ),
        key=lambda pair: -pair.likeness,
    )
    found: list[Renamed] = []
    for pair in pairs:
        taken = any(pair.old == one.old or pair.new == one.new for one in found)
        if pair.likeness >= _ALIKE and not taken:
            found.append(pair)
    return found


def _likeness(old: str, new: str) -> float:
    return difflib.SequenceMatcher(None, fold_name(old), fold_name(new), autojunk=False).ratio()


def _moved(mapping: InboundMapping, cells: list[str]) -> tuple[str, ...]:
    """Return the columns that stand in another order than in the sample whose header is nearest."""
    found = [fold_name(name) for name in cells]
    there = set(found)
    orders = [[fold_name(name) for name in one] for one in _sample_headers(mapping)]
    if not orders:
        return ()
    nearest = max(orders, key=lambda one: len(there & set(one)))
    before = [name for name in nearest if name in there]
    common = set(before)
    after = [(name, cell) for name, cell in zip(found, cells, strict=True) if name in common]
    matcher = difflib.SequenceMatcher(None, before, [name for name, _cell in after], autojunk=False)
    stays = {at for block in matcher.get_matching_blocks() for at in range(block.b, block.b + block.size)}
    return tuple(cell.strip() for at, (_name, cell) in enumerate(after) if at not in stays)


def _sample_headers(mapping: InboundMapping) -> list[list[str]]:
    folder = samples_folder(mapping)
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    headers = []
    for path in paths:
        if path.suffix != ".json":
            try:
                headers.append(_cells(path, mapping))
            except (FileRefusedError, UsageError):
                continue
    return headers
