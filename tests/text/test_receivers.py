"""The declared table replaces what a receiver lacks, in texts for people; a key stands as it is or not at all."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.folding import fold_key
from ecsync.text.receivers import Receiver, Replaced
from ecsync.text.replacements import declared

CP932 = Receiver("cp932", {})
JIS = Receiver("cp932", {}, only_jis=True)
UTF8 = Receiver("utf-8", {})
ANYTHING = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("𠮷髙㈱①〜か\u3099é🍊\u200d\ufe0f½한ﾊﾞ隆\uf9dc"),
    ),
    max_size=20,
)
FORMS = [
    ("𠮷野", "吉野", "吉野"),
    ("髙﨑德瀨", "髙﨑德瀨", "高崎徳瀬"),
    ("栁桺濵", "栁柳濵", "柳柳濱"),
    ("㈱①Ⅳ㍉№℡", "㈱①Ⅳ㍉№℡", "(株)(1)IVミリNoTEL"),
    ("ﬁ Æ ß José", "fi AE ss Jose", "fi AE ss Jose"),
    ("神\ufa19 塚\ufa10", "神\ufa19 塚\ufa10", "神神 塚塚"),
    ("\u2f08口\u2ed1", "人口長", "人口長"),
    ("㋿㊗", "令和祝", "令和祝"),
    ("・•·", "・・・", "・・・"),
    ("ｶﾞ", "ｶﾞ", "ｶﾞ"),
]


@pytest.mark.parametrize(("text", "cp932", "jis"), FORMS)
def test_another_form_stands_where_the_receiver_lacks_the_sign(text: str, cp932: str, jis: str) -> None:
    assert CP932.written(text, for_people=True)[0] == cp932
    assert JIS.written(text, for_people=True)[0] == jis
    assert UTF8.written(text, for_people=True) == (text, ())


def test_each_replacement_is_told_with_what_was_written() -> None:
    assert JIS.written("髙〜か\u3099\u200b", for_people=True)[1] == (
        Replaced("U+200B", ""),
        Replaced("U+301C", "～"),
        Replaced("U+304B U+3099", "が"),
        Replaced("U+9AD9", "高"),
    )


@pytest.mark.parametrize("sign", "½²³¼한Ω̃🍊ɑ")
def test_what_has_no_other_form_stays_for_the_writer_to_refuse(sign: str) -> None:
    written, told = CP932.written(sign, for_people=True)
    assert (written, told) == (sign, ())


def test_emoji_are_left_out_of_a_free_text_only() -> None:
    text = "みかん🍊👩\u200d👧🇯🇵❤\ufe0f5kg"
    assert CP932.written(text, for_people=True, drops_pictures=True)[0] == "みかん5kg"
    assert CP932.first_lacking(CP932.written(text, for_people=True)[0]) is not None
    assert UTF8.written(text, drops_pictures=True)[0] == text


def test_signs_that_the_receiver_has_are_no_emoji() -> None:
    assert CP932.written("★☆♪→①", drops_pictures=True) == ("★☆♪→①", ())


def test_every_form_of_the_table_is_read_by_the_strictest_receiver() -> None:
    table = declared()
    unread = {sign: form for sign, form in table.forms.items() if JIS.first_lacking(form) is not None}
    assert unread == {}
    assert [sign for sign in table.forms if JIS.first_lacking(sign) is None] == []
    assert not set(table.forms) & (set(table.same) | table.dropped)
    assert all(unicodedata.normalize("NFC", form) == form for form in table.forms.values())


@given(ANYTHING)
def test_a_key_is_the_same_key_before_and_after(text: str) -> None:
    for receiver in (CP932, JIS, UTF8):
        assert fold_key(receiver.written(text)[0]) == fold_key(text)


@given(ANYTHING, st.booleans())
def test_writing_twice_is_writing_once(text: str, drops: bool) -> None:
    for receiver in (CP932, JIS, UTF8):
        once = receiver.written(text, for_people=True, drops_pictures=drops)[0]
        assert receiver.written(once, for_people=True, drops_pictures=drops) == (once, ())


@given(ANYTHING)
def test_what_changes_is_told_and_what_does_not_is_not(text: str) -> None:
    for receiver in (CP932, JIS, UTF8):
        written, told = receiver.written(text, for_people=True, drops_pictures=True)
        assert bool(told) == (written != text)
