"""What happens to files on their way: each function takes the bytes of a good file and returns those of a bad one."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable

from partner_files.base import read_table, table

Damage = Callable[[bytes], bytes]
Rows = list[list[str]]
MANY_COLUMNS = 10_000
LONG = 5 << 20
BOMB = 100 << 20


def becomes(content: bytes) -> Damage:
    """Put other bytes in the place of the file."""
    return lambda _good: content


def in_encoding(encoding: str, declared: str = "cp932") -> Damage:
    """Write the same text in another encoding than the declared one; what that lacks becomes a question mark."""
    return lambda good: good.decode(declared).replace("～", "〜").encode(encoding, "replace")


def cut(share: float) -> Damage:
    """Keep the first part of the bytes."""
    return lambda good: good[: int(len(good) * share)]


def cut_in_last_cell(good: bytes) -> bytes:
    """Lose the end of the last cell, its quote and the line end."""
    return good.rstrip(b"\r\n")[:-1]


def header_only(good: bytes) -> bytes:
    """Keep the header with its line end."""
    return good[: good.index(b"\n") + 1]


def header_cut(good: bytes) -> bytes:
    """Keep the header without its line end."""
    return header_only(good).rstrip(b"\r\n")


def replaced(before: str, after: str, encoding: str = "cp932") -> Damage:
    """Put another text in the place of the first such one, which must be there."""

    def change(good: bytes) -> bytes:
        old = before.encode(encoding)
        assert old in good, before
        return good.replace(old, after.encode(encoding), 1)

    return change


def on_table(change: Callable[[Rows], object], encoding: str = "cp932") -> Damage:
    """Change the file's cells; it is written again as it was, quotes and line ends alike."""

    def damage(good: bytes) -> bytes:
        rows = read_table(good, encoding)
        change(rows)
        newline = "\r\n" if b"\r\n" in good else "\n"
        quote = good.startswith(b'"')
        return table(rows[0], rows[1:], encoding=encoding, quote=quote, newline=newline)

    return damage


def cell(column: str, value: str, *, row: int = 1, encoding: str = "cp932", nth: int = 0) -> Damage:
    """Write a value into a column of one row (1 is the first below the header), or of all rows (0)."""

    def change(rows: Rows) -> None:
        at = [place for place, name in enumerate(rows[0]) if name == column][nth]
        for number, cells in enumerate(rows):
            if number and row in {0, number}:
                cells[at] = value

    return on_table(change, encoding)


def without_column(column: str, encoding: str = "cp932") -> Damage:
    """Leave a column out."""

    def change(rows: Rows) -> None:
        at = rows[0].index(column)
        for cells in rows:
            del cells[at]

    return on_table(change, encoding)


def renamed_column(column: str, name: str, encoding: str = "cp932") -> Damage:
    """Give a column another name."""

    def change(rows: Rows) -> None:
        rows[0][rows[0].index(column)] = name

    return on_table(change, encoding)


def without_cell(row: int) -> Damage:
    """Lose the last cell of a row."""
    return on_table(lambda rows: rows[row].pop())


def added_column(name: str, value: str = "", encoding: str = "cp932") -> Damage:
    """Add a column at the end."""

    def change(rows: Rows) -> None:
        for number, cells in enumerate(rows):
            cells.append(value if number else name)

    return on_table(change, encoding)


def reordered(encoding: str = "cp932") -> Damage:
    """Let the columns stand the other way round."""
    return on_table(lambda rows: [cells.reverse() for cells in rows], encoding)


def without_rows(*numbers: int, encoding: str = "cp932") -> Damage:
    """Leave rows out (1 is the first below the header)."""

    def change(rows: Rows) -> None:
        for number in sorted(numbers, reverse=True):
            del rows[number]

    return on_table(change, encoding)


def trailing_comma(row: int) -> Damage:
    """Add a comma at the end of a physical line (0 is the header); -1 adds it to every one."""

    def change(good: bytes) -> bytes:
        lines = good.split(b"\r\n")
        chosen = range(len(lines) - 1) if row < 0 else [row]
        for number in chosen:
            lines[number] += b","
        return b"\r\n".join(lines)

    return change


def mixed_line_ends(good: bytes) -> bytes:
    """Let line ends be those of three systems, one after the other."""
    parts = good.split(b"\r\n")
    ends = [b"\r\n", b"\n", b"\r"]
    return b"".join(part + ends[number % 3] for number, part in enumerate(parts[:-1])) + parts[-1]


def row_again(row: int, column: str, value: str, encoding: str = "cp932") -> Damage:
    """Repeat a row at the end, with another value in one column."""

    def change(rows: Rows) -> None:
        again = list(rows[row])
        again[rows[0].index(column)] = value
        rows.append(again)

    return on_table(change, encoding)


def gzipped(good: bytes) -> bytes:
    """Compress the file."""
    return gzip.compress(good)


def zipped(good: bytes) -> bytes:
    """Put the file into a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", good)
    return out.getvalue()


def gzip_bomb(_good: bytes) -> bytes:
    """Return a small file that unpacks to a hundred megabytes."""
    return gzip.compress(bytes(BOMB), 9)


def zip_bomb(_good: bytes) -> bytes:
    """Return a small archive that unpacks to a hundred megabytes."""
    return zipped(bytes(BOMB))


def many_columns(good: bytes) -> bytes:
    """Add columns until there are ten thousand."""

    def change(rows: Rows) -> None:
        missing = MANY_COLUMNS - len(rows[0])
        for number, cells in enumerate(rows):
            cells.extend("" if number else f"c{at}" for at in range(missing))

    return on_table(change)(good)


def long_record(good: bytes) -> bytes:
    """Make one cell longer than any record may be."""
    return cell("コメント", "あ" * (LONG // 2))(good)


def nul_inside(text: str, encoding: str = "cp932") -> Damage:
    """Put a NUL behind the first sign of a text."""
    return replaced(text, f"{text[0]}\0{text[1:]}", encoding)
