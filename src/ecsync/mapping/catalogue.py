"""The mappings there are: those that ecsync ships, and a project's own, which come first."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path  # noqa: TC003  (a field of a dataclass)
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from ecsync.entities.codes import CODE_LISTS
from ecsync.errors import MappingError
from ecsync.locale import _
from ecsync.mapping.basing import BASED_ON, based
from ecsync.mapping.check import faults
from ecsync.mapping.complaints import complaints, near
from ecsync.mapping.listing import MAPPING_NAME, OWN, list_mappings, roots
from ecsync.mapping.model import InboundMapping, Mapping, MappingWord, OutboundMapping, direction_of
from ecsync.mapping.positions import Document, read_document
from ecsync.mapping.tables import CodeTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecsync.mapping.model_rows import Pair

_TABLES = "tables"
_Model = TypeVar("_Model", InboundMapping, OutboundMapping, CodeTable)
_Stamp = tuple[tuple[str, int, int], ...]
_read: dict[tuple[Path, Path | None], tuple[_Stamp, Mapping]] = {}


def load_mapping(name: str, project: Path | None = None) -> Mapping:
    """Return the checked mapping of that name; raise MappingError with file, line, column and the fix.

    A mapping whose files have not moved is read once.
    """
    own = project if project is not None and (project / OWN).is_dir() else None
    path = _path_of(name, own)
    key = (path, own)
    if key not in _read or _read[key][0] != _stamp(_parts(path, _read[key][1], own), own):
        mapping = _checked(path, own)
        _read[key] = (_stamp(_parts(path, mapping, own), own), mapping)
    return _read[key][1]


def _parts(path: Path, mapping: Mapping, project: Path | None) -> list[Path]:
    """Return the files of a mapping: its own, and that of the other half of its pair."""
    if isinstance(mapping, InboundMapping) and mapping.pair is not None:
        return [path, _path_of(mapping.pair.with_, project)]
    return [path]


def _path_of(name: str, project: Path | None) -> Path:
    if re.fullmatch(MAPPING_NAME, name):
        for _origin, root in reversed(list(roots(project))):
            path = root / f"{name}.yaml"
            if path.is_file():
                return path
    known = [entry.name for entry in list_mappings(project)]
    raise MappingError(_("there is no mapping {name}").format(name=name), hint=near(name, known))


def _stamp(paths: Iterable[Path], project: Path | None) -> _Stamp:
    """Return what moves when the mapping, one that it may be based on, or any code table does."""
    patterns = ("*/*.yaml", f"*/{_TABLES}/*.yaml")
    others = [
        one for _origin, root in roots(project) for pattern in patterns for one in sorted(root.glob(pattern))
    ]
    stats = [(one, one.stat()) for one in (*paths, *others)]
    return tuple((str(one), stat.st_mtime_ns, stat.st_size) for one, stat in stats)


def _checked(path: Path, project: Path | None) -> Mapping:
    mapping, errors = _examine(path, project)
    if errors:
        raise errors[0]
    assert mapping is not None  # noqa: S101  (no error means a mapping)
    return mapping


def load_inbound(name: str, project: Path | None = None) -> InboundMapping:
    """Return the mapping of a file that comes in; raise MappingError where it goes out."""
    mapping = load_mapping(name, project)
    if isinstance(mapping, InboundMapping):
        return mapping
    raise MappingError(
        _("{name} is a mapping of a file that goes out").format(name=name), file=str(mapping.path)
    )


def load_outbound(name: str, project: Path | None = None) -> OutboundMapping:
    """Return the mapping of a file that goes out; raise MappingError where it comes in."""
    mapping = load_mapping(name, project)
    if isinstance(mapping, OutboundMapping):
        return mapping
    raise MappingError(
        _("{name} is a mapping of a file that comes in").format(name=name), file=str(mapping.path)
    )


def check_file(path: Path, project: Path | None = None) -> list[MappingError]:
    """Return everything that is wrong with a mapping file or a code table, in the order of the file."""
    if path.parent.name == _TABLES:
        try:
            _read_table(path)
        except _Refused as refused:
            return refused.errors
        return []
    return _examine(path, project)[1]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a mapping file, for editors."""
    schema = TypeAdapter(MappingWord).json_schema()
    definitions = schema.pop("$defs")
    # What is based on another needs no more than its name: the rest is the other's.
    differing = {
        "type": "object",
        "properties": {"mapping": {"type": "string"}, BASED_ON: {"type": "string", "minLength": 1}},
        "required": ["mapping", BASED_ON],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ecsync mapping",
        "anyOf": [schema, differing],
        "$defs": definitions,
    }


class _Refused(Exception):  # noqa: N818  (carries errors, and is none)
    def __init__(self, errors: list[MappingError]) -> None:
        super().__init__()
        self.errors = errors


