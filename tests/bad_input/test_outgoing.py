"""What cannot be written for a receiver is named and kept back, alone; what can be replaced is, and is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bad_input.cases_outgoing import OUTGOING, OutgoingCase
from bad_input.cases_shop import LATER, MENDED, NOON, OF_SHOPIFY, CasesShop
from bad_input.inbound import lines_of
from bad_input.noon import LANGUAGES, command, told_on
from partner_files import shopify, shopify_shop
from partner_files.base import Order, read_table
from partner_files.one_shop import WORLD

RUN = ("sync", "noon", "--format", "csv", "--as-of", NOON.isoformat())
FAMILY, NUMBER, SHIPPED_TO = "木村", 26, 15  # positions on a label: the order's number stands in 記事
CASES = {case.name: case for case in OUTGOING}


def an_order(number: int, given: str) -> shopify.Order:
    order: Order = replace(OF_SHOPIFY[0], number=str(number))
    made = shopify_shop.order_of(order, WORLD)
    assert isinstance(made.person, shopify.Person)
    return replace(made, person=replace(made.person, family=FAMILY, given=given))


def labels(shop: CasesShop) -> dict[str, list[str]]:
    """Return the names on the labels that were sent, by order."""
    found: dict[str, list[str]] = {}
    for path in sorted((shop.shop.partners / "warehouse/in").glob("b2_*.csv")):
        for row in read_table(path.read_bytes(), "cp932")[1:]:
            order = next(cell for cell in row if cell.startswith(("#", "000001-")))
            found.setdefault(order, []).append(row[SHIPPED_TO])
    return found


def test_what_a_label_cannot_carry(before_noon: CasesShop) -> None:
    numbers = {name: 301 + place for place, name in enumerate(CASES)}
    orders = [an_order(number, CASES[name].given) for name, number in numbers.items()]
    good = an_order(400, "花子")
    before_noon.put("shopify-orders", shopify.orders_file([*orders, good]))
    said = [command(before_noon, LANGUAGES[0], *RUN, "--dry-run"), command(before_noon, LANGUAGES[1], *RUN)]
    assert [one.status for one in said] == [3, 3]
    for language, one in enumerate(said):
        lines = lines_of(one.out)
        for name, number in numbers.items():
            there = [line for line in lines if line.number == f"#{number}"]
            assert there == CASES[name].wanted(language, f"#{number}"), name
    sent = labels(before_noon)
    for name, number in numbers.items():
        label = CASES[name].label
        assert sent.get(f"#{number}", []) == ([label] if label else []), name
    assert sent["#400"] == [f"{FAMILY} 花子"], "another order's label is not kept back"
    assert all("?" not in name for names in sent.values() for name in names)
    assert told_on(before_noon, *said) == []

    # The orders are there, and their labels follow once the shop has mended the names.
    mended = [an_order(number, "花子") for name, number in numbers.items() if not CASES[name].label]
    before_noon.put("shopify-orders", shopify.orders_file(mended), MENDED)
    before_noon.run(LATER)
    after = labels(before_noon)
    assert {order: after[order] for order in sent} == sent, "nothing is told twice"
    for name, number in numbers.items():
        if not CASES[name].label:
            assert after[f"#{number}"] == [f"{FAMILY} 花子"], name


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) for name in CASES])
def test_a_name_that_comes_alone(before_noon: CasesShop, name: str) -> None:
    case: OutgoingCase = CASES[name]
    before_noon.put("shopify-orders", shopify.orders_file([an_order(301, case.given)]))
    said = command(before_noon, "ja", *RUN)
    assert said.status == case.status
    assert told_on(before_noon, said) == []
    assert lines_of(said.out) == case.wanted(1, "#301")
