from __future__ import annotations

import pytest

from ecsync.errors import ConfigurationError
from ecsync.stock.places import channel_places, compared_sources, counting_sources, parties_behind


def pairs(rows):
    return [(row["source"], row["warehouse"]) for row in rows]


def test_a_channel_sells_from_its_warehouse(settings):
    assert channel_places(settings()) == [{"channel": "rakuten1", "warehouse": "main"}]


@pytest.mark.parametrize(
    ("on_hand", "stock", "counting"),
    [
        ({"default": "warehouse"}, "snapshot", [("main", "main")]),
        ({"default": "warehouse"}, "ledger", []),
        ({"default": "ecsync"}, "snapshot", []),
        ({"default": "core"}, "snapshot", [("erp", "main")]),
        ({"default": "ecsync", "main": "warehouse"}, "snapshot", [("main", "main")]),
    ],
)
def test_who_counts_is_said_by_owners_and_by_the_warehouse(settings, on_hand, stock, counting):
    given = settings(owners={"on_hand": on_hand}, warehouses={"main": {"stock": stock}})
    assert pairs(counting_sources(given)) == counting


def test_who_does_not_count_is_compared(settings):
    given = settings(warehouses={"east": {"stock": "ledger"}})
    assert pairs(compared_sources(given)) == [("east", "east"), ("erp", "east"), ("erp", "main")]


def test_a_core_system_that_counts_is_not_compared_with_itself(settings):
    given = settings(owners={"on_hand": {"default": "core"}})
    assert pairs(compared_sources(given)) == [("main", "main")]


def test_one_core_system_cannot_count_two_warehouses(settings):
    given = settings(owners={"on_hand": {"default": "core"}}, warehouses={"east": {}})
    with pytest.raises(ConfigurationError, match="east, main"):
        counting_sources(given)


@pytest.mark.parametrize("core", [{}, {"erp": {}, "old": {}}])
def test_it_must_be_clear_which_core_system_counts(settings, core):
    given = settings(owners={"on_hand": {"default": "core"}})
    given = given.model_copy(update={"core": core})
    with pytest.raises(ConfigurationError, match=str(len(core))):
        counting_sources(given)


def test_quantities_rest_on_the_shop_the_warehouse_and_who_counts_there(settings):
    assert parties_behind(settings(), "rakuten1") == {"rakuten1", "main"}
    given = settings(owners={"on_hand": {"default": "core"}})
    assert parties_behind(given, "rakuten1") == {"rakuten1", "main", "erp"}
