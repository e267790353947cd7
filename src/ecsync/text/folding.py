"""The declared fold before an encoding, and the fold under which keys of two sides are compared.

cp932 is no round trip: six characters come back as others, and characters that look the same to a
person cannot be encoded at all. The fold replaces them by the table of `replacements`, before widths are measured
and bytes are written. What the table does not name is left as it is, for the writer to refuse.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from ecsync.errors import ConfigurationError
from ecsync.locale import _
from ecsync.text.replacements import declared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Fold = Callable[[str], str]

_CP932: Final = str.maketrans({**declared().same, **dict.fromkeys(declared().dropped, "")})
_UNICODE: Final = frozenset(
    codecs.lookup(name).name for name in ("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16")
)

# Not all of NFC: it would replace 隆, 神 and other characters of names that cp932 has in both drawings.
MARKED: Final = re.compile("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]+")

_KEY: Final = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d", "-"),
        **dict.fromkeys("\u301c\uff5e", "~"),
        # NFKC takes these three apart, each in another way.
        **dict.fromkeys("\u00af\u203e\uffe3", "\N{MODIFIER LETTER MACRON}"),
        "\N{PARALLEL TO}": "\N{DOUBLE VERTICAL LINE}",
        **dict.fromkeys(declared().dropped, ""),
    }
)


def fold_for(encoding: str, replacements: Iterable[tuple[str, str]] = ()) -> Fold:
    """Return the fold that a text goes through before it is encoded.

    cp932 has the declared table, and combining marks (か + U+3099) are joined to their letters; the
    Unicode encodings need none. `replacements` are a partner's own single characters, replaced first.
    Raises ConfigurationError for an encoding without a declared fold; `shift_jis` is refused, as it
    lacks ① ㈱ 髙 ～ － that Japanese files hold.
    """
    own = dict(replacements)
    name = _codec_name(encoding)
    if name in _UNICODE:
        return _translation(own)
    if name == "cp932":
        table: Mapping[int, str] = {**_CP932, **str.maketrans(own)}
        return _fold_with(table)
    message = _("Encoding {encoding} has no declared fold; declare cp932 or utf-8").format(encoding=encoding)
    raise ConfigurationError(message)


def fold_key(text: str) -> str:
    """Return the form under which a code, a number or a header name is compared on both sides.

    NFKC (full-width to half-width), one hyphen, one wave dash, nothing invisible, no space at either
    end. Case counts. Equal for a text before and after the fold of any encoding.
    """
    composed = unicodedata.normalize("NFKC", text.translate(_KEY))
    return composed.translate(_KEY).strip()


@cache
def _codec_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        message = _("Encoding {encoding} is not known").format(encoding=encoding)
        raise ConfigurationError(message) from None


def _translation(own: dict[str, str]) -> Fold:
    table = str.maketrans(own)

    def fold(text: str) -> str:
        return text.translate(table)

    return fold


def _fold_with(table: Mapping[int, str]) -> Fold:
    def fold(text: str) -> str:
        if text.isascii():
            return text.translate(table) if own_ascii else text
        # Twice: a mark may hide behind something invisible, and joining may give a character of the table.
        joined = MARKED.sub(_joined, text.translate(table))
        return joined.translate(table)

    own_ascii = any(chr(code_point).isascii() for code_point in table)
    return fold


def _joined(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match.group())
