"""Whatever is ordered and however it is shipped: the books hold what the order says, to the yen, per rate."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounting.reckoner import Order, reckon, shares, tax_inside
from accounting.shop_of_books import Line, Shop
from master_under_test import MasterUnderTest

RATES = (1000, 800, 0)
DAYS = ("2026-11-20", "2026-11-21", "2026-11-22")

quick = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

policies = st.fixed_dictionaries(
    {
        "rounding": st.sampled_from(["floor", "round", "ceil"]),
        "points": st.sampled_from(["payment", "discount"]),
        "mall_coupon": st.sampled_from(["payment", "discount"]),
    }
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Draw an order with coupons and points that do not exceed it, stated by the mall or not."""
    lines = [
        Line(str(n), draw(st.integers(0, 9_999)), draw(st.integers(1, 4)), draw(st.sampled_from(RATES)))
        for n in range(1, draw(st.integers(1, 4)) + 1)
    ]
    header = {"shipping": draw(st.sampled_from([0, 550])), "cod_fee": draw(st.sampled_from([0, 330]))}
    order = Order(lines, header)
    goods = sum(order.goods().values())
    header["coupon_shop"] = draw(st.integers(0, goods))
    header["coupon_mall"] = draw(st.integers(0, goods - header["coupon_shop"]))
    rest = goods + order.fees() - header["coupon_shop"] - header["coupon_mall"]
    header["points"] = draw(st.integers(0, rest))
    if draw(st.booleans()):
        off = shares(header["coupon_shop"] + header["coupon_mall"], order.goods())
        taxable = {rate: amount - off[rate] for rate, amount in order.goods().items()}
        if order.fees():
            taxable[1000] = taxable.get(1000, 0) + order.fees()
        roundings = {rate: draw(st.sampled_from(["floor", "ceil"])) for rate in taxable}
        order.stated = {
            rate: (base, tax_inside(base, rate, roundings[rate])) for rate, base in taxable.items()
        }
    return order


def opened(master: MasterUnderTest, policy: dict[str, Any], **settings: Any) -> Shop:
    master.wipe()
    return Shop(master, channels={"rakuten1": policy}, **settings)


def bookable(placed: list[Order], policy: dict[str, Any]) -> bool:
    """Tell whether no tax is below 0 or above what it is in.

    Where points are a discount and pay nearly all, the tax that the mall states may be a yen less than theirs.
    """
    return all(0 <= tax <= gross for order in placed for gross, tax in reckon(order, **policy).values())


def place(shop: Shop, placed: list[Order]) -> None:
    for number, order in enumerate(placed):
        shop.order(f"R-{number}", order.lines, **order.columns())
        shop.instruct(
            f"R-{number}", f"P-{number}", [(line.line_id, line.our_sku, line.qty) for line in order.lines]
        )


def assert_sound(shop: Shop, night_proofs: list[Any]) -> None:
    assert [proof for proof in night_proofs if not proof.holds] == []
    unbalanced = shop.master.rows(
        "SELECT entry_no FROM journal_line GROUP BY entry_no "
        "HAVING SUM(CASE WHEN side = 'debit' THEN amount ELSE -amount END) <> 0"
    )
    assert unbalanced == []
    assert shop.master.scalar("SELECT COUNT(*) FROM journal_line WHERE amount <= 0") == 0


