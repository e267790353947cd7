"""Times as partners write them, read into UTC text; the local time zone of the machine is never read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from ecsync.text.faults import TextFault
from ecsync.text.folding import fold_key
from ecsync.text.spreadsheet import is_scientific

if TYPE_CHECKING:
    from collections.abc import Sequence

UTC_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
DATE_FORM: Final = "%Y-%m-%d"
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2999


class Moment(NamedTuple):
    """A point in time: UTC text `YYYY-MM-DDTHH:MM:SSZ`, and the offset in minutes at which it was written."""

    utc: str
    offset_minutes: int


def parse_time(text: str, formats: Sequence[str], zone: tzinfo) -> Moment | TextFault:
    """Return the moment that `text` names in the first of the strptime `formats` that fits.

    A format without `%z` is read in `zone`. Digits may be full-width and without leading zeros, so what a
    spreadsheet program left of a time (`2026/3/5 9:05`) is read where its format is declared.
    """
    read = _read(text, formats)
    if isinstance(read, TextFault):
        return TextFault.NOT_A_TIME if read is TextFault.NOT_A_DATE else read
    moment = read if read.tzinfo is not None else read.replace(tzinfo=zone)
    offset = moment.utcoffset() or timedelta()
    return Moment(utc_text(moment), offset // timedelta(minutes=1))


def parse_date(text: str, formats: Sequence[str]) -> str | TextFault:
    """Return the date that `text` names in the first of the `formats` that fits, as `YYYY-MM-DD`."""
    read = _read(text, formats)
    return read if isinstance(read, TextFault) else read.date().isoformat()


def utc_text(moment: datetime) -> str:
    """Return an aware datetime as fixed-width UTC text, whole seconds. Raises ValueError for a naive one."""
    if moment.utcoffset() is None:
        message = "a time without a zone names no moment"
        raise ValueError(message)
    return moment.astimezone(UTC).strftime(UTC_FORM)


def from_utc_text(text: str) -> datetime:
    """Return the aware datetime of fixed-width UTC text.

    Raises ValueError, without the text, for any other.
    """
    try:
        return datetime.strptime(text, UTC_FORM).replace(tzinfo=UTC)
    except ValueError:
        message = "not a time of the form YYYY-MM-DDTHH:MM:SSZ"
        raise ValueError(message) from None


def written_at(utc: str, offset_minutes: int) -> datetime:
    """Return the moment in the offset at which it was first written: what its own file shows again."""
    return from_utc_text(utc).astimezone(timezone(timedelta(minutes=offset_minutes)))


def local_date(utc: str, zone: tzinfo) -> date:
    """Return the business date of a moment: its date in the project's zone."""
    return from_utc_text(utc).astimezone(zone).date()


def _read(text: str, formats: Sequence[str]) -> datetime | TextFault:
    written = fold_key(text)
    if not written:
        return TextFault.EMPTY
    for form in formats:
        try:
            read = datetime.strptime(written, fold_key(form))  # noqa: DTZ007 - the caller gives the zone
        except ValueError:
            continue
        return read if _FIRST_YEAR <= read.year <= _LAST_YEAR else TextFault.NOT_A_DATE
    return TextFault.EXCEL_DAMAGE if is_scientific(written) else TextFault.NOT_A_DATE
