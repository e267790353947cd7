"""An SSH connection to a partner: host key first, then one login, and no wait without an end."""

from __future__ import annotations

import logging
import os
import socket
import stat
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from ecsync.errors import AuthenticationError, ConfigurationError, UnreachableError
from ecsync.exchange import host_keys
from ecsync.exchange.host_keys import HostKey
from ecsync.exchange.ssh_offer import read_offer
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_
from ecsync.locale.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Endpoint as EndpointSettings

BEFORE_CONNECT: Final = declare("ssh.before_connect", "a connection to a partner is about to be opened")
AFTER_LOGIN: Final = declare("ssh.after_login", "the partner let us in; nothing was asked yet")

_LOG_CHANNEL: Final = "ecsync.ssh"
_RSA: Final = "ssh-rsa"
_RSA_SIGNATURES: Final = ("rsa-sha2-512", "rsa-sha2-256")
_HOME_KEYS: Final = ("id_ed25519", "id_ecdsa", "id_rsa")
_KEY_KINDS: Final = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_MOST_KEYS: Final = 3
_NEARLY: Final = 0.9

# paramiko reports broken connections on its log with tracebacks; we say them ourselves, once.
_log = logging.getLogger(_LOG_CHANNEL)
_log.addHandler(logging.NullHandler())
_log.propagate = False


class _PatientSocket(socket.socket):
    """A socket whose sends end: paramiko tries again for ever where a stopped peer lets its buffers fill."""

    patience: float = 30
    _stuck_since: float | None = None

    def send(self, data: bytes, flags: int = 0, /) -> int:  # type: ignore[override]
        try:
            sent = super().send(data, flags)
        except TimeoutError:
            now = time.monotonic()
            self._stuck_since = self._stuck_since or now
            if now - self._stuck_since > self.patience:
                raise ConnectionAbortedError from None
            raise
        self._stuck_since = None
        return sent


@contextmanager
def connected(name: str, settings: EndpointSettings, project: Path) -> Iterator[paramiko.Transport]:
    """Connect, check the host key and log in.

    Raises UnreachableError, AuthenticationError (host key or login), ConfigurationError (key file, secret).
    """
    known = host_keys.known_keys(project / settings.known_hosts, settings.host, settings.port)
    with _negotiated(name, settings, known) as (transport, offered):
        host_keys.check(name, offered, pinned=settings.host_key, known=known)
        _log_in(name, settings, project, transport)
        faultpoint(AFTER_LOGIN)
        yield transport


def fetch_host_key(name: str, settings: EndpointSettings) -> HostKey:
    """Return the key that a server offers, without logging in: for a person to compare."""
    with _negotiated(name, settings, []) as (_transport, offered):
        return offered


@contextmanager
def _negotiated(
    name: str, settings: EndpointSettings, known: list[HostKey]
) -> Iterator[tuple[paramiko.Transport, HostKey]]:
    faultpoint(BEFORE_CONNECT)
    transport = paramiko.Transport(_open_socket(name, settings))
    try:
        transport.set_log_channel(_LOG_CHANNEL)
        transport.banner_timeout = settings.timeout_seconds
        transport.handshake_timeout = settings.timeout_seconds
        transport.auth_timeout = settings.timeout_seconds
        transport.channel_timeout = settings.timeout_seconds
        _prefer_known(transport, known)
        _negotiate(name, settings, transport)
        key = transport.get_remote_server_key()
        yield transport, HostKey(key.get_name(), key.asbytes())
    finally:
        transport.close()


def _open_socket(name: str, settings: EndpointSettings) -> _PatientSocket:
    try:
        plain = socket.create_connection((settings.host, settings.port), settings.timeout_seconds)
    except OSError as error:
        raise unreachable(name, silent=isinstance(error, TimeoutError)) from None
    patient = _PatientSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    patient.patience = settings.timeout_seconds
    patient.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return patient


def _prefer_known(transport: paramiko.Transport, known: list[HostKey]) -> None:
    kinds = [kind for key in known for kind in (_RSA_SIGNATURES if key.kind == _RSA else (key.kind,))]
    options = transport.get_security_options()
    ours = list(options.key_types)
    first = [kind for kind in kinds if kind in ours]
    options.key_types = first + [kind for kind in ours if kind not in first]


def _negotiate(name: str, settings: EndpointSettings, transport: paramiko.Transport) -> None:
    started = time.monotonic()
    try:
        transport.start_client(timeout=settings.timeout_seconds)
    except IncompatiblePeer:
        offer = read_offer(settings.host, settings.port, settings.timeout_seconds)
        raise AuthenticationError(
            said(
                N_("{endpoint} offers only old ways to connect: {offer}"), endpoint=name, offer=offer or "-"
            ),
            hint=said(
                N_(
                    "ask the partner for rsa-sha2 or ed25519 keys, or pin paramiko 4, which still speaks SHA-1"
                )
            ),
        ) from None
    except (paramiko.SSHException, OSError, EOFError):
        raise unreachable(name, silent=_time_is_over(started, settings)) from None
    # start_client also returns when its time is over.
    if not transport.initial_kex_done:
        raise unreachable(name, silent=True)


