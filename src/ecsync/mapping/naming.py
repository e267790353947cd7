"""The name of a file that goes out: what a pattern makes of day, time, numbers and party."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING

from ecsync.errors import ConfigurationError
from ecsync.locale import _

if TYPE_CHECKING:
    from datetime import date

    from ecsync.mapping.model import OutboundMapping

_FIELD = re.compile(r"\{(date|time|seq|part|party)(?::([^{}]*))?\}")


def file_name(
    mapping: OutboundMapping,
    *,
    date: date,
    sequence: int,
    party: str,
    clock: time = time(),
    part: int = 0,
) -> str:
    """Return the name of a file that goes out; raise ConfigurationError where it is not safe as a name.

    `date` is the business date, `clock` the local time of the run, `sequence` the file's number of that day, `part`
    its number among those of the run, from 0.
    """

    def filled(match: re.Match[str]) -> str:
        name, form = match[1], match[2] or ""
        if name == "date":
            return date.strftime(form or "%Y%m%d")
        if name == "time":
            return clock.strftime(form or "%H%M")
        if name == "party":
            return party
        return format(sequence if name == "seq" else part, form)

    name = _FIELD.sub(filled, mapping.file.name)
    if not name or name.startswith(".") or re.search(r"[/\\\x00-\x1f\x7f]", name):
        raise ConfigurationError(
            _("{mapping} gives a file name that is not safe").format(mapping=mapping.mapping)
        )
    return name
