"""How many bytes a text takes at a partner's, and cutting it without breaking a character."""

from __future__ import annotations

from typing import NamedTuple

from ecsync.text.graphemes import characters


class Unencodable(NamedTuple):
    """A character that an encoding lacks: its code point (`U+2014`) and its place, counted from 1."""

    code_point: str
    position: int


def first_unencodable(text: str, encoding: str) -> Unencodable | None:
    """Return the first character that `encoding` lacks; None where it takes the whole text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        return Unencodable(f"U+{ord(text[error.start]):04X}", error.start + 1)
    return None


def byte_length(text: str, encoding: str) -> int:
    """Return the bytes that `text` takes in `encoding`.

    Raises ValueError, without the text, where the encoding lacks a character: ask first_unencodable before.
    """
    try:
        return len(text.encode(encoding))
    except UnicodeEncodeError:
        lacking = first_unencodable(text, encoding)
    message = f"{encoding} lacks {lacking.code_point} at {lacking.position}" if lacking else encoding
    raise ValueError(message)


def cut(text: str, encoding: str, max_bytes: int) -> str:
    """Return the longest beginning of `text` that fits into `max_bytes`, never ending inside a character."""
    if byte_length(text, encoding) <= max_bytes:
        return text
    end = used = 0
    for character in characters(text):
        used += byte_length(character, encoding)
        if used > max_bytes:
            break
        end += len(character)
    return text[:end]


def split(text: str, encoding: str, max_bytes: int) -> tuple[str, ...]:
    """Return `text` in pieces of at most `max_bytes` each; the pieces join to the text.

    Raises ValueError where one character alone is wider than that.
    """
    pieces: list[str] = []
    rest = text
    while rest:
        piece = cut(rest, encoding, max_bytes)
        if not piece:
            message = f"a character is wider than {max_bytes} bytes"
            raise ValueError(message)
        pieces.append(piece)
        rest = rest[len(piece) :]
    return tuple(pieces)
