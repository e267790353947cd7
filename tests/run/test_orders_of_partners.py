"""The order files of carts and malls go through a real run: what the samples expect is what the master then says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ecsync.mapping.catalogue import load_inbound
from ecsync.mapping.golden import samples_folder
from story_shop import OpenStory, moment

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = (
    "aishipr/orders:form.csv",
    "amazon/fba_shipments:49-columns.txt",
    "amazon/orders:38-columns.txt",
    "aupay/orders:84-columns.csv",
    "base/orders:35-columns.csv",
    "colorme/orders:62-columns.csv",
    "eccube4/orders:70-columns.csv",
    "futureshop/orders:all-columns.csv",
    "makeshop/orders:template.csv",
    "qoo10/orders:45-columns.csv",
    "stores/orders:49-columns.csv",
)


def expected(sample: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))
    return told


@pytest.mark.slow
@pytest.mark.parametrize("case", SAMPLES)
def test_a_partner_s_orders_are_taken_as_its_sample_says(case: str, open_story: OpenStory) -> None:
    name, _sep, file = case.partition(":")
    sample = samples_folder(load_inbound(name)) / file
    told = expected(sample)

    def change(text: str) -> str:
        own_shops = 'shop_ids = ["000001"]'
        return text.replace('mapping = "rakuten/orders"', f'mapping = "{name}"').replace(
            own_shops, "shop_ids = []"
        )

    story = open_story(change=change)
    story.count(moment("08:00"))
    story.order_bytes(moment("11:30"), sample.read_bytes())
    story.run("noon", moment("12:00"))
    orders = story.shop.rows(
        "SELECT order_no, order_status, billed, totals_ok FROM sales_order ORDER BY order_no"
    )
    wanted = {
        (row["order_no"], row["order_status"], row["billed"], int(row.get("src_totals_gap", 0) == 0))
        for row in told["rows"]
    }
    assert set(map(tuple, orders)) == wanted
    units = story.shop.rows(
        "SELECT COALESCE(SUM(qty), 0), COALESCE(SUM(qty * unit_price), 0) FROM order_line"
    )
    rows = told["rows"]
    assert tuple(units[0]) == (
        sum(row["qty"] for row in rows),
        sum(row["qty"] * row["unit_price"] for row in rows),
    )
    aside = story.shop.rows("SELECT reason, COUNT(*) FROM quarantined_row GROUP BY reason ORDER BY reason")
    reasons = [reject["reason"] for reject in told["rejects"]]
    assert [tuple(row) for row in aside] == [(one, reasons.count(one)) for one in sorted(set(reasons))]
