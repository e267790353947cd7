"""The answer of a database to a query, as a CSV file: the same rows give the same bytes, in whatever order they come.

UTF-8, CRLF, the answer's column names as the header, quotes only where they are needed. Every value has one form,
whichever database it comes from; what has none is refused with the name of its column. The order is that of the key's
texts, byte by byte: a server's order depends on its collation. Rows are sorted on disk, so that memory does not grow.
"""

from __future__ import annotations

import csv
import errno
import math
import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Final
from uuid import UUID

from ecsync.errors import TransferError
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

_SORT_KIB: Final = 16_384
_BLOCK: Final = 1 << 16
_SHOWN: Final = 60
_HINT: Final = N_("mend the query: its SELECT list, or its key in ecsync.toml")


class RefusedAnswerError(TransferError):
    """The database answered, but what it gave cannot be a file."""


@dataclass(frozen=True)
class Answer:
    """A file that nobody else sees: it has no name, and is gone when it is closed."""

    file: IO[bytes]
    size: int

    def blocks(self) -> Generator[bytes, None, None]:
        """Yield the bytes from the beginning."""
        self.file.seek(0)
        while block := self.file.read(_BLOCK):
            yield block

    def close(self) -> None:
        """Let the file go."""
        self.file.close()


def answer_of(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], key: Sequence[str]) -> Answer:
    """Write rows as they come into a file in key order.

    Raises RefusedAnswerError for columns without a name or with the same one, for a key that a row lacks or that
    two rows share, and for a value without a form; what `rows` raises goes through, and leaves nothing behind.
    """
    header = header_of(name, columns, key)
    places = [list(columns).index(column) for column in key]
    # An empty name is a database on disk without a name, which goes with its connection.
    with _disk_errors(), closing(sqlite3.connect("", isolation_level=None)) as sorter:
        for pragma in (f"cache_size=-{_SORT_KIB}", "temp_store=FILE", "journal_mode=OFF", "synchronous=OFF"):
            sorter.execute(f"PRAGMA {pragma}")
        keys = [f"key_{number}" for number in range(len(key))]
        sorter.execute(
            f"CREATE TABLE answer ({', '.join(f'{one} TEXT NOT NULL' for one in keys)}, line BLOB)"
        )
        marks = ", ".join("?" * (len(keys) + 1))
        sorter.execute("BEGIN")
        sorter.executemany(f"INSERT INTO answer VALUES ({marks})", _lines(name, columns, places, rows))  # noqa: S608
        sorter.execute("COMMIT")
        ordered = sorter.execute(f"SELECT * FROM answer ORDER BY {', '.join(keys)}")  # noqa: S608
        return _written(header, _without_doubles(name, key, ordered))


@contextmanager
def _disk_errors() -> Iterator[None]:
    """Call a fault of the sorting what it is: our own disk's, and no database's."""
    try:
        yield
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"
        number = errno.ENOSPC if full else errno.EIO
        raise OSError(number, os.strerror(number)) from None


def _written(header: bytes, lines: Iterable[bytes]) -> Answer:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (it lives as long as its answer)
    try:
        file.write(header)
        file.writelines(lines)
        return Answer(file, file.tell())
    except BaseException:
        file.close()
        raise


class _OneLine:
    """What csv writes to: a writer gives back what its file's `write` gives back."""

    @staticmethod
    def write(line: str) -> str:
        return line


def _line_writer() -> Callable[[Sequence[str]], str]:
    writer: Any = csv.writer(_OneLine(), quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    written: Callable[[Sequence[str]], str] = writer.writerow
    return written


def _lines(
    name: str, columns: Sequence[str], places: Sequence[int], rows: Iterable[Sequence[Any]]
) -> Iterator[tuple[str | bytes, ...]]:
    write = _line_writer()
    for row in rows:
        try:
            cells = [_FORMS[type(value)](value) for value in row]
            line = write(cells)
            raw = line.encode()
        except (KeyError, ValueError):
            raise _no_form(name, columns, row) from None
        if "\0" in line:
            raise _no_form(name, columns, row)
        told = [cells[place] for place in places]
        if not all(told):
            raise _refused(
                N_("{endpoint}: a row of the answer has no {columns}, which is its key"),
                endpoint=name,
                columns=", ".join(columns[place] for place in places if not cells[place]),
            )
        yield (*told, raw)


def _without_doubles(name: str, key: Sequence[str], ordered: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    before: Sequence[str] | None = None
    for *told, line in ordered:
        if told == before:
            raise _refused(
                N_("{endpoint}: two rows of the answer have one key, {columns} = {values}"),
                endpoint=name,
                columns=", ".join(key),
                values=", ".join(_shown(one) for one in told),
            )
        before = told
        yield line


def header_of(name: str, columns: Sequence[str], key: Sequence[str]) -> bytes:
    """Return the first line of an answer's file; raise RefusedAnswerError where its columns cannot be one."""
    if not all(columns) or len(set(columns)) < len(columns):
        raise _refused(
            N_("{endpoint}: a column of the answer has no name, or two have the same"), endpoint=name
        )
    lacking = [column for column in key if column not in columns]
    if lacking:
        raise _refused(
            N_("{endpoint}: the answer has no column {columns}, which is the key; it has {known}"),
            endpoint=name,
            columns=", ".join(lacking),
            known=", ".join(columns),
        )
    return _line_writer()(columns).encode()


def _no_form(name: str, columns: Sequence[str], row: Sequence[Any]) -> RefusedAnswerError:
    at = next(column for column, value in zip(columns, row, strict=True) if not _has_form(value))
    return _refused(
        N_("{endpoint}: column {column} of the answer holds what a CSV file cannot: {kind}"),
        endpoint=name,
        column=at,
        kind=next(type(value).__name__ for value in row if not _has_form(value)),
    )


def _has_form(value: object) -> bool:
    try:
        return b"\0" not in _FORMS[type(value)](value).encode()
    except (KeyError, ValueError):
        return False


def _refused(msgid: str, **words: str) -> RefusedAnswerError:
    return RefusedAnswerError(said(msgid, **words), hint=said(_HINT))


def _shown(value: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in value[:_SHOWN])


def _of_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _of_float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError
    return _of_decimal(Decimal(repr(value)))


def _of_moment(value: datetime) -> str:
    there = value if value.tzinfo is None else value.astimezone(UTC)
    return there.isoformat(timespec="seconds")


def _of_time(value: time) -> str:
    return value.isoformat(timespec="seconds")


# docs/core-by-sql.md says the same.
_FORMS: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    int: str,
    bool: lambda value: "1" if value else "0",
    type(None): lambda _value: "",
    Decimal: _of_decimal,
    float: _of_float,
    date: date.isoformat,
    datetime: _of_moment,
    time: _of_time,
    UUID: str,
}
