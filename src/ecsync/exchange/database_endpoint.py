"""A database as a partner's door: the answer to a query of the project is the file that lies there.

The place of a file is its query; each look at it asks anew, in a transaction that can only read. Nothing stays at the
partner's, so nothing is put away there.
"""

from __future__ import annotations

import time
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from ecsync.errors import TransferError
from ecsync.exchange import answers, database_connection, query_text
from ecsync.exchange.answers import Answer
from ecsync.exchange.endpoint import Endpoint, Entry, RemoteFile, utc_text
from ecsync.exchange.trying_again import trying_again
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import sqlalchemy as sa

    from ecsync.config import Endpoint as EndpointSettings

BEFORE_QUERY: Final = declare("database.before_query", "a partner's database is about to be asked")
DURING_ANSWER: Final = declare("database.during_answer", "some rows of an answer are here, in no file yet")
AFTER_ANSWER: Final = declare("database.after_answer", "an answer is in a nameless local file, in key order")

_ROWS_AT_ONCE: Final = 1_000
_T = TypeVar("_T")


def asked_at() -> int:
    """Return the time now, in seconds since 1970: what an answer says was true then."""
    return int(time.time())


class DatabaseEndpoint(Endpoint):
    """Ask the queries of an endpoint's flows; `keys` gives the key columns of each by its place."""

    def __init__(
        self,
        name: str,
        settings: EndpointSettings,
        project: Path,
        keys: Mapping[str, Sequence[str]],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the door; nothing is opened before the first act."""
        super().__init__(name, readable=settings.readable)
        self._settings = settings
        self._project = project
        self._keys = keys
        self._sleep = sleep
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
        self._writer: sa.Engine | None = None
        self._answers: dict[str, tuple[RemoteFile, Answer | TransferError]] = {}

    def connect(self) -> None:
        """Open the connection now, so that a partner that is away is noticed at once."""
        self._again(self._connected)

    def _connected(self) -> None:
        with database_connection.failures(self.name):
            if self._engine is None:
                self._engine = database_connection.open_database(
                    self.name, self._settings, self._project, read_only=True
                )
            if self._connection is None:
                self._connection = self._engine.connect()

    def close(self) -> None:
        """Close the connection and let all answers go."""
        self._hang_up()
        for path in list(self._answers):
            self._forget(path)
        for engine in (self._engine, self._writer):
            if engine is not None:
                engine.dispose()

    def entries(self, path: str) -> list[Entry]:
        """Ask the query, and return its answer as the one file of this place."""
        self._forget(path)
        query = query_text.read_query(self._project, path)
        moment, answer = self._again(lambda: self._asked(query, self._keys[path]))
        size = answer.size if isinstance(answer, Answer) else 0
        entry = Entry(f"{PurePosixPath(path).stem}.csv", is_file=True, size=size, mtime=moment)
        self._answers[path] = RemoteFile(str(entry.name), size, utc_text(moment)), answer
        return [entry]

    def stat(self, path: str, name: str) -> RemoteFile | None:
        """Return the file of the newest answer."""
        file, _answer = self._answers.get(path, (None, None))
        return file if file is not None and file.name == name else None

    def read(self, path: str, name: str) -> Generator[bytes, None, None]:
        """Yield the bytes of the newest answer; raise TransferError where it cannot be a file."""
        if self.stat(path, name) is None:
            raise FileNotFoundError
        answer = self._answers[path][1]
        if isinstance(answer, TransferError):
            raise answer
        yield from answer.blocks()

    def columns(self, path: str) -> tuple[str, ...]:
        """Return the names of an answer's columns, without any of its rows."""
        query = query_text.read_query(self._project, path)
        with closing(self._rows(query)) as rows:
            return tuple(next(rows))

    @property
    def patience(self) -> float:
        """Return for how many seconds an answer is waited for."""
        return self._settings.timeout_seconds

    def looking(self) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction that can only read, as `database_connection.transaction` does it."""
        self.connect()
        assert self._engine is not None  # noqa: S101  (connected above)
        return database_connection.transaction(self.name, self._engine, self.patience)

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction that may write, as `database_connection.transaction` does it."""
        if self._writer is None:
            self._writer = database_connection.open_database(
                self.name, self._settings, self._project, read_only=False
            )
        return database_connection.transaction(self.name, self._writer, self.patience)

    def write(self, path: str, name: str, source: Path, *, in_order: bool) -> None:  # noqa: ARG002
        """Refuse: a database takes no files."""
        self._takes_no_files()

    def rename(self, path: str, old: str, new: str) -> None:  # noqa: ARG002
        """Refuse: a database has no files."""
        self._takes_no_files()

    def replace(self, path: str, old: str, new: str) -> None:  # noqa: ARG002
        """Refuse: a database has no files."""
        self._takes_no_files()

    def remove(self, path: str, name: str) -> None:  # noqa: ARG002
        """Refuse: a database has no files."""
        self._takes_no_files()

    def move(self, path: str, name: str, to_path: str, to_name: str) -> None:  # noqa: ARG002
        """Refuse: a database has no files."""
        self._takes_no_files()

    def _takes_no_files(self) -> NoReturn:
        raise TransferError(
            said(N_("{endpoint} is a database: files cannot be written or moved there"), endpoint=self.name),
            hint=said(N_("name a folder or an SFTP server as the endpoint of this flow")),
        )

    def _again(self, act: Callable[[], _T]) -> _T:
        return trying_again(act, self._settings, failed=lambda _error: self._hang_up(), sleep=self._sleep)

    def _asked(self, query: str, key: Sequence[str]) -> tuple[int, Answer | TransferError]:
        faultpoint(BEFORE_QUERY)
        moment = asked_at()
        answer: Answer | TransferError
        with closing(self._rows(query)) as rows:
            columns = next(rows)
            try:
                answer = answers.answer_of(self.name, columns, rows, key)
            except answers.RefusedAnswerError as error:
                answer = error
        faultpoint(AFTER_ANSWER)
        return moment, answer

    def _rows(self, query: str) -> Generator[Any, None, None]:
        """Yield the columns' names, then rows as they come, a thousand in memory at a time."""
        self._connected()
        conn = self._connection
        assert conn is not None  # noqa: S101  (connected above)
        seconds = self._settings.timeout_seconds
        with database_connection.failures(self.name), conn.begin() as transaction:
            with database_connection.patience(self.name, conn, seconds):
                result = conn.exec_driver_sql(
                    query,
                    execution_options={
                        "no_parameters": True,
                        "stream_results": True,
                        "max_row_buffer": _ROWS_AT_ONCE,
                    },
                )
            try:
                yield tuple(column[0] for column in result.cursor.description)
                while True:
                    with database_connection.patience(self.name, conn, seconds):
                        rows = self._fetched(result)
                    if not rows:
                        break
                    faultpoint(DURING_ANSWER)
                    yield from rows
            finally:
                with suppress(Exception):
                    result.close()
            transaction.rollback()

    def _fetched(self, result: sa.CursorResult[Any]) -> Sequence[Any]:
        try:
            return result.fetchmany(_ROWS_AT_ONCE)
        except (ValueError, ArithmeticError) as error:
            # A driver that cannot read a cell may say so in Python's own words, which quote it.
            raise database_connection.refused(self.name, type(error).__name__) from None

    def _forget(self, path: str) -> None:
        _file, answer = self._answers.pop(path, (None, None))
        if isinstance(answer, Answer):
            answer.close()

    def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
        self._connection = None
