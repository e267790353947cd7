"""A PostgreSQL master as one tar, and back in one transaction; no program of the server is needed.

The tar holds `manifest.json` (format, schema revision, rows and SHA-256 per table) and a CSV file per table:
UTF-8, a header, an empty cell is NULL and a quoted empty one is ''.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from ecsync.errors import InputRefusedError
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import _
from ecsync.master.engine import reading
from ecsync.master.place import create_private_file
from ecsync.master.schema import METADATA
from ecsync.master.succession import numbers_of, succeed
from ecsync.master.upgrade import (
    SchemaState,
    describe_connection,
    refuse_foreign,
    standing_of,
    upgrade_connection,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE_COMMIT = declare("restore.before_commit", "every table is replaced; nothing is committed")

_FORMAT: Final = "ecsync-backup-1"
_MANIFEST: Final = "manifest.json"
_BLOCK: Final = 1 << 20
_LARGEST_MANIFEST: Final = 1 << 20
_VERSION_TABLE: Final = "alembic_version"


@dataclass(frozen=True)
class _Part:
    table: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


def write(engine: sa.Engine, target: Path) -> None:
    """Copy every table of the master into a tar at `target`, all as of one moment."""
    create_private_file(target)
    with (
        reading(engine) as conn,
        target.open("wb") as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar,
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder,
    ):
        parts = []
        for table in _tables(conn):
            path = Path(folder) / f"{table}.csv"
            parts.append(_copy_out(conn, table, path))
            _add(tar, path, path.name)
            path.unlink()
        manifest = Path(folder) / _MANIFEST
        state = describe_connection(conn)
        content = {"format": _FORMAT, "revision": state.revision, "tables": [vars(part) for part in parts]}
        manifest.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
        _add(tar, manifest, _MANIFEST)


def restore(engine: sa.Engine, source: Path) -> None:
    """Replace every table by what the tar at `source` holds, in one transaction, with the tar's schema revision.

    The caller holds the run's lock. Raises InputRefusedError where a hash or a count differs, SchemaVersionError.
    """
    try:
        with tarfile.open(source, mode="r:") as tar:
            revision, parts = _read_manifest(tar)
            refuse_foreign(SchemaState(revision, "", standing_of(revision)))
            for part in parts:
                _verify(part, tar)
            with engine.begin() as conn:
                before = numbers_of(conn)
                _drop_all(conn)
                upgrade_connection(conn, revision)
                for part in parts:
                    _copy_in(conn, part, tar)
                succeed(conn, before)
                faultpoint(BEFORE_COMMIT)
    except (tarfile.TarError, KeyError, TypeError, ValueError):
        raise _refused() from None


def _tables(conn: sa.Connection) -> list[str]:
    there = set(sa.inspect(conn).get_table_names())
    return sorted(there & set(METADATA.tables))


def _columns(conn: sa.Connection, table: str) -> tuple[list[str], list[str]]:
    inspector = sa.inspect(conn)
    names = [column["name"] for column in inspector.get_columns(table)]
    return names, inspector.get_pk_constraint(table)["constrained_columns"]


def _copy_out(conn: sa.Connection, table: str, path: Path) -> _Part:
    columns, key = _columns(conn, table)
    digest, rows = hashlib.sha256(), 0
    query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {', '.join(key or columns)}"  # noqa: S608
    driver: Any = conn.connection.driver_connection
    with path.open("wb") as file, driver.cursor() as cursor:
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)") as copy:
            for block in copy:
                digest.update(block)
                file.write(block)
        rows = cursor.rowcount
    return _Part(table, tuple(columns), rows, digest.hexdigest())


def _verify(part: _Part, tar: tarfile.TarFile) -> None:
    digest = hashlib.sha256()
    for block in _blocks(_content(part, tar)):
        digest.update(block)
    if part.table not in METADATA.tables or digest.hexdigest() != part.sha256:
        raise _refused()


def _copy_in(conn: sa.Connection, part: _Part, tar: tarfile.TarFile) -> None:
    if not set(part.columns) <= set(_columns(conn, part.table)[0]):
        raise _refused()
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor:
        # Only the migrations know their own rows; what the backup holds replaces them.
        cursor.execute(f"DELETE FROM {part.table}")  # noqa: S608
        statement = f"COPY {part.table} ({', '.join(part.columns)}) FROM STDIN (FORMAT csv, HEADER)"
        with cursor.copy(statement) as copy:
            for block in _blocks(_content(part, tar)):
                copy.write(block)
        if cursor.rowcount != part.rows:
            raise _refused()


def _content(part: _Part, tar: tarfile.TarFile) -> IO[bytes]:
    file = tar.extractfile(f"{part.table}.csv")
    if file is None:
        raise _refused()
    return file


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _read_manifest(tar: tarfile.TarFile) -> tuple[str, list[_Part]]:
    member = tar.getmember(_MANIFEST)
    file = tar.extractfile(member)
    if file is None or member.size > _LARGEST_MANIFEST:
        raise _refused()
    content = json.loads(file.read())
    if content["format"] != _FORMAT:
        raise _refused()
    parts = [
        _Part(str(p["table"]), tuple(map(str, p["columns"])), int(p["rows"]), str(p["sha256"]))
        for p in content["tables"]
    ]
    return str(content["revision"]), parts


def _drop_all(conn: sa.Connection) -> None:
    for table in _tables(conn):
        conn.exec_driver_sql(f"DROP TABLE {table}")
    conn.exec_driver_sql(f"DROP TABLE IF EXISTS {_VERSION_TABLE}")


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = path.stat().st_size
    member.mode = 0o600
    with path.open("rb") as file:
        tar.addfile(member, file)


def _refused() -> InputRefusedError:
    return InputRefusedError(
        _("the file is damaged, or no backup of a PostgreSQL master"),
        hint=_("use another backup; the master was not touched"),
    )
