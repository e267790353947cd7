"""The name of a file that goes out: what a pattern makes of date, number and party."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ecsync.errors import ConfigurationError
from ecsync.locale import _

if TYPE_CHECKING:
    from datetime import date

    from ecsync.mapping.model import OutboundMapping

_FIELD = re.compile(r"\{(date|seq|party)(?::([^{}]*))?\}")


def file_name(mapping: OutboundMapping, *, date: date, sequence: int, party: str) -> str:
    """Return the name of a file that goes out; raise ConfigurationError where it is not safe as a name."""

    def filled(match: re.Match[str]) -> str:
        name, form = match[1], match[2] or ""
        if name == "date":
            return date.strftime(form or "%Y%m%d")
        return format(sequence, form) if name == "seq" else party

    name = _FIELD.sub(filled, mapping.file.name)
    if not name or name.startswith(".") or re.search(r"[/\\\x00-\x1f\x7f]", name):
        raise ConfigurationError(
            _("{mapping} gives a file name that is not safe").format(mapping=mapping.mapping)
        )
    return name
