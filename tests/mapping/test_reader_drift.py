"""Files drift: columns move, programs save them again, people open them in a spreadsheet.

Whatever happens to a file, it yields the same rows, or it is refused with its place, or the rows that are
touched are put aside with theirs. Every inbound mapping that ships is tried.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from ecsync.errors import FileRefusedError
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.headers import is_header
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping, fold_name
from ecsync.mapping.model_in import FromColumn
from ecsync.mapping.named_settings import with_settings
from mapping_reading import Read, as_csv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASIDE = "put aside"
Rows = list[list[str]]
Answer = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Sample:
    mapping: InboundMapping
    path: Path

    @property
    def rows(self) -> Rows:
        text = self.path.read_bytes().decode(self.mapping.file.encoding)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=self.mapping.file.delimiter))

    def encode(self, text: str) -> bytes:
        return text.encode(self.mapping.file.encoding)

    @property
    def has_header(self) -> bool:
        file = self.mapping.file
        return file.header == "required" or is_header(file, self.path.read_bytes().splitlines()[0])

    @property
    def required(self) -> list[str]:
        """Return the headers that must stand in the file; of those with several spellings, which have no other."""
        doubled = {fold_name(header.names[0]) for header in self.mapping.headers if header.nth > 1}
        return [
            header.names[0]
            for header in self.mapping.headers
            if not header.optional and len(header.names) == 1 and fold_name(header.names[0]) not in doubled
        ]

    @property
    def has_doubled_headers(self) -> bool:
        """Tell whether columns of one name are known by their order."""
        return any(header.nth > 1 for header in self.mapping.headers)

    def position(self, column: str) -> int:
        source = self.mapping.columns[column]
        assert isinstance(source, FromColumn)
        return [fold_name(name) for name in self.rows[0]].index(fold_name(source.from_.names[0]))


def _settings(path: Path) -> dict[str, str]:
    settings: dict[str, str] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8")).get(
        "settings", {}
    )
    return settings


def _samples() -> list[Sample]:
    found = []
    for entry in list_mappings():
        mapping = load_mapping(entry.name)
        if isinstance(mapping, InboundMapping):
            kind = mapping.mapping.partition("/")[2]
            # Where quotes are signs like any other, cells cannot be quoted here: tests/mapping/test_plain_quotes.py.
            found += [
                Sample(with_settings(mapping, _settings(path)), path)
                for path in sorted((mapping.path.parent / "samples" / kind).glob("*.csv"))
                if mapping.file.quote == "csv"
            ]
    return found


SAMPLES = _samples()
# The layouts of the demo shop are tried whenever tests run, all others by `make test-slow`.
AT_ONCE = {"core", "opening", "rakuten", "shopify", "warehouse", "yahoo", "yamato_b2"}


def _each(samples: list[Sample]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "sample",
        [
            pytest.param(
                one,
                id=f"{one.mapping.mapping}:{one.path.name}",
                marks=() if one.mapping.mapping.partition("/")[0] in AT_ONCE else pytest.mark.slow,
            )
            for one in samples
        ],
    )


each_sample = _each(SAMPLES)
each_sample_with_header = _each([one for one in SAMPLES if one.has_header])
COUNTED = [one for one in SAMPLES if not one.has_header and one.mapping.file.column_counts]
WITHOUT_HEADER = [one for one in SAMPLES if not one.has_header and one not in COUNTED]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Sample, bytes], Answer]:
    """Return the rows that a file yields and those put aside, without their lines."""

    def run(sample: Sample, content: bytes) -> Answer:
        path = tmp_path / "drifted.csv"
        path.write_bytes(content)
        found = Read(path, sample.mapping)
        rows = [tuple(value for name, value in row.items() if name != "src_line") for row in found.rows]
        aside = [
            (ASIDE, fold_name(reject.column), str(reject.reason), fold_name(reject.value))
            for reject in found.rejects
        ]
        assert len(rows) + sum(batch.rejected_rows for batch in found.batches) == found.reader.rows_in
        return [*rows, *aside]

    return run


def test_every_inbound_mapping_has_a_sample() -> None:
    inbound = {
        entry.name for entry in list_mappings() if isinstance(load_mapping(entry.name), InboundMapping)
    }
    for name in inbound:
        partner, _slash, kind = name.partition("/")
        samples = (load_mapping(name).path.parent / "samples" / kind).iterdir()
        assert [path for path in samples if path.suffix != ".json"], f"{partner} {kind}"


HARMLESS: dict[str, Callable[[Rows], str]] = {
    "as it is": lambda rows: as_csv(*rows),
    "line ends of another system": lambda rows: as_csv(*rows, newline="\n"),
    "line ends of an old system": lambda rows: as_csv(*rows, newline="\r"),
    "line ends that mix": lambda rows: "".join(
        as_csv(row, newline=("\n", "\r\n")[at % 2]) for at, row in enumerate(rows)
    ),
    "blank lines": lambda rows: "\r\n".join(as_csv(row) for row in rows) + "\r\n\r\n",
    "columns turned round": lambda rows: as_csv(*(row[::-1] for row in rows)),
    "a further column": lambda rows: as_csv(
        *([*row, "x" if at else "新しい列"] for at, row in enumerate(rows))
    ),
    "a further column in front": lambda rows: as_csv(
        *(["x" if at else "新しい列", *row] for at, row in enumerate(rows))
    ),
    "a trailing comma in every row": lambda rows: as_csv(*([*row, ""] for row in rows)),
    "wide header names": lambda rows: as_csv([_wide(name) for name in rows[0]], *rows[1:]),
    "blanks around the header names": lambda rows: as_csv([f" {name}\u3000" for name in rows[0]], *rows[1:]),
    "blanks around the cells": lambda rows: as_csv(
        rows[0], *([cell and f" {cell} " for cell in row] for row in rows[1:])
    ),
}


def _wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" and sign != "~" else sign for sign in text)


# What a file without a header cannot bear: its columns are known by their places alone.
MOVED = ("columns turned round", "a further column in front")


@each_sample_with_header
@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_no_harm_changes_nothing(read: Any, sample: Sample, name: str) -> None:
    if name == MOVED[0] and sample.has_doubled_headers:
        return  # which of two equal headers is which, only their order tells
    drifted = read(sample, sample.encode(HARMLESS[name](sample.rows)))
    assert drifted == read(sample, sample.path.read_bytes())


@pytest.mark.parametrize("sample", WITHOUT_HEADER, ids=lambda one: one.path.name)
@pytest.mark.parametrize("name", [name for name in HARMLESS if name not in MOVED and "header" not in name])
def test_nor_does_it_where_there_is_no_header(read: Any, sample: Sample, name: str) -> None:
    drifted = read(sample, sample.encode(HARMLESS[name](sample.rows)))
    assert drifted == read(sample, sample.path.read_bytes())


@pytest.mark.parametrize("sample", COUNTED, ids=lambda one: one.path.name)
@pytest.mark.parametrize("name", ["a further column", "a trailing comma in every row", MOVED[1]])
def test_where_the_columns_are_counted_one_more_refuses_the_file(
    read: Any, sample: Sample, name: str
) -> None:
    with pytest.raises(FileRefusedError, match="98"):
        read(sample, sample.encode(HARMLESS[name](sample.rows)))


@pytest.mark.parametrize(
    ("sample", "name"),
    [(one, name) for one in WITHOUT_HEADER for name in MOVED] + [(one, MOVED[0]) for one in COUNTED],
    ids=lambda one: one if isinstance(one, str) else one.path.name,
)
def test_columns_that_moved_without_a_header_yield_no_row(read: Any, sample: Sample, name: str) -> None:
    drifted = read(sample, sample.encode(HARMLESS[name](sample.rows)))
    assert drifted
    assert {row[0] for row in drifted} == {ASIDE}


@_each([one for one in SAMPLES if not one.mapping.fill_down])
def test_rows_in_another_order_are_the_same_rows(read: Any, sample: Sample) -> None:
    rows = sample.rows
    turned = read(sample, sample.encode(as_csv(rows[0], *rows[:0:-1])))
    assert sorted(map(repr, turned)) == sorted(map(repr, read(sample, sample.path.read_bytes())))


@each_sample
def test_numbers_in_full_width_are_the_same_numbers(read: Any, sample: Sample) -> None:
    rows = sample.rows
    for name, column in sample.mapping.columns.items():
        if isinstance(column, FromColumn) and sample.mapping.frame.by_name[name].kind in {"yen", "count"}:
            at = sample.position(name) if _there(sample, column) else None
            if at is not None:
                rows = [rows[0], *([*row[:at], _wide_digits(row[at]), *row[at + 1 :]] for row in rows[1:])]
    assert read(sample, sample.encode(as_csv(*rows))) == read(sample, sample.path.read_bytes())


def _there(sample: Sample, column: FromColumn) -> bool:
    return fold_name(column.from_.names[0]) in map(fold_name, sample.rows[0])


def _wide_digits(text: str) -> str:
    return text.translate({ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"})


def _refusal(read: Any, sample: Sample, content: bytes) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        read(sample, content)
    return caught.value


@each_sample_with_header
def test_each_required_column_that_is_missing_is_named(read: Any, sample: Sample) -> None:
    for name in sample.required:
        at = [fold_name(one) for one in sample.rows[0]].index(fold_name(name))
        error = _refusal(
            read, sample, sample.encode(as_csv(*(row[:at] + row[at + 1 :] for row in sample.rows)))
        )
        assert (error.reason, error.params["missing"], error.line) == ("header_missing", name, 1)


@each_sample_with_header
def test_each_required_column_that_is_renamed_is_named(read: Any, sample: Sample) -> None:
    for name in sample.required:
        header = [f"{one}(新)" if fold_name(one) == fold_name(name) else one for one in sample.rows[0]]
        error = _refusal(read, sample, sample.encode(as_csv(header, *sample.rows[1:])))
        assert (error.reason, error.params["missing"]) == ("header_missing", name)
        assert fold_name(f"{name}(新)") in map(fold_name, error.params["strange"].split(", "))


@each_sample_with_header
def test_each_column_that_stands_twice_is_named(read: Any, sample: Sample) -> None:
    for name in sample.required:
        at = [fold_name(one) for one in sample.rows[0]].index(fold_name(name))
        error = _refusal(read, sample, sample.encode(as_csv(*([*row, row[at]] for row in sample.rows))))
        assert (error.reason, error.params["doubled"]) == ("header_doubled", fold_name(name))


@each_sample
@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda last: last[:-1], "open_quote"),
        (lambda last: last.removeprefix('"'), "lone_quote"),
        (lambda last: last + "x", "glued_text"),
        (lambda last: last + ',""', "ragged"),
        (lambda last: last.rpartition(',"')[0], "ragged"),
        (lambda last: last[:3] + "\0" + last[3:], "nul_byte"),
    ],
)
def test_a_harmed_row_refuses_the_file_with_its_place(
    read: Any, sample: Sample, harm: Any, reason: str
) -> None:
    before = as_csv(*sample.rows[:-1])
    last = as_csv(sample.rows[-1], newline="")
    error = _refusal(read, sample, sample.encode(before + harm(last) + "\r\n"))
    first = before.count("\n") + 1
    # Half of the two quotes of a blank cell is taken for its opening one.
    blank = reason == "lone_quote" and not sample.rows[-1][0]
    assert error.reason == ("glued_text" if blank else reason)
    assert first <= error.line <= first + last.count("\n")
    assert len(sample.encode(before)) <= error.offset <= len(sample.encode(before + last)) + 8


@each_sample
def test_a_file_cut_at_every_byte_of_its_last_row_never_yields_half_a_row(read: Any, sample: Sample) -> None:
    whole = sample.encode(as_csv(*sample.rows))
    last = len(sample.encode(as_csv(sample.rows[-1]))) + 2
    plain = read(sample, whole)
    answers = []
    for length in range(len(whole) - last, len(whole)):
        with contextlib.suppress(FileRefusedError):
            answers.append(read(sample, whole[:length]))
    # Cut after a row: before its line end, inside CRLF, and behind it.
    assert len(answers) <= 2 * 3
    for answer in answers:
        assert not Counter(map(repr, answer)) - Counter(map(repr, plain))


@each_sample
def test_a_key_that_a_spreadsheet_has_spoilt_is_put_aside_with_its_row(read: Any, sample: Sample) -> None:
    keys = [
        name
        for name, column in sample.mapping.columns.items()
        if isinstance(column, FromColumn) and column.as_ in {"key", "tracking"} and _there(sample, column)
    ]
    row = _last_that_is_taken(read, sample)
    for name in keys:
        at = sample.position(name)
        rows = sample.rows
        rows[row][at] = "1.23E+12"
        answer = read(sample, sample.encode(as_csv(*rows)))
        assert (ASIDE, fold_name(sample.rows[0][at]), "excel_scientific", "1.23E+12") in answer


def _last_that_is_taken(read: Any, sample: Sample) -> int:
    """Return the place of the last row that the mapping does not pass over."""
    whole = read(sample, sample.encode(as_csv(*sample.rows)))
    for at in range(len(sample.rows) - 1, 0, -1):
        rest = as_csv(*sample.rows[:at], *sample.rows[at + 1 :])
        with contextlib.suppress(FileRefusedError):
            if read(sample, sample.encode(rest)) == whole:
                continue
        return at  # also where nothing else of the file is taken
    pytest.fail("no row is taken")


@each_sample
def test_another_encoding_is_never_taken_for_the_declared_one(read: Any, sample: Sample) -> None:
    text = as_csv(*sample.rows)
    declared = sample.mapping.file.encoding.removesuffix("-sig")
    for actual in {"cp932", "utf-8", "utf-16"} - {declared}:
        if text.isascii() and actual != "utf-16":
            assert read(sample, text.encode(actual)) == read(sample, sample.path.read_bytes())
        else:
            # What the other encoding lacks stands in it as a question mark.
            content = text.encode(actual, errors="replace")
            assert _refusal(read, sample, content).reason in {
                "encoding",
                "encoding_other",
                "header_missing",
                "column_count",
                "nul_byte",
            }
