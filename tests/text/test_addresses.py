"""An address is checked before a parcel leaves, and fits the label that carries it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.addresses import (
    PREFECTURES,
    address_fault,
    is_plausible,
    prefecture_of,
    split_address,
    split_prefecture,
)
from ecsync.text.faults import TextFault
from ecsync.text.widths import byte_length


def test_there_are_47_prefectures() -> None:
    assert len(PREFECTURES) == len(set(PREFECTURES)) == 47
    assert (PREFECTURES[0], PREFECTURES[12], PREFECTURES[46]) == ("北海道", "東京都", "沖縄県")


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("東京都", "東京都"),
        ("東京", "東京都"),
        ("大阪", "大阪府"),
        ("京都", "京都府"),
        ("北海道", "北海道"),
        (" 神奈川県　", "神奈川県"),
        ("", ""),
        ("都", ""),
        ("北海", ""),
        ("Tokyo", ""),
    ],
)
def test_a_prefecture_may_come_without_its_last_sign(name: str, full: str) -> None:
    assert prefecture_of(name) == full


@pytest.mark.parametrize(
    ("address", "prefecture", "rest"),
    [
        ("東京都千代田区千代田1-1", "東京都", "千代田区千代田1-1"),
        ("　神奈川県 横浜市中区1", "神奈川県", "横浜市中区1"),
        ("和歌山県和歌山市1", "和歌山県", "和歌山市1"),
        ("京都府京都市1", "京都府", "京都市1"),
        ("横浜市中区1", "", "横浜市中区1"),
        ("東京千代田区1", "", "東京千代田区1"),
        ("", "", ""),
    ],
)
def test_the_prefecture_is_split_from_an_address(address: str, prefecture: str, rest: str) -> None:
    assert split_prefecture(address) == (prefecture, rest)


@given(st.sampled_from(PREFECTURES), st.text(max_size=20).map(lambda text: text.strip(" \u3000")))
def test_every_prefecture_is_found_again(prefecture: str, rest: str) -> None:
    assert split_prefecture(prefecture + rest) == (prefecture, rest)


@pytest.mark.parametrize(
    "rest",
    [
        "千代田区千代田1-1",
        "千代田区千代田１－１",
        "千代田区千代田一丁目二番三号",
        "札幌市中央区南一条西",
        "八王子市見本町一の二",
        "見本市大字見本 五",
        "見本市見本町十二",
        "見本市見本①番",
    ],
)
def test_a_house_number_may_be_half_width_full_width_or_kanji(rest: str) -> None:
    assert is_plausible("東京都", rest)


@pytest.mark.parametrize("rest", ["八王子市見本町", "港区六本木", "新宿区四ツ谷見本", "千代田区千代田"])
def test_a_kanji_digit_in_a_name_is_no_house_number(rest: str) -> None:
    assert address_fault("東京都", rest) is TextFault.NO_HOUSE_NUMBER
    assert not is_plausible("東京都", rest)


def test_a_town_without_house_numbers_is_allowed_by_name() -> None:
    assert is_plausible("岐阜県", "見本郡白川見本村大字見本", without_number=["白川見本村"])


@pytest.mark.parametrize(
    ("prefecture", "rest", "fault"),
    [
        ("", "千代田区千代田1-1", TextFault.PREFECTURE_UNKNOWN),
        ("関東", "千代田区千代田1-1", TextFault.PREFECTURE_UNKNOWN),
        ("東京都", "  ", TextFault.EMPTY),
        ("東京都", "", TextFault.EMPTY),
    ],
)
def test_what_cannot_arrive_is_named(prefecture: str, rest: str, fault: TextFault) -> None:
    assert address_fault(prefecture, rest) is fault


@pytest.mark.parametrize(
    ("address", "limits", "parts"),
    [
        # It fits: one part, the others empty.
        ("東京都港区見本1-2-3", [64, 64], ("東京都港区見本1-2-3", "")),
        # At the space before the building.
        (
            "東京都千代田区見本が関一丁目2番3号 見本ビルディング1205号室",
            [36, 32],
            ("東京都千代田区見本が関一丁目2番3号 ", "見本ビルディング1205号室"),
        ),
        # After the number where no space stands; never inside 1-1-1.
        (
            "東京都千代田区千代田1-1-1見本マンション305",
            [30, 30],
            ("東京都千代田区千代田1-1-1", "見本マンション305"),
        ),
        # 丁目 stays with its number.
        ("愛知県名古屋市中区三の丸3丁目見本荘", [30, 30], ("愛知県名古屋市中区三の丸3丁目", "見本荘")),
        # A katakana word stays whole, its long vowels too.
        ("東京都港区見本町コーポサンプル", [26, 26], ("東京都港区見本町", "コーポサンプル")),
        # After the town.
        (
            "京都府京都市中京区見本通御池上る上見本前町488番地",
            [26, 40],
            ("京都府京都市中京区", "見本通御池上る上見本前町488番地"),
        ),
    ],
)
def test_an_address_is_broken_at_sensible_places(
    address: str, limits: list[int], parts: tuple[str, ...]
) -> None:
    assert split_address(address, limits, "cp932") == parts


@pytest.mark.parametrize(
    ("address", "limits"), [("見" * 40, [32, 32]), ("見", []), ("見", [1]), ("a" * 65, [32, 32])]
)
def test_an_address_that_does_not_fit_is_said_to(address: str, limits: list[int]) -> None:
    assert split_address(address, limits, "cp932") is TextFault.TOO_LONG


def test_a_word_is_torn_only_where_it_must_be() -> None:
    assert split_address("サ" * 20, [20, 20], "cp932") == ("サ" * 10, "サ" * 10)


def test_an_address_of_nothing_but_hyphens_is_split_too() -> None:
    assert split_address("-" * 4000, [2000, 2000], "cp932") == ("-" * 2000, "-" * 2000)


addresses = st.text(
    st.one_of(
        st.sampled_from("0123456789-ー丁目番地号市区町 　のノアイウエコーポabc"),
        st.characters(codec="cp932", exclude_characters="¢£¬‖−〜"),
    ),
    max_size=50,
)


@given(addresses, st.lists(st.integers(2, 60), min_size=1, max_size=4))
def test_the_parts_join_to_the_whole_and_keep_their_limits(address: str, limits: list[int]) -> None:
    parts = split_address(address, limits, "cp932")
    if isinstance(parts, TextFault):
        # Each part may leave one byte of a two-byte character unused.
        assert byte_length(address, "cp932") > sum(limit - 1 for limit in limits)
    else:
        assert "".join(parts) == address
        assert len(parts) == len(limits)
        assert all(byte_length(part, "cp932") <= limit for part, limit in zip(parts, limits, strict=True))


@given(addresses)
def test_nothing_stands_behind_an_empty_part(address: str) -> None:
    parts = split_address(address, [40, 40, 40], "cp932")
    assert not isinstance(parts, TextFault)
    assert list(parts) == sorted(parts, key=lambda part: part == "")
