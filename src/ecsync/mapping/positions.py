"""YAML with the place of every word, so that a fault names file, line and column.

A mapping is data from a person: no tags, no anchors (an alias can blow a small file up), a size and depth
that a mapping never reaches. Plain scalars keep their text unless they are true, false, null or a canonical
whole number, so that `no`, `0120`, `1.10` and `2026-11-24` stay what they look like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  (a field of a dataclass)
from typing import Any, Final, NamedTuple

import yaml

from ecsync.errors import MappingError
from ecsync.locale import _

MAX_BYTES: Final = 512 * 1024
MAX_DEPTH: Final = 30
_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
_PLAIN: Final = {"true": True, "false": False, "null": None, "~": None, "": None}

# Several times as quick where PyYAML was built with the C library; the same words at the same places.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Location = tuple[int | str, ...]


class Place(NamedTuple):
    """Line and column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Document:
    """A YAML file as plain data, with its raw bytes and the place of every word."""

    path: Path
    raw: bytes
    data: Any
    root: yaml.Node

    def place(self, location: Location) -> Place:
        """Return where a location of pydantic's kind stands; parts that the file lacks are passed over."""
        return _best(self.root, location, _place_of(self.root)).place

    def error(self, message: str, location: Location, *, hint: str = "") -> MappingError:
        """Make the error for that location."""
        place = self.place(location)
        return MappingError(message, file=str(self.path), line=place.line, column=place.column, hint=hint)


def read_document(path: Path) -> Document:
    """Read a YAML file; raise MappingError with its place where it is unreadable, too big or not plain."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError:
        raise MappingError(_("the file cannot be read"), file=str(path)) from None
    if len(raw) > MAX_BYTES:
        raise MappingError(
            _("the file is larger than {limit} bytes").format(limit=MAX_BYTES),
            file=str(path),
            line=1,
            column=1,
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise MappingError(_("the file is not UTF-8"), file=str(path), line=line, column=1) from None
    try:
        _refuse_tricks(text, path)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        place = _mark_place(error.problem_mark or error.context_mark)
        reason = _("this is not YAML: {problem}").format(problem=error.problem or error.context or "")
        raise MappingError(reason, file=str(path), line=place.line, column=place.column) from None
    except yaml.YAMLError:
        raise MappingError(_("this is not YAML"), file=str(path), line=1, column=1) from None
    if not isinstance(node, yaml.MappingNode):
        raise MappingError(_("a mapping is a list of words and values"), file=str(path), line=1, column=1)
    return Document(path, raw, _plain(node, path), node)


def _refuse_tricks(text: str, path: Path) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        place = _mark_place(event.start_mark)
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise MappingError(
                _("anchors, aliases and tags are no part of a mapping"),
                file=str(path),
                line=place.line,
                column=place.column,
                hint=_("write the value out"),
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise MappingError(
                    _("nested too deeply"), file=str(path), line=place.line, column=place.column
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _plain(node: yaml.Node, path: Path) -> Any:  # noqa: ANN401  (YAML is any data)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = _mark_place(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                raise MappingError(
                    _("a word is a text"), file=str(path), line=place.line, column=place.column
                )
            if key_node.value in found:
                raise MappingError(
                    _("{word} stands twice").format(word=key_node.value),
                    file=str(path),
                    line=place.line,
                    column=place.column,
                )
            found[key_node.value] = _plain(value_node, path)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, path) for item in node.value]
    return _scalar(node)


def _scalar(node: yaml.Node) -> str | int | bool | None:
    text = str(node.value)
    if getattr(node, "style", None):  # quoted, or a block; plain is None, or "" where C parsed it
        return text
    if text in _PLAIN:
        return _PLAIN[text]
    return int(text) if _WHOLE.fullmatch(text) else text


class _Match(NamedTuple):
    ends: bool
    matched: int
    place: Place


def _best(node: yaml.Node, location: Location, place: Place) -> _Match:
    # pydantic puts the tags of its unions into a location; a part is therefore taken or passed over,
    # whichever finds the last part.
    if not location:
        return _Match(ends=True, matched=0, place=place)
    part, rest = location[0], location[1:]
    skipped = _best(node, rest, place)
    best = skipped._replace(ends=bool(rest) and skipped.ends)
    child = _child(node, part)
    if child is not None:
        here, value = child
        taken = _best(value, rest, here)
        taken = taken._replace(matched=taken.matched + 1)
        best = max(best, taken, key=lambda match: (match.ends, match.matched))
    return best


def _child(node: yaml.Node, part: int | str) -> tuple[Place, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == str(part):
                return _place_of(key_node), value_node
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return _place_of(node.value[part]), node.value[part]
    return None


def _place_of(node: yaml.Node) -> Place:
    return _mark_place(node.start_mark)


def _mark_place(mark: Any) -> Place:  # noqa: ANN401  (PyYAML has two unrelated marks)
    return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)
