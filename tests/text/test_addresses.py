"""An address is checked before a parcel leaves, and fits the label that carries it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.addresses import (
    PREFECTURES,
    address_fault,
    is_plausible,
    prefecture_of,
    split_prefecture,
)
from ecsync.text.faults import TextFault


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
