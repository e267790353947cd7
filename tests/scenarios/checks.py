"""What a scenario expects, compared with what a run made: every difference in one line, in the scenario's words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ecsync.locale import speaking
from scenarios.model import OrderState, Result
from scenarios.partners import PARTNERS
from scenarios.stage import Made, Stage
from scenarios.words import HOLDS, WAITS

STATES = {"open": "受付中", "shipped": "出荷済み", "cancelled": "キャンセル", "foreign": "旧システム"}
PAID = {"confirmed": "入金済み", "not_needed": "入金不要"}
CORE_KINDS = {"sale": "売上", "return": "返品", "reversal": "取消"}


def differences(stage: Stage, made: Made, wanted: Result) -> list[str]:
    """Return what is not as expected; empty where everything is."""
    return list(_differences(stage, made, wanted))


def _differences(stage: Stage, made: Made, wanted: Result) -> Iterator[str]:
    documents = made.documents
    yield from _same("終了", wanted.status, made.outcome.exit_status)
    for number, state in wanted.orders.items():
        yield from _order(stage, number, state)
    yield from _same("出荷指示", wanted.instructed, _units(stage, documents["shipping_instructions"]))
    if wanted.labels is not None:
        yield from _labels(stage, wanted.labels, documents["parcels"])
    recalled = sorted(stage.parcels[row["parcel_no"]] for row in documents["recalls"])
    yield from _same("出荷止め依頼", None if wanted.recalled is None else sorted(wanted.recalled), recalled)
    yield from _same("出荷通知", wanted.noticed, _notices(stage, documents["shipping_notices"]))
    for shop, units in wanted.published.items():
        yield from _quantities(stage, shop, units, documents["channel_quantities"])
    for what, expected, sql in (
        ("手持ち", wanted.on_hand, "SELECT sku, on_hand FROM stock_balance"),
        ("引当", wanted.allocated, "SELECT sku, CAST(SUM(qty) AS BIGINT) FROM allocation GROUP BY sku"),
    ):
        if expected:
            there = {str(sku): int(str(qty)) for sku, qty in stage.rows(sql)}
            yield from _same(what, expected, {sku: there.get(sku, 0) for sku in expected})
    sales: Counter[str] = Counter()
    for row in documents["core_entries"]:
        sales[CORE_KINDS[row["kind"]]] += row["amount"]
    yield from _same("基幹への売上", wanted.core, dict(sales))
    if wanted.journals is not None:
        yield from _same("仕訳", wanted.journals, _journals(documents["journal_lines"]))
    if wanted.journal_days is not None:
        days = sorted({row["entry_date"] for row in documents["journal_lines"]})
        yield from _same("仕訳の日付", list(wanted.journal_days), days)
    yield from _same("取込エラー行", wanted.quarantined, _quarantined(stage, made))
    yield from _findings(made, wanted)
    if wanted.nothing_new:
        told = sum(map(len, documents.values()))
        yield from _same("送ったファイルの行", 0, told)
        yield from _same("データの変化", "なし", "あり" if made.generation_moved else "なし")


def _same(what: str, wanted: object, found: object) -> Iterator[str]:
    if wanted is not None and wanted != found:
        yield f"{what}: {_shown(wanted)} のはずが {_shown(found)}"


def _shown(value: object) -> str:
    return "なし" if value in ({}, (), []) else str(value)


def _order(stage: Stage, number: int, wanted: OrderState) -> Iterator[str]:
    party, order_no = stage.number_in_shop(number)
    key = {"a": party, "b": order_no}
    where = "WHERE channel = :a AND order_no = :b"
    found = stage.rows(f"SELECT state, payment_state FROM sales_order {where}", **key)
    state, paid = found[0] if found else ("", "")
    what = f"受注 {number} の"
    yield from _same(f"{what}状態", wanted.state, STATES.get(str(state), "なし"))
    yield from _same(f"{what}入金", wanted.paid, PAID.get(str(paid), "入金前"))
    if wanted.holds is not None:
        rows = stage.rows(f"SELECT DISTINCT reason FROM order_hold {where} AND closed_at = ''", **key)
        yield from _same(
            f"{what}要確認", sorted(wanted.holds), sorted(HOLDS.get(str(r), str(r)) for (r,) in rows)
        )
    if wanted.waits is not None:
        rows = stage.rows(f"SELECT DISTINCT kind FROM order_wait {where}", **key)
        yield from _same(
            f"{what}待ち", sorted(wanted.waits), sorted(WAITS.get(str(k), str(k)) for (k,) in rows)
        )


def _units(stage: Stage, rows: list[dict[str, Any]]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        units = found[stage.parcels[row["parcel_no"]]]
        units[row["sku"]] = units.get(row["sku"], 0) + row["qty"]
    return dict(found)


def _labels(stage: Stage, wanted: dict[int, dict[str, str]], rows: list[dict[str, Any]]) -> Iterator[str]:
    found = {stage.parcels[row["parcel_no"]]: row["cells"] for row in rows}
    yield from _same("送り状の受注", sorted(wanted), sorted(found))
    for number, cells in wanted.items():
        for column, value in cells.items():
            there = found.get(number, {}).get(column, "（列がありません）")
            yield from _same(f"受注 {number} の送り状の{column}", value, there)


def _notices(stage: Stage, rows: list[dict[str, Any]]) -> dict[int, int]:
    by_no = {stage.number_in_shop(number)[1]: number for number in stage.facts}
    return dict(Counter(by_no[row["order_no"]] for row in rows))


def _quantities(
    stage: Stage, shop: str, wanted: Mapping[str, int | str], rows: list[dict[str, Any]]
) -> Iterator[str]:
    party = PARTNERS[shop].party
    told = [row for row in rows if row["party"] == party]
    if not wanted:
        yield from _same(f"{shop}の在庫数", {}, {row["item_key"]: row["qty"] for row in told})
        return
    listings = stage.rows("SELECT item_key, sku_key, sku FROM channel_listing WHERE channel = :a", a=party)
    sku_of = {(str(item), str(key)): str(sku) for item, key, sku in listings}
    found = {
        row.get("sku") or sku_of.get((row["item_key"], row.get("sku_key", "")), ""): row["qty"]
        for row in told
    }
    for sku, units in wanted.items():
        yield from _same(f"{shop}の在庫数 {sku}", units, found.get(sku, "送らない"))


def _journals(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return the debits per account, and prove that they balance."""
    debits: Counter[str] = Counter()
    total = 0
    for row in rows:
        debit, credit = (_yen(row, side) for side in ("debit", "credit"))
        total += debit - credit
        if row.get("debit_account"):
            debits[row["debit_account"]] += debit
    if total:
        debits["貸借の差"] = total
    return {account: yen for account, yen in debits.items() if yen}


