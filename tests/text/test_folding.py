"""A text goes to a partner as it is, or by a declared table; never by chance."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecsync.errors import ConfigurationError
from ecsync.locale import speaking
from ecsync.text.folding import fold_for, fold_key
from ecsync.text.widths import first_unencodable

fold = fold_for("cp932")

japanese = st.text(
    st.one_of(
        st.characters(codec="cp932", exclude_characters="¢£¬‖−〜"),
        st.sampled_from("〜−‖¢£¬—–‒‑‾¯¥¦Å\u00a0\u2003\u202f\u200b\ufeff\u00ad\ufe0f\U000e0100"),
        st.sampled_from("\u3099\u309a\u0301\u030aかはカハAaウ゛"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("10:00〜12:00", "10:00～12:00"),
        ("−5", "－5"),
        ("A‖B", "A∥B"),
        ("¢£¬", "￠￡￢"),
        ("エコー—サンプル", "エコー―サンプル"),
        ("1–2", "1‐2"),
        ("1‑2", "1‐2"),
        ("1‒2", "1‐2"),
        ("‾", "￣"),
        ("¥1,000", "￥1,000"),
        ("見本\u00a0太郎", "見本 太郎"),
        ("見本\u2003太郎", "見本 太郎"),
        ("\ufeff見本", "見本"),
        ("見\u200b本", "見本"),
        ("か\u3099", "が"),
        ("ハ\u309a", "パ"),
        ("葛\U000e0100飾", "葛飾"),
        ("☆\ufe0f", "☆"),
        ("Å", "\N{ANGSTROM SIGN}"),
        ("A\u030a", "\N{ANGSTROM SIGN}"),
        # A mark behind something invisible is joined at the first fold already.
        ("か\u200b\u3099", "が"),
    ],
)
def test_what_cp932_changes_or_lacks_is_replaced_by_the_declared_sign(before: str, after: str) -> None:
    assert fold(before) == after
    assert first_unencodable(after, "cp932") is None


@pytest.mark.parametrize(
    "text",
    [
        "髙橋﨑①㈱ⅰ～－∥",
        # Characters of names that Unicode's own normal form would replace.
        "隆\uf9dc 神\ufa19 朗\uf929",
        "ﾊﾝｶｸ ﾊﾟ",
        "ー‐―…",
        "plain ASCII, \\ and |",
    ],
)
def test_what_cp932_has_stays_as_it_is(text: str) -> None:
    assert fold(text) == text


@pytest.mark.parametrize("text", ["𠮷田", "繫", "😀", "한", "Ω̃"])
def test_what_the_table_does_not_name_is_left_for_the_writer_to_refuse(text: str) -> None:
    assert first_unencodable(fold(text), "cp932") is not None


def test_a_partner_may_have_its_own_replacements_before_the_table() -> None:
    own = fold_for("cp932", [("𠮷", "吉"), ("&", "＆"), ("♡", "〜")])
    assert own("𠮷田&見本♡") == "吉田＆見本～"
    assert own("a&b") == "a＆b"
    assert fold_for("utf-8", [("♡", "")])("見本♡〜") == "見本〜"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "UTF8", "utf-16-le"])
def test_unicode_encodings_need_no_fold(encoding: str) -> None:
    assert fold_for(encoding)("〜−—か\u3099") == "〜−—か\u3099"


@pytest.mark.parametrize("encoding", ["cp932", "CP932", "ms932"])
def test_cp932_has_several_names(encoding: str) -> None:
    assert fold_for(encoding)("〜") == "～"


@pytest.mark.parametrize(
    "encoding", ["shift_jis", "sjis", "shift_jisx0213", "euc_jp", "iso2022_jp", "latin-1"]
)
def test_an_encoding_without_a_declared_fold_is_a_configuration_error(encoding: str) -> None:
    with speaking("en"), pytest.raises(ConfigurationError, match="no declared fold"):
        fold_for(encoding)


def test_an_unknown_encoding_is_a_configuration_error() -> None:
    with speaking("en"), pytest.raises(ConfigurationError, match="not known"):
        fold_for("cp9320")


@given(japanese)
@example("か\u200b\u3099")
@example("Å\u0301")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(japanese)
def test_what_is_folded_and_encoded_comes_back(text: str) -> None:
    folded = fold(text)
    if first_unencodable(folded, "cp932") is None:
        assert folded.encode("cp932").decode("cp932") == folded


def test_every_character_of_cp932_comes_back() -> None:
    lead = [*range(0x81, 0xA0), *range(0xE0, 0xFD)]
    codes = [bytes([code]) for code in range(0x100)] + [
        bytes([a, b]) for a in lead for b in range(0x40, 0xFD)
    ]
    for code in codes:
        try:
            text = code.decode("cp932")
        except UnicodeDecodeError:
            continue
        # 398 codes are doubles: they come back as the same character under another code.
        assert fold(text).encode("cp932").decode("cp932") == text


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("ABC-001", "ＡＢＣ－００１"),
        ("ABC-001", "ABC−001"),
        ("ABC-001", "ABC‐001"),
        ("ABC-001", " ABC—001　"),
        ("A~B", "A〜B"),
        ("A~B", "A～B"),
        ("¥100", "￥100"),
        ("A‖B", "A∥B"),
        ("ガ", "ｶﾞ"),
        ("が", "か\u3099"),
        ("A B", "A\u00a0B"),
        ("葛飾", "葛\U000e0101飾"),
        ("‾", "￣"),
        ("商品番号(SKU)", "商品番号（ＳＫＵ）"),
    ],
)
def test_a_key_is_one_key_however_it_is_written(ours: str, theirs: str) -> None:
    assert fold_key(ours) == fold_key(theirs)


def test_case_and_inner_spaces_make_another_key() -> None:
    assert len({fold_key(key) for key in ("abc", "ABC", "a bc")}) == 3


@given(japanese)
def test_a_folded_key_is_its_own_key(text: str) -> None:
    assert fold_key(fold_key(text)) == fold_key(text)


@given(japanese)
def test_both_sides_of_an_exchange_compare_equal(text: str) -> None:
    assert fold_key(fold(text)) == fold_key(text)
