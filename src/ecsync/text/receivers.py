"""What a receiver can read, and how a text is written for it: by the declared table, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecsync.text.folding import MARKED, fold_for
from ecsync.text.jis import first_beyond_jis
from ecsync.text.replacements import declared
from ecsync.text.widths import Unencodable, first_unencodable

if TYPE_CHECKING:
    from collections.abc import Mapping


class Replaced(NamedTuple):
    """A sign (`U+20BB7`, of a letter and its mark both) and what was written for it; '' where nothing was."""

    code_point: str
    written: str


class Receiver:
    """One receiver: its encoding, whether only signs of JIS are read there, and a partner's own replacements."""

    def __init__(self, encoding: str, replace: Mapping[str, str], *, only_jis: bool = False) -> None:
        """Take what the mapping declares; `encoding` is the codec without a byte order mark."""
        self.encoding = encoding
        self._own = dict(replace)
        self._only_jis = only_jis
        self._fold = fold_for(encoding, self._own.items())
        self._forms: dict[str, str | None] = {}

    def first_lacking(self, text: str) -> Unencodable | None:
        """Return the first sign that the receiver cannot read; None where it reads all."""
        lacking = first_unencodable(text, self.encoding)
        return first_beyond_jis(text) if lacking is None and self._only_jis else lacking

    def written(
        self, text: str, *, for_people: bool = False, drops_pictures: bool = False
    ) -> tuple[str, tuple[Replaced, ...]]:
        """Return a text as the receiver reads it, and what was replaced; what has no replacement stays in it.

        A key is written with the same signs only. What is `for_people` may stand in another form where the receiver
        lacks the sign, and emoji are left out where the column `drops_pictures`.
        """
        folded = self._fold(text)
        told = self._folded(text) if folded != text else []
        if (for_people or drops_pictures) and self.first_lacking(folded) is not None:
            others = {
                sign: form
                for sign in sorted(set(folded))
                if (form := self._other_form(sign, for_people, drops_pictures)) is not None
            }
            told += [Replaced(_points(sign), form) for sign, form in others.items()]
            folded = folded.translate({ord(sign): form for sign, form in others.items()})
        return folded, tuple(told)

    def _folded(self, text: str) -> list[Replaced]:
        """Return what the fold did to a text that it changed."""
        kept = self._fold_of_signs(text)
        return [
            *(Replaced(_points(sign), form) for sign, form in kept.items()),
            *(
                Replaced(_points(found), self._fold(found))
                for found in sorted(set(MARKED.findall(text)))
                if self._fold(found) != found and not set(found) <= set(kept)
            ),
        ]

    def _fold_of_signs(self, text: str) -> dict[str, str]:
        return {sign: form for sign in sorted(set(text)) if (form := self._fold(sign)) != sign}

    def _other_form(self, sign: str, for_people: bool, drops_pictures: bool) -> str | None:
        if self.first_lacking(sign) is None:
            return None
        if for_people and sign not in self._own:
            if sign not in self._forms:
                form = self._fold(declared().form_of(sign))
                self._forms[sign] = form if form and self.first_lacking(form) is None else None
            if self._forms[sign] is not None:
                return self._forms[sign]
        return "" if drops_pictures and declared().is_picture(sign) else None


def _points(signs: str) -> str:
    return " ".join(f"U+{ord(sign):04X}" for sign in signs)