def _yen(row: dict[str, Any], side: str) -> int:
    """Return the amount of a side; where the mapping's cases hide it from us, from the cell of its name."""
    if f"{side}_amount" in row:
        return int(row[f"{side}_amount"] or 0)
    return int(row["cells"]["借方金額" if side == "debit" else "貸方金額"] or 0)


def _quarantined(stage: Stage, made: Made) -> int:
    sql = "SELECT COUNT(*) FROM quarantined_row WHERE run_id = :run"
    return int(str(stage.rows(sql, run=made.outcome.run_id)[0][0]))


def _findings(made: Made, wanted: Result) -> Iterator[str]:
    with speaking("ja"):
        said = [
            (finding.code, f"{finding.sentence()}\n{finding.action()}") for finding in made.outcome.findings
        ]

    def is_said(text: str) -> bool:
        if re.fullmatch(r"[a-z_]+", text):
            return any(code == text for code, _sentence in said)
        return any(text in sentence for _code, sentence in said)

    sentences = [f"{code}「{sentence.partition(chr(10))[0]}」" for code, sentence in said]
    for text in wanted.findings:
        if not is_said(text):
            yield f"お知らせ「{text}」がありません。あるのは {'、'.join(sentences) or 'なし'}"
    for text in wanted.silent:
        if is_said(text):
            yield f"お知らせ「{text}」が出ました"
