"""Every text that goes out has the limit that its partner is known to have; where nobody knows one, that is listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ecsync.mapping.catalogue import load_mapping, load_outbound
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import OutboundMapping
from ecsync.mapping.model_out import ChosenColumn, JoinedColumn, SettingColumn, ValueColumn, Writes

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "facts/limits.yaml").read_text(encoding="utf-8")
)
BY_NAME = {fact["mapping"]: fact for fact in FACTS}
OURS = "our own layout"


def texts(mapping: OutboundMapping) -> Iterator[tuple[str, Writes]]:
    """Yield header and source of every text: no codes of ours, and of settings only who sends."""
    for header, column in mapping.named_columns:
        cases = [case.then for case in column.when] if isinstance(column, ChosenColumn) else [column]
        for source in cases:
            if source.map is not None or source.table is not None:
                continue
            is_text = isinstance(source, ValueColumn) and mapping.frame.by_name[source.value].kind == "text"
            is_sender = isinstance(source, SettingColumn) and source.setting.startswith("sender.")
            if is_text or is_sender or isinstance(source, JoinedColumn):
                yield header, source


def declared(mapping: OutboundMapping) -> dict[str, str]:
    """Return the limits by header: `32 b`, `60 c`; '' where there is none."""
    found: dict[str, dict[str, None]] = {}
    for header, source in texts(mapping):
        told = f"{source.max_bytes} b" if source.max_bytes else f"{source.max_chars} c"
        found.setdefault(header, {})[told if source.max_bytes or source.max_chars else ""] = None
    return {header: ", ".join(limits) for header, limits in found.items()}


def test_every_mapping_that_writes_texts_is_listed() -> None:
    outbound = [
        one
        for one in (load_mapping(entry.name) for entry in list_mappings())
        if isinstance(one, OutboundMapping)
    ]
    assert sorted(one.mapping for one in outbound if declared(one)) == sorted(BY_NAME)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_limits_of_a_partner_are_declared(name: str) -> None:
    fact, found = BY_NAME[name], declared(load_outbound(name))
    if fact.get("source") == OURS:
        assert set(found.values()) == {""}
        return
    assert {header: limit for header, limit in found.items() if limit} == fact.get("limits", {})
    assert [header for header, limit in found.items() if not limit] == fact.get("untold", [])


@pytest.mark.parametrize("name", BY_NAME)
def test_only_free_texts_are_cut(name: str) -> None:
    cut = {
        getattr(source, "value", "")
        for _header, source in texts(load_outbound(name))
        if source.overflow == "cut"
    }
    assert cut <= {"item_name_1", "item_name_2", "description", "order_no"}
