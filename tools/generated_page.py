"""Write a page that a tool makes, or tell whether the one that is kept is current."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def keep(page: Path, made: str) -> int:
    """Write the page, or with --check compare it; return the exit status."""
    if "--check" in sys.argv[1:]:
        if page.is_file() and page.read_text(encoding="utf-8") == made:
            return 0
        print(f"docs/{page.name} is not current: make docs", file=sys.stderr)
        return 1
    page.write_text(made, encoding="utf-8")
    print(f"{page.name}: {made.count(chr(10))} lines")
    return 0