def without_zeros(totals: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    return {rate: amounts for rate, amounts in totals.items() if amounts != (0, 0)}


def check_splits(
    master: MasterUnderTest, placed: list[Order], policy: dict[str, Any], data: st.DataObject
) -> None:
    """Ship every unit on some day, told on some night, and compare the books with the second reckoning."""
    assume(bookable(placed, policy))
    shop = opened(master, policy)
    place(shop, placed)
    units = [
        (number, line_no)
        for number, order in enumerate(placed)
        for line_no, line in enumerate(order.lines, start=1)
        for _unit in range(line.qty)
    ]
    nights: dict[int, list[tuple[int, int, str]]] = {}
    for number, line_no in data.draw(st.permutations(units)):
        night = data.draw(st.integers(0, 1))
        nights.setdefault(night, []).append((number, line_no, data.draw(st.sampled_from(DAYS))))
    for _night, events in sorted(nights.items()):
        for number, line_no, day in events:
            shop.event("shipped", f"P-{number}", line_no, 1, day)
        assert_sound(shop, shop.night().proofs)
    for number, order in enumerate(placed):
        assert without_zeros(shop.totals(f"R-{number}")) == without_zeros(reckon(order, **policy))
    assert master.scalar("SELECT COUNT(*) FROM booking_amount WHERE gross < 0 OR tax < 0 OR tax > gross") == 0
    assert master.scalar("SELECT COUNT(*) FROM core_entry WHERE amount < 0 OR tax < 0") == 0


@quick
@given(placed=st.lists(orders(), min_size=1, max_size=5), policy=policies, data=st.data())
def test_every_split_adds_up_to_the_order(
    master: MasterUnderTest, placed: list[Order], policy: dict[str, Any], data: st.DataObject
) -> None:
    check_splits(master, placed, policy, data)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(quick, max_examples=150)
@given(placed=st.lists(orders(), min_size=1, max_size=8), policy=policies, data=st.data())
def test_every_split_of_many_more_orders_adds_up(
    master: MasterUnderTest, placed: list[Order], policy: dict[str, Any], data: st.DataObject
) -> None:
    check_splits(master, placed, policy, data)


@quick
@given(order=orders(), policy=policies)
def test_the_stated_tax_is_kept_where_nothing_is_added(
    master: MasterUnderTest, order: Order, policy: dict[str, Any]
) -> None:
    shop = opened(master, {**policy, "points": "payment", "mall_coupon": "discount"})
    place(shop, [order])
    for line_no, line in enumerate(order.lines, start=1):
        shop.event("shipped", "P-0", line_no, line.qty)
    shop.night()
    if order.stated is not None:
        assert without_zeros(shop.totals("R-0")) == without_zeros(order.stated)


@quick
@given(order=orders(), policy=policies, data=st.data())
def test_everything_returned_in_any_portions_leaves_the_fees_only(
    master: MasterUnderTest, order: Order, policy: dict[str, Any], data: st.DataObject
) -> None:
    assume(bookable([order], policy))
    shop = opened(
        master, policy, accounting={"aggregate": data.draw(st.sampled_from(["per_order", "per_day"]))}
    )
    place(shop, [order])
    for line_no, line in enumerate(order.lines, start=1):
        shop.event("shipped", "P-0", line_no, line.qty)
    shop.night()
    units = [line_no for line_no, line in enumerate(order.lines, start=1) for _unit in range(line.qty)]
    first_night = data.draw(st.integers(0, len(units)))
    for nth, line_no in enumerate(data.draw(st.permutations(units))):
        if nth == first_night:
            assert_sound(shop, shop.night().proofs)
        shop.event("return", "P-0", line_no, 1, data.draw(st.sampled_from(DAYS)))
    assert_sound(shop, shop.night().proofs)
    left = master.rows(
        "SELECT line_id, SUM(qty), SUM(amount), SUM(tax) FROM core_entry WHERE line_id <> '' "
        "GROUP BY line_id, tax_rate ORDER BY line_id, tax_rate"
    )
    assert {row[1:] for row in left} == {(0, 0, 0)}
    fees = master.rows("SELECT SUM(amount), SUM(tax) FROM core_entry WHERE line_id = ''")[0]
    totals = shop.totals("R-0").values()
    assert (sum(gross for gross, _tax in totals), sum(tax for _gross, tax in totals)) == tuple(
        int(amount or 0) for amount in fees
    )


@quick
@given(before=orders(), policy=policies, data=st.data())
def test_a_reversal_nets_to_zero_and_the_new_booking_is_the_new_order(
    master: MasterUnderTest, before: Order, policy: dict[str, Any], data: st.DataObject
) -> None:
    before.stated = None
    shop = opened(master, policy)
    place(shop, [before])
    for line_no, line in enumerate(before.lines, start=1):
        shipped = data.draw(st.integers(0, line.qty))
        if shipped:
            shop.event("shipped", "P-0", line_no, shipped, data.draw(st.sampled_from(DAYS)))
        if line.qty > shipped:
            shop.event("shipped", "P-0", line_no, line.qty - shipped, "2026-11-23")
    shop.night()
    goods = sum(before.goods().values())
    after = Order(
        before.lines, {**before.header, "coupon_shop": data.draw(st.integers(0, goods)), "coupon_mall": 0}
    )
    after.header["points"] = 0
    billed = goods + after.fees() - after.header["coupon_shop"]
    shop.change("R-0", billed=billed, **after.header)
    assert_sound(shop, shop.night().proofs)
    assert without_zeros(shop.totals("R-0")) == without_zeros(reckon(after, **policy))
    reversed_ = master.rows(
        "SELECT COALESCE(SUM(a.gross + o.gross), 0), COALESCE(SUM(a.tax + o.tax), 0) FROM booking b "
        "JOIN booking_amount a ON a.booking_key = b.booking_key "
        "JOIN booking_amount o ON o.booking_key = b.reverses AND o.tax_rate = a.tax_rate WHERE b.kind = 'reversal'"
    )
    assert reversed_ == [(0, 0)]


def test_where_the_stated_tax_is_less_than_that_of_the_points_a_person_decides(
    master: MasterUnderTest,
) -> None:
    policy = {"rounding": "round", "points": "discount", "mall_coupon": "discount"}
    header = {"shipping": 550, "cod_fee": 330, "coupon_shop": 0, "coupon_mall": 323, "points": 16_996}
    order = Order([Line("1", 4_111, 4, 1000)], header, stated={1000: (17_001, 1_545)})
    assert reckon(order, **policy) == {1000: (5, -1)}
    assert not bookable([order], policy)
    shop = opened(master, policy)
    place(shop, [order])
    shop.event("shipped", "P-0", 1, 4)
    night = shop.night()
    assert [(found.code, found.subject) for found in night.findings] == [("not_booked", "rakuten1 R-0")]
    assert master.scalar("SELECT COUNT(*) FROM booking") == 0
    assert_sound(shop, night.proofs)


@pytest.mark.parametrize("aggregate", ["per_order", "per_day"])
@quick
@given(placed=st.lists(orders(), min_size=1, max_size=4), policy=policies)
def test_journals_of_any_day_sum_to_its_bookings_per_rate(
    master: MasterUnderTest, aggregate: str, placed: list[Order], policy: dict[str, Any]
) -> None:
    assume(bookable(placed, policy))
    shop = opened(
        master, policy, accounting={"aggregate": aggregate, "accounts": {"shipping_income": "受取送料"}}
    )
    place(shop, placed)
    for number, order in enumerate(placed):
        for line_no, line in enumerate(order.lines, start=1):
            shop.event("shipped", f"P-{number}", line_no, line.qty, DAYS[number % 3])
    assert_sound(shop, shop.night().proofs)
    expected: dict[int, int] = {}
    for order in placed:
        for rate, (gross, _tax) in reckon(order, **policy).items():
            expected[rate] = expected.get(rate, 0) + gross
    told = dict(
        master.rows(
            "SELECT tax_rate, SUM(amount) FROM journal_line WHERE side = 'credit' GROUP BY tax_rate ORDER BY tax_rate"
        )
    )
    assert told == {rate: gross for rate, gross in expected.items() if gross}
