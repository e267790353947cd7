"""Which quantities a flow finds: the newest of each listing that no file has told, whichever run decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from ecsync.run.documents import SOURCES

if TYPE_CHECKING:
    from master_under_test import MasterUnderTest

SQL: Final = SOURCES["channel_quantities"].sql
BEFORE: Final = 1
NOW: Final = 2


def decide(
    master: MasterUnderTest, item: str, sequence: int, run: int, *, told: bool = False, party: str = "main"
) -> None:
    number = f"{sequence:011}"
    decision = {"channel": party, "item_key": item, "sku_key": "", "sequence": number, "sku": item}
    master.insert("channel_quantity", {**decision, "qty": sequence, "run_id": run})
    if told:
        key = f"{party}:{item}::{number}"
        master.insert(
            "outbox_key",
            {"document": "channel_quantities", "business_key": key, "outbox_id": 1, "run_id": run},
        )


def found(master: MasterUnderTest, *, fresh: int) -> list[tuple[str, int]]:
    with master.context(run_id=NOW) as ctx:
        rows = ctx.rows(SQL, party="main", document="channel_quantities", fresh=fresh)
    return [(str(row[1]), int(row[6])) for row in rows]


@pytest.mark.parametrize(
    ("earlier", "now", "expected"),
    [
        pytest.param([], [(1, False)], [1], id="decided now"),
        pytest.param([(1, True)], [(2, False)], [2], id="told before, decided anew"),
        pytest.param([(1, False)], [(2, False)], [2], id="overtaken before it was told"),
        pytest.param([(1, False)], [], [1], id="left untold by an earlier run"),
        pytest.param([(1, True)], [], [], id="told"),
        pytest.param([(1, False), (2, True)], [], [], id="overtaken by what was told"),
        pytest.param([(1, True), (2, False)], [], [2], id="the newest was left untold"),
    ],
)
@pytest.mark.parametrize("fresh", [NOW, 0], ids=["sure of this run", "asked of every row"])
def test_the_newest_untold_quantity_of_a_listing_is_found(
    master: MasterUnderTest,
    earlier: list[tuple[int, bool]],
    now: list[tuple[int, bool]],
    expected: list[int],
    fresh: int,
) -> None:
    for sequence, told in earlier:
        decide(master, "mug", sequence, BEFORE, told=told)
    for sequence, told in now:
        decide(master, "mug", sequence, NOW, told=told)
    assert found(master, fresh=fresh) == [("mug", sequence) for sequence in expected]


def test_what_an_earlier_flow_told_in_this_run_is_asked_about(master: MasterUnderTest) -> None:
    decide(master, "bowl", 1, NOW, told=True)
    decide(master, "mug", 2, NOW)
    assert found(master, fresh=0) == [("mug", 2)]


def test_other_channels_are_not_asked(master: MasterUnderTest) -> None:
    decide(master, "mug", 1, NOW, party="elsewhere")
    decide(master, "mug", 2, BEFORE, party="elsewhere")
    assert found(master, fresh=NOW) == []


def test_they_come_in_the_order_of_their_keys(master: MasterUnderTest) -> None:
    for sequence, item in enumerate(["mug", "bowl", "cup"], start=1):
        decide(master, item, sequence, NOW if sequence % 2 else BEFORE)
    assert [item for item, _qty in found(master, fresh=NOW)] == ["bowl", "cup", "mug"]
