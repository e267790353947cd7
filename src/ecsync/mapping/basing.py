"""A mapping that says only how it differs from another: `based_on`."""

from __future__ import annotations

from typing import Any, Final

BASED_ON: Final = "based_on"
# What stands for itself and is never taken over.
_OWN: Final = frozenset({BASED_ON, "mapping"})
_MERGED: Final = frozenset({"file", "title"})


def based(words: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """Return the words of a mapping with those of its base where it says nothing.

    Words of `file` are taken over one by one. So are columns: one of the same name takes the place of the
    base's, `null` leaves it out, a further one comes after them.
    """
    merged = {word: value for word, value in base.items() if word not in _OWN}
    for word, value in words.items():
        there = merged.get(word)
        if word in _MERGED and isinstance(value, dict) and isinstance(there, dict):
            merged[word] = {**there, **value}
        elif word == "columns":
            merged[word] = _columns(value, there)
        else:
            merged[word] = value
    return merged


def _columns(own: Any, base: Any) -> Any:  # noqa: ANN401  (YAML is any data)
    if isinstance(own, dict) and isinstance(base, dict):
        return {name: source for name, source in {**base, **own}.items() if source is not None}
    if not (isinstance(base, list) and all(isinstance(item, dict) for item in base)):
        return own
    if isinstance(own, list) and all(isinstance(item, dict) for item in own):
        own = {name: source for item in own for name, source in item.items()}
    if not isinstance(own, dict):
        return own
    known = {name for item in base for name in item}
    kept = [{name: own.get(name, source) for name, source in item.items()} for item in base]
    further = [{name: source} for name, source in own.items() if name not in known]
    return [item for item in (*kept, *further) if None not in item.values()]
