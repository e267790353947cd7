"""What waits for somebody: a line per case, with the words that the desks read, and by when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ecsync.finding_catalogue import HOLD_REASONS
from ecsync.locale import speaking
from ecsync.orders.decision_catalogue import DECISIONS
from ecsync.report import matter_words
from ecsync.report.matter_deadlines import MatterDeadlines, deadline_text
from ecsync.report.matters import Matter, _choices, gather_matters
from master_under_test import MasterUnderTest

# 12:00 and 13:00 of Tuesday, 24 November 2026, in Japan; the cut-off is 12:30.
NOON, ONE = "2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z"
KEY = {"channel": "rakuten1", "order_no": "1"}
RELEASE, AMEND, HOLD, CANCEL = "出荷する", "修正する", "保留にする", "キャンセル(出荷しない)"

# hold -> desk, why, the decisions that fit
GOLDEN: dict[str, tuple[str, str, list[str]]] = {
    "unknown_sku": (
        "商品・在庫", "商品コード不明です(商品マスタにありません): SKU-Z 架空の茶碗", [AMEND, HOLD, CANCEL],
    ),
    "bad_address": ("受注", "住所に不足があります", [AMEND, RELEASE, HOLD, CANCEL]),
    "address_erased": ("受注", "保存期間を過ぎたため住所が消去されています", [HOLD, CANCEL]),
    "amount_mismatch": ("受注", "金額の内訳と合計が合いません", [RELEASE, AMEND, HOLD, CANCEL]),
    "unfixed_amount": ("受注", "金額が確定していません", [AMEND, HOLD, CANCEL]),
    "mall_checking": ("受注", "モールが受注を確認中です", [RELEASE, AMEND, HOLD, CANCEL]),
    "cancel_pending": ("受注", "キャンセルの申し出が未決です", [RELEASE, AMEND, HOLD, CANCEL]),
    "refunded": ("受注", "出荷前に返金されています", [RELEASE, AMEND, HOLD, CANCEL]),
    "no_tax_rate": ("経理", "税率がわかりません: SKU-Z 架空の茶碗", [AMEND, HOLD, CANCEL]),
    "shipped_at_mall": ("受注", "モールでは出荷済みですが、こちらでは出荷していません", [RELEASE, AMEND, HOLD, CANCEL]),
    "order_conflict": ("受注", "2つのファイルで内容が違います", [RELEASE, AMEND, HOLD, CANCEL]),
    "incomplete_order": ("受注", "新しい内容の一部が取込エラーになりました", [AMEND, HOLD, CANCEL]),
    "zero_quantity": ("受注", "出荷する数量がありません", [AMEND, HOLD, CANCEL]),
    "staff_hold": ("受注", "手動で保留にされています", [RELEASE, AMEND, CANCEL]),
    "amendment_contested": (
        "受注",
        "当方で修正した項目をモールが変更しました",
        ["当方の修正を優先", "モールの内容に合わせる", CANCEL],
    ),
}  # fmt: skip


def cut_off(day: int) -> datetime:
    """Return the cut-off of a day of November 2026."""
    return datetime(2026, 11, day, 12, 30, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.fixture
def shop(master: MasterUnderTest) -> MasterUnderTest:
    master.insert("sales_order", {**KEY, "state": "open", "revision": 3})
    master.insert("order_destination", {**KEY, "dest_id": "D1", "ship_prefecture": "東京都"})
    line = {**KEY, "line_id": "1", "dest_id": "D1", "qty": 1}
    master.insert("order_line", {**line, "sku_code": "SKU-Z", "item_name": "架空の茶碗"})
    return master


def matters(shop: MasterUnderTest, now: str = NOON, **options: Any) -> list[Matter]:
    with shop.engine.connect() as conn:
        return gather_matters(conn, shop.settings, now, **options)


def hold(shop: MasterUnderTest, reason: str, dest_id: str = "", **facts: str) -> None:
    shop.insert("order_hold", {**KEY, "dest_id": dest_id, "reason": reason, "opened_at": NOON, **facts})


def test_every_hold_has_its_row_its_words_and_its_decisions(shop: MasterUnderTest) -> None:
    assert set(GOLDEN) == set(HOLD_REASONS) - {"changed_after_instruction"}
    for reason in GOLDEN:
        hold(shop, reason, "D1" if reason == "unknown_sku" else "")
    with speaking("ja"):
        found = {m.reason: m for m in matters(shop)}
        assert set(found) == set(GOLDEN)
        for reason, (desk, why, choices) in GOLDEN.items():
            matter = found[reason]
            said = matter_words.why(matter)
            assert (desk, [matter_words.decision_word(c) for c in matter.choices]) == (
                matter_words.desk_word(matter.desk),
                choices,
            ), reason
            assert said == why, reason
            assert matter_words.what(matter) == "要確認"
            assert matter_words.to_do(matter)


def test_a_text_that_says_what_to_choose_names_what_the_row_offers() -> None:
    for language in ("ja", "en"):
        with speaking(language):
            for reason in GOLDEN:
                matter = Matter("hold", "orders", "rakuten1", "1", reason, 1, choices=_choices(reason))
                named = [
                    kind
                    for kind in DECISIONS
                    if f"「{matter_words.decision_word(kind)}」" in matter_words.to_do(matter)
                ]
                assert set(named) <= set(matter.choices), (language, reason)


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_changed_parcel_an_own_cancellation_and_waits(shop: MasterUnderTest) -> None:
    parcel = {**KEY, "parcel_no": "P1", "dest_id": "D1", "warehouse": "main", "ship_date": "2026-11-26"}
    shop.insert("shipping_instruction", {**parcel, "state": "instructed"})
    for revision, fields in ((2, "ship_address"), (3, "ship_city,wished_date")):
        change = {**KEY, "parcel_no": "P1", "revision": revision, "fields": fields}
        shop.insert("parcel_change", change)
    shop.insert(
        "sales_order", {"channel": "rakuten1", "order_no": "2", "state": "cancelled", "order_status": "ready"}
    )
    cancel = {"kind": "cancel", "channel": "rakuten1"}
    shop.insert("staff_decision", {**cancel, "decision_id": 1, "order_no": "2"})
    for kind, until in (("money", ""), ("stock", ""), ("date", "2026-11-26")):
        shop.insert("order_wait", {**KEY, "dest_id": "D1", "kind": kind, "until": until})
    with speaking("ja"):
        told = [
            (m.order_no, m.desk, matter_words.what(m), matter_words.why(m), deadline_text(m.by), m.choices)
            for m in matters(shop, waits=True)
        ]
    assert told == [
        ("1", "stock", "引当待ち", "倉庫の在庫が足りません", "11/24(火) 12:30", ("hold", "cancel")),
        ("2", "orders", "当方でキャンセル", "モールの表示がまだキャンセルになっていません", "11/24(火)", ("reopen",)),
        (
            "1", "shipping", "出荷指示後の変更", "個口 P1: 出荷指示後の変更があります(お届け先の住所、お届け希望日)",
            "11/26(木) 12:30", ("ship_as_instructed", "recall", "cancel"),
        ),
        ("1", "shipping", "日付待ち", "2026-11-26 に出荷予定", "", ("hold", "cancel")),
        ("1", "orders", "入金待ち", "入金がまだ確認できていません", "", ("hold", "cancel")),
    ]  # fmt: skip
    assert [m.kind for m in matters(shop)] == ["cancelled_here", "change"], "a work list holds no waits"


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_what_the_shop_cancelled_too_is_done(shop: MasterUnderTest) -> None:
    status = {"state": "cancelled", "order_status": "cancelled"}
    shop.insert("sales_order", {"channel": "rakuten1", "order_no": "2", **status})
    shop.insert(
        "staff_decision", {"decision_id": 1, "kind": "cancel", "channel": "rakuten1", "order_no": "2"}
    )
    assert matters(shop) == []


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_lines_are_answered_one_by_one(shop: MasterUnderTest) -> None:
    line = {**KEY, "dest_id": "D1", "qty": 1, "item_name": "皿"}
    shop.insert("order_line", {**line, "line_id": "2", "sku_code": "SKU-Y"})
    shop.insert("order_line", {**line, "line_id": "3", "sku": "SKU-A", "tax_rate": 1000})
    hold(shop, "unknown_sku", "D1", subject="SKU-Y")
    hold(shop, "no_tax_rate", subject="SKU-Y")
    found = [(m.reason, m.line_id, m.about) for m in matters(shop)]
    assert found == [
        ("no_tax_rate", "1", "SKU-Z 架空の茶碗"),
        ("no_tax_rate", "2", "SKU-Y 皿"),
        ("unknown_sku", "1", "SKU-Z 架空の茶碗"),
        ("unknown_sku", "2", "SKU-Y 皿"),
    ]


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ("UPDATE sales_order SET as_of = '2026-11-25T00:00:00Z'", False),
        ("UPDATE sales_order SET payment_state = 'confirmed'", False),
        ("UPDATE sales_order SET revision = revision + 1", True),
        ("UPDATE order_hold SET opened_at = '2026-11-25T00:00:00Z'", True),
        ("UPDATE order_hold SET subject = 'SKU-B'", True),
    ],
)
def test_a_matter_has_moved_where_what_was_judged_has(
    shop: MasterUnderTest, change: str, moved: bool
) -> None:
    hold(shop, "amount_mismatch", subject="SKU-A")
    (before,) = matters(shop)
    with shop.context() as ctx:
        ctx.execute(change)
    (after,) = matters(shop)
    assert before.identity == after.identity
    assert (before.fingerprint != after.fingerprint) is moved


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("now", "wished", "by"),
    [
        (NOON, "", cut_off(24)),
        (ONE, "", cut_off(25)),
        (NOON, "2026-11-28", cut_off(27)),
        (ONE, "2026-11-24", cut_off(25)),
        ("2026-11-27T04:00:00Z", "", cut_off(30)),
    ],
)
def test_it_is_to_be_decided_before_the_cut_off_that_keeps_its_day(
    shop: MasterUnderTest, now: str, wished: str, by: datetime
) -> None:
    deadlines = MatterDeadlines(shop.settings, now, [("rakuten1", "1", "D1", "東京都", wished)])
    assert deadlines.of_destination("rakuten1", "1", "D1") == by
    assert deadlines.of_destination("rakuten1", "1", "") == by
    assert deadlines.of_destination("gone", "1", "") is None


def test_a_deadline_reads_as_staff_write_it() -> None:
    with speaking("ja"):
        assert deadline_text(cut_off(24)) == "11/24(火) 12:30"
        assert deadline_text(date(2026, 11, 1)) == "11/1(日)"
        assert deadline_text(None) == ""
