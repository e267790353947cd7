"""An address is broken after its town and before its building, and never inside a character."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecsync.mapping.catalogue import load_outbound
from ecsync.mapping.model_out import ValueColumn
from ecsync.text.address_parts import split_address
from ecsync.text.buildings import building_in
from ecsync.text.faults import TextFault
from ecsync.text.graphemes import characters, may_cut
from ecsync.text.widths import byte_length

LABELS = {
    "yamato": ("yamato_b2/shipping_instruction", [64, 32]),
    "sagawa": ("sagawa_ehiden3/shipping_instruction", [32, 32, 32]),
    "yupack": ("yupack_r/shipping_instruction", [50, 50, 50]),
    "seino": ("seino/shipping_instruction", [40, 40]),
}
TABLE: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("address_parts.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("carrier", LABELS)
def test_the_table_has_the_limits_of_the_mapping(carrier: str) -> None:
    name, limits = LABELS[carrier]
    columns = [one for _header, one in load_outbound(name).named_columns if isinstance(one, ValueColumn)]
    assert [one.max_bytes for one in columns if one.value == "ship_full_address"] == limits


@pytest.mark.parametrize("carrier", LABELS)
@pytest.mark.parametrize("case", TABLE, ids=[case["address"] for case in TABLE])
def test_the_parts_of_an_address_on_a_label(case: dict[str, Any], carrier: str) -> None:
    limits = LABELS[carrier][1]
    parts = split_address(case["address"], limits, "cp932")
    expected = case[carrier]
    assert parts == (
        TextFault.TOO_LONG
        if expected == "too_long"
        else tuple(expected) + ("",) * (len(limits) - len(expected))
    )


@pytest.mark.parametrize(
    ("address", "building"),
    [
        ("", ""),
        ("東京都港区見本1-2-3", ""),
        ("東京都港区見本1-2-3 ", ""),
        ("東京都港区見本１－２－３　見本荘", "見本荘"),
        ("京都府京都市中京区二条通見本東入見本町5", ""),
        ("北海道札幌市中央区北1条西2丁目", ""),
        ("東京都港区見本一丁目二番三号見本荘", "見本荘"),
        ("東京都港区見本1丁目2番3号101号室", "101号室"),
    ],
)
def test_the_building_begins_behind_the_house_number(address: str, building: str) -> None:
    _end, start = building_in(address)
    assert address[start:] == building


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


def test_no_part_is_blank_but_those_behind_the_last() -> None:
    assert split_address("東京都港区見本1-2-3 見本荘", [32, 32, 32], "cp932") == (
        "東京都港区見本1-2-3 ",
        "見本荘",
        "",
    )


def test_half_width_voicing_stays_with_its_kana() -> None:
    assert split_address("ｶﾞｶﾞｶﾞ", [3, 4], "cp932") == ("ｶﾞ", "ｶﾞｶﾞ")
    assert split_address("ｶﾞ", [1, 1], "cp932") is TextFault.TOO_LONG


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
        # Each part may leave all but the last byte of a character unused.
        widest = max(byte_length(one, "cp932") for one in characters(address))
        assert byte_length(address, "cp932") > sum(limit - widest + 1 for limit in limits)
    else:
        assert "".join(parts) == address
        ends = [sum(map(len, parts[: number + 1])) for number in range(len(parts))]
        assert all(may_cut(address, end) for end in ends)
        assert len(parts) == len(limits)
        assert all(byte_length(part, "cp932") <= limit for part, limit in zip(parts, limits, strict=True))


@given(addresses)
def test_nothing_stands_behind_an_empty_part(address: str) -> None:
    parts = split_address(address, [40, 40, 40], "cp932")
    assert not isinstance(parts, TextFault)
    assert list(parts) == sorted(parts, key=lambda part: part == "")
