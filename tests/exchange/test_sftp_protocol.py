"""The SFTP session against scripted servers: what no well-behaved server says must end, never hang or mislead."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.exchange import sftp_protocol as sftp
from ecsync.exchange.sftp_protocol import ProtocolError, SftpSession, StatusError
from ecsync.exchange.ssh_connection import _PatientSocket


class Script:
    """A server that answers every request with the next scripted packet, its number filled in."""

    def __init__(self, *answers: tuple[int, bytes], hello: bytes = b"") -> None:
        self.answers = list(answers)
        self.asked: list[tuple[int, int, bytes]] = []
        self._out = bytearray(packet(sftp.VERSION, struct.pack(">I", 3) + hello))
        self._hello_seen = False

    def sendall(self, data: bytes, /) -> None:
        if not self._hello_seen:
            self._hello_seen = True
            return
        kind = data[4]
        (number,) = struct.unpack_from(">I", data, 5)
        self.asked.append((kind, number, data[9:]))
        if self.answers:
            answer, body = self.answers.pop(0)
            self._out += packet(answer, struct.pack(">I", number) + body)

    def recv(self, count: int, /) -> bytes:
        taken, self._out = bytes(self._out[:count]), self._out[count:]
        return taken


def packet(kind: int, body: bytes) -> bytes:
    return struct.pack(">IB", len(body) + 1, kind) + body


def text(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def status(code: int) -> tuple[int, bytes]:
    # Japanese servers answer in their own encoding; the text must not matter.
    return sftp.STATUS, struct.pack(">I", code) + text("失敗".encode("cp932")) + text(b"ja")


HANDLE = (sftp.HANDLE, text(b"h"))


def test_extensions_are_remembered() -> None:
    hello = text(sftp.POSIX_RENAME) + text(b"1") + text(b"vendor") + text(b"\xff")
    assert SftpSession(Script(hello=hello)).extensions == {sftp.POSIX_RENAME, b"vendor"}


def test_the_text_of_a_refusal_may_be_in_any_encoding() -> None:
    with pytest.raises(StatusError) as caught:
        SftpSession(Script(status(sftp.PERMISSION_DENIED))).stat(b"a")
    assert caught.value.code == sftp.PERMISSION_DENIED


@pytest.mark.parametrize("refused", [1, 2, 3])
@pytest.mark.parametrize("window", [1, 2, 32])
def test_every_answer_to_a_write_is_looked_at(refused: int, window: int) -> None:
    answers = [
        HANDLE,
        *(status(sftp.FAILURE if n == refused else sftp.OK) for n in (1, 2, 3)),
        status(sftp.OK),
    ]
    script = Script(*answers)
    with pytest.raises(StatusError):
        SftpSession(script).write(b"a", [b"1", b"2", b"3"], window=window)
    asked = [kind for kind, _number, _body in script.asked]
    assert asked[-1] == sftp.CLOSE
    if window == 1:
        assert asked.count(sftp.WRITE) == refused, "nothing is written behind a refused block"


def test_a_refused_close_is_an_error() -> None:
    with pytest.raises(StatusError):
        SftpSession(Script(HANDLE, status(sftp.OK), status(sftp.FAILURE))).write(b"a", [b"1"], window=1)


def test_a_server_that_offers_fsync_but_has_none_is_forgiven() -> None:
    script = Script(
        HANDLE,
        status(sftp.OK),
        status(sftp.OP_UNSUPPORTED),
        status(sftp.OK),
        hello=text(sftp.FSYNC) + text(b"1"),
    )
    SftpSession(script).write(b"a", [b"1"], window=1)
    assert [kind for kind, _n, _b in script.asked] == [sftp.OPEN, sftp.WRITE, sftp.EXTENDED, sftp.CLOSE]


def test_a_failed_fsync_is_an_error() -> None:
    script = Script(
        HANDLE, status(sftp.OK), status(sftp.FAILURE), status(sftp.OK), hello=text(sftp.FSYNC) + text(b"1")
    )
    with pytest.raises(StatusError):
        SftpSession(script).write(b"a", [b"1"], window=1)


@pytest.mark.parametrize(
    "answer", [(sftp.HANDLE, text(b"h")), (99, b""), (sftp.ATTRS, b"\x00"), (sftp.STATUS, b"\x00")]
)
def test_an_answer_of_another_kind_ends_the_session(answer: tuple[int, bytes]) -> None:
    with pytest.raises(EOFError):
        SftpSession(Script(answer)).stat(b"a")


def test_a_server_that_is_no_sftp_server_ends_the_session() -> None:
    class Shell:
        def __init__(self) -> None:
            self._out = b"Welcome to the partner's server!\r\n" * 10

        def sendall(self, data: bytes, /) -> None:
            pass

        def recv(self, count: int, /) -> bytes:
            taken, self._out = self._out[:count], self._out[count:]
            return taken

    with pytest.raises(ProtocolError):
        SftpSession(Shell())


def test_answers_to_nothing_do_not_fill_the_memory() -> None:
    class Talkative(Script):
        def recv(self, count: int, /) -> bytes:
            if not self._out:
                self._out += packet(sftp.STATUS, struct.pack(">II", len(self.asked) + self._extra, 0))
                self._extra += 1
            return super().recv(count)

        _extra = 1_000_000

    with pytest.raises(ProtocolError):
        SftpSession(Talkative()).stat(b"a")


@given(st.binary(max_size=200))
def test_garbage_never_hangs_and_never_raises_anything_else(garbage: bytes) -> None:
    script = Script()
    session = SftpSession(script)
    script._out += garbage
    with pytest.raises((EOFError, StatusError)):
        session.stat(b"a")


@pytest.fixture
def stuck() -> Iterator[_PatientSocket]:
    ours, theirs = socket.socketpair()
    patient = _PatientSocket(ours.family, ours.type, ours.proto, fileno=ours.detach())
    patient.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    patient.settimeout(0.02)
    yield patient
    patient.close()
    theirs.close()


def send_for_ever(door: _PatientSocket) -> None:
    """Send as paramiko does: again after every timeout."""
    while True:
        with suppress(TimeoutError):
            door.send(b"x" * 65_536)


def test_sending_to_a_peer_that_reads_nothing_ends(stuck: _PatientSocket) -> None:
    stuck.patience = 0.2
    started = time.monotonic()
    with pytest.raises(ConnectionAbortedError):
        send_for_ever(stuck)
    assert time.monotonic() - started < 5
