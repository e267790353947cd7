"""A mapping that says only how it differs: what it takes over, what it says anew, and what it cannot be based on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from ecsync.errors import MappingError
from ecsync.mapping.basing import based
from ecsync.mapping.catalogue import check_file, json_schema, load_inbound, load_mapping, load_outbound
from mapping_project import INBOUND, OUTBOUND, put

if TYPE_CHECKING:
    from pathlib import Path

DIFFERS = "mapping: partner/other\nbased_on: partner/stock\n"


@pytest.mark.parametrize(
    ("own", "base", "words"),
    [
        ({"mapping": "a/b"}, {"mapping": "c/d", "entity": "x"}, {"entity": "x", "mapping": "a/b"}),
        (
            {"file": {"encoding": "cp932"}},
            {"file": {"encoding": "utf-8", "name": "n"}},
            {"file": {"encoding": "cp932", "name": "n"}},
        ),
        ({"unused": "any"}, {"unused": ["a"]}, {"unused": "any"}),
        ({"columns": {"b": "2"}}, {"columns": {"a": "1", "b": "1"}}, {"columns": {"a": "1", "b": "2"}}),
        ({"columns": {"a": None}}, {"columns": {"a": "1", "b": "1"}}, {"columns": {"b": "1"}}),
        ({"columns": {"c": "3"}}, {"columns": {"a": "1"}}, {"columns": {"a": "1", "c": "3"}}),
        (
            {"columns": [{"B": 2}, {"C": 3}]},
            {"columns": [{"A": 1}, {"B": 1}]},
            {"columns": [{"A": 1}, {"B": 2}, {"C": 3}]},
        ),
        ({"columns": {"A": None, "B": 2}}, {"columns": [{"A": 1}, {"B": 1}]}, {"columns": [{"B": 2}]}),
    ],
)
def test_what_is_taken_over_and_what_is_said_anew(
    own: dict[str, Any], base: dict[str, Any], words: dict[str, Any]
) -> None:
    assert based(own, base) == words


def test_one_column_is_said_and_the_rest_is_the_bases(tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", INBOUND)
    put(tmp_path, "partner/other", DIFFERS + "columns:\n  qty: 引当可能数\n")
    mapping = load_inbound("partner/other", tmp_path)
    assert [header.names[0] for header in mapping.headers] == ["商品コード", "引当可能数"]
    assert (mapping.mapping, mapping.entity, mapping.title.en) == ("partner/other", "stock_levels", "Stock")


def test_a_projects_own_mapping_may_be_based_on_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    put(
        tmp_path,
        "shopify/orders",
        "mapping: shopify/orders\nbased_on: shopify/orders\ncolumns:\n  buyer_comment: null\n",
    )
    mapping = load_inbound("shopify/orders", tmp_path)
    assert "buyer_comment" not in mapping.columns
    assert "order_no" in mapping.columns
    assert mapping.fingerprint != load_inbound("shopify/orders").fingerprint


def test_a_shift_jis_file_for_freee_is_one_line(tmp_path: Path) -> None:
    put(
        tmp_path,
        "freee/journals",
        "mapping: freee/journals\nbased_on: freee/journals\nfile: {encoding: cp932}\n",
    )
    mapping = load_outbound("freee/journals", tmp_path)
    assert (mapping.file.encoding, mapping.file.newline) == ("cp932", "crlf")
    assert mapping.header == load_outbound("freee/journals").header


def test_chains_end_where_they_would_come_back(tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", INBOUND.replace("entity:", "based_on: partner/other\nentity:"))
    path = put(tmp_path, "partner/other", DIFFERS)
    errors = check_file(path, tmp_path)
    assert [(error.line, "to be based on" in error.message) for error in errors] == [(2, True)]


@pytest.mark.parametrize("name", ["partner/nobody", "Partner", "../stock"])
def test_a_base_that_is_not_there_is_named_with_those_that_are(name: str, tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", INBOUND)
    path = put(tmp_path, "partner/other", f"mapping: partner/other\nbased_on: {name}\n")
    (error,) = check_file(path, tmp_path)
    assert (error.line, error.column) == (2, 1)
    assert "partner/stock" in error.hint or "did you mean" in error.hint


def test_a_fault_of_its_own_is_shown_where_it_stands(tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", INBOUND)
    path = put(tmp_path, "partner/other", DIFFERS + "columns:\n  qty: {from: 数, as: phone}\n")
    (error,) = check_file(path, tmp_path)
    assert (error.line, error.column) == (4, 18)
    with pytest.raises(MappingError):
        load_mapping("partner/other", tmp_path)


def test_a_change_of_the_base_is_seen_and_changes_the_fingerprint(tmp_path: Path) -> None:
    base = put(tmp_path, "partner/recall", OUTBOUND)
    put(tmp_path, "partner/other", "mapping: partner/other\nbased_on: partner/recall\n")
    before = load_outbound("partner/other", tmp_path)
    base.write_text(OUTBOUND.replace("理由", "事情"), encoding="utf-8")
    os.utime(base, (1, 1))
    after = load_outbound("partner/other", tmp_path)
    assert (before.header[1], after.header[1]) == ("理由", "事情")
    assert before.fingerprint != after.fingerprint


def test_editors_ask_no_more_of_it_than_its_name_and_its_base() -> None:
    (_whole, differing) = json_schema()["anyOf"]
    assert differing["required"] == ["mapping", "based_on"]
