"""Read a project's ecsync.toml and owners.yaml."""

from __future__ import annotations

import hashlib
import tomllib
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from ecsync.config.settings import Settings
from ecsync.errors import ConfigurationError
from ecsync.locale import _
from ecsync.project_folder import CONFIG_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MAX_DEPTH: Final = 30


def load_settings(folder: Path) -> Settings:
    """Read ecsync.toml and owners.yaml of a project folder.

    Raises ConfigurationError with every wrong place and no value of the file (a value may be a secret).
    """
    folder = folder.resolve()
    path = folder / CONFIG_NAME
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
    except OSError:
        raise ConfigurationError(_("{path} cannot be read").format(path=path)) from None
    except UnicodeDecodeError:
        raise ConfigurationError(_("{path} is not UTF-8").format(path=path)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(_("{path} is not TOML: {reason}").format(path=path, reason=error)) from None
    except RecursionError:
        raise ConfigurationError(_("{path} is nested too deeply").format(path=path)) from None
    owners_path = folder / "owners.yaml"
    owners_raw = owners_path.read_bytes() if owners_path.is_file() else b""
    if owners_raw:
        data["owners"] = _load_owners(owners_path, owners_raw)
    data["folder"] = folder
    data["fingerprint"] = hashlib.sha256(raw + b"\0" + owners_raw).hexdigest()
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or CONFIG_NAME}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise ConfigurationError(
            _("{path} is wrong: {places}").format(path=path, places=places),
            hint=_(
                "mend these places; a secret is written as {{env = ...}}, {{file = ...}} or {{keyring = ...}}"
            ).format(),
        ) from None


def _load_owners(path: Path, raw: bytes) -> dict[str, Any]:
    import yaml  # noqa: PLC0415  (only projects with owners.yaml pay for it)

    try:
        _refuse_tricks(path, yaml.parse(raw, Loader=yaml.SafeLoader))
        loaded = yaml.safe_load(raw)
    except yaml.YAMLError:
        raise ConfigurationError(_("{path} is not YAML").format(path=path)) from None
    if not isinstance(loaded, dict):
        raise ConfigurationError(_("{path} must be a mapping of fields to systems").format(path=path))
    return loaded


def _refuse_tricks(path: Path, events: Iterable[object]) -> None:
    """Raise ConfigurationError for what can blow a small file up: nobody needs it here."""
    depth = 0
    for event in events:
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise ConfigurationError(
                _("{path}: anchors, aliases and tags are not read").format(path=path),
                hint=_("write the value out"),
            )
        kind = type(event).__name__
        depth += kind.endswith(("SequenceStartEvent", "MappingStartEvent"))
        depth -= kind.endswith(("SequenceEndEvent", "MappingEndEvent"))
        if depth > _MAX_DEPTH:
            raise ConfigurationError(_("{path} is nested too deeply").format(path=path))