def _examine(
    path: Path, project: Path | None, *, alone: bool = False
) -> tuple[Mapping | None, list[MappingError]]:
    """Return a mapping and what is wrong with it; `alone`: without the other half of its pair."""
    try:
        own = read_document(path)
        document, bases = _with_bases(own, project)
        mapping: Mapping = (
            _validate(OutboundMapping, document)
            if direction_of(document.data) == "out"
            else _validate(InboundMapping, document)
        ).worded(document.data)
    except MappingError as error:
        return None, [error]
    except _Refused as refused:
        return None, refused.errors
    tables, errors = _load_tables(_table_names(mapping), project)
    digest = hashlib.sha256(document.raw)
    for raw in bases:
        digest.update(b"\0" + raw)
    for _name, (_table, raw) in sorted(tables.items()):
        digest.update(b"\0" + raw)
    placed = mapping.placed(path, digest.hexdigest(), {name: table for name, (table, _raw) in tables.items()})
    expected = f"{path.parent.name}/{path.stem}"
    if mapping.mapping != expected:
        errors.append(
            document.error(
                _("the file's place makes it {name}").format(name=expected),
                ("mapping",),
                hint=f"mapping: {expected}",
            )
        )
    if isinstance(placed, InboundMapping) and placed.pair is not None:
        if alone:
            return placed, errors
        placed, broken = _with_other_half(placed, placed.pair, document, project)
        errors += broken
        if broken:
            return placed, errors
    errors += [document.error(fault.message, fault.location, hint=fault.hint) for fault in faults(placed)]
    return placed, sorted(errors, key=lambda error: (error.file != str(path), error.line, error.column))


def _with_other_half(
    mapping: InboundMapping, pair: Pair, document: Document, project: Path | None
) -> tuple[InboundMapping, list[MappingError]]:
    try:
        other, errors = _examine(_path_of(pair.with_, project), project, alone=True)
    except MappingError as error:
        return mapping, [document.error(error.message, ("pair", "with"), hint=error.hint)]
    if errors:
        return mapping, errors
    if not isinstance(other, InboundMapping):
        message = _("{name} is a mapping of a file that goes out").format(name=pair.with_)
        return mapping, [document.error(message, ("pair", "with"))]
    return mapping.beside(other), []


def _with_bases(document: Document, project: Path | None) -> tuple[Document, list[bytes]]:
    """Return the document with the words of the mappings that it is based on, and their raw bytes."""
    bases: list[bytes] = []
    passed = [document.path]
    words: dict[str, Any] = document.data
    name = words.get(BASED_ON)
    while isinstance(name, str) and name:
        path = _base_of(document, name, passed, project)
        base = read_document(path)
        passed.append(path)
        bases.append(base.raw)
        words = based(words, base.data)
        name = base.data.get(BASED_ON)
    return replace(document, data=words), bases


def _base_of(document: Document, name: str, passed: list[Path], project: Path | None) -> Path:
    """Return where a base lies: a project's own first, but never a mapping that has been passed."""
    if re.fullmatch(MAPPING_NAME, name):
        for _origin, root in reversed(list(roots(project))):
            path = root / f"{name}.yaml"
            if path.is_file() and path.resolve() not in {one.resolve() for one in passed}:
                return path
    known = [entry.name for entry in list_mappings(project)]
    message = _("there is no mapping {name} to be based on").format(name=name)
    raise document.error(message, (BASED_ON,), hint=near(name, known))


def _validate(model: type[_Model], document: Document) -> _Model:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise _Refused(complaints(error, document, model)) from None


def _load_tables(
    names: Iterable[str], project: Path | None
) -> tuple[dict[str, tuple[CodeTable, bytes]], list[MappingError]]:
    found: dict[str, tuple[CodeTable, bytes]] = {}
    errors: list[MappingError] = []
    for name in sorted(set(names)):
        if not re.fullmatch(MAPPING_NAME, name):
            continue
        folder, _sep, kind = name.partition("/")
        places = [root / folder / _TABLES / f"{kind}.yaml" for _origin, root in roots(project)]
        there = [place for place in places if place.is_file()]
        if not there:
            continue
        try:
            found[name] = _read_table(there[-1])
        except _Refused as refused:
            errors += refused.errors
        except MappingError as error:
            errors.append(error)
    return found, errors


def _read_table(path: Path) -> tuple[CodeTable, bytes]:
    document = read_document(path)
    table = _validate(CodeTable, document)
    expected = f"{path.parent.parent.name}/{path.stem}"
    errors = []
    if table.table != expected:
        errors.append(
            document.error(
                _("the file's place makes it {name}").format(name=expected),
                ("table",),
                hint=f"table: {expected}",
            )
        )
    if table.codes and table.codes not in CODE_LISTS:
        message = _("there is no code list {name}").format(name=table.codes)
        errors.append(document.error(message, ("codes",), hint=near(table.codes, CODE_LISTS)))
    elif table.codes:
        known = CODE_LISTS[table.codes]
        errors += [
            document.error(
                _("{value} is no code of {column}").format(value=entry.value, column=table.codes),
                ("entries", code),
                hint=near(entry.value, filter(None, known)),
            )
            for code, entries in table.entries.items()
            for entry in entries
            if entry.value not in known
        ]
    if errors:
        raise _Refused(errors)
    return table, document.raw


def _table_names(mapping: Mapping) -> Iterator[str]:
    if isinstance(mapping, OutboundMapping):
        sources: list[Any] = [source for _header, source in mapping.named_columns]
    else:
        sources = list(mapping.columns.values())
    while sources:
        source = sources.pop()
        if source.table is not None:
            yield source.table
        sources += [case.then for case in getattr(source, "when", ())]
