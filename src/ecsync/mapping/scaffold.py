"""A first mapping with its sample and its golden, for a partner that nobody has declared yet.

It holds on its own sample from the beginning; a person puts the partner's names, codes and rows in the place of ours.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Final, get_args

from ecsync.entities import ENTITIES
from ecsync.errors import UsageError
from ecsync.locale import _
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.complaints import near
from ecsync.mapping.golden import record_expectations
from ecsync.mapping.listing import MAPPING_NAME, OWN, list_mappings
from ecsync.mapping.model_words import Encoding, OutEncoding
from ecsync.mapping.scaffold_columns import columns_in, columns_out, filled_in
from ecsync.mapping.scaffold_rows import cell, value

if TYPE_CHECKING:
    from pathlib import Path

    from ecsync.entities import Entity

SAMPLE: Final = "example"
_ROWS: Final = (1, 2)
# What holds of a frame's rows whoever writes them; a whole list at one time where nothing is said.
_NATURES: Final = {"order_lines": "state", "parcel_results": "state", "warehouse_events": "events"}
_GROUPS: Final = {"shipping_instructions": "parcel_no", "journal_lines": "entry_no"}
_TOTALS: Final = {"order_lines": "billed = goods + shipping"}


def make_scaffold(name: str, entity: str, project: Path, encoding: str = "utf-8") -> list[Path]:
    """Write mapping, sample and golden into the project; return the three paths.

    Raises UsageError where the name or the frame is none, and where any of it is there already.
    """
    if not re.fullmatch(MAPPING_NAME, name):
        raise UsageError(_("{name} is no name such as minato/stock").format(name=name))
    frame = ENTITIES.get(entity)
    if frame is None:
        known = [f"{one.name} ({one.direction})" for one in ENTITIES.values()]
        hint = near(entity, ENTITIES) if entity else "--entity: " + ", ".join(sorted(known))
        raise UsageError(_("there is no frame {name}").format(name=entity or "-"), hint=hint)
    encodings = get_args(Encoding if frame.direction == "in" else OutEncoding)
    if encoding not in encodings:
        raise UsageError(
            _("{word} must be one of: {known}").format(word="--encoding", known=", ".join(encodings))
        )
    for entry in list_mappings(project):
        if entry.name == name:
            raise UsageError(
                _("there is a mapping {name} already: {path}").format(name=name, path=entry.path),
                hint=_("one of your own that says only how it differs has based_on: {name}").format(
                    name=name
                ),
            )
    path = project / OWN / f"{name}.yaml"
    samples = path.parent / "samples" / path.stem
    given = samples / f"{SAMPLE}.{'csv' if frame.direction == 'in' else 'json'}"
    for one in (path, samples):
        if one.exists():
            raise UsageError(_("{path} is there already; nothing was written").format(path=one))
    text = (inbound_text if frame.direction == "in" else outbound_text)(name, frame, encoding)
    content = _sample_file(frame, encoding) if frame.direction == "in" else _sample_rows(frame)
    samples.mkdir(parents=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    given.write_bytes(content)
    load_mapping(name, project)
    golden = record_expectations(name, project)
    return [path, given, *golden]


def inbound_text(name: str, frame: Entity, encoding: str) -> str:
    """Return the YAML of a file that comes in."""
    key = ", ".join(one for one in frame.key if one in filled_in(frame))
    lines = [
        *_head(name, frame),
        *_comment(
            _(
                "events: each row happened once; state: each row is how a thing is now; snapshot: the whole list."
            )
        ),
        f"nature: {nature_of(frame)}",
        *_comment(
            _(
                "When the content was true: mtime, arrival, name (a date in the file name) or column (a time column)."
            )
        ),
        "as_of: {from: mtime}",
        *_comment(_("How the bytes are written; a file of rows only has header: none and names: [...].")),
        f'file: {{encoding: {encoding}, delimiter: ",", header: required, final_newline: required}}',
        *_comment(_("Rows with an equal key: identical ones count once, different ones are put aside.")),
        f"duplicates: {{key: [{key}], identical: drop, different: quarantine}}",
        *_comment(
            _(
                "Headers that nothing here needs, so that they are not reported; any where the user chooses them."
            ),
            _("Rows that are none are left out and counted."),
        ),
        "# unused: [...]",
        "# skip_rows_when:",
        "#   - {...: [...]}",
        *_comment(
            _("Left our column, right the partner's header. The first ones are needed or usual."),
            _("What the file has of the others, take the # away from."),
        ),
        "columns:",
        *columns_in(frame),
    ]
    if frame.name in _TOTALS:
        total = _("Control totals of the partner, proved for every order.")
        lines += [*_comment(total), "totals:", f"  - {_TOTALS[frame.name]}"]
    return "\n".join(lines) + "\n"


def outbound_text(name: str, frame: Entity, encoding: str) -> str:
    """Return the YAML of a file that goes out."""
    kind = name.partition("/")[2]
    group = _GROUPS.get(frame.name)
    lines = [
        *_head(name, frame),
        *_comment(
            _(
                "How the bytes are written, and the name: {date}, {time}, {seq}, {part} and {party} are filled in."
            ),
            _("max_rows: how many rows the partner takes in one file."),
        ),
        "file:",
        f"  encoding: {encoding}",
        f'  name: "{kind}_{{date:%Y%m%d}}_{{seq:03}}.csv"',
        '  delimiter: ","',
        "  newline: crlf",
        "  header: true",
        "  quote: minimal",
        "  # max_rows: 500",
        "  # preamble: [[...]]",
        *_comment(_("Rows of one record stand together; where one cannot be written, none of them is.")),
        f"group: [{group}]" if group else "# group: [...]",
        *_comment(
            _(
                "In the partner's order: the partner's header, and what stands below it. A fixed text is const;"
            ),
            _(
                "max_bytes and max_chars limit a text, part: 1, part: 2 cut a long one; a map gives their codes."
            ),
        ),
        "columns:",
        *columns_out(frame),
    ]
    return "\n".join(lines) + "\n"


def nature_of(frame: Entity) -> str:
    """Return what usually holds of a frame's rows."""
    return _NATURES.get(frame.name, "snapshot")


def _head(name: str, frame: Entity) -> list[str]:
    title = name.replace("/", " ").replace("_", " ")
    return [
        *_comment(
            _("Facts of this layout: where they are from, what was seen in a file, what is not known yet."),
            _("Every word is explained in `docs/mapping-language.md` of ecsync."),
        ),
        f"mapping: {name}",
        f'title: {{ja: "{title}", en: "{title}"}}',
        f"entity: {frame.name}",
        *_comment(_("Where the partner describes the layout.")),
        "# documented_at: https://...",
    ]


def _comment(*sentences: str) -> list[str]:
    return [f"# {sentence}" for sentence in sentences]


def _sample_file(frame: Entity, encoding: str) -> bytes:
    names = filled_in(frame, with_source=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([cell(frame.by_name[name], row) for name in names] for row in _ROWS)
    return text.getvalue().encode(encoding)


def _sample_rows(frame: Entity) -> bytes:
    rows = [{one.name: value(one, row) for one in frame.columns} for row in _ROWS]
    return (json.dumps({"rows": rows}, ensure_ascii=False, indent=1) + "\n").encode()
