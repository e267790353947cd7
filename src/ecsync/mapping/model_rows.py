"""Words about rows that need others: what goes down into blank cells, and the other file that belongs to this one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ecsync.mapping.model_words import MappingName, Text, Words


class FillDown(Words):
    """Blank cells under `headers` take the text above them, inside rows that are equal under `within`.

    `marks` are other texts that mean "as above", such as 〃.
    """

    headers: tuple[str, ...] = Field(min_length=1)
    within: tuple[str, ...] = ()
    marks: tuple[Text, ...] = ()


class Pair(Words):
    """The other file that belongs to this one: each row of the frame is made of a row of both.

    `with` names the mapping of the other file, which names this one. `holds` says what this file has: `heads`, one
    row for each key, with what all its rows share; or `rows`, the rows of the frame. `key` is the header in this
    file of what joins them.
    """

    with_: MappingName = Field(alias="with")
    holds: Literal["heads", "rows"]
    key: str
