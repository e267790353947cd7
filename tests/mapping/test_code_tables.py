"""Code tables know every word that partners are known to use, and a word that nobody knows stops its row."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from changed_cells import rejects_with
from ecsync.entities.codes import CODE_LISTS
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping, OutboundMapping
from ecsync.mapping.model_in import Reads, WhenColumn
from ecsync.mapping.model_out import ChosenColumn, Writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.mapping.tables import CodeTable

FACTS = Path(__file__).parent / "facts"
UNKNOWN = "見知らぬ語"
LOADED = [load_mapping(entry.name) for entry in list_mappings()]


def facts(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((FACTS / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def tables() -> dict[str, CodeTable]:
    """Return every code table that a shipped mapping uses."""
    return {name: table for one in LOADED for name, table in one.tables.items()}


def read_in(source: Reads) -> Iterator[Reads]:
    if isinstance(source, WhenColumn):
        for case in source.when:
            yield from read_in(case.then)
    else:
        yield source


def written_in(source: Writes) -> Iterator[Writes]:
    if isinstance(source, ChosenColumn):
        for case in source.when:
            yield from written_in(case.then)
    else:
        yield source


# One cell holds several entries there: test_shopify_orders tells of them.
ELSEWHERE = {("shopify/orders", "Note Attributes"), ("shopify/orders_tax_excluded", "Note Attributes")}
CODED = sorted(
    {
        (one.mapping, source.headers[0].names[0])
        for one in LOADED
        if isinstance(one, InboundMapping)
        for column in one.columns.values()
        for source in read_in(column)
        if (getattr(source, "map", None) is not None or getattr(source, "table", None)) and source.headers
    }
    - ELSEWHERE
)
WORDS = [pytest.param(one, id=f"{one['mapping']}-{one['header']}") for one in facts("words")]


@pytest.mark.slow
@pytest.mark.parametrize("fact", WORDS)
def test_every_word_that_a_partner_is_known_to_use_is_known(fact: dict[str, Any], tmp_path: Path) -> None:
    unknown = [
        word
        for word in fact["words"]
        if any(
            one.reason == "unknown_code" and fact["header"] in one.column
            for one in rejects_with(fact["mapping"], fact["header"], word, tmp_path / "file")
        )
    ]
    assert unknown == []


@pytest.mark.parametrize(("name", "header"), CODED)
def test_a_word_that_nobody_knows_stops_its_row_and_names_those_that_are(
    name: str, header: str, tmp_path: Path
) -> None:
    rejects = rejects_with(name, header, UNKNOWN, tmp_path / "file")
    stopped = [one for one in rejects if one.reason == "unknown_code" and header in one.column]
    assert stopped
    assert all(one.params["known"] for one in stopped)


@pytest.mark.parametrize("fact", facts("codes"), ids=lambda fact: str(fact["table"]))
def test_what_is_written_for_a_code_of_ours(fact: dict[str, Any]) -> None:
    codes = tables()[fact["table"]].on(None)
    expected = fact["codes"]
    assert {code: codes[code] for code in expected} == expected
    others = {text for code, text in codes.items() if code not in expected}
    assert others <= ({fact["else"]} if "else" in fact else set()) or (fact.get("named") and "" not in others)


@pytest.mark.parametrize("fact", facts("taxes"), ids=lambda fact: str(fact["table"]))
def test_the_name_of_a_tax_class_begins_with_the_day_of_its_rate(fact: dict[str, Any]) -> None:
    table, first = tables()[fact["table"]], fact["from"]
    assert table.on(first) == fact["names"] | fact["always"]
    assert table.on(first - timedelta(days=1)) == fact["always"]
    assert table.on(date(2026, 9, 30)) == table.on(date(2026, 10, 1)), (
        "the measures of 2026-10 are for purchases"
    )


def test_every_table_that_is_used_is_one_of_facts_or_of_the_shop() -> None:
    told = {fact["table"] for name in ("codes", "taxes") for fact in facts(name)}
    written = {
        source.table
        for one in LOADED
        if isinstance(one, OutboundMapping)
        for _header, column in one.named_columns
        for source in written_in(column)
        if source.table is not None
    }
    # Names that no partner tells: shops choose them, or they are free text (GUESS in the table itself).
    assert written - told == {"amazon/ship_methods", "qoo10/carriers", "shopify/carriers", "stores/carriers"}


@pytest.mark.parametrize("name", sorted(tables()))
def test_a_table_knows_no_code_of_ours_that_does_not_exist(name: str) -> None:
    table = tables()[name]
    if table.codes:
        values = {entry.value for entries in table.entries.values() for entry in entries}
        assert values <= {"", *CODE_LISTS[table.codes]}
