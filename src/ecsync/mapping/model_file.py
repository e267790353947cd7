"""How a partner's file is written: encoding, rows, names; when it was true."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ecsync.locale import _
from ecsync.mapping.model_words import Encoding, OutEncoding, Text, Words, Zoned

Delimiter = Annotated[str, Field(min_length=1, max_length=1)]
Sign = Annotated[str, Field(min_length=1, max_length=1)]
_NAME_FIELD = re.compile(r"\{([a-z_]*)(?::([^{}]*))?\}")


class InboundFile(Words):
    """The bytes of a file that comes in.

    `header: none` needs `names`, one per column by position; the columns below use these names. With `header:
    optional` the first record is a header where one of its cells is one of `names`; else `names` name the first
    columns by position, and the file may have more, as many as one of `column_counts` says where it says any.
    `quote: none`: a quote is a sign like any other, and no cell holds the delimiter or a line end.
    `preamble` counts the physical rows before the header (or the first row). Line ends may be LF or CRLF.
    """

    encoding: Encoding
    delimiter: Delimiter = ","
    header: Literal["required", "none", "optional"] = "required"
    names: tuple[str, ...] = ()
    column_counts: tuple[Annotated[int, Field(ge=1, le=4_096)], ...] = ()
    quote: Literal["csv", "none"] = "csv"
    preamble: int = Field(default=0, ge=0, le=100)
    final_newline: Literal["required", "optional"] = "required"

    @model_validator(mode="after")
    def _names_only_without_header(self) -> Self:
        if (self.header != "required") != bool(self.names):
            raise ValueError(_("header: none or optional and names: [...] belong together"))
        if self.column_counts and self.header != "optional":
            raise ValueError(_("column_counts belongs to header: optional"))
        if len(set(self.names)) != len(self.names):
            raise ValueError(_("names must differ from each other"))
        return self

    @property
    def has_quotes(self) -> bool:
        """Tell whether a quote opens and closes a cell."""
        return self.quote == "csv"


class OutboundFile(Words):
    """The bytes of a file that goes out.

    `name` may hold {date:%Y%m%d}, {time:%H%M}, {seq:03}, {part} and {party}. `max_rows` is how many rows the partner
    takes in one file; more go into further ones. `preamble` rows stand before the header as they are.
    `quote: none` refuses a row whose cells hold the delimiter, a quote or a line end. `characters: jis` refuses what
    lies beyond JIS X 0208 (①, ㈱, 髙) although the encoding has it; `replace` holds signs that are written as others.
    """

    encoding: OutEncoding
    name: str
    max_rows: int | None = Field(default=None, ge=1)
    delimiter: Delimiter = ","
    newline: Literal["crlf", "lf"] = "crlf"
    header: bool = True
    quote: Literal["all", "minimal", "none"] = "minimal"
    preamble: tuple[tuple[Text, ...], ...] = ()
    final_newline: bool = True
    characters: Literal["all", "jis"] = "all"
    replace: dict[Sign, Text] = Field(default={})

    @model_validator(mode="after")
    def _name_is_a_pattern(self) -> Self:
        check_name_pattern(self.name, {"date", "time", "seq", "part", "party"})
        if self.max_rows is not None and not re.search(r"\{(seq|part)\b", self.name):
            raise ValueError(
                _("with max_rows the name needs {seq} or {part}, or two files would have one name")
            )
        return self

    @property
    def line_end(self) -> str:
        """Return the characters that end a row."""
        return "\r\n" if self.newline == "crlf" else "\n"


class AsOf(Zoned):
    """When the content was true.

    `from: mtime | arrival | name | column`. `name` needs `pattern`, as in `stock_{date:%Y%m%d%H%M}.csv`;
    `column` needs `column`, the name of a time column of the entity.
    """

    from_: Literal["mtime", "arrival", "name", "column"] = Field(alias="from")
    pattern: str = ""
    column: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.from_ == "name") != bool(self.pattern):
            raise ValueError(_("from: name and pattern: belong together"))
        if (self.from_ == "column") != bool(self.column):
            raise ValueError(_("from: column and column: belong together"))
        if self.pattern:
            check_name_pattern(self.pattern, {"date"})
            if "{date" not in self.pattern:
                raise ValueError(_("the pattern of a name needs {date}, as in stock_{date:%Y%m%d}.csv"))
        return self


class Duplicates(Words):
    """What equal keys in one flow mean.

    `key` holds header names of the file, each mapped to a column, or a canonical column that is `counted`.
    `add` names canonical columns that are added over the rows of a key, which are then one: a list of places says of
    each what lies there.
    """

    key: tuple[str, ...] = Field(min_length=1)
    identical: Literal["drop"] = "drop"
    different: Literal["quarantine"] = "quarantine"
    add: tuple[str, ...] = ()


def check_name_pattern(pattern: str, known: set[str]) -> None:
    """Raise ValueError where a file name pattern is unsafe or names an unknown field."""
    if not pattern or "/" in pattern or "\\" in pattern or pattern.startswith("."):
        raise ValueError(_("a file name holds no slash and does not begin with a dot"))
    for name, _format in _NAME_FIELD.findall(pattern):
        if name not in known:
            raise ValueError(
                _("{name} is no part of a file name; there are: {known}").format(
                    name="{" + name + "}", known=", ".join("{" + k + "}" for k in sorted(known))
                )
            )
    if re.search(r"[{}]", _NAME_FIELD.sub("", pattern)):
        raise ValueError(_("a brace in the file name is not closed"))
