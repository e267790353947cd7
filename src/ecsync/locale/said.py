"""A text that was said in one language, and can be said again in another: the reasons that findings keep."""

from __future__ import annotations

from ecsync.locale import _


class Said(str):
    """What a msgid and its words say in the language spoken now; both are kept beside it."""

    __slots__ = ("msgid", "words")

    msgid: str
    words: dict[str, str]


def said(msgid: str, **words: object) -> Said:
    """Say a msgid (marked by N_) with these words in it, so that `to_keep` finds both again."""
    text = Said(_(msgid).format(**words))
    text.msgid = msgid
    text.words = {name: str(word) for name, word in words.items()}
    return text


def to_keep(text: str) -> tuple[str, dict[str, str]]:
    """Return the msgid of a text and the words in it; any other text stands for itself."""
    return (text.msgid, text.words) if isinstance(text, Said) else (text, {})
