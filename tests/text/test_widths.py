"""A limit in bytes cuts between characters, never inside one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.graphemes import characters
from ecsync.text.widths import Unencodable, byte_length, cut, first_unencodable, split

encodable = st.text(st.characters(codec="cp932", exclude_characters="¢£¬‖−〜"), max_size=60)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    ("text", "encoding", "length"),
    [
        ("", "cp932", 0),
        ("abc", "cp932", 3),
        ("見本", "cp932", 4),
        ("ﾐﾎﾝ", "cp932", 3),
        ("見本", "utf-8", 6),
        ("①㈱髙", "cp932", 6),
    ],
)
def test_a_width_is_counted_in_the_partners_bytes(text: str, encoding: str, length: int) -> None:
    assert byte_length(text, encoding) == length


def test_a_width_in_an_encoding_that_lacks_a_character_is_refused_without_the_text() -> None:
    with pytest.raises(ValueError, match=r"^cp932 lacks U\+2014 at 3$") as caught:
        byte_length("見本—花子", "cp932")
    assert "花子" not in repr(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("見本花子", None),
        ("見本—花子", Unencodable("U+2014", 3)),
        ("𠮷", Unencodable("U+20BB7", 1)),
        ("a😀b𠮷", Unencodable("U+1F600", 2)),
        ("a\u00a0", Unencodable("U+00A0", 2)),
    ],
)
def test_the_first_character_that_cannot_be_written_is_named(text: str, found: Unencodable | None) -> None:
    assert first_unencodable(text, "cp932") == found


@pytest.mark.parametrize(
    ("text", "encoding", "limit", "kept"),
    [
        ("見本花子", "cp932", 8, "見本花子"),
        ("見本花子", "cp932", 7, "見本花"),
        ("見本花子", "cp932", 1, ""),
        ("A見本", "cp932", 4, "A見"),
        ("見本", "utf-8", 5, "見"),
        # The mark and the selector go with their letter, a joined family with itself.
        ("か\u3099き", "utf-8", 5, ""),
        ("か\u3099き", "utf-8", 6, "か\u3099"),
        ("葛\U000e0100飾", "utf-8", 6, ""),
        ("x👩\u200d👧y", "utf-8", 8, "x"),
        ("x👩\u200d👧y", "utf-8", 12, "x👩\u200d👧"),
        ("ﾊﾞｽ", "cp932", 1, ""),
        ("ﾊﾞｽ", "cp932", 2, "ﾊﾞ"),
        ("a\nb", "cp932", 2, "a\n"),
    ],
)
def test_a_cut_keeps_whole_characters(text: str, encoding: str, limit: int, kept: str) -> None:
    assert cut(text, encoding, limit) == kept


def test_a_split_fills_every_piece() -> None:
    assert split("見本花子A", "cp932", 4) == ("見本", "花子", "A")
    assert split("", "cp932", 4) == ()


def test_a_character_wider_than_the_limit_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="wider than 1 bytes"):
        split("見", "cp932", 1)


@given(encodable, st.integers(0, 30))
def test_a_cut_is_the_longest_beginning_that_fits(text: str, limit: int) -> None:
    kept = cut(text, "cp932", limit)
    assert text.startswith(kept)
    assert byte_length(kept, "cp932") <= limit
    if kept != text:
        following = next(characters(text[len(kept) :]))
        assert byte_length(kept + following, "cp932") > limit


@given(encodable, st.integers(2, 30))
def test_pieces_join_to_the_whole(text: str, limit: int) -> None:
    widest = max((byte_length(one, "cp932") for one in characters(text)), default=0)
    limit = max(limit, widest)
    pieces = split(text, "cp932", limit)
    assert "".join(pieces) == text
    assert all(0 < byte_length(piece, "cp932") <= limit for piece in pieces)


@given(anything)
def test_what_has_no_unencodable_character_can_be_encoded(text: str) -> None:
    if first_unencodable(text, "cp932") is None:
        assert len(text.encode("cp932")) == byte_length(text, "cp932")
