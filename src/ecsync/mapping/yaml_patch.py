"""Change header names in the text of a mapping: only the words that are meant, so that every comment stays."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml

from ecsync.mapping.positions import read_document
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# What a column's words hold that is no header: codes, texts, formats.
_NO_HEADERS: Final = frozenset(
    {"as", "map", "table", "const", "formats", "zone", "unit", "empty", "empty_starts", "before", "between"}
    | {"entry", "drop_leading", "is", "unsigned", "required", "optional", "separator", "pad", "nth"}
)
_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w・ー（）()/ -]*[\w・ー（）()])?")
_SPOKEN_FOR: Final = frozenset({"true", "false", "null", "any"})


_At = Callable[[yaml.Mark], int]


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def patched(path: Path, renames: Mapping[str, str], unused: Iterable[str]) -> str:
    """Return the YAML's text with headers renamed, and further ones among `unused`.

    A name that the mapping takes over from one that it is based on stands in that one's text, and stays.
    """
    document = read_document(path)
    text = document.raw.decode("utf-8-sig")
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    folded = {fold_name(old): new for old, new in renames.items()}
    spellings = {id(node): block for node, block in _spellings(document.root)}

    def at(mark: yaml.Mark) -> int:
        return starts[mark.line] + mark.column

    edits = []
    for node in _headers(document.root):
        new = folded.get(fold_name(node.value))
        start = at(node.start_mark)
        if new is None:
            continue
        if id(node) in spellings:
            # Files of the older spelling stay readable beside the new one.
            dashes = spellings[id(node)]
            between = ", " if dashes is None else f"\n{' ' * dashes}- "
            edits.append(_Edit(start, start, written(new) + between))
        else:
            edits.append(_Edit(start, at(node.end_mark), written(new, node.style)))

    def above(mark: yaml.Mark) -> int:
        """Return where the comments begin that stand right above a word."""
        line = mark.line
        while line and text[starts[line - 1] :].startswith("#"):
            line -= 1
        return starts[line]

    edits += _unused_edits(document.root, list(unused), at, above)
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def names_in(path: Path) -> set[str]:
    """Return every header that the YAML itself names, folded."""
    return {fold_name(node.value) for node in _headers(read_document(path).root)}


def written(name: str, style: str | None = None) -> str:
    """Return a name as YAML: plain where nothing can be mistaken."""
    plain = _PLAIN.fullmatch(name) and name.lower() not in _SPOKEN_FOR
    return name if plain and style not in {"'", '"'} else json.dumps(name, ensure_ascii=False)


def _spellings(node: yaml.Node) -> Iterator[tuple[yaml.Node, int | None]]:
    """Yield the first spelling of every header that has several, and where the dashes of a block list stand."""
    if isinstance(node, yaml.MappingNode):
        for word, value in node.value:
            if word.value == "any" and isinstance(value, yaml.SequenceNode) and value.value:
                yield value.value[0], None if value.flow_style else value.start_mark.column
            yield from _spellings(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _spellings(item)


def _word(node: yaml.Node, word: str) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == word:
                return key, value
    return None


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)


def _headers(root: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Yield every word that names a header."""
    for word, value in root.value:
        if word.value == "columns" and isinstance(value, yaml.MappingNode):
            for _column, source in value.value:
                yield from _in_source(source)
        elif word.value in {"skip_rows_when", "keep_rows_when"}:
            for condition in value.value:
                yield from (key for key, _values in condition.value)
        elif word.value == "fill_down":
            for rule in value.value:
                for name in ("headers", "within"):
                    found = _word(rule, name)
                    yield from _scalars(found[1] if found else None)
        elif word.value in {"duplicates", "pair"}:
            found = _word(value, "key")
            yield from _scalars(found[1] if found else None)
        elif word.value == "file":
            found = _word(value, "names")
            yield from _scalars(found[1] if found else None)


def _in_source(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _in_source(item)
    else:
        for word, value in node.value:
            if word.value == "if":
                yield from (key for key, _values in value.value)
            elif word.value not in _NO_HEADERS:
                yield from _in_source(value)


def _unused_edits(root: yaml.Node, names: list[str], at: _At, above: _At) -> list[_Edit]:
    if not names:
        return []
    listed = ", ".join(map(written, names))
    found, columns = _word(root, "unused"), _word(root, "columns")
    if found is None:
        # Without columns of its own the mapping takes over all of another.
        start = 0 if columns is None else above(columns[0].start_mark)
        return [] if columns is None else [_Edit(start, start, f"unused: [{listed}]\n")]
    value = found[1]
    if not isinstance(value, yaml.SequenceNode):
        return []
    if not value.value:
        return [_Edit(at(value.start_mark), at(value.end_mark), f"[{listed}]")]
    last = value.value[-1]
    end = at(last.end_mark)
    if value.flow_style:
        return [_Edit(end, end, f", {listed}")]
    indent = " " * value.start_mark.column
    return [_Edit(end, end, "".join(f"\n{indent}- {written(name)}" for name in names))]
