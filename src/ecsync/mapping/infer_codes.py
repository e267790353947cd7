"""Which cells may be shown: codes that known formats hold, and what is too short to name anybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ecsync.mapping.model import InboundMapping
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecsync.mapping.infer_columns import ColumnSeen
    from ecsync.mapping.model import Mapping
    from ecsync.mapping.model_in import Reads

_SHORT: Final = re.compile(r"[0-9A-Za-z]{1,2}|true|false|yes|no", re.IGNORECASE)
_PHONE_PART: Final = 4
_PERSON: Final = re.compile(
    r"氏名|姓|名前|お名|様|カナ|かな|住所|郵便|電話|携帯|ファックス|メール|誕生|生年|年齢|性別|コメント|備考|メモ|のし|宛"
    r"|name|kana|address|street|city|zip|postal|postcode|phone|tel|fax|mail|birth|gender|comment|note|memo|message",
    re.IGNORECASE,
)


def known_codes(mappings: Iterable[Mapping]) -> set[str]:
    """Return every code, folded, that the code tables and maps of these mappings hold."""
    found: set[str] = set()
    for mapping in mappings:
        for table in mapping.tables.values():
            found.update(fold_name(code) for code in table.entries)
            found.update(fold_name(entry.value) for entries in table.entries.values() for entry in entries)
        found.update(map(fold_name, _mapped(mapping.words.get("columns"))))
    return found


def meanings(codes: str, mappings: Iterable[Mapping], *, header: str = "") -> dict[str, str]:
    """Return what known formats mean alike by a code (folded), in one of our code lists.

    Numbers and single letters mean something else in each of them, so they count only among those that read them
    under the same `header`.
    """
    found: dict[str, set[str]] = {}
    for mapping in mappings:
        if not isinstance(mapping, InboundMapping):
            continue
        for name, source in mapping.columns.items():
            column = mapping.frame.by_name.get(name)
            if column is None or column.codes != codes or (header and not _reads(source, header)):
                continue
            table = mapping.tables.get(source.table or "")
            told = [*(source.map or {}).items(), *(table.on().items() if table else ())]
            for code, ours in told:
                found.setdefault(fold_name(code), set()).add(ours)
    return {
        code: min(ours)
        for code, ours in found.items()
        if len(ours) == 1 and all(ours) and (header or not code.isascii())
    }


def _reads(source: Reads, header: str) -> bool:
    return any(fold_name(header) == fold_name(name) for one in source.headers for name in one.names)


def personal_headers(mappings: Iterable[Mapping]) -> set[str]:
    """Return the headers, folded, out of which known formats read what is about a person."""
    return {
        fold_name(name)
        for mapping in mappings
        if isinstance(mapping, InboundMapping)
        for column, source in mapping.columns.items()
        if column in mapping.frame.personal_columns
        for header in source.headers
        for name in header.names
    }


def is_about_a_person(column: ColumnSeen, personal: set[str]) -> bool:
    """Tell whether a column's cells, its name in known formats or its name itself say so."""
    return column.is_personal or fold_name(column.name) in personal or bool(_PERSON.search(column.name))


def shown_codes(
    column: ColumnSeen, known: set[str], personal: set[str], *, vouched: bool
) -> tuple[dict[str, int], int]:
    """Return the codes of a column that may be shown with their counts, and how many others there are.

    A word that is somebody's name as well (佐川) is shown only among others that are known codes too.
    """
    codes: dict[str, int] = dict(column.codes or {})
    allowed = {code for code in codes if vouched or _is_code(code, known)}
    if not vouched and (is_about_a_person(column, personal) or 2 * len(allowed) < len(codes)):
        allowed = set()
    order = sorted(allowed, key=lambda code: (-codes[code], code))
    return {code: codes[code] for code in order}, len(codes) - len(allowed)


def _is_code(code: str, known: set[str]) -> bool:
    # Four digits may be the end of somebody's telephone number, whatever else they are.
    if code.isdecimal() and len(code) >= _PHONE_PART:
        return False
    return bool(_SHORT.fullmatch(code)) or fold_name(code) in known


def _mapped(value: Any) -> Iterator[str]:  # noqa: ANN401  (YAML is any data)
    """Yield both sides of every `map` in the plain words of columns."""
    if isinstance(value, dict):
        for word, inner in value.items():
            if word == "map" and isinstance(inner, dict):
                yield from (str(text) for pair in inner.items() for text in pair)
            else:
                yield from _mapped(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _mapped(item)
