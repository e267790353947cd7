"""A server that loses bytes is found out: it may refuse one block and take the next, lie, or run out of space."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from exchange.desk import HANDOVERS, Desk
from exchange.servers import Faults

SIZES = {"20KB": 20_000, "100KB": 100_000, "1MB": 1_000_000, "2MB": 2_000_000}
LONG = pytest.param("20MB", marks=pytest.mark.long)
only_sqlite = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


def block_of(size: int, place: str) -> int:
    blocks = -(-size // 32_768)
    return {"first": 1, "middle": (blocks + 1) // 2, "last": blocks}[place]


@only_sqlite
@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("size", [*SIZES, LONG])
@pytest.mark.parametrize("readable", [True, False], ids=["readable", "write-only"])
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_refused_block_is_always_detected_and_sent_right_by_the_next_run(
    make_desk: Callable[..., Desk], handover: str, readable: bool, size: str, place: str
) -> None:
    length = SIZES.get(size, 20_000_000)
    content = os.urandom(length)
    faults = Faults(refuse_write=block_of(length, place))
    desk = make_desk(faults, readable=readable)
    desk.flow(handover=handover)
    desk.put(content)
    delivered = desk.deliver()
    assert delivered.counts == {"uploading": 1}
    assert delivered.statuses == {13}
    assert desk.findings.counts == {"delivery_waits": 1}
    assert desk.there().get("orders_001.csv", b"") != content
    if handover == "rename":
        assert "orders_001.csv" not in desk.there()
    else:
        assert content.startswith(desk.there()["orders_001.csv"])
        assert "orders_001.csv.done" not in desk.there()
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there()["orders_001.csv"] == content


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_server_that_refuses_every_block_gets_nothing_under_the_final_name(
    make_desk: Callable[..., Desk], handover: str
) -> None:
    desk = make_desk(Faults(refuse_writes_from=1))
    desk.flow(handover=handover)
    desk.put(os.urandom(100_000))
    for _run in range(2):
        assert desk.deliver().statuses == {13}
        assert desk.there().get("orders_001.csv", b"") == b""


@only_sqlite
@pytest.mark.parametrize("size", [1, 20_000, 1_000_000])
def test_a_lie_of_the_right_size_never_reaches_the_final_name(
    make_desk: Callable[..., Desk], size: int
) -> None:
    faults = Faults(lie_at_close=True)
    desk = make_desk(faults)
    desk.put(os.urandom(size))
    assert desk.deliver().statuses == {13}
    assert "orders_001.csv" not in desk.there()
    faults.lie_at_close = False
    assert desk.deliver().counts == {"verified": 1}


@only_sqlite
@pytest.mark.parametrize("handover", ["direct", "done_file"])
def test_a_lie_under_the_final_name_is_left_to_a_person(
    make_desk: Callable[..., Desk], handover: str
) -> None:
    desk = make_desk(Faults(lie_at_close=True))
    desk.flow(handover=handover)
    desk.put(os.urandom(50_000))
    assert desk.deliver().counts == {"conflict": 1}
    assert "orders_001.csv.done" not in desk.there()


@only_sqlite
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_failing_close_is_not_a_delivery(make_desk: Callable[..., Desk], handover: str) -> None:
    faults = Faults(failing_close=True)
    desk = make_desk(faults)
    desk.flow(handover=handover)
    desk.put(b"content")
    assert desk.deliver().counts == {"uploading": 1}
    faults.failing_close = False
    assert desk.deliver().counts == {"verified": 1}


@only_sqlite
@pytest.mark.parametrize("quota", [0, 32_767, 32_769, 99_999])
@pytest.mark.parametrize("handover", HANDOVERS)
def test_a_full_quota_is_said_and_the_file_goes_once_there_is_space(
    make_desk: Callable[..., Desk], handover: str, quota: int
) -> None:
    content = os.urandom(100_000)
    faults = Faults(quota=quota)
    desk = make_desk(faults)
    desk.flow(handover=handover)
    desk.put(content)
    assert desk.deliver().statuses == {13}
    assert desk.there().get("orders_001.csv") != content
    faults.quota = -1
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there()["orders_001.csv"] == content


@only_sqlite
@pytest.mark.parametrize("readable", [True, False], ids=["readable", "write-only"])
@pytest.mark.parametrize("handover", ["direct", "done_file"])
def test_a_file_that_the_partner_would_not_open_is_as_if_it_had_never_been_begun(
    make_desk: Callable[..., Desk], handover: str, readable: bool
) -> None:
    faults = Faults(deny=frozenset({"open"}))
    desk = make_desk(faults, readable=readable)
    desk.flow(handover=handover)
    desk.put(b"content")
    for _run in range(2):
        delivered = desk.deliver()
        assert (delivered.counts, delivered.statuses) == ({"planned": 1}, {13})
        assert desk.there() == {}
    faults.deny = frozenset()
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there()["orders_001.csv"] == b"content"


@only_sqlite
def test_refused_where_a_part_of_it_lies_already_it_goes_on_from_there(
    make_desk: Callable[..., Desk],
) -> None:
    content = os.urandom(100_000)
    faults = Faults(quota=50_000)
    desk = make_desk(faults)
    desk.flow(handover="direct")
    desk.put(content)
    assert desk.deliver().counts == {"uploading": 1}
    faults.quota, faults.deny = -1, frozenset({"open"})
    desk.endpoint["readable"] = False  # what is there is looked at by its size: reading would be an open too
    assert desk.deliver().statuses == {13}
    assert desk.state() == "uploading"
    faults.deny = frozenset()
    assert desk.deliver().counts == {"verified": 1}
    assert desk.there()["orders_001.csv"] == content
