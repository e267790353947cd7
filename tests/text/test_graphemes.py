"""What a reader takes for one character is never cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.graphemes import characters, may_cut

text = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("かハﾊﾞﾟaé1🇯🇵👩👧👍🏽한글ㄱ葛\r\n"),
        st.sampled_from("\u3099\u309a\u0301\u200d\ufe0f\u20e3\U000e0100\u1100\u1161\u11a8\u0e33"),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("", []),
        ("見本A1", ["見", "本", "A", "1"]),
        ("か\u3099き", ["か\u3099", "き"]),
        ("ﾊﾞｽﾞﾅ", ["ﾊﾞ", "ｽﾞ", "ﾅ"]),
        ("葛\U000e0100飾", ["葛\U000e0100", "飾"]),
        ("❤\ufe0f!", ["❤\ufe0f", "!"]),
        ("1\ufe0f\u20e32", ["1\ufe0f\u20e3", "2"]),
        ("👩\u200d👧\u200d👦x", ["👩\u200d👧\u200d👦", "x"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("🇯🇵🇫🇷🇯", ["🇯🇵", "🇫🇷", "🇯"]),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007fx", ["\U0001f3f4\U000e0067\U000e0062\U000e007f", "x"]),
        ("한\u1112\u1161\u11ab글", ["한", "\u1112\u1161\u11ab", "글"]),
        ("กำ", ["กำ"]),
        ("नि", ["नि"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("\n\u3099", ["\n", "\u3099"]),
    ],
)
def test_the_characters_of_a_text(whole: str, parts: list[str]) -> None:
    assert list(characters(whole)) == parts


@given(text)
def test_characters_join_to_the_text(whole: str) -> None:
    parts = list(characters(whole))
    assert "".join(parts) == whole
    assert all(parts)


@given(text, st.integers(0, 30))
def test_a_text_may_be_cut_where_a_character_ends(whole: str, at: int) -> None:
    ends = {0, *(sum(map(len, list(characters(whole))[:n])) for n in range(len(whole) + 1))}
    assert may_cut(whole, at) == (at in ends or at > len(whole))
