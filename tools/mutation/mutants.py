"""The mutants of a module: found, named, drawn by a seed, and made."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from mutation.operators import variants
from mutation.places import names_of, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST: Final = 60
_AROUND: Final = 24


@dataclass(frozen=True)
class Mutant:
    """One small change of a module."""

    module: str
    key: str  # where and what, without line numbers: the same as long as the code is
    line: int
    top: tuple[str, ...]  # what it belongs to in the module
    in_function: bool
    place: int
    variant: int


def mutants(module: str, text: str) -> list[Mutant]:
    """Return every mutant of a module's text."""
    tree = ast.parse(text)
    found = []
    seen: Counter[str] = Counter()
    for number, place in enumerate(places(tree)):
        for variant, new in enumerate(variants(place)):
            key = f"{place.inside}: {_change(place.node, new)}"
            seen[key] += 1
            if seen[key] > 1:
                key = f"{key} #{seen[key]}"
            found.append(
                Mutant(
                    module, key, place.line, tuple(names_of(place.top)), place.in_function, number, variant
                )
            )
    return found


def drawn(found: Iterable[Mutant], number: int, seed: str) -> list[Mutant]:
    """Draw some of them: which ones depends on the seed and on each mutant alone."""

    def lot(mutant: Mutant) -> str:
        return hashlib.sha256(f"{seed}\n{mutant.module}\n{mutant.key}".encode()).hexdigest()

    ordered = sorted(found, key=lot)
    return ordered[:number] if number else ordered


def mutated(text: str, mutant: Mutant) -> ast.Module:
    """Return the tree of a module's text with the change in it."""
    tree = ast.parse(text)
    for number, place in enumerate(places(tree)):
        if number == mutant.place:
            place.put(list(variants(place))[mutant.variant])
            return ast.fix_missing_locations(tree)
    msg = f"{mutant.module} has no place {mutant.place}"
    raise LookupError(msg)


def _change(old: ast.AST, new: ast.AST) -> str:
    if isinstance(old, ast.Constant) and isinstance(old.value, str) and isinstance(new, ast.Constant):
        before, after = " ".join(old.value.split()), " ".join(str(new.value).split())
        return " -> ".join(_around(before, after))
    return f"{_short(_written(old))} -> {_short(_written(new))}"


def _written(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _short(text: str) -> str:
    return (
        text
        if len(text) <= _LONGEST
        else f"{text[:_LONGEST]}…{hashlib.sha256(text.encode()).hexdigest()[:4]}"
    )


def _around(before: str, after: str) -> Iterator[str]:
    """Cut two texts down to where they differ."""
    spans = [
        span
        for span in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if span[0] != "equal"
    ]
    first, last = spans[0], spans[-1]
    for text, low, high in ((before, first[1], last[2]), (after, first[3], last[4])):
        yield f"«{text[max(0, low - _AROUND) : high + _AROUND]}»"
