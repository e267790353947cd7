"""Names of people, as a Japanese label has them."""

from __future__ import annotations

import re
from typing import Final

_JAPANESE: Final = re.compile(
    r"[\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]"
)
_PARTS: Final = 2


def family_first(text: str) -> str:
    """Return `髙橋 さくら` for `さくら 髙橋`: two parts in Japanese writing change places, all else stays."""
    parts = text.split()
    if len(parts) != _PARTS or not all(_JAPANESE.search(part) for part in parts):
        return text
    return " ".join(reversed(parts))
