"""Secrets by reference only: an environment variable, a 0600 file, or the keyring."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pydantic import model_validator

from ecsync.config.section import Section
from ecsync.errors import ConfigurationError
from ecsync.locale import N_
from ecsync.locale.said import said


class SecretReference(Section):
    """Say where a secret is kept: an environment variable, a 0600 file, or the keyring."""

    env: str = ""
    file: str = ""
    keyring: str = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretReference:
        if sum(map(bool, (self.env, self.file, self.keyring))) != 1:
            msg = "name exactly one of env, file, keyring"
            raise ValueError(msg)
        return self

    def resolve(self, project: Path) -> str:
        """Return the secret; raise ConfigurationError where it is missing or readable by others."""
        if self.env:
            value = os.environ.get(self.env)
            if value is None:
                raise ConfigurationError(
                    said(N_("the environment variable {name} is not set"), name=self.env),
                    hint=said(N_("set it, or name another place for the secret in ecsync.toml")),
                )
            return value
        if self.file:
            return _read_secret_file(project / Path(self.file).expanduser())
        return _read_keyring(self.keyring)


def _read_secret_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        content = path.read_text(encoding="utf-8")
    except OSError:
        raise ConfigurationError(
            said(N_("the secret file {path} cannot be read"), path=path),
            hint=said(N_("check its path and owner")),
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            said(N_("the secret file {path} can be read by others"), path=path),
            hint=f"chmod 600 {path}",
        )
    return content.rstrip("\r\n")


def _read_keyring(name: str) -> str:
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  (an optional package)
    except ImportError:
        raise ConfigurationError(
            said(N_("the keyring package is not installed")), hint="pip install keyring"
        ) from None
    service, _sep, user = name.partition("/")
    value = keyring.get_password(service, user)
    if value is None:
        raise ConfigurationError(said(N_("the keyring holds no entry {name}"), name=name))
    return str(value)