def _log_in(name: str, settings: EndpointSettings, project: Path, transport: paramiko.Transport) -> None:
    password = settings.password.resolve(project) if settings.password is not None else None
    keys = _keys(name, settings, project)
    if not keys and password is None:
        raise ConfigurationError(
            said(N_("endpoint {endpoint} names neither a key file nor a password"), endpoint=name),
            hint=said(N_("set key_file or password in ecsync.toml")),
        )
    started = time.monotonic()
    try:
        if not keys:
            transport.auth_password(settings.user, password or "")
        elif "password" in _offer_keys(settings, transport, keys) and password is not None:
            transport.auth_password(settings.user, password)
    except (paramiko.AuthenticationException, paramiko.SSHException, OSError, EOFError) as error:
        refused = isinstance(error, paramiko.AuthenticationException)
        if _time_is_over(started, settings) or not (refused or transport.is_active()):
            # Never again at once: some partners lock an account after a few logins.
            raise unreachable(name, silent=True) from None
        raise _login_refused(name, settings) from None
    if not transport.is_authenticated():
        raise _login_refused(name, settings)


def _login_refused(name: str, settings: EndpointSettings) -> AuthenticationError:
    return AuthenticationError(
        said(N_("{endpoint} refused the login of {user}"), endpoint=name, user=settings.user),
        hint=said(
            N_(
                "check user, key file and password in ecsync.toml; it was tried once, so that nothing is locked"
            )
        ),
    )


def _offer_keys(
    settings: EndpointSettings, transport: paramiko.Transport, keys: list[paramiko.PKey]
) -> list[str]:
    *others, last = keys
    for key in others:
        try:
            return transport.auth_publickey(settings.user, key)
        except paramiko.AuthenticationException:
            continue
    return transport.auth_publickey(settings.user, last)


def _keys(name: str, settings: EndpointSettings, project: Path) -> list[paramiko.PKey]:
    if settings.key_file:
        passphrase = settings.key_passphrase.resolve(project) if settings.key_passphrase is not None else None
        return [_load_key(name, project / Path(settings.key_file).expanduser(), passphrase)]
    found: list[paramiko.PKey] = []
    if settings.allow_agent:
        found.extend(paramiko.Agent().get_keys())
    if settings.look_for_keys:
        home = Path("~/.ssh").expanduser()
        found.extend(_load_key(name, home / key, None) for key in _HOME_KEYS if (home / key).is_file())
    return found[:_MOST_KEYS]


def _load_key(name: str, path: Path, passphrase: str | None) -> paramiko.PKey:
    try:
        mode = path.stat().st_mode
    except OSError:
        raise ConfigurationError(
            said(N_("the key file {path} of {endpoint} cannot be read"), path=path, endpoint=name)
        ) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise AuthenticationError(
            said(N_("the key file {path} of {endpoint} can be read by others"), path=path, endpoint=name),
            hint=f"chmod 600 {path}",
        )
    for kind in _KEY_KINDS:
        with suppress(Exception):  # key parsers raise many kinds, and their texts may hold key material
            return kind.from_private_key_file(str(path), passphrase)
    raise AuthenticationError(
        said(
            N_("the key file {path} of {endpoint} is no key, or its passphrase is wrong"),
            path=path,
            endpoint=name,
        )
    )


def open_sftp(name: str, settings: EndpointSettings, transport: paramiko.Transport) -> paramiko.Channel:
    """Open the SFTP subsystem; every later wait on the channel ends after the endpoint's timeout."""
    started = time.monotonic()
    # paramiko waits for the answer to a subsystem request for ever; closing beneath it ends the wait.
    alarm = threading.Timer(settings.timeout_seconds, transport.close)
    alarm.daemon = True
    alarm.start()
    try:
        channel = transport.open_session(timeout=settings.timeout_seconds)
        channel.settimeout(settings.timeout_seconds)
        channel.invoke_subsystem("sftp")
    except (paramiko.SSHException, OSError, EOFError):
        raise unreachable(name, silent=_time_is_over(started, settings)) from None
    finally:
        alarm.cancel()
    return channel


def _time_is_over(started: float, settings: EndpointSettings) -> bool:
    return time.monotonic() - started >= settings.timeout_seconds * _NEARLY


def unreachable(name: str, *, silent: bool) -> UnreachableError:
    """Return the error for a partner that stopped answering, or that is away and may be tried again at once."""
    if silent:
        return UnreachableError(
            said(N_("{endpoint} did not answer in time"), endpoint=name), hint=said(N_("try again later"))
        )
    return UnreachableError(
        said(N_("{endpoint} cannot be reached, or broke the connection"), endpoint=name),
        hint=said(N_("try again later")),
        at_once=True,
    )
