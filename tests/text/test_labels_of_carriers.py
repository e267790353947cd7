"""What a carrier's label can print: half-width kana, and the signs of JIS levels 1 and 2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.jis import first_beyond_jis
from ecsync.text.kana import first_wide, to_half_kana

KANA = [
    ("ヤマモト ナギサ", "ﾔﾏﾓﾄ ﾅｷﾞｻ"),
    ("たかはし がく", "ﾀｶﾊｼ ｶﾞｸ"),
    ("パリ　ヴァン", "ﾊﾟﾘ ｳﾞｧﾝ"),
    ("アイ・ティー", "ｱｲ･ﾃｨｰ"),
    ("ＡＢＣ１２３", "ABC123"),
    ("ｶﾀｶﾅ", "ｶﾀｶﾅ"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "half"), KANA)
def test_kana_in_half_width(text: str, half: str) -> None:
    assert to_half_kana(text) == half
    assert first_wide(half) == ""


@pytest.mark.parametrize("text", ["山田", "ヤマダ 太郎", "Ａ山", "é"])
def test_what_is_not_kana_stays_and_is_named(text: str) -> None:
    assert first_wide(to_half_kana(text)) != ""


@given(st.text(st.characters(min_codepoint=0x30A1, max_codepoint=0x30F6, exclude_characters="ヮヰヱヵヶ")))
def test_every_common_katakana_has_a_half_width(text: str) -> None:
    assert first_wide(to_half_kana(text)) == ""


BEYOND = [
    ("高橋", None),
    ("亜熙黑", "U+9ED1"),
    ("①番地", "U+2460"),
    ("㈱みなと", "U+3231"),
    ("髙橋", "U+9AD9"),
    ("山﨑", "U+FA11"),
    ("𠮷野", "U+20BB7"),
    ("ﾔﾏﾓﾄ", None),
    ("～－￥。", None),
    ("名😀", "U+1F600"),
    ("", None),
]


@pytest.mark.parametrize(("text", "code_point"), BEYOND)
def test_the_first_sign_beyond_jis(text: str, code_point: str | None) -> None:
    found = first_beyond_jis(text)
    assert (found.code_point if found else None) == code_point
