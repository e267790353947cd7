"""What the two mappings of a pair must keep: each names the other, no column twice, every required one once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.locale import _
from ecsync.mapping.check_fault import Fault
from ecsync.mapping.complaints import near
from ecsync.mapping.model import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.mapping.model import InboundMapping
    from ecsync.mapping.model_rows import Pair

_PAIR: Final = ("pair",)
# The frame whose rows may come from two files: the others have no level that is shared by several rows.
_FRAMES: Final = ("order_lines",)


def pair_faults(mapping: InboundMapping, pair: Pair, other: InboundMapping) -> Iterator[Fault]:
    """Yield what is wrong between a mapping and the other half of its pair."""
    if mapping.entity not in _FRAMES:
        message = _("{frame} is not made of two files").format(frame=mapping.entity)
        yield Fault(message, _PAIR, near(mapping.entity, _FRAMES))
        return
    yield from _each_other(mapping, pair, other)
    yield from _key(mapping, pair)
    yield from _twice(mapping, pair, other)


def _each_other(mapping: InboundMapping, pair: Pair, other: InboundMapping) -> Iterator[Fault]:
    names = {"mine": mapping.mapping, "theirs": other.mapping}
    if other.pair is None or other.pair.with_ != mapping.mapping:
        message = _("{theirs} does not name {mine} as its other half").format_map(names)
        yield Fault(message, (*_PAIR, "with"), f"{other.mapping}: pair: {{with: {mapping.mapping}, ...}}")
        return
    if other.pair.holds == pair.holds:
        message = _("{theirs} holds {word} too; one file holds heads, the other rows").format(
            **names, word=pair.holds
        )
        yield Fault(message, (*_PAIR, "holds"))
    for word, own, others in (
        ("entity", mapping.entity, other.entity),
        ("nature", mapping.nature, other.nature),
    ):
        if own != others:
            message = _("{theirs} has {word}: {other}").format(theirs=other.mapping, word=word, other=others)
            yield Fault(message, (word,), f"{word}: {others}")


def _key(mapping: InboundMapping, pair: Pair) -> Iterator[Fault]:
    column, wanted = mapping.pair_column, mapping.frame.key[0]
    if column != wanted:
        message = _("the key {name} of a pair must be the header that {column} takes whole (from)").format(
            name=pair.key, column=wanted
        )
        yield Fault(message, (*_PAIR, "key"))
    if pair.holds == "rows":
        return
    if mapping.duplicates is None or tuple(map(fold_name, mapping.duplicates.key)) != (fold_name(pair.key),):
        message = _("heads have one row for each key, so duplicates must have the key {name}").format(
            name=pair.key
        )
        yield Fault(
            message, ("duplicates",) if mapping.duplicates else (), f"duplicates: {{key: [{pair.key}]}}"
        )
    for name in mapping.frame.key[1:]:
        if name in mapping.columns:
            message = _("{name} tells rows apart, so the file that holds rows must fill it").format(name=name)
            yield Fault(message, ("columns", name))


def _twice(mapping: InboundMapping, pair: Pair, other: InboundMapping) -> Iterator[Fault]:
    for name in mapping.columns:
        if name in other.columns and name != mapping.pair_column:
            message = _("{theirs} fills {name} too").format(theirs=other.mapping, name=name)
            yield Fault(message, ("columns", name))
    if pair.holds == "rows" and mapping.totals:
        message = _("the totals of a pair stand with its heads")
        yield Fault(message, ("totals",))
    if pair.holds == "rows" and mapping.unfixed:
        message = _("amounts of the order stand with the heads, and so does unfixed")
        yield Fault(message, ("unfixed",))
