"""The ways in which a text of SQL is made wrong: signs, words, literals, and conditions left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK: Final = re.compile(
    r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|EXISTS|AND|OR|JOIN|CASE|COALESCE|ORDER BY|GROUP BY|IN\b)"
)
_WAYS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(?<= )=(?= )"), "<>"),
    (re.compile(r"<>"), "="),
    (re.compile(r"<="), "<"),
    (re.compile(r">="), ">"),
    (re.compile(r"(?<= )<(?= )"), "<="),
    (re.compile(r"(?<= )>(?= )"), ">="),
    (re.compile(r"\bAND\b"), "OR"),
    (re.compile(r"\bOR\b"), "AND"),
    (re.compile(r"\bNOT EXISTS\b"), "EXISTS"),
    (re.compile(r"(?<!NOT )\bEXISTS\b"), "NOT EXISTS"),
    (re.compile(r"\bNOT IN\b"), "IN"),
    (re.compile(r"(?<!NOT )\bIN \("), "NOT IN ("),
    (re.compile(r"\bNOT (?!EXISTS|IN\b|NULL)"), ""),
    (re.compile(r"\bIS NULL\b"), "IS NOT NULL"),
    (re.compile(r"\bIS NOT NULL\b"), "IS NULL"),
    (re.compile(r" DESC\b"), ""),
    (re.compile(r"\bMIN\("), "MAX("),
    (re.compile(r"\bMAX\("), "MIN("),
    (re.compile(r"\bSUM\("), "MAX("),
    (re.compile(r"\bLEFT JOIN\b"), "JOIN"),
    (re.compile(r"\bUNION ALL\b"), "UNION"),
    (re.compile(r"\bDISTINCT "), ""),
    (re.compile(r"(?<= )- (?=\w)"), "+ "),
    (re.compile(r"(?<= )\+ (?=\w)"), "- "),
    (re.compile(r"'[A-Za-z_:]+'"), "'mutated'"),
    (re.compile(r"(?<=[ (])\d+(?=[ ,)]|$)"), "7"),
)
_JOINT: Final = re.compile(r"\b(?:AND|OR) ")
_END: Final = re.compile(
    r"\b(?:AND|OR|GROUP|ORDER|UNION|THEN|WHEN|ELSE|LIMIT|JOIN|LEFT|RETURNING|HAVING|WHERE|END|SET|ON)\b"
)
_ASSIGNMENTS: Final = re.compile(r"\bSET\b(.*?)(?:\bWHERE\b|\bFROM\b|$)", re.DOTALL)


def is_sql(text: str) -> bool:
    """Tell whether a text is a piece of SQL."""
    return _MARK.search(text) is not None


def variants(text: str) -> Iterator[str]:
    """Yield a piece of SQL with one thing wrong, for every such thing."""
    assignments = [match.span(1) for match in _ASSIGNMENTS.finditer(text)]
    for pattern, other in _WAYS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if match.group() == "=" and any(low <= start < high for low, high in assignments):
                continue  # an assignment, no comparison
            if match.group() == "7" or (match.group().isdigit() and text[:start].endswith("SELECT ")):
                continue  # whether there is a row does not depend on what is selected of it
            yield text[:start] + other + text[end:]
    for match in _JOINT.finditer(text):
        end = _end_of_term(text, match.end())
        yield text[: match.start()] + text[end:]


def _end_of_term(text: str, start: int) -> int:
    depth = 0
    position = start
    while position < len(text):
        sign = text[position]
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth < 0:
                return position
        elif depth == 0 and _END.match(text, position) and not text[position - 1].isalnum():
            return position
        position += 1
    return position
