"""Every carrier and order system in a real run: told by its labels, shipped by its result, each parcel once."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pytest

from run.test_stories_of_labels import SENDER
from story_shop import OpenStory, StoryShop, an_order, codes, moment

NUMBER = "405548424886"
ADDRESS = """postcode = "2310005"
address = "神奈川県横浜市中区本町1-1"
building = "みなと波止場ビル3階"
"""


@dataclass(frozen=True)
class Carrier:
    """Two files of a carrier: where our number stands in the first, and what comes back as the second."""

    out: str
    back: str
    result: str
    parcel_at: int
    carrier: str  # what the mall is told
    section: str = ""
    options: str = ""
    encoding: str = "cp932"
    delimiter: str = ","
    header: bool = True
    cash: bool = True


CARRIERS = (
    Carrier(
        "sagawa_ehiden3/shipping_instruction",
        "sagawa_ehiden3/issued",
        "お客様管理番号,お問い合せ送り状No.,出荷日\r\n{parcel},{number},2026/11/24\r\n",
        9,
        section='[carriers.sagawa]\ncustomer_code = "090000000000"\n',
        carrier="1002",
    ),
    Carrier(
        "sagawa_ehiden2/shipping_instruction",
        "sagawa_ehiden2/history",
        "お問合せ送り状No,出荷日時,お届け先名称２,削除区分\r\n{number},2026/11/24 17:05,{parcel},0\r\n",
        8,
        section='[carriers.sagawa]\ncustomer_code = "090000000000"\n',
        options='options = { key_column = "お届け先名称２" }\n',
        carrier="1002",
    ),
    Carrier(
        "sagawa_ehiden3/shipping_instruction",
        "sagawa_ehiden3/issued_template",
        "{number},{parcel}\r\n",
        9,
        section='[carriers.sagawa]\ncustomer_code = "090000000000"\n',
        carrier="1002",
    ),
    Carrier(
        "yupack_r/shipping_instruction",
        "yupack_r/history",
        "お客様側管理番号,お問い合わせ番号,配達ステータス集約コード\r\n{parcel},{number},11\r\n",
        0,
        header=False,
        carrier="1003",
    ),
    Carrier(
        "yupack_r/shipping_instruction_69",
        "yupack_r/history",
        "お客様側管理番号,お問い合わせ番号\r\n{parcel},{number}\r\n",
        0,
        header=False,
        carrier="1003",
    ),
    Carrier(
        "yupack_cloud/shipping_instruction",
        "yupack_r/history",
        "お客さま管理番号,お問い合わせ番号\r\n{parcel},{number}\r\n",
        3,
        section='[carriers.japan_post]\ncloud_form = "ゆうパック"\ncloud_product = "ゆうパック"\n',
        options='options = { key_column = "お客さま管理番号" }\n',
        encoding="utf-8-sig",
        cash=False,
        carrier="1003",
    ),
    Carrier(
        "click_post/shipping_instruction",
        "click_post/history",
        "追跡番号,お届け先郵便番号,お届け先氏名,お届け先敬称,お届け先住所,内容品\r\n"
        "{number},1050011,髙橋 さくら,様,東京都港区芝公園4-2-8 {parcel},雑貨\r\n",
        6,
        cash=False,
        carrier="1003",
    ),
    Carrier(
        "seino/shipping_instruction",
        "seino/issued",
        "出荷日,取込番号,送り状番号\r\n20261124,{parcel},{number}\r\n",
        4,
        section='[carriers.seino]\ncustomer_code = "01234567890"\nslip = "8"\n',
        carrier="1004",
    ),
    Carrier(
        "fukuyama/shipping_instruction",
        "fukuyama/issued",
        "お客様管理番号,送り状番号\r\n{parcel},{number}\r\n",
        20,
        section='[carriers.fukuyama]\ncustomer_code = "012345678"\n',
        cash=False,
        carrier="1006",
    ),
    Carrier(
        "yamato_b2/shipping_instruction_95",
        "warehouse/parcels",
        "parcel_no,tracking_no,carrier\r\n{parcel},{number},yamato\r\n",
        0,
        section='[carriers.yamato]\ncustomer_code = "090000000000"\nfare_no = "01"\n',
        carrier="1001",
    ),
)
# Warehouses and order systems that are told lines, and tell whole parcels.
ORDER_SYSTEMS = (
    Carrier(
        "logiless/order_import",
        "logiless/shipped",
        "受注コード,完了日時,(出荷伝）配送追跡番号リスト,(出荷伝）配送方法\r\n"
        "{parcel},2026-11-24 17:05:00,{number},ゆうパック\r\n",
        0,
        "1003",
    ),
    Carrier(
        "amazon/mcf_orders",
        "warehouse/parcels",
        "parcel_no,tracking_no,carrier\r\n{parcel},{number},japan_post\r\n",
        0,
        "1003",
        delimiter="\t",
        cash=False,
    ),
    Carrier(
        "commerce_robo/instruction",
        "warehouse/parcels",
        "parcel_no,tracking_no,carrier,ship_date\r\n{parcel},{number},sagawa,2026-11-24\r\n",
        0,
        "1002",
        encoding="utf-8",
    ),
)
CASES = [
    pytest.param(one, id=f"{one.out} {one.back}", marks=[pytest.mark.slow] if number else [])
    for number, one in enumerate((*CARRIERS, *ORDER_SYSTEMS))
]


def shop_of(carrier: Carrier, text: str) -> str:
    """Return ecsync.toml with the carrier's two files instead of the warehouse's instruction."""
    assert SENDER in text
    text = text.replace(SENDER, SENDER + ADDRESS + carrier.section)
    text = text.replace("[warehouses.main]\n", f"[warehouses.main]\n{carrier.options}")
    before, mark, rest = text.partition('[[outbound]]\nname = "main-instructions"')
    assert mark
    _instruction, sep, rest = rest.partition('[[outbound]]\nname = "main-recalls"')
    flows = f"""[[inbound]]
