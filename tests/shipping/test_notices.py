from __future__ import annotations

import pytest
import sqlalchemy as sa

from ecsync.shipping.notices import decide_notices
from stock.small_shop import order, parcel


def run(master, **overrides):
    with master.context(**overrides) as ctx:
        count = decide_notices(ctx)
    return count, ctx


def tracking(master, parcel_no, number, *, carrier="yamato", ship_date="2026-11-24"):
    master.insert(
        "parcel_tracking",
        {"parcel_no": parcel_no, "tracking_no": number, "carrier": carrier, "ship_date": ship_date},
    )


def notices(master):
    return master.rows(
        "SELECT order_no, dest_id, tracking_no, carrier, ship_date, decided_at FROM shipping_notice ORDER BY 1, 2, 3"
    )


@pytest.fixture
def shop(master):
    order(master, "1", ("A", 3))
    parcel(master, "P1", "1", ("1", "A", 3), state="shipped")
    return master


def test_every_tracking_number_is_told_once(shop):
    tracking(shop, "P1", "444413758703")
    tracking(shop, "P1", "405548424886", carrier="japan_post")
    assert run(shop)[0] == 2
    assert notices(shop) == [
        ("1", "1", "405548424886", "japan_post", "2026-11-24", "2026-11-24T03:00:00Z"),
        ("1", "1", "444413758703", "yamato", "2026-11-24", "2026-11-24T03:00:00Z"),
    ]
    count, ctx = run(shop, now="2026-11-25T03:00:00Z")
    assert (count, ctx.changes) == (0, 0)


def test_a_parcel_without_a_number_is_told_without(shop):
    tracking(shop, "P1", "", carrier="other")
    run(shop)
    assert [row[2] for row in notices(shop)] == [""]


def test_two_parcels_of_a_destination_under_one_number_are_told_once(shop):
    parcel(shop, "P2", "1", ("1", "A", 1), state="shipped")
    tracking(shop, "P2", "444413758703", ship_date="2026-11-25")
    tracking(shop, "P1", "444413758703")
    assert run(shop)[0] == 1
    assert [row[4] for row in notices(shop)] == ["2026-11-24"]
    assert run(shop)[1].changes == 0


@pytest.mark.parametrize(("state", "told"), [("open", 1), ("shipped", 1), ("foreign", 0), ("cancelled", 0)])
def test_shops_are_told_of_their_own_open_and_shipped_orders(shop, state, told):
    tracking(shop, "P1", "444413758703")
    with shop.engine.begin() as conn:
        conn.execute(sa.text("UPDATE sales_order SET state = :state"), {"state": state})
    assert run(shop)[0] == told


def test_an_order_that_is_taken_up_again_is_told_then(shop):
    tracking(shop, "P1", "444413758703")
    with shop.engine.begin() as conn:
        conn.execute(sa.text("UPDATE sales_order SET state = 'cancelled'"))
    run(shop)
    with shop.engine.begin() as conn:
        conn.execute(sa.text("UPDATE sales_order SET state = 'open'"))
    assert run(shop)[0] == 1
