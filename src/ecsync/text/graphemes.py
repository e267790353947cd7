"""Where a text may be cut: between what a reader takes for characters, never inside one.

A letter keeps its marks, selectors and half-width voicing (ﾊ and ﾞ are one), a family of emoji its joiners, a flag
both its letters, a Hangul syllable its parts. The rules are those of Unicode for what stands in partners' texts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# What belongs to the character before it, beside marks of all scripts: two vowels, joiners, half-width voicing, skin
# tones, tags.
_EXTENDING: Final = frozenset(
    "\u0e33\u0eb3\u200c\u200d\uff9e\uff9f"
    + "".join(map(chr, (*range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080))))
)
_JOINER: Final = "\u200d"
_PICTURES: Final = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_FLAG_LETTERS: Final = re.compile("[\U0001f1e6-\U0001f1ff]")
# Hangul: leading, vowel and trailing parts; a syllable that is written whole may take further ones.
_LEADING: Final = re.compile("[\u1100-\u115f\ua960-\ua97c]")
_VOWEL: Final = re.compile("[\u1160-\u11a7\ud7b0-\ud7c6]")
_TRAILING: Final = re.compile("[\u11a8-\u11ff\ud7cb-\ud7fb]")
_SYLLABLE: Final = re.compile("[\uac00-\ud7a3]")
_ONE_BY_ONE: Final = re.compile("[ -~\u3001-\u3029\u3030-\u3098\u30a0-\u30ff\u4e00-\u9fff\uff01-\uff9d]*")


def characters(text: str) -> Iterator[str]:
    """Yield the characters of a text as a reader counts them; they join to the text."""
    if _ONE_BY_ONE.fullmatch(text):
        yield from text
        return
    start = 0
    for at in range(1, len(text)):
        if may_cut(text, at):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def may_cut(text: str, at: int) -> bool:
    """Tell whether a text may end before the sign at this place, and the next one begin with it."""
    if at <= 0 or at >= len(text):
        return True
    before, sign = text[at - 1], text[at]
    if sign <= "\u02ff":
        return not (before == "\r" and sign == "\n")
    if _extends(sign):
        return before in "\r\n"
    if before == _JOINER and _PICTURES.match(sign):
        return False
    if _FLAG_LETTERS.match(sign) and _FLAG_LETTERS.match(before):
        return _flag_letters_before(text, at) % 2 == 0
    return not _is_one_syllable(before, sign)


@cache
def _extends(sign: str) -> bool:
    return sign in _EXTENDING or unicodedata.category(sign) in {"Mn", "Me", "Mc"}


def _flag_letters_before(text: str, at: int) -> int:
    start = at
    while start and _FLAG_LETTERS.match(text[start - 1]):
        start -= 1
    return at - start


def _is_one_syllable(before: str, sign: str) -> bool:
    if _LEADING.match(before):
        return any(part.match(sign) for part in (_LEADING, _VOWEL, _SYLLABLE))
    open_syllable = _SYLLABLE.match(before) is not None and (ord(before) - 0xAC00) % 28 == 0
    if _VOWEL.match(before) or open_syllable:
        return any(part.match(sign) for part in (_VOWEL, _TRAILING))
    return (_TRAILING.match(before) or _SYLLABLE.match(before)) is not None and bool(_TRAILING.match(sign))