name = "main-issued"
party = "main"
mapping = "{carrier.back}"
endpoint = "warehouse"
path = "out"
pattern = "issued_*.csv"

[[outbound]]
name = "main-labels"
party = "main"
mapping = "{carrier.out}"
endpoint = "warehouse"
path = "labels"

"""
    return before + flows + sep + rest


def labels(story: StoryShop, carrier: Carrier) -> list[list[str]]:
    files = sorted((story.shop.partners / "warehouse" / "labels").glob("*.*"))
    return [
        row
        for path in files
        for row in [
            *csv.reader(
                io.StringIO(path.read_bytes().decode(carrier.encoding), newline=""),
                delimiter=carrier.delimiter,
            )
        ][1 if carrier.header else 0 :]
    ]


@pytest.mark.parametrize("carrier", CASES)
def test_a_parcel_is_told_and_comes_back_with_its_number_once(
    carrier: Carrier, open_story: OpenStory
) -> None:
    story = open_story(change=lambda text: shop_of(carrier, text))
    story.count(moment("08:00"))
    plain, cash = an_order(1, ("MUG-WHITE", 1)), an_order(2, ("TOWEL-L", 2), payment="cod", cod=330)
    story.orders(moment("11:30"), plain, cash)
    noon = story.run("noon", moment("12:00"))
    refused = [f for f in noon.findings if f.code == "row_not_writable"]
    assert [f.params["column"] for f in refused] == ([] if carrier.cash else ["代引"])
    rows = labels(story, carrier)
    assert len(rows) == 1 + carrier.cash
    parcel = rows[0][carrier.parcel_at]
    result = carrier.result.format(parcel=parcel, number=NUMBER).encode(
        "utf-8" if carrier.back.startswith("warehouse/") else "cp932"
    )
    for day in (24, 25):
        story.shop.put(f"warehouse/out/issued_{day}.csv", result, moment("17:30", day))
        story.orders(moment("21:30", day), plain, cash)
        outcome = story.run("night", moment("22:00", day))
        assert not {"label_rejected", "file_refused", "rows_quarantined"} & set(codes(outcome))
    told = [(row["お荷物伝票番号"], row["配送会社"]) for row in story.noticed()]
    assert told == [(NUMBER, carrier.carrier)]
    assert {row["発送日"] for row in story.noticed()} == {"2026-11-24"}
    assert len(labels(story, carrier)) == 1 + carrier.cash
