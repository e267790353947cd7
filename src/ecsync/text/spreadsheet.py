"""What spreadsheet programs do to texts, and what a text could make them do."""

from __future__ import annotations

import re
from typing import Final

# A cell that begins so may be run as a formula; OWASP names the full-width signs too.
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?|[+-]?[0-9]{1,3}(?:,[0-9]{3})+")
# Excel writes a sign and two digits at least; `1E5` is an honest code.
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{2,3}")
_ERROR_CELL: Final = re.compile(
    r"#(?:NAME\?|REF!|VALUE!|N/A|NUM!|NULL!|DIV/0!|SPILL!|CALC!|GETTING_DATA)|#{2,}"
)


def neutralise(cell: str) -> str:
    """Return a cell of a report for people, made harmless: a formula becomes a text.

    Plain numbers such as `-1500` stay numbers. Never for a partner's file: there it would change the value.
    """
    if len(cell) > 1 and cell.startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def is_scientific(text: str) -> bool:
    """Tell whether a code became `1.23E+12`: digits that nobody can give back."""
    return _SCIENTIFIC.fullmatch(text.strip()) is not None


def is_damaged(text: str) -> bool:
    """Tell whether a code carries the marks of a spreadsheet program: `1.23E+12`, `#NAME?`, `####`."""
    return is_scientific(text) or _ERROR_CELL.fullmatch(text.strip()) is not None
