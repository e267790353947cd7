"""Parts of an ecsync.toml, one per partner, with their comments in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Template
from typing import Final

_PARTS: Final = Path(__file__).parent
_COMMENT: Final = re.compile(r"#(?P<language>[a-z]{2}) ?(?P<text>.*)")


def part_names(prefix: str) -> tuple[str, ...]:
    """Return what there is a part for, without the prefix: `shop_` gives the platforms."""
    return tuple(sorted(path.stem.removeprefix(prefix) for path in _PARTS.glob(f"{prefix}*.toml")))


def part(file: str, speaks: str, /, **values: str) -> str:
    """Return a part with its comments in one language and its values filled in.

    A value of text goes in as `quoted` gives it; raises KeyError for one that the part names and nobody gives.
    """
    lines = []
    for line in (_PARTS / file).read_text(encoding="utf-8").splitlines():
        comment = _COMMENT.fullmatch(line)
        if comment is None:
            lines.append(line)
        elif comment["language"] == speaks:
            lines.append(f"# {comment['text']}".rstrip())
    return Template("\n".join(lines) + "\n").substitute(values)


def quoted(text: str) -> str:
    """Return a text as TOML writes it; JSON's form of a string is one of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
