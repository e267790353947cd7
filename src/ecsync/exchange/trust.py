"""`doctor --trust`: show a partner's host key to a person, and write it down after a yes."""

from __future__ import annotations

from ecsync.config import Endpoint, Settings
from ecsync.errors import ConfigurationError
from ecsync.exchange import host_keys
from ecsync.exchange.host_keys import HostKey
from ecsync.locale import _


def fetch(name: str, settings: Settings) -> HostKey:
    """Return the host key that an SFTP endpoint offers now, without logging in; `fingerprint` is for the person."""
    from ecsync.exchange.ssh_connection import fetch_host_key  # noqa: PLC0415  (paramiko is heavy)

    return fetch_host_key(name, _sftp(name, settings))


def remember(name: str, settings: Settings, key: HostKey) -> None:
    """Write the key into the endpoint's known_hosts file; raise ConfigurationError where a pin says otherwise."""
    endpoint = _sftp(name, settings)
    if endpoint.host_key and endpoint.host_key.rstrip("=") != key.fingerprint:
        raise ConfigurationError(
            _("ecsync.toml pins another host key for {endpoint}").format(endpoint=name),
            hint=_("change host_key of this endpoint first, if the partner says that its key was changed"),
        )
    host_keys.remember(settings.path(endpoint.known_hosts), endpoint.host, endpoint.port, key)


def trust(name: str, settings: Settings) -> str:
    """Fetch and write a host key in one go, and return its fingerprint: for whoever was asked before."""
    key = fetch(name, settings)
    remember(name, settings, key)
    return key.fingerprint


def _sftp(name: str, settings: Settings) -> Endpoint:
    found = settings.endpoints.get(name)
    if found is None or found.kind != "sftp":
        raise ConfigurationError(
            _("there is no SFTP endpoint {name}; there are: {known}").format(
                name=name,
                known=", ".join(n for n, e in sorted(settings.endpoints.items()) if e.kind == "sftp"),
            )
        )
    return found
