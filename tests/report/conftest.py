"""A shop before its noon run."""

from __future__ import annotations

from pathlib import Path

import pytest

from story_shop import StoryShop, an_order, moment, new_story


@pytest.fixture
def noon(tmp_path: Path) -> StoryShop:
    """Give a shop before its noon run: three orders, one of them checked by the mall, one short of stock."""
    story = new_story(tmp_path / "story").open_up()
    story.count(moment("08:00"), TOWEL_L=3)
    story.orders(
        moment("11:30"),
        an_order(1, ("TOWEL-L", 1)),
        an_order(2, ("TOWEL-L", 1), checking="1"),
        an_order(3, ("TOWEL-L", 9)),
    )
    return story
