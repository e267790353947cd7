"""What a partner takes of a value: amounts and days within limits, names in kana."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from ecsync.mapping.cell_text import CellFault
from ecsync.mapping.model_out import ValueColumn
from ecsync.text.kana import first_wide, to_half_kana

if TYPE_CHECKING:
    from ecsync.mapping.model_out import OutColumn


class Limits:
    """The limits that a column's words set to its canonical value."""

    def __init__(self, source: OutColumn, today: str) -> None:
        """Take the words `required`, `minimum`, `maximum`, `days` (from `today` on) and `as: half_kana`."""
        self._words = source if isinstance(source, ValueColumn) else None
        self._today = date.fromisoformat(today) if today else None

    @property
    def are_none(self) -> bool:
        """Tell whether any value that is not absent passes."""
        words = self._words
        return words is None or (
            words.minimum is None
            and words.maximum is None
            and words.days is None
            and words.as_ != "half_kana"
        )

    def broken_by(self, value: str) -> CellFault | None:
        """Return why the partner does not take a canonical value, None where it does."""
        words = self._words
        if words is None:
            return None
        if not value:
            return CellFault("missing") if words.required else None
        return self._amount(words, value) or self._day(words, value) or self._kana(words, value)

    @staticmethod
    def _amount(words: ValueColumn, value: str) -> CellFault | None:
        if words.minimum is not None and int(value) < words.minimum:
            return CellFault("too_small")
        return CellFault("too_large") if words.maximum is not None and int(value) > words.maximum else None

    def _day(self, words: ValueColumn, value: str) -> CellFault | None:
        if words.days is None or self._today is None:
            return None
        day = date.fromisoformat(value)
        if day < self._today + timedelta(days=words.days.from_):
            return CellFault("too_early")
        return CellFault("too_late") if day > self._today + timedelta(days=words.days.until) else None

    @staticmethod
    def _kana(words: ValueColumn, value: str) -> CellFault | None:
        wide = first_wide(to_half_kana(value)) if words.as_ == "half_kana" else ""
        return CellFault("not_kana", f"U+{ord(wide):04X}") if wide else None
