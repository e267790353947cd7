"""The one table of words, in both languages, and the glossary that explains it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecsync.entities import ENTITIES
from ecsync.exchange.outbox import NEEDS_PERSON, SETTLED
from ecsync.locale import _, speaking
from ecsync.report import words
from ecsync.run.guards import GUARDS

GLOSSARY = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")

JAPANESE = {
    "oversell risk": "売り越し(空売り)のおそれ",
    "lost sale": "売り逃し(機会損失)",
    "drift": "在庫ズレ",
    "unlisted": "未出品",
    "unknown code": "商品コード不明",
    "quarantined row": "取込エラー行",
    "hold": "要確認",
    "waits for money": "入金待ち",
    "waits for stock": "引当待ち",
    "waits for its release": "発売日待ち",
    "waits for its date": "日付待ち",
    "waits to be merged": "同梱待ち",
    "duplicate": "二重取込の疑い",
    "changed after instruction": "出荷指示後の変更",
    "missing": "取込ファイルにない注文",
    "recall": "出荷止め依頼",
    "notice": "出荷通知(送り状番号の反映)",
    "dry run": "試し実行(送信なし)",
    "proof": "件数・個数・金額の照合",
    "outbox": "送信状況",
    "unknown outcome": "送信結果不明(先方に到着確認)",
    "stale plan": "確認後に状況が変わりました(作り直し)",
    "settlement": "精算",
    "deposit": "入金",
    "match": "消込",
}


def test_the_table_is_whole() -> None:
    assert words.WORDS.keys() == JAPANESE.keys()


@pytest.mark.parametrize("concept", sorted(JAPANESE))
def test_staff_read_one_word_for_one_thing(concept: str) -> None:
    with speaking("ja"):
        assert words.said(words.WORDS, concept) == JAPANESE[concept]
    with speaking("en"):
        assert words.said(words.WORDS, concept) == words.WORDS[concept]


@pytest.mark.parametrize("concept", sorted(JAPANESE))
def test_the_glossary_explains_the_word(concept: str) -> None:
    stem = JAPANESE[concept].partition("(")[0]
    assert stem in GLOSSARY


def test_desks_are_the_four_and_the_manager() -> None:
    with speaking("ja"):
        assert [words.said(words.DESKS, desk) for desk in words.DESKS] == [
            "受注",
            "出荷",
            "商品・在庫",
            "経理",
            "責任者",
        ]


def test_every_code_that_a_page_can_meet_has_a_word() -> None:
    assert set(ENTITIES) <= set(words.DOCUMENTS)
    assert set(GUARDS) <= set(words.GUARDS)
    assert {*SETTLED, *NEEDS_PERSON} <= set(words.DELIVERY_STATES)


@pytest.mark.parametrize(
    "table", ["DOCUMENTS", "TABLES", "PROOFS", "GUARDS", "DELIVERY_STATES", "FIELDS", "KINDS"]
)
def test_every_word_is_said_in_japanese(table: str) -> None:
    with speaking("ja"):
        assert [code for code, text in getattr(words, table).items() if _(text) == text] == []


@pytest.mark.parametrize(
    ("names", "read"),
    [
        ("qty", "数量"),
        ("ship_address, ship_city", "お届け先の住所"),
        ("wished_date, wished_slot", "お届け希望日、お届け希望時間帯"),
        ("buyer_name", "注文者の氏名"),
        ("a_new_field", "その他の項目"),
        ("", ""),
    ],
)
def test_fields_are_named_as_staff_name_them(names: str, read: str) -> None:
    with speaking("ja"):
        assert words.field_words(names) == read
