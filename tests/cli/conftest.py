"""One open shop on SQLite, and the command line on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from face import Ecsync, speaker
from story_shop import StoryShop, new_story


@pytest.fixture
def story(tmp_path: Path) -> StoryShop:
    """Give an open shop."""
    return new_story(tmp_path / "story").open_up()


@pytest.fixture
def ecsync(capsys: pytest.CaptureFixture[str], story: StoryShop) -> Ecsync:
    """Give the command line on the story's project."""
    return speaker(capsys, story.shop.project)
