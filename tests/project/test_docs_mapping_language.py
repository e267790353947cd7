"""docs/mapping-language.md says every word of the mapping language, and its examples are mappings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from ecsync.mapping.catalogue import check_file, load_mapping
from ecsync.mapping.model import InboundMapping, OutboundMapping
from ecsync.mapping.model_in import SOURCE_WORDS as IN_SOURCES
from ecsync.mapping.model_out import SOURCE_WORDS as OUT_SOURCES
from ecsync.mapping.tables import CodeTable

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "mapping-language.md").read_text(encoding="utf-8")
EXAMPLES = {
    yaml.safe_load(text).get("mapping") or yaml.safe_load(text)["table"]: text
    for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
}
MAPPINGS = [name for name, text in EXAMPLES.items() if text.startswith("mapping:")]
IN_TABLES = PAGE[PAGE.index("### About the file") : PAGE.index("## A file that goes out")]
OUT_TABLES = PAGE[PAGE.index("## A file that goes out") : PAGE.index("## Code tables")]
HEAD = PAGE[PAGE.index("## At the head") : PAGE.index("## A file that comes in")]
TABLES = PAGE[PAGE.index("## Code tables") :]


def parts_of(annotation: object) -> Iterator[object]:
    """Walk through unions, lists and annotations down to what stands in them."""
    yield annotation
    for part in get_args(annotation):
        yield from parts_of(part)


def models_below(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Return the model and every model that its words lead to."""
    if model not in seen:
        seen.add(model)
        for field in model.model_fields.values():
            for part in (*parts_of(field.annotation), *field.metadata):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    models_below(part, seen)
    return seen


def words_of(root: type[BaseModel]) -> set[str]:
    return {
        field.alias or name
        for model in models_below(root, set())
        for name, field in model.model_fields.items()
    }


def choices_of(root: type[BaseModel]) -> set[str]:
    """Return the values of every closed choice."""
    return {
        word
        for model in models_below(root, set())
        for field in model.model_fields.values()
        for part in parts_of(field.annotation)
        if get_origin(part) is Literal
        for word in get_args(part)
    }


def in_backticks(text: str) -> set[str]:
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return {word for quoted in re.findall(r"`([^`]+)`", prose) for word in re.findall(r"[\w-]+", quoted)}


def keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from keys_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys_in(item)


def used_in_examples(*names: str) -> set[str]:
    return {key for name in names for key in keys_in(yaml.safe_load(EXAMPLES[name]))}


@pytest.mark.parametrize(
    ("root", "text"),
    [(InboundMapping, HEAD + IN_TABLES), (OutboundMapping, HEAD + OUT_TABLES), (CodeTable, HEAD + TABLES)],
    ids=["in", "out", "table"],
)
def test_every_word_of_the_model_has_its_line(root: type[BaseModel], text: str) -> None:
    assert words_of(root) - in_backticks(text) == set()


@pytest.mark.parametrize(
    ("root", "text"), [(InboundMapping, IN_TABLES), (OutboundMapping, OUT_TABLES)], ids=["in", "out"]
)
def test_every_value_of_a_closed_choice_is_named(root: type[BaseModel], text: str) -> None:
    assert choices_of(root) - in_backticks(text) == set()


def test_the_walk_through_the_model_reaches_every_source_word() -> None:
    assert set(IN_SOURCES) <= words_of(InboundMapping)
    assert set(OUT_SOURCES) <= words_of(OutboundMapping)
    assert {"nth", "pad", "if", "preamble"} <= words_of(InboundMapping)


@pytest.mark.parametrize("name", MAPPINGS)
def test_an_example_is_a_mapping_without_a_fault(name: str, tmp_path: Path) -> None:
    for each in MAPPINGS:
        path = tmp_path / "mappings" / f"{each}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(EXAMPLES[each], encoding="utf-8")
    path = tmp_path / "mappings" / f"{name}.yaml"
    assert [str(error) for error in check_file(path, tmp_path)] == []
    assert load_mapping(name, tmp_path).mapping == name


def test_the_code_table_is_one() -> None:
    table = CodeTable.model_validate(yaml.safe_load(EXAMPLES["minato/tax_classes"]))
    assert table.dated


def test_every_word_is_used_in_an_example() -> None:
    inbound = used_in_examples(
        "minato/orders",
        "minato/counts",
        "minato/abroad_orders",
        "minato/slips",
        "minato/slip_lines",
        "minato/places",
        "minato/issued",
        "shopify/orders",
    )
    outbound = used_in_examples("minato/labels")
    # Said in a table only: a total that may hold in two ways, a dated table on its way out, a time in its zone.
    assert words_of(InboundMapping) - inbound == set()
    assert words_of(OutboundMapping) - outbound == {
        "based_on",
        "documented_at",
        "settings",
        "table",
        "on",
        "zone",
    }
    assert words_of(CodeTable) - used_in_examples("minato/tax_classes") == {"codes"}
