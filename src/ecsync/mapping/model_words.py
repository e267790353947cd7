"""The smallest words of the mapping language, used in both directions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, model_validator

from ecsync.locale import _
from ecsync.mapping.listing import MAPPING_NAME

Encoding = Literal["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "utf-16", "utf-16le", "utf-16be"]
# Those with a declared fold: what goes out never loses a character unseen.
OutEncoding = Literal["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16le", "utf-16be"]
MappingName = Annotated[str, Field(pattern=MAPPING_NAME)]
SettingName = Annotated[str, Field(pattern=r"^(channel|warehouse)\.[a-z_]+$")]


class Words(BaseModel):
    """A part of a mapping: frozen, no unknown words, inputs never shown in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)


def _as_text(value: object) -> object:
    # `900: cancelled` and `const: 0` read naturally; the loader keeps a number that is not canonical as text.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text)]


def as_list(value: object) -> object:
    """Let a single value stand for a list of one."""
    return value if isinstance(value, (list, tuple)) else [value]


# Equality of named fields: every name must have one of its values. Blank cells equal "".
_Values = Annotated[tuple[Text, ...], BeforeValidator(as_list), Field(min_length=1)]
Condition = Annotated[dict[str, _Values], Field(min_length=1)]


class Alone(Words):
    """An object whose source word stands alone: the words in `idle` would do nothing, so they are refused."""

    idle: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _no_idle_word(self) -> Self:
        given = sorted(self.model_fields_set & self.idle)
        if given:
            words = ", ".join(type(self).model_fields[name].alias or name for name in given)
            raise ValueError(_("{words} would do nothing here; leave it out").format(words=words))
        return self


class Nameable(Words):
    """An object that a plain text may stand for: the text is the value of the word `short`."""

    short: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: object) -> object:
        return {cls.short: value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:  # noqa: ANN401
        """Tell editors that the plain text is allowed too."""
        return {"anyOf": [{"type": "string"}, handler(core)]}


class Title(Words):
    """What people call it, in both languages."""

    ja: str
    en: str


class Zoned(Words):
    """Say in which zone a time without an offset is written."""

    zone: str = "Asia/Tokyo"


# What stands on both sides of a value that is written into a longer text, as in <P0000001>.
Marks = tuple[Annotated[str, Field(min_length=1)], Annotated[str, Field(min_length=1)]]


def exactly_one(owner: str, **words: object) -> str:
    """Return the one word that is given; raise ValueError naming the choice where it is none or several."""
    given = [name for name, value in words.items() if value is not None]
    if len(given) != 1:
        raise ValueError(
            _("{owner} needs exactly one of: {words}").format(owner=owner, words=", ".join(sorted(words)))
        )
    return given[0]
