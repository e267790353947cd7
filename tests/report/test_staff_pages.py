"""What staff read: every kind of finding, hold and wait as a whole line, in words of the shop floor."""

from __future__ import annotations

import re

import pytest

from ecsync.finding_catalogue import CATALOGUE, HOLD_REASONS
from ecsync.locale import speaking
from ecsync.report import words
from ecsync.report.render import Form, render
from ecsync.report.run_report import report_of
from ecsync.report.staff_lines import Line, counted, lines_of
from told_run import FILE, PARAMS, PROOF, SENT, SETTINGS, a_finding, an_order_that_stands, told

FORBIDDEN = re.compile(
    r"隔離|アウトボックス|ステージ|ハッシュ|\bquarantin|\boutbox\b|\bstages?\b|\bhash\b"
    r"|SHA-?256|`|--\w|ecsync |\bNone\b|[{}]",
    re.IGNORECASE,
)
EVERYTHING = told(
    *map(a_finding, CATALOGUE),
    files=(FILE,),
    sent=(SENT,),
    proofs=(PROOF,),
    standing=(
        *(an_order_that_stands(n, "hold", reason) for n, reason in enumerate(HOLD_REASONS, start=100)),
        *(an_order_that_stands(n, kind, until="2026-11-26") for n, kind in enumerate(words.WAITS, start=200)),
    ),
    figures={"standing_hold": 12, "standing_hold_yen": 12340, "orders_new": 2, "orders_new_yen": 12340},
)


def line_of(code: str, **params: str) -> Line:
    with speaking("ja"):
        (line,) = lines_of(told(a_finding(code, **params)), SETTINGS)
    return line


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_kind_of_finding_has_its_words_for_staff(code: str) -> None:
    kind = CATALOGUE[code]
    assert kind.what, f"{code}: add what= (a heading without the subject) and why= to its FindingKind"
    assert kind.scope, f"{code}: add scope= (what its subject names) to its FindingKind"
    line = line_of(code)
    with speaking("en"):
        (english,) = lines_of(told(a_finding(code)), SETTINGS)
    assert line.what != english.what, "said in Japanese"
    assert line.shop or kind.scope in {"run", "sku", "listing", "file"}, "the shop or partner is named"
    assert line.why
    assert line.by if line.due != "note" else not line.by
    assert line.next_step or line.due == "note", "whoever has a deadline is told what to do"
    assert line.who in {"受注", "出荷", "商品・在庫", "経理", "責任者"}


@pytest.mark.parametrize("code", sorted(code for code, kind in CATALOGUE.items() if kind.scope == "order"))
def test_an_order_is_named_by_its_shop_s_title_and_exactly_as_the_mall_shows_it(code: str) -> None:
    line = line_of(code)
    assert (line.shop, line.number) == ("楽天市場 みなと雑貨店", "000001-20261124-0000000001")
    assert "rakuten1" not in line.why + line.next_step
    assert line.order == ("rakuten1", "000001-20261124-0000000001")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("form", [Form.HTML, Form.CSV, Form.TEXT])
def test_no_word_of_the_machine_room_stands_on_a_staff_page(language: str, form: Form) -> None:
    with speaking(language):
        text = render(report_of(EVERYTHING, SETTINGS), form).decode()
    body = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    assert FORBIDDEN.findall(body) == []


def test_what_a_code_names_is_said_in_words() -> None:
    with speaking("ja"):
        text = render(report_of(EVERYTHING, SETTINGS), Form.CSV).decode()
    for code in (*HOLD_REASONS, *words.WAITS, "row_drop", "sku.ledger", "wished_date", "ship_address"):
        assert not re.search(rf"\b{re.escape(code)}\b", text.replace("order_20261124", "")), code
    for word in (
        "住所に不足があります",
        "同梱待ち",
        "いつもよりかなり少ない行数",
        "商品ごとの在庫数",
        "お届け希望日",
    ):
        assert word in text


