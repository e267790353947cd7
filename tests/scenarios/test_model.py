"""A scenario that says something which nothing checks is an error that names file, scenario and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.model import BadScenarioError, read_scenarios

GOOD = """- 題: 入金済みの受注はその日に指示する
  流れ:
    - 日時: 11/24 12:00
      受注ファイル:
        - {店舗: 楽天, 受注: [{番号: 1, 商品: {TOWEL-L: 1}}]}
      実行: 昼
      結果: {終了: 0, 出荷指示: {1: {TOWEL-L: 1}}}
"""

WRONG = [
    ("終了: 0", "終り: 0", "流れ > 0 > 結果 > 終り: この項目はありません"),
    ("番号: 1, 商品", "番号: 1, 色: 白, 商品", "色: この項目はありません"),
    ("実行: 昼", "実行: 午後", "実行"),
    ("楽天", "らくてん", "店舗"),
    ("店舗: 楽天", "店舗: ヤフー", "ヤフー はこのシナリオにありません"),
    ("11/24 12:00", "11月24日", "日時は 11/24 12:00 のように書きます"),
    ("出荷指示: {1:", "出荷指示: {2:", "受注 2 はまだどのファイルにもありません"),
    (", 出荷指示: {1: {TOWEL-L: 1}}", ", 手持ち: {TOWEL: 1}", "TOWEL という商品はありません"),
    ("結果: {終了: 0, 出荷指示: {1: {TOWEL-L: 1}}}", "結果: {}", "結果が空です"),
    ("      結果: {終了: 0, 出荷指示: {1: {TOWEL-L: 1}}}\n", "", "何も確かめません"),
    ("終了: 0", "終了: 0, 受注: {1: {}}", "何を確かめるかがありません"),
    ("終了: 0", "終了: 0, お知らせ: [no_such_code]", "no_such_code というお知らせはありません"),
    ("商品: {TOWEL-L: 1}}]", "支払: カード}]", "受注 1 の 商品 がありません"),
    ("商品: {TOWEL-L: 1}}]", "商品: {TOWEL-L: 1}, 注文者: 誰か}]", "誰か という人はいません"),
    ("      実行: 昼\n", "", "実行 のある時刻に書きます"),
    ("  流れ:\n", "  流れ:\n    - {日時: 11/24 13:00, 実行: 昼}\n", "時刻の順"),
    ("  流れ:\n", "  流れ:\n    - {日時: 11/24 11:00, 説明: 静かな朝}\n", "この時刻には何も起きません"),
]


@pytest.mark.parametrize(("before", "after", "said"), WRONG)
def test_what_nothing_checks_is_an_error(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    path = tmp_path / "orders.yaml"
    path.write_text(GOOD.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(BadScenarioError) as error:
        read_scenarios(path)
    assert "orders.yaml" in str(error.value)
    assert said in str(error.value)


def test_the_good_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "orders.yaml"
    path.write_text(GOOD, encoding="utf-8")
    (scenario,) = read_scenarios(path)
    assert scenario.shops == ("楽天",)


@pytest.mark.parametrize("text", ["題: 一つだけ", "", "[]"])
def test_a_file_is_a_list_of_scenarios(tmp_path: Path, text: str) -> None:
    path = tmp_path / "orders.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadScenarioError):
        read_scenarios(path)
