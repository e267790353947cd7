"""Prove a mapping on the samples beside it.

`samples/<kind>/` of a partner's folder holds pairs. Inbound: a file of the partner and, under the same stem, a
JSON of what it must yield: `rows` (columns that are absent left out), `rejects`, and `unknown_columns` and
`rows_skipped` where there are any. Where two files are one entity, the file that holds rows is joined with the
sample of the same stem of its heads, and `put_aside` lists what has no other half. Outbound: a JSON with the
canonical `rows` and, under the same stem, the file they must become byte for byte; its rows are then read back, and
written again to the same bytes.
"""

from __future__ import annotations

import difflib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from ecsync.errors import FileRefusedError, UsageError
from ecsync.locale import _
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.choosing import chosen
from ecsync.mapping.inverse import as_received, read_back, split_file
from ecsync.mapping.model import InboundMapping, OutboundMapping
from ecsync.mapping.named_settings import with_settings
from ecsync.mapping.reader import open_reader
from ecsync.mapping.staged_sample import settled
from ecsync.mapping.writer import WriteOptions, Written, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.mapping.model import Mapping
    from ecsync.mapping.reader import Batch

_MAX_DIFF_LINES: Final = 60


@dataclass(frozen=True)
class GoldenResult:
    """One proof on one sample. `detail` is '' where it holds, else a diff of invented data."""

    mapping: str
    sample: str
    proof: str  # golden | read back | write again
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether the proof holds."""
        return not self.detail


def check_mapping(name: str, project: Path | None = None) -> list[GoldenResult]:
    """Return every proof of a mapping; one that fails where it has no sample. Raises MappingError."""
    mapping = load_mapping(name, project)
    results = [result for pair in _pairs(mapping) for result in _prove(mapping, *pair)]
    if not results:
        folder = samples_folder(mapping)
        return [GoldenResult(name, "", "golden", _("there is no sample in {folder}").format(folder=folder))]
    return results


def record_expectations(name: str, project: Path | None = None) -> list[Path]:
    """Write the other half of each sample pair anew from what the mapping does now; return the paths.

    For an inbound mapping the JSON files, for an outbound one the partner's files. A person reads them
    before they are believed.
    """
    mapping = load_mapping(name, project)
    written = []
    for sample, expectation in _pairs(mapping, missing_too=True):
        if isinstance(mapping, InboundMapping):
            settings = (
                json.loads(expectation.read_text("utf-8")).get("settings", {})
                if expectation.is_file()
                else {}
            )
            expectation.write_text(_json(_yielded(mapping, sample, settings)), encoding="utf-8")
        else:
            options = _options(sample)
            made = with_settings(mapping, options.settings)
            write_file(made, [_batch(made, _rows(sample))], expectation, options)
        written.append(expectation)
    return written


def samples_folder(mapping: Mapping) -> Path:
    """Return the folder of a mapping's samples."""
    return mapping.path.parent / "samples" / mapping.path.stem


def _pairs(mapping: Mapping, *, missing_too: bool = False) -> Iterator[tuple[Path, Path]]:
    """Yield (what is given, what must come of it) by name."""
    folder = samples_folder(mapping)
    if not folder.is_dir():
        return
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if isinstance(mapping, InboundMapping):
        pairs = [(path, path.with_suffix(".json")) for path in files if path.suffix != ".json"]
    else:
        suffix = Path(mapping.file.name).suffix
        pairs = [(path, path.with_suffix(suffix)) for path in files if path.suffix == ".json"]
    for given, expected in pairs:
        if missing_too or expected.is_file():
            yield given, expected


def _prove(mapping: Mapping, given: Path, expected: Path) -> Iterator[GoldenResult]:
    def result(proof: str, detail: str) -> GoldenResult:
        return GoldenResult(mapping.mapping, given.name, proof, detail)

    if isinstance(mapping, InboundMapping):
        told = json.loads(expected.read_text(encoding="utf-8"))
        found = _yielded(mapping, given, told.get("settings", {}))
        yield result("golden", _difference(_json(told), _json(found)))
        return
    rows = _rows(given)
    options = _options(given)
    mapping = with_settings(mapping, options.settings)
    belongs = chosen(mapping, _batch(mapping, rows)).tolist()
    rows = [row for row, stays in zip(rows, belongs, strict=True) if stays]
    content, written = _bytes(mapping, rows, options)
    yield result("golden", _byte_difference(mapping, expected.read_bytes(), content))
    refused = {one.business_key for one in written.refused}
    kept = [row for row in rows if _key(mapping, row) not in refused]
    told = [read_back(mapping, cells) for cells in split_file(mapping, content)]
    yield result("read back", _difference(_json(_as_told(mapping, kept, told)), _json(told)))
    again, _written = _bytes(
        mapping, [{**row, **back} for row, back in zip(kept, told, strict=True)], options
    )
    yield result("write again", _byte_difference(mapping, content, again))


