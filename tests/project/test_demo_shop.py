"""The demo shop is written from its facts, and holds what it promises."""

from __future__ import annotations

from collections import Counter

import pytest

import make_demo_shop
import make_one_shop
from ecsync.calendars import calendar_of
from ecsync.config import Settings
from partner_files.facts import read_facts
from shop import SAMPLE, STORY, Shop


@pytest.mark.parametrize("shop", [make_demo_shop, make_one_shop], ids=lambda shop: shop.__name__)
def test_the_facts_give_the_files_that_are_there(shop: object) -> None:
    folder, made = shop.FOLDER, shop.files()  # type: ignore[attr-defined]
    there = {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/*.csv")}
    assert there.keys() == made.keys()
    assert [name for name in made if made[name] != there[name]] == []


def test_every_file_is_placed_by_the_story_or_counted_by_a_warehouse() -> None:
    placed = {placed.file for step in STORY.steps for placed in step.place}
    counted = {task.stock for step in STORY.steps for task in step.warehouses}
    assert placed | counted == make_demo_shop.files().keys()
    assert all((SAMPLE / name).is_file() for name in placed | counted)


def test_three_days_with_a_noon_and_a_night_each_and_one_without_the_warehouse(
    settings_of_the_demo: Settings,
) -> None:
    days = Counter(step.at.date() for step in STORY.steps)
    assert sorted(days.values()) == [2, 2, 2]
    assert [step.run for step in STORY.steps] == ["noon", "night"] * 3
    given = settings_of_the_demo.calendars["warehouse"]
    warehouse = calendar_of(
        given.closed_weekdays, public_holidays=given.public_holidays, closed=given.closed, opened=given.open
    )
    assert sorted(warehouse.is_open(day) for day in days) == [False, True, True]


def test_the_assortment_has_sets_and_both_tax_rates() -> None:
    facts = read_facts()
    assert 55 <= len(facts.products) <= 65
    assert {product.rate for product in facts.products} == {1000, 800}
    assert {sku for sku, _component, _units in facts.components} <= facts.world.products.keys()
    assert len({product.jan for product in facts.products}) == len(facts.products)


@pytest.fixture
def settings_of_the_demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Shop(tmp_path_factory.mktemp("demo")).set_up().settings
