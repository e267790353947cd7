"""docs/configuration.md names every key of ecsync.toml with its default, and no other."""

import json
import re
import tomllib
from datetime import time
from pathlib import Path
from typing import get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ecsync import config

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| `(?P<key>\w+)` \| (?P<unit>[^|]+) \| (?P<default>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE
)

# A heading of the page, and the model whose keys stand below it.
SECTIONS: dict[str, type[BaseModel]] = {
    "[project]": config.Project,
    "[database]": config.Database,
    "[outbox]": config.OutboxSettings,
    "Secrets": config.SecretReference,
    "[channels.NAME]": config.Channel,
    "[channels.NAME.status]": config.StatusRules,
    "[warehouses.NAME]": config.Warehouse,
    "[payment_companies.NAME]": config.PaymentCompany,
    "[endpoints.NAME]": config.Endpoint,
    "[calendars.NAME]": config.CalendarSettings,
    "[[inbound]]": config.Inbound,
    "expected": config.Expectation,
    "guard": config.Guard,
    "scope": config.Scope,
    "[[outbound]]": config.Outbound,
    "[accounting]": config.Accounting,
    "[accounting.accounts]": config.Accounts,
    "owners.yaml": config.Owners,
}
# Sections of free keys, and what is no key of the file.
FREE = {"core", "runs", "schedule", "sender", "carriers"}
NO_KEYS = {"folder", "fingerprint", "owners"}


def below(heading: str) -> dict[str, re.Match[str]]:
    found = re.search(rf"^##+ {re.escape(heading)}$(?P<text>.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no heading {heading}"
    return {row["key"]: row for row in ROW.finditer(found["text"])}


def as_written(value: object) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(as_written, value)) + "]"
    return value.isoformat() if isinstance(value, time) else json.dumps(value, ensure_ascii=False)


def default_of(field: FieldInfo) -> set[str]:
    if field.is_required():
        return {"required"}
    if field.default is None:
        return {"-"}
    if isinstance(field.default, BaseModel):
        return {"below", "above"}
    return {f"`{as_written(field.default)}`"}


@pytest.mark.parametrize(("heading", "model"), SECTIONS.items(), ids=SECTIONS)
def test_every_key_stands_below_its_section_and_no_other(heading: str, model: type[BaseModel]) -> None:
    assert list(below(heading)) == list(model.model_fields)


@pytest.mark.parametrize(("heading", "model"), SECTIONS.items(), ids=SECTIONS)
def test_the_default_is_the_program_s(heading: str, model: type[BaseModel]) -> None:
    rows = below(heading)
    wrong = {
        name: (rows[name]["default"], default_of(field))
        for name, field in model.model_fields.items()
        if rows[name]["default"] not in default_of(field)
    }
    assert wrong == {}


def choices_of(field: FieldInfo) -> set[str]:
    """Return the words of a closed choice; empty where any text goes."""
    words = get_args(field.annotation)
    return {str(word) for word in words} if words and all(isinstance(word, str) for word in words) else set()


@pytest.mark.parametrize(("heading", "model"), SECTIONS.items(), ids=SECTIONS)
def test_the_words_of_a_choice_are_all_named(heading: str, model: type[BaseModel]) -> None:
    rows = below(heading)
    for name, field in model.model_fields.items():
        named = set(re.findall(r"`(\w+)`", rows[name]["unit"]))
        assert choices_of(field) in (set(), named), name


def test_every_section_of_the_file_has_its_place() -> None:
    sections = set(config.Settings.model_fields) - NO_KEYS - set(below("Top level"))
    listed = PAGE[: PAGE.index("## [project]")]
    assert sections == set(re.findall(r"`(\w+)`", listed[listed.index("The sections are") :]))
    assert all(re.search(rf"^##+ \[+{name}\b", PAGE, re.MULTILINE) for name in sections)
    assert sections >= FREE


def test_the_keys_at_the_top_have_the_program_s_defaults() -> None:
    for name, row in below("Top level").items():
        assert row["default"] in default_of(config.Settings.model_fields[name])


def test_no_list_or_table_hides_a_model_that_the_page_leaves_out() -> None:
    shown = {*SECTIONS.values(), config.Settings}
    for model in shown:
        for field in model.model_fields.values():
            for part in (field.annotation, *get_args(field.annotation)):
                if isinstance(part, type) and not get_origin(part) and issubclass(part, BaseModel):
                    assert part in shown, part


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_an_example_is_taken_as_it_stands(example: str) -> None:
    data = tomllib.loads(example)
    for endpoint in data.get("endpoints", {}).values():
        config.Endpoint.model_validate(endpoint)
    for flow in data.get("inbound", []):
        config.Inbound.model_validate(flow)
    config.Settings.model_validate({"project": {"name": "x"}, "schedule": data.get("schedule", {})})
    assert data
