"""Stories of whole shops: quick ones on SQLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from story_shop import OpenStory, StoryShop, new_story


@pytest.fixture
def open_story(tmp_path: Path) -> OpenStory:
    """Give a maker of open shops on SQLite; `change` edits ecsync.toml."""

    def make(name: str = "story", change: Callable[[str], str] = lambda text: text) -> StoryShop:
        return new_story(tmp_path / name).open_up(change)

    return make


@pytest.fixture
def story(open_story: OpenStory) -> StoryShop:
    """Give an open shop."""
    return open_story()
