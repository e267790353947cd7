"""Write the first migration from the tables as they are now: `python tools/first_schema.py`.

Only while no release carries it: afterwards a change of a table is a migration of its own, and 0001 stays.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sqlalchemy as sa

import ecsync.master
from ecsync.master.schema import METADATA

TARGET = Path(ecsync.master.__file__).parent / "migrations" / "versions" / "0001_first.py"
START, END = 'SCHEMA: Final = """\\\n', '"""\n'
WIDTH = 110


def notation(column: sa.Column[object]) -> str:
    """Return a column in the notation that the migration explains."""
    integer = isinstance(column.type, sa.BigInteger)
    if column.primary_key:
        return f"{column.name}{'#' if integer else '!'}"
    default = column.server_default
    value = str(default.arg) if isinstance(default, sa.DefaultClause) else None
    if integer:
        return f"{column.name}?" if value is None else f"{column.name}={value}"
    if value is None:
        message = f"{column.name}: a text column has a default"
        raise ValueError(message)
    plain = value.strip("'")
    return f"{column.name}:{plain}" if plain else column.name


def lines_of(table: sa.Table) -> list[str]:
    """Return the lines of one table: its columns, wrapped, then its indexes."""
    lines = [table.name]
    for word in map(notation, table.columns):
        if len(lines[-1]) + len(word) + 1 > WIDTH:
            lines.append("    ")
        lines[-1] += f" {word}"
    for index in sorted(table.indexes, key=lambda i: str(i.name)):
        if index.unique:
            message = f"{index.name}: the notation has no unique index"
            raise ValueError(message)
        lines.append(" ".join((f"@{index.name}", table.name, *(column.name for column in index.columns))))
    return lines


def written(text: str) -> str:
    """Return the migration's text with its schema replaced by the tables of the program."""
    before, _start, rest = text.partition(START)
    _old, _end, after = rest.partition(END)
    body = "\n".join(line for table in METADATA.sorted_tables for line in lines_of(table))
    return f"{before}{START}{body}\n{END}{after}"


def main() -> int:
    """Rewrite the migration in place; with --check only tell whether it is current."""
    text = TARGET.read_text(encoding="utf-8")
    fresh = written(text)
    if "--check" in sys.argv[1:]:
        return int(fresh != text)
    TARGET.write_text(fresh, encoding="utf-8")
    print(f"{TARGET.name}: {len(METADATA.tables)} tables")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