@pytest.mark.parametrize(
    ("code", "what", "why", "by"),
    [
        ("oversold", "売り越し(空売り)のおそれ", "売り越し 4 点", "12:30 まで"),
        ("short_pick", "欠品", "商品 TOWEL-L が 2 点足りません", "12:30 まで"),
        (
            "changed_after_instruction",
            "出荷指示後の変更",
            "数量、お届け先の住所、お届け希望日(出荷指示 P0012)",
            "12:30 まで",
        ),
        ("stock_differs", "在庫ズレ", "基幹システム は 12 点、こちらは 10 点です", "本日中"),
        (
            "file_stale",
            "古いファイル",
            "最新は 11/23(月) 10:00 時点で、26 時間より古くなっています",
            "本日中",
        ),
        ("ship_date_passed", "出荷日超過", "出荷日は 11/24(火) でした", "12:30 まで"),
        (
            "guard_stopped",
            "安全確認で止めたファイル",
            "いつもよりかなり少ない行数: 3 < 50% of 100",
            "12:30 まで",
        ),
        ("not_booked", "出荷済みの未計上", "在庫が足りません(引当待ち)", "本日中"),
        ("recall_requested", "出荷止め依頼", "倉庫へ依頼しました", ""),
    ],
)
def test_what_why_and_by_when(code: str, what: str, why: str, by: str) -> None:
    line = line_of(code)
    assert (line.what, line.why, line.by) == (what, why, by)


@pytest.mark.parametrize("reason", sorted(HOLD_REASONS))
def test_a_hold_says_why_and_what_to_do_in_the_reader_s_language(reason: str) -> None:
    facts = told(
        a_finding("order_held", hold=reason, reason="as it was said", advice="as it was said"),
        standing=(an_order_that_stands(7, "hold", reason),),
    )
    with speaking("ja"):
        found, standing = lines_of(facts, SETTINGS)
    assert found.what == standing.what == "要確認"
    assert (found.why, found.next_step) == (standing.why, standing.next_step)
    assert "said" not in found.why


def test_a_hold_that_stands_is_told_once() -> None:
    facts = told(
        a_finding("order_held", hold="bad_address"),
        standing=(an_order_that_stands(1, "hold", "bad_address"),),
    )
    assert len(lines_of(facts, SETTINGS)) == 1


def test_what_keeps_an_order_from_shipping_today_is_told_with_its_reason_before_the_cut_off() -> None:
    facts = told(a_finding("ship_by_today"), standing=(an_order_that_stands(1, "hold", "bad_address"),))
    with speaking("ja"):
        (line,) = lines_of(facts, SETTINGS)
    assert line.due == "cut_off"
    assert line.what == "本日出荷の予定で出荷指示なし"
    assert line.why == "住所に不足があります"
    assert line.next_step == "お客様に確認し、店舗の管理画面で住所を直してください"
    assert line.by == "12:30 まで"


def test_each_shop_has_the_cut_off_of_its_own_warehouse() -> None:
    facts = told(a_finding("short_pick"), a_finding("short_pick"))
    other = told(type(facts.findings[0])("short_pick", "yahoo1 77-1", dict(PARAMS)))
    with speaking("ja"):
        assert [line.by for line in lines_of(facts, SETTINGS)] == ["12:30 まで"], "the same line once"
        assert [line.by for line in lines_of(other, SETTINGS)] == ["15:00 まで"]


def test_the_most_urgent_comes_first_and_desks_keep_their_order() -> None:
    with speaking("ja"):
        lines = lines_of(EVERYTHING, SETTINGS)
    dues = [line.due for line in lines]
    assert dues == sorted(dues, key=["cut_off", "today", "note"].index)
    desks = [line.desk for line in lines if line.due == "cut_off"]
    assert desks == sorted(desks, key=list(words.DESKS).index)
    assert sum(counted(lines).values()) == len(lines)


def test_a_kind_that_nobody_has_worded_for_staff_still_says_its_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = type(CATALOGUE["unlisted"])("stock", "SKU {subject} is odd", needs_person=True)
    monkeypatch.setitem(CATALOGUE, "odd", bare)
    (line,) = lines_of(told(type(EVERYTHING.findings[0])("odd", "A-1")), SETTINGS)
    assert line.what == "SKU A-1 is odd"
    assert line.due == "cut_off"
