"""Stories of whole shops: quick ones on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from postgres_server import PostgresServer
from story_shop import OpenStory, StoryShop, new_story


@pytest.fixture
def open_story(tmp_path: Path) -> OpenStory:
    """Give a maker of open shops on SQLite; `change` edits ecsync.toml."""

    def make(name: str = "story", change: Callable[[str], str] = lambda text: text) -> StoryShop:
        return new_story(tmp_path / name).open_up(change)

    return make


@pytest.fixture(params=["sqlite", "postgres"])
def either_story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoryShop]:
    """Give an open shop, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield new_story(tmp_path / "story").open_up()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database("ecsync_empty") as url:
        yield new_story(tmp_path / "story", url).open_up()


@pytest.fixture
def story(open_story: OpenStory) -> StoryShop:
    """Give an open shop."""
    return open_story()