def _yielded(mapping: InboundMapping, sample: Path, settings: dict[str, str]) -> dict[str, Any]:
    """Return what a sample yields, or why it is refused whole."""
    try:
        reader = open_reader(sample, with_settings(mapping, settings))
        batches = list(reader)
        rows, aside = _settled(mapping, sample, batches)
    except FileRefusedError as error:
        return {"refused": {"reason": error.reason, "line": error.line, "column": error.column}}
    yielded: dict[str, Any] = {"settings": settings} if settings else {}
    yielded |= {
        "rows": [{name: value for name, value in row.items() if value not in ("", None)} for row in rows],
        "rejects": [
            {"line": reject.line, "column": reject.column, "reason": reject.reason}
            for batch in batches
            for reject in batch.rejects
        ],
    }
    if aside:
        yielded["put_aside"] = aside
    if reader.rows_skipped:
        yielded["rows_skipped"] = reader.rows_skipped
    if reader.unknown_columns:
        yielded["unknown_columns"] = list(reader.unknown_columns)
    return yielded


def _settled(
    mapping: InboundMapping, sample: Path, batches: list[Batch]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not mapping.totals_wait or (mapping.pair is not None and mapping.pair.holds == "heads"):
        return [row for batch in batches for row in batch.rows.to_pylist()], []
    if mapping.pair is None:
        return settled(mapping, batches)
    folder = samples_folder(mapping.other)
    heads = [path for path in sorted(folder.glob(f"{sample.stem}.*")) if path.suffix != ".json"]
    if not heads:
        raise UsageError(
            _("{sample} needs the other file of its pair in {folder}").format(
                sample=sample.name, folder=folder
            )
        )
    return settled(mapping, batches, list(open_reader(heads[0], mapping.other)))


def _rows(given: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(given.read_text(encoding="utf-8"))["rows"]
    return rows


def _options(given: Path) -> WriteOptions:
    told = json.loads(given.read_text(encoding="utf-8"))
    return WriteOptions(settings=told.get("settings", {}), today=told.get("today", ""))


def _batch(mapping: OutboundMapping, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    columns = mapping.frame.columns
    schema = pa.schema([(one.name, pa.int64() if one.is_integer else pa.string()) for one in columns])
    filled = [
        {one.name: row.get(one.name, None if one.is_integer else "") for one in columns} for row in rows
    ]
    return pa.RecordBatch.from_pylist(filled, schema=schema)


def _bytes(
    mapping: OutboundMapping, rows: list[dict[str, Any]], options: WriteOptions
) -> tuple[bytes, Written]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "file"
        written = write_file(mapping, [_batch(mapping, rows)], target, options)
        return target.read_bytes(), written


def _key(mapping: OutboundMapping, row: dict[str, Any]) -> str:
    return ":".join(str(row.get(name, "")) for name in mapping.frame.key)


def _as_told(
    mapping: OutboundMapping, rows: list[dict[str, Any]], told: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return of each row what its cells tell, as the partner's encoding can hold it."""
    by_name = mapping.frame.by_name
    found = []
    for row, back in zip(rows, told, strict=True):
        values = {name: row.get(name, None if by_name[name].is_integer else "") for name in back}
        found.append(
            {
                name: as_received(mapping, name, one) if isinstance(one, str) else one
                for name, one in values.items()
            }
        )
    return found


def _json(value: Any) -> str:  # noqa: ANN401  (any JSON)
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def _byte_difference(mapping: OutboundMapping, wanted: bytes, found: bytes) -> str:
    if wanted == found:
        return ""
    encoding = mapping.file.encoding
    texts = [content.decode(encoding, errors="backslashreplace") for content in (wanted, found)]
    return _difference(*texts) or _("the bytes differ, their text does not")


def _difference(wanted: str, found: str) -> str:
    if wanted == found:
        return ""
    lines = difflib.unified_diff(
        wanted.splitlines(), found.splitlines(), "expected", "found", lineterm="", n=1
    )
    return "\n".join(list(lines)[:_MAX_DIFF_LINES])
