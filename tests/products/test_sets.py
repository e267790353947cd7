"""Sets: a file's rows of one set are that set; never half of one, never one that holds itself."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from ecsync.products.intake import merge_set_components
from master_under_test import NOW

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest

LATER = "2026-11-25T03:00:00Z"
EARLIER = "2026-11-23T03:00:00Z"


def part(set_sku: str, component_sku: str, qty: int = 1) -> dict[str, Any]:
    return {"set_sku": set_sku, "component_sku": component_sku, "qty": qty}


def take(
    master: MasterUnderTest, *files: tuple[list[dict[str, Any]], str]
) -> tuple[list[tuple[Any, ...]], int]:
    for rows, as_of in files:
        master.load("set_components", rows, party="erp", as_of=as_of)
    with master.context() as ctx:
        merge_set_components(ctx)
        verdicts = ctx.rows(
            "SELECT set_sku, verdict, verdict_reason FROM stg_set_components ORDER BY src_row"
        )
        return [tuple(v) for v in verdicts], ctx.changes


def known(master: MasterUnderTest) -> list[tuple[Any, ...]]:
    return master.rows(
        "SELECT set_sku, component_sku, qty FROM set_component ORDER BY set_sku, component_sku"
    )


GIFT = [part("GIFT", "CUP", 2), part("GIFT", "BOX")]


def test_a_set_is_taken_and_replaced_as_a_whole(master: MasterUnderTest) -> None:
    assert {v[1] for v in take(master, (GIFT, NOW))[0]} == {"new"}

    verdicts, _written = take(master, ([part("GIFT", "CUP", 3), part("GIFT", "BAG")], LATER))

    assert {v[1] for v in verdicts} == {"changed"}
    assert known(master) == [("GIFT", "BAG", 1), ("GIFT", "CUP", 3)]


def test_a_component_that_is_left_out_goes(master: MasterUnderTest) -> None:
    take(master, (GIFT, NOW))

    assert take(master, (GIFT[:1], LATER))[0] == [("GIFT", "changed", "")]
    assert known(master) == [("GIFT", "CUP", 2)]


def test_the_same_set_again_writes_nothing(master: MasterUnderTest) -> None:
    take(master, (GIFT, NOW))

    for as_of in (EARLIER, NOW, LATER):
        verdicts, written = take(master, (GIFT[::-1], as_of))
        assert {v[1] for v in verdicts} == {"unchanged"}
        assert written == 0


def test_a_set_that_no_file_names_stays(master: MasterUnderTest) -> None:
    take(master, (GIFT, NOW))
    take(master, ([part("PAIR", "CUP", 2)], LATER))

    assert len(known(master)) == 3


def test_an_older_file_changes_nothing(master: MasterUnderTest) -> None:
    take(master, (GIFT, NOW))

    assert take(master, (GIFT[:1], EARLIER)) == ([("GIFT", "unchanged", "older_state")], 0)


def test_of_several_files_the_newest_counts(master: MasterUnderTest) -> None:
    verdicts, _written = take(master, (GIFT, NOW), ([part("GIFT", "BAG")], LATER))

    assert [v[1] for v in verdicts] == ["duplicate", "duplicate", "new"]
    assert known(master) == [("GIFT", "BAG", 1)]


def test_copies_count_once(master: MasterUnderTest) -> None:
    verdicts, _written = take(master, ([*GIFT, GIFT[0]], NOW), (GIFT, NOW))

    assert sorted(v[1] for v in verdicts) == ["duplicate"] * 3 + ["new"] * 2


def test_half_a_set_is_never_taken(master: MasterUnderTest) -> None:
    verdicts, _written = take(
        master, ([part("GIFT", "CUP", 1), part("GIFT", "CUP", 2), part("GIFT", "BOX")], NOW)
    )

    assert [v[2] for v in verdicts] == [
        "duplicate_key:component_sku",
        "duplicate_key:component_sku",
        "incomplete_set",
    ]
    assert known(master) == []


@pytest.mark.parametrize("other", [GIFT[:1], [part("GIFT", "CUP", 9), GIFT[1]], [*GIFT, part("GIFT", "BAG")]])
def test_two_files_of_one_time_that_contradict(master: MasterUnderTest, other: list[dict[str, Any]]) -> None:
    verdicts, _written = take(master, (GIFT, NOW), (other, NOW), ([part("PAIR", "CUP", 2)], NOW))

    assert {v[1:] for v in verdicts if v[0] == "GIFT"} == {("quarantined", "duplicate_key:component_sku")}
    assert known(master) == [("PAIR", "CUP", 2)]


def test_a_contradiction_with_the_master_leaves_it(master: MasterUnderTest) -> None:
    take(master, (GIFT, NOW))

    assert take(master, (GIFT[:1], NOW))[0] == [("GIFT", "quarantined", "duplicate_key:component_sku")]
    assert len(known(master)) == 2


def test_a_set_of_itself_is_refused(master: MasterUnderTest) -> None:
    verdicts, _written = take(master, ([part("GIFT", "GIFT"), part("GIFT", "BOX")], NOW))

    assert [v[2] for v in verdicts] == ["set_of_itself:component_sku", "incomplete_set"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_circle_of_sets_is_refused(master: MasterUnderTest, order: tuple[int, ...]) -> None:
    circle = [part("A", "B"), part("B", "C"), part("C", "A")]

    verdicts, _written = take(master, ([*(circle[n] for n in order), part("D", "A")], NOW))

    assert {v[1:] for v in verdicts if v[0] in "ABC"} == {("quarantined", "set_cycle:component_sku")}
    assert known(master) == [("D", "A", 1)]


def test_a_set_of_sets_is_taken(master: MasterUnderTest) -> None:
    take(master, ([part("CASE", "GIFT", 12), *GIFT], NOW))
    assert len(known(master)) == 3

    assert take(master, ([part("GIFT", "CASE")], LATER))[0] == [
        ("GIFT", "quarantined", "set_cycle:component_sku")
    ]
    assert len(known(master)) == 3
