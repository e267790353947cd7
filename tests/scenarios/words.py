"""Why an order is held or waits, in the words of scenarios."""

WAITS = {"money": "入金待ち", "stock": "引当待ち", "date": "日付待ち"}
HOLDS = {
    "unknown_sku": "商品コード不明",
    "bad_address": "住所不備",
    "amount_mismatch": "金額不一致",
    "unfixed_amount": "金額未確定",
    "mall_checking": "モール確認中",
    "cancel_pending": "キャンセル申請中",
    "no_tax_rate": "税率不明",
    "shipped_at_mall": "モールで出荷済み",
    "order_conflict": "内容が二通り",
    "incomplete_order": "取込エラーあり",
    "zero_quantity": "数量なし",
    "refunded": "返金あり",
    "amendment_contested": "修正と食い違い",
}
