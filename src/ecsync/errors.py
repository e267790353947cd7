"""The error tree, grouped by what the caller should do; each class carries its exit status.

EcsyncError
├── UsageError                2   type the command differently
├── ConfigurationError       10   mend ecsync.toml, a mapping or a secret's place
│   ├── MappingError              mend a mapping file (file, line, column)
│   └── SchemaVersionError        run `ecsync db upgrade`, or install a newer program
├── LockedError              11   wait: another run holds the lock
├── MasterUnavailableError   15   wait: the database is busy or away
├── OutcomeUnknownError      16   a person must look at the partner's side
├── AuthenticationError      12   mend the login or the host key
├── UnreachableError         13   try again later
│   └── TransferError             the partner answered, but the transfer failed
│       └── NothingWrittenError   the partner would not open the file: nothing of it is there
├── InputRefusedError        14   nothing could be used, and nothing was sent
│   ├── FileRefusedError          one inbound file is refused whole
│   ├── DecisionRefusedError      decide otherwise, or look at the order again
│   └── StalePlanError            make a new plan
├── GuardError               14   a guard stopped it; overridable once by name
└── ProofError                1   the books of the run do not add up: nothing was kept
"""

from __future__ import annotations

from typing import ClassVar


class EcsyncError(Exception):
    """Carry a message for a person, the next command to type, and the exit status.

    The message never holds a personal value or a secret: it names the file, line, column and rule.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(EcsyncError):
    """The command line asks for something that does not exist."""

    exit_status = 2


class ConfigurationError(EcsyncError):
    """ecsync.toml, a mapping, a rule file or the place of a secret is wrong."""

    exit_status = 10


class MappingError(ConfigurationError):
    """A mapping file is wrong at one place; `file`, `line` and `column` (1-based) say where."""

    def __init__(
        self, message: str, *, file: str = "", line: int = 0, column: int = 0, hint: str = ""
    ) -> None:
        place = f"{file}:{line}:{column}: " if file else ""
        super().__init__(f"{place}{message}", hint=hint)
        self.file = file
        self.line = line
        self.column = column


class SchemaVersionError(ConfigurationError):
    """The master's schema is older or newer than the program."""


class LockedError(EcsyncError):
    """Another run holds the lock of this project."""

    exit_status = 11


class AuthenticationError(EcsyncError):
    """The partner refused the login, or its host key is unknown or changed."""

    exit_status = 12


class UnreachableError(EcsyncError):
    """The partner cannot be reached, or stopped answering within its timeout.

    `at_once` tells whether trying again at once makes sense: not after a silence, nor in mid-login.
    """

    exit_status = 13

    def __init__(self, message: str, *, hint: str = "", at_once: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.at_once = at_once


class TransferError(UnreachableError):
    """The partner answered, but a file could not be listed, read, written or renamed."""


class NothingWrittenError(TransferError):
    """The partner refused to open a file for writing, so that not one byte of it arrived."""


class InputRefusedError(EcsyncError):
    """No input could be used; nothing was sent."""

    exit_status = 14


class FileRefusedError(InputRefusedError):
    """One inbound file is refused whole.

    `reason` is a code of `ecsync.findings.CATALOGUE`; `line` (physical, 1-based), `column` and
    `offset` (bytes) say where, 0 where it does not apply. `params` holds no cell value. `fault` and `advice` are
    the msgids of the message without its place and of the hint, for whoever says it in another language.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        line: int = 0,
        column: str = "",
        offset: int = 0,
        params: dict[str, str] | None = None,
        hint: str = "",
        fault: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.fault = fault or message
        self.advice = advice or hint
        self.reason = reason
        self.line = line
        self.column = column
        self.offset = offset
        self.params = params or {}


class DecisionRefusedError(InputRefusedError):
    """A person's decision does not fit what the order is now; nothing of it was kept."""


class StalePlanError(InputRefusedError):
    """The plan no longer fits: inputs, mappings, configuration or the master have moved."""


class GuardError(InputRefusedError):
    """A guard stopped a file or a channel."""


class MasterUnavailableError(EcsyncError):
    """The database is busy, away, or lost in mid-transaction."""

    exit_status = 15


class OutcomeUnknownError(EcsyncError):
    """A delivery may or may not have arrived; nothing is sent again by itself."""

    exit_status = 16


class ProofError(EcsyncError):
    """A conservation proof failed for the run as a whole; everything was rolled back."""

    exit_status = 1
