"""Texts of a mapping that are the project's own: {channel.location} becomes what the party's options say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ecsync.errors import ConfigurationError
from ecsync.locale import _
from ecsync.mapping.model import InboundMapping, OutboundMapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SETTING: Final = re.compile(r"\{((?:channel|warehouse)\.[a-z_]+)\}")
_Mapping = TypeVar("_Mapping", InboundMapping, OutboundMapping)


def settings_named(mapping: InboundMapping | OutboundMapping) -> set[str]:
    """Return the settings whose values stand in texts of the mapping."""
    words = {word: value for word, value in mapping.words.items() if word != "settings"}
    return {name for text in _texts(words) for name in _SETTING.findall(text)}


def with_settings(mapping: _Mapping, settings: Mapping[str, str]) -> _Mapping:
    """Return the mapping with the values in their places.

    Where the project says nothing, the mapping's own `settings` do. Raises ConfigurationError where neither does.
    """
    named = settings_named(mapping)
    if not named:
        return mapping
    values = {**mapping.settings, **{name: text for name, text in settings.items() if text}}
    for name in sorted(named):
        if not values.get(name):
            raise ConfigurationError(
                _("{mapping} needs the setting {name}").format(mapping=mapping.mapping, name=name),
                hint=_("write it into options of [channels.*] or [warehouses.*] in ecsync.toml"),
            )
    return mapping.reworded(_filled(mapping.words, values))


def with_own_words(mapping: _Mapping) -> _Mapping:
    """Return the mapping as no shop has settled it yet: a name that nobody has chosen stands for itself."""
    own = {word: "{" + word + "}" for word in settings_named(mapping) - set(mapping.settings)}
    return with_settings(mapping, own)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  (YAML is any data)
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def _filled(value: Any, settings: Mapping[str, str]) -> Any:  # noqa: ANN401  (YAML is any data)
    if isinstance(value, str):
        return _SETTING.sub(lambda match: settings[match[1]], value)
    if isinstance(value, dict):
        return {_filled(name, settings): _filled(item, settings) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(item, settings) for item in value]
    return value
