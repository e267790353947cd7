"""docs/reliability.md names tests that exist, and leaves out no test of a law."""

import re
from pathlib import Path

import pytest

from ecsync import faultpoints

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+(?:\.py)?)`", PAGE)


@pytest.mark.parametrize("name", sorted(set(NAMED)))
def test_a_named_test_exists(name: str) -> None:
    path = ROOT / name
    assert path.is_file() or any(path.glob("test_*.py"))


def test_every_test_of_a_law_has_its_promise() -> None:
    laws = {f"tests/laws/{path.name}" for path in (ROOT / "tests" / "laws").glob("test_*.py")}
    assert laws <= set(NAMED)


def test_the_registry_of_fault_points_is_where_the_page_says() -> None:
    assert str(Path(faultpoints.__file__).relative_to(ROOT)) in PAGE
