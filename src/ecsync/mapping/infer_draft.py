"""The draft of a mapping that follows from what was seen: every line says how sure it is, and none more than it saw.

What cannot be known stands as a comment, so that `mappings check` names what is missing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ecsync.entities import ENTITIES
from ecsync.locale import _
from ecsync.mapping.infer_draft_columns import column_lines, remarked
from ecsync.mapping.infer_reasons import Reasons, reasons_for
from ecsync.mapping.model import InboundMapping
from ecsync.mapping.scaffold import nature_of
from ecsync.mapping.tables import fold_name
from ecsync.mapping.yaml_patch import written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecsync.entities import Entity
    from ecsync.mapping.infer import Inferred
    from ecsync.mapping.infer_nearest import Near
    from ecsync.mapping.infer_reasons import Reason
    from ecsync.mapping.model import Mapping

NOBODY: Final = "partner/kind"
# Below this score the nearest format says nothing about what a row is.
_NEAR: Final = 50
_WIDE: Final = 100


def draft_of(
    path: Path,
    name: str,
    seen: Inferred,
    near: Sequence[Near],
    mappings: Sequence[Mapping],
    *,
    like: str = "",
    vouched: frozenset[str] = frozenset(),
) -> str:
    """Return the YAML; `like` is the frame that a person named, `vouched` are columns whose codes may be shown."""
    entity, why = _entity(like, near)
    reasons = Reasons({}, {}) if entity is None else reasons_for(entity, seen.contents.columns, mappings)
    chosen = reasons.chosen
    title = name.replace("/", " ").replace("_", " ")
    place = [_("its name is its place: mappings/partner/kind.yaml")] if name == NOBODY else []
    lines = [
        remarked(
            "",
            _(
                "Drafted by `ecsync mappings infer` from {file}: what is not marked GUESS was seen in it."
            ).format(file=path.name),
        ),
        remarked("", _("Every word is explained in `docs/mapping-language.md` of ecsync.")),
        *_based_on(near),
        remarked(f"mapping: {name}", *place),
        f'title: {{ja: "{title}", en: "{title}"}}',
        why,
    ]
    if entity is not None:
        guess = _("GUESS: events, state or snapshot; the mapping language says what each means")
        lines.append(remarked(f"nature: {nature_of(entity)}", guess))
        lines.append(remarked("as_of: {from: mtime}", _("GUESS: when the content was true")))
    lines += _file(seen)
    lines += _duplicates(seen, chosen)
    lines += _unused(seen, chosen)
    if entity is None:
        lines.append(remarked("# columns:", _("once it is known what a row is")))
    else:
        lines += ["columns:", *column_lines(entity, seen.contents.columns, reasons, mappings, vouched)]
    return "\n".join(lines) + "\n"


def _entity(like: str, near: Sequence[Near]) -> tuple[Entity | None, str]:
    if like:
        return ENTITIES[like], remarked(f"entity: {like}", _("as you said"))
    best = next((one for one in near if isinstance(one.mapping, InboundMapping)), None)
    if best is not None and best.by_name and best.score >= _NEAR:
        name = best.mapping.entity
        told = _("GUESS: as in {mapping}, the nearest format ({score} %)").format(
            mapping=best.mapping.mapping, score=best.score
        )
        return ENTITIES[name], remarked(f"entity: {name}", told)
    known = ", ".join(name for name, one in ENTITIES.items() if one.direction == "in")
    return None, remarked("# entity:", _("what is a row? say it with --like: {known}").format(known=known))


def _based_on(near: Sequence[Near]) -> list[str]:
    same = next((one for one in near if one.same_as and isinstance(one.mapping, InboundMapping)), None)
    if same is None:
        return []
    told = _(
        "The header is that of {mapping}: use that one, or say only what differs with based_on: {mapping}"
    )
    return [remarked("", told.format(mapping=same.mapping.mapping))]


def _file(seen: Inferred) -> list[str]:
    file, layout, encodings = seen.file, seen.layout, seen.encodings
    if encodings.proven:
        encoding = _("the whole file decodes so, and in no other encoding that was tried")
    else:
        encoding = _("GUESS: it decodes as {names} too").format(names=", ".join(encodings.possible[1:]))
    records = f"{layout.records:,}"
    cells = (
        _("all {records} records have {cells} cells")
        if layout.proven or layout.shape.columns == 1
        else _("GUESS: all {records} records have {cells} cells, but another delimiter holds too")
    ).format(records=records, cells=layout.shape.columns)
    lines = [
        "file:",
        remarked(f"  encoding: {file.encoding}", encoding),
        remarked(f"  delimiter: {json.dumps(file.delimiter)}", cells),
    ]
    if seen.header.is_there:
        told = _("judged, not proven; fingerprint {fingerprint}").format(fingerprint=seen.header.fingerprint)
        lines.append(remarked("  header: required", told))
    else:
        lines.append(remarked("  header: none", _("GUESS: nothing shows that there is one")))
        lines += ["  names:", *(f"    - {written(name)}" for name in file.names)]
    if not file.has_quotes:
        lines.append(remarked("  quote: none", _("a quote is a sign like any other here")))
    if file.preamble:
        lines.append(remarked(f"  preamble: {file.preamble}", _("lines above the header or the first row")))
    final = "required" if layout.ends.final else "optional"
    ended = _("the last record has a line end") if layout.ends.final else _("the last record has no line end")
    return [*lines, remarked(f"  final_newline: {final}", ended)]


def _duplicates(seen: Inferred, chosen: dict[str, Reason]) -> list[str]:
    key = seen.contents.keys.best
    if not key or not seen.contents.rows:
        none = _("no key was found that tells the rows apart")
        return [remarked("# duplicates: {key: [...], identical: drop, different: quarantine}", none)]
    names = ", ".join(written(seen.header.names[at]) for at in key)
    told = _("different in all {rows} rows; GUESS that it tells rows apart in every file").format(
        rows=f"{seen.contents.rows:,}"
    )
    mapped = {reason.at for reason in chosen.values()}
    line = f"duplicates: {{key: [{names}], identical: drop, different: quarantine}}"
    if set(key) <= mapped:
        return [remarked(line, told)]
    return [remarked(f"# {line}", told, _("a column must read each of these headers first"))]


def _unused(seen: Inferred, chosen: dict[str, Reason]) -> list[str]:
    if not seen.header.is_there:
        return []
    mapped = {fold_name(seen.header.names[reason.at]) for reason in chosen.values()}
    names = {fold_name(name): name for name in seen.header.names if fold_name(name) not in mapped and name}
    if not names:
        return []
    comment = remarked("", _("No column reads these; take out here what a column below takes."))
    listed = ", ".join(map(written, names.values()))
    if len(listed) <= _WIDE:
        return [comment, f"unused: [{listed}]"]
    return [comment, "unused:", *(f"  - {written(name)}" for name in names.values())]
