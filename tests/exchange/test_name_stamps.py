"""What names of files that belong together have in common: the part that the flow's pattern leaves open."""

import pytest

from ecsync.exchange.names import matches, stamp


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [
        ("orders_*.csv", "orders_20261124.csv", "20261124"),
        ("items_*.csv", "items_20261124.csv", "20261124"),
        ("*-order.csv", "1124-order.csv", "1124"),
        ("order_??.csv", "order_07.csv", "0\x007"),
        ("order_[0-9].csv", "order_7.csv", "7"),
        ("order_[!a].csv", "order_7.csv", "7"),
        ("*_order_*.csv", "shop1_order_1124.csv", "shop1\x001124"),
        (r"re:order_(\d+)(?:_again)?\.csv", "order_1124_again.csv", "1124"),
        ("order.csv", "order.csv", ""),
        (r"re:order_\d+\.csv", "order_1124.csv", ""),
        ("orders_*.csv", "items_1124.csv", ""),
        ("o.d+r_*.csv", "o.d+r_(1).csv", "(1)"),
    ],
)
def test_the_open_part_of_a_name(pattern: str, name: str, found: str) -> None:
    assert stamp(name, pattern) == found
    assert matches(name, pattern) or not found
