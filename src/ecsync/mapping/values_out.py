"""One canonical value as the text that the partner writes, before folding and encoding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from ecsync.text.dates import from_utc_text
from ecsync.text.kana import to_half_kana

if TYPE_CHECKING:
    from ecsync.mapping.model_out import Writing

Formatter = Callable[[str], str]

_DATE: Final = "%Y-%m-%d"
_TIME: Final = "%Y-%m-%dT%H:%M:%S%z"


def formatter(writing: Writing, form: str = "", zone: str = "Asia/Tokyo") -> Formatter:
    """Return the function that turns a value that is not absent into text."""
    if writing == "date":
        return lambda value: date.fromisoformat(value).strftime(form or _DATE)
    if writing == "datetime":
        local = ZoneInfo(zone)
        return lambda value: from_utc_text(value).astimezone(local).strftime(form or _TIME)
    if writing == "percent":
        return lambda value: _plain(Decimal(value) / 100)
    if writing == "fraction":
        return lambda value: _plain(Decimal(value) / 10_000)
    return to_half_kana if writing == "half_kana" else str


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
