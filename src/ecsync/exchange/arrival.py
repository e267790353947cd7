"""When the content of an inbound file was true: by its mapping's rule, never by the order of arrival."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from ecsync.errors import ConfigurationError
from ecsync.locale import _

_DATE_FIELD = re.compile(r"\{date(?::([^{}]*))?\}")
_DIGITS = {"Y": 4, "j": 3}  # all others have two


class AsOfRule(Protocol):
    """What the exchange reads of a mapping's `as_of`: where it is from, the name pattern, and its zone."""

    @property
    def from_(self) -> Literal["mtime", "arrival", "name", "column"]:
        """Return where the time is told."""

    @property
    def pattern(self) -> str:
        """Return the file name with its date, as in `stock_{date:%Y%m%d%H%M}.csv`."""

    @property
    def zone(self) -> str:
        """Return the zone of times without an offset."""


@dataclass(frozen=True)
class AsOf:
    """An as-of rule by itself, for flows without a mapping file at hand."""

    from_: Literal["mtime", "arrival", "name", "column"] = "mtime"
    pattern: str = ""
    zone: str = "Asia/Tokyo"


def as_of(rule: AsOfRule, *, name: str, mtime: str, arrival: str) -> str | None:
    """Return the as-of time (UTC text) of a file; '' where a column tells it, None where its name does not fit.

    A partner that tells no mtime leaves only the arrival.
    """
    if rule.from_ == "column":
        return ""
    if rule.from_ == "arrival":
        return arrival
    if rule.from_ == "name":
        return _from_name(rule, name)
    return mtime or arrival


def _from_name(rule: AsOfRule, name: str) -> str | None:
    expression, layout = _compiled(rule.pattern)
    found = expression.fullmatch(name)
    if found is None:
        return None
    try:
        local = datetime.strptime(found.group("date"), layout)  # noqa: DTZ007  (its zone comes next)
    except ValueError:
        return None
    return local.replace(tzinfo=ZoneInfo(rule.zone)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> tuple[re.Pattern[str], str]:
    field = _DATE_FIELD.search(pattern)
    if field is None:
        raise ConfigurationError(
            _("the name pattern {pattern} has no date").format(pattern=pattern),
            hint=_("write it as in stock_{{date:%Y%m%d%H%M}}.csv"),
        )
    layout = field.group(1) or "%Y%m%d"
    digits = re.sub(r"%([A-Za-z])", lambda sign: rf"\d{{{_DIGITS.get(sign[1], 2)}}}", re.escape(layout))
    before, after = pattern[: field.start()], pattern[field.end() :]
    return re.compile(f"{_any(before)}(?P<date>{digits}){_any(after)}"), layout


def _any(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*")
