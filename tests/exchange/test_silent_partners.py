"""A partner that stops answering is left within its timeout, wherever it stops; the status is 13."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecsync.config import Settings
from ecsync.errors import UnreachableError
from ecsync.exchange.opening import open_endpoint
from exchange.desk import Desk
from exchange.servers import Faults, endpoint_table, faulty_server, mute_server

TIMEOUT = 0.5
ALLOWED = TIMEOUT + 5
only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


def opening_takes(folder: Path, table: dict[str, Any]) -> float:
    settings = Settings.model_validate(
        {"project": {"name": "x"}, "endpoints": {"partner": table}, "folder": folder}
    )
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="did not answer in time"), open_endpoint("partner", settings):
        pass
    return time.monotonic() - started


def test_silent_at_connect(tmp_path: Path) -> None:
    with faulty_server(tmp_path / "remote") as server, mute_server() as (host, port):
        table = endpoint_table(server, host=host, port=port, timeout_seconds=TIMEOUT, retries=5)
        assert opening_takes(tmp_path, table) < ALLOWED


def test_silent_at_login(tmp_path: Path) -> None:
    with faulty_server(tmp_path / "remote") as server:
        server.silent_login = True
        table = endpoint_table(server, timeout_seconds=TIMEOUT, retries=5)
        assert opening_takes(tmp_path, table) < ALLOWED
        assert len(server.logins) == 1


@only_sqlite
@pytest.mark.parametrize("act", ["open", "write", "close", "stat", "rename", "read"])
def test_silent_during_a_delivery(make_desk: Callable[..., Desk], act: str) -> None:
    faults = Faults(silent_at=act)
    desk = make_desk(faults, timeout_seconds=TIMEOUT, retries=5)
    content = os.urandom(100_000)
    desk.put(content)
    started = time.monotonic()
    assert desk.deliver().statuses == {13}
    assert time.monotonic() - started < ALLOWED
    faults.silent_at = ""
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there() == {"orders_001.csv": content}


@only_sqlite
@pytest.mark.parametrize("act", ["list", "open", "read"])
def test_silent_during_collecting(make_desk: Callable[..., Desk], act: str) -> None:
    desk = make_desk(Faults(silent_at=act), timeout_seconds=TIMEOUT, retries=5)
    desk.inflow()
    desk.place("a.csv", b"content")
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="did not answer in time"):
        desk.collect()
    assert time.monotonic() - started < ALLOWED
    assert desk.master.rows("SELECT * FROM inbox_file") == []
