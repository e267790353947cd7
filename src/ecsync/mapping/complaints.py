"""What pydantic finds wrong in a mapping, in a person's words: what, where, and what there is instead."""

from __future__ import annotations

import difflib
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from ecsync.locale import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from ecsync.errors import MappingError
    from ecsync.mapping.positions import Document, Location

_SENTENCES: Final = {
    "missing": N_("the word {word} is missing"),
    "extra_forbidden": N_("{word} is no word of the mapping language here"),
    "source_word": N_("{word} says nowhere what it holds"),
    "string_type": N_("{word} must be a text"),
    "int_type": N_("{word} must be a whole number"),
    "int_parsing": N_("{word} must be a whole number"),
    "bool_type": N_("{word} must be true or false"),
    "bool_parsing": N_("{word} must be true or false"),
    "dict_type": N_("{word} must be a list of names and values"),
    "model_type": N_("{word} must be a list of names and values"),
    "tuple_type": N_("{word} must be a list"),
    "list_type": N_("{word} must be a list"),
    "date_from_datetime_parsing": N_("{word} must be a date, as in 2026-10-01"),
    "date_parsing": N_("{word} must be a date, as in 2026-10-01"),
    "too_short": N_("{word} holds too little"),
    "too_long": N_("{word} holds too much"),
    "string_too_short": N_("{word} must be one sign"),
    "string_too_long": N_("{word} must be one sign"),
    "string_pattern_mismatch": N_("{word} must be folder/kind in small letters, digits, - and _"),
    "greater_than_equal": N_("{word} is too small"),
    "less_than_equal": N_("{word} is too large"),
}


def complaints(error: ValidationError, document: Document, model: type[BaseModel]) -> list[MappingError]:
    """Return one error per fault, in the order of the file."""
    details = error.errors(include_url=False, include_input=False)
    made = [
        _complaint(item, document, model)
        for item in details
        if not (item["type"] == "too_short" and _is_consequence(item["loc"], details))
    ]
    return sorted(made, key=lambda one: (one.line, one.column))


def near(name: str, known: Iterable[str]) -> str:
    """Return the hint that names the nearest of `known`, and all of them where they are few."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    there = ", ".join(names[:40])
    if close:
        return _("did you mean {name}? There are: {known}").format(name=close[0], known=there)
    return _("there are: {known}").format(known=there)


def _complaint(item: ErrorDetails, document: Document, model: type[BaseModel]) -> MappingError:
    location: Location = item["loc"]
    word = next((str(part) for part in reversed(location) if isinstance(part, str)), "")
    kind = item["type"]
    if kind == "value_error":
        return document.error(str(item["ctx"]["error"]), location)
    if kind == "literal_error":
        expected = str(item["ctx"]["expected"])
        return document.error(_("{word} must be one of: {known}").format(word=word, known=expected), location)
    sentence = _SENTENCES.get(kind)
    message = (
        _("{word} is not right").format(word=word) if sentence is None else _(sentence).format(word=word)
    )
    hint = ""
    if kind == "source_word":
        hint = item["msg"]
    elif kind == "extra_forbidden":
        hint = near(word, _words_at(model, location[:-1]))
    return document.error(message, location, hint=hint)


def _is_consequence(location: Location, details: list[ErrorDetails]) -> bool:
    """Tell whether a list is too short only because one of its items was refused."""
    return any(len(one["loc"]) > len(location) and one["loc"][: len(location)] == location for one in details)


def _words_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the words that the language has at a location."""
    here: dict[str, type[BaseModel]] = {"": model}
    for part in location:
        if part in here:
            here = {"": here[str(part)]}
            continue
        if isinstance(part, int):
            continue
        below: dict[str, type[BaseModel]] = {}
        for candidate in here.values():
            for name, field in candidate.model_fields.items():
                if part in (name, field.alias):
                    below |= _models_in(field.annotation)
        here = below or here
    return [field.alias or name for one in here.values() for name, field in one.model_fields.items()]


def _models_in(annotation: Any, tag: str = "") -> dict[str, type[BaseModel]]:  # noqa: ANN401  (any annotation)
    """Return the models in an annotation by the tag of their union; "" where there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {tag: annotation}
    origin = get_origin(annotation)
    if origin is Literal:
        return {}
    arguments = get_args(annotation)
    if origin is Annotated:
        tag = next((one.tag for one in arguments[1:] if isinstance(one, Tag)), tag)
        arguments = arguments[:1]
    elif origin in (Union, UnionType):
        tag = ""
    found: dict[str, type[BaseModel]] = {}
    for argument in arguments:
        found |= _models_in(argument, tag)
    return found
