"""From the words of a command line to an exit status: options, signals, errors."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ecsync.cli import console, state
from ecsync.errors import EcsyncError
from ecsync.locale import N_, _, environment_read_once, set_language

if TYPE_CHECKING:
    from types import FrameType

_VALUED = {"--project": "project", "--as-of": "as_of", "--lang": "lang"}
# What the system says in English alone.
_REFUSALS = {
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk quota is used up"),
    errno.EROFS: N_("the disk is read-only"),
    errno.EACCES: N_("not allowed"),
    errno.EIO: N_("the disk reports an error"),
}
_FLAGS = {"--json": "json", "--quiet": "quiet", "--verbose": "verbose"}


class Interrupted(BaseException):
    """A signal asked the program to stop; carries the exit status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def run(arguments: list[str]) -> int:
    """Run one command line; every way out ends in a status of the table."""
    with environment_read_once():
        return _run(arguments)


def _run(arguments: list[str]) -> int:
    _speak_utf8()
    os.umask(0o077)
    _catch_signals()
    try:
        rest = _take_common(arguments)
        from ecsync.cli.app import build  # noqa: PLC0415  (after --lang: help texts are translated at import)

        return _status(build()(args=rest, prog_name="ecsync", standalone_mode=False))
    except Interrupted as stop:
        return _complain(stop.status, _("stopped; run the same command again to finish"), "")
    except EcsyncError as error:
        return _complain(error.exit_status, error.message, error.hint)
    except OSError as error:
        return _complain(
            1,
            _refusal(error),
            _("check disk space, owner and mode; then run the same command again to finish"),
        )
    except Exception as error:  # noqa: BLE001  (the last net: no value of a row may reach the terminal)
        return _unexpected(error)
    finally:
        console.finish()


def _refusal(error: OSError) -> str:
    """Say what the system refused; a write that failed names no file."""
    known = _REFUSALS.get(error.errno or 0)
    reason = _(known) if known else error.strerror or type(error).__name__
    if not error.filename:
        return _("a file could not be read or written: {reason}").format(reason=reason)
    return _("the system refused {path}: {reason}").format(path=error.filename, reason=reason)


def _speak_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _catch_signals() -> None:
    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        raise Interrupted(128 + number)

    with contextlib.suppress(ValueError):  # not in the main thread: somebody embeds us and handles signals
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGHUP, stop)


def _take_common(arguments: list[str]) -> list[str]:
    rest: list[str] = []
    found: dict[str, str | bool] = {}
    words = iter(arguments)
    for word in words:
        name, separator, value = word.partition("=")
        if word == "--":
            rest.extend([word, *words])
        elif name in _VALUED:
            found[_VALUED[name]] = value if separator else next(words, "")
        elif word in _FLAGS:
            found[_FLAGS[word]] = True
        else:
            rest.append(word)
    state.settle(
        project=Path(str(found["project"])) if found.get("project") else None,
        as_of=str(found.get("as_of") or "") or None,
        json=bool(found.get("json")),
        quiet=bool(found.get("quiet")),
        verbose=bool(found.get("verbose")),
    )
    if found.get("lang"):
        set_language(str(found["lang"]))
    return rest


def _status(result: object) -> int:
    return result if isinstance(result, int) else 0


def _complain(status: int, message: str, hint: str) -> int:
    console.complain(f"ecsync: {message}")
    if hint:
        console.complain(f"  → {hint}")
    _data_of_fault(status, message, hint)
    return status


def _data_of_fault(status: int, message: str, hint: str) -> None:
    console.data({"exit_status": status, "error": message, "hint": hint})


def _unexpected(error: Exception) -> int:
    if (
        hasattr(error, "exit_code") and hasattr(error, "show") and hasattr(error, "format_message")
    ):  # the parser's own errors: wrong usage
        error.show()
        _data_of_fault(int(error.exit_code), error.format_message(), "")
        return int(error.exit_code)
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in frames if "ecsync" in f.filename]
    return _complain(
        1,
        _("unexpected {kind}; this is a defect of ecsync").format(kind=type(error).__name__)
        + "\n"
        + "\n".join(places),
        _("report these lines; they hold no data of your shop"),
    )
