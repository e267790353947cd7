"""Open a partner's door by the name that ecsync.toml gives it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ecsync.errors import ConfigurationError
from ecsync.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Settings
    from ecsync.exchange.endpoint import Endpoint


@contextmanager
def open_endpoint(name: str, settings: Settings) -> Iterator[Endpoint]:
    """Open an endpoint and close it at the end.

    Raises ConfigurationError for an unknown name, UnreachableError or AuthenticationError where it stays shut.
    """
    found = settings.endpoints.get(name)
    if found is None:
        raise ConfigurationError(
            _("there is no endpoint {name}; there are: {known}").format(
                name=name, known=", ".join(sorted(settings.endpoints))
            )
        )
    if found.kind == "folder":
        from ecsync.exchange.folder_endpoint import FolderEndpoint  # noqa: PLC0415  (only the doors in use are loaded)

        yield FolderEndpoint(
            name,
            settings.path(found.root),
            readable=found.readable,
            file_name_encoding=found.file_name_encoding,
        )
        return
    if found.kind == "database":
        with _database(name, settings) as database:
            yield database
        return
    from ecsync.exchange.sftp_endpoint import SftpEndpoint  # noqa: PLC0415  (paramiko is heavy)

    endpoint = SftpEndpoint(name, found, settings.folder)
    try:
        endpoint.connect()
        yield endpoint
    finally:
        endpoint.close()


@contextmanager
def _database(name: str, settings: Settings) -> Iterator[Endpoint]:
    from ecsync.exchange.database_endpoint import DatabaseEndpoint  # noqa: PLC0415  (SQLAlchemy is heavy)

    keys = {flow.query: flow.key for flow in settings.inbound if flow.endpoint == name}
    endpoint = DatabaseEndpoint(name, settings.endpoints[name], settings.folder, keys)
    try:
        endpoint.connect()
        yield endpoint
    finally:
        endpoint.close()
