"""docs/operations.md describes the stages, kinds, guards and states that there are."""

import re
from pathlib import Path

from ecsync.exchange import outbox
from ecsync.mapping.listing import list_mappings
from ecsync.orders.difference_rows import CLASSES
from ecsync.run import guards
from ecsync.run.stages import DEFAULT_KINDS, STAGES
from ecsync.stock.difference_rows import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def table(heading: str, number: int = 1) -> list[list[str]]:
    """Return the cells of the n-th table below a heading, without its own head."""
    section = re.split(r"^## ", PAGE.split(f"## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [
        [cell.strip() for cell in row.strip("|\n").split("|")] for row in tables[number - 1].splitlines()[2:]
    ]


def test_every_stage_has_its_line_in_the_one_order() -> None:
    assert [row[0].strip("`") for row in table("Stages")] == [stage.name for stage in STAGES]


def test_a_stage_that_takes_nothing_in_says_so() -> None:
    said = {row[0].strip("`"): row[1] != "-" for row in table("Stages")}
    assert said == {stage.name: bool(stage.takes) for stage in STAGES}


def test_every_kind_of_run_lists_its_stages() -> None:
    listed = {row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[1])) for row in table("Stages", 2)}
    assert listed == DEFAULT_KINDS


def test_every_guard_is_named() -> None:
    assert {row[0].strip("`") for row in table("Guards")} == set(guards.GUARDS)


def test_every_state_that_ends_a_delivery_or_needs_a_person_is_named() -> None:
    named = {word for row in table("Deliveries") for word in re.findall(r"`(\w+)`", row[0])}
    assert {*outbox.SETTLED, *outbox.NEEDS_PERSON} <= named


def test_every_kind_of_difference_is_explained_in_the_order_of_the_report() -> None:
    assert [row[0].strip("`") for row in table("Comparing")] == list(KINDS)
    assert [row[0].strip("`") for row in table("Comparing", 2)] == list(CLASSES)


def test_every_mapping_of_the_malls_and_carts_exists() -> None:
    names = {entry.name for entry in list_mappings()}
    told = {
        name
        for row in table("Malls and carts")
        for cell in row[1:5]
        for name in re.findall(r"`(\w+/\w+)`", cell)
    }
    assert told <= names
    platforms = {name.partition("/")[0] for name in told}
    # Those of other parties; eccube2 has products alone.
    assert {
        "rakuten",
        "yahoo",
        "amazon",
        "aupay",
        "qoo10",
        "shopify",
        "colorme",
        "base",
        "eccube4",
    } <= platforms
