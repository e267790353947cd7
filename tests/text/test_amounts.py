"""Money is whole yen, and a rate is whole basis points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.amounts import parse_integer, parse_rate, parse_yen
from ecsync.text.faults import TextFault


@pytest.mark.parametrize(
    ("written", "yen"),
    [
        ("3300", 3300),
        ("3,300", 3300),
        ("1,234,567", 1234567),
        ("３，３００", 3300),
        ("3300.00", 3300),
        ("3300.", 3300),
        ("0", 0),
        ("000", 0),
        ("-3300", -3300),
        ("−3300", -3300),
        ("－３３００", -3300),
        ("△3,300", -3300),
        ("▲3300", -3300),
        ("+3300", 3300),
        ("¥3,300", 3300),
        ("￥３，３００", 3300),
        ("\\3,300", 3300),
        ("-¥3,300", -3300),
        ("3,300円", 3300),
        ("3300 円", 3300),
        (" 3300　", 3300),
    ],
)
def test_an_amount_is_read_however_it_is_written(written: str, yen: int) -> None:
    assert parse_yen(written) == yen


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", TextFault.EMPTY),
        ("　", TextFault.EMPTY),
        ("円", TextFault.EMPTY),
        ("3300.5", TextFault.FRACTION),
        ("0.01", TextFault.FRACTION),
        ("3,30", TextFault.NOT_A_NUMBER),
        ("33,00", TextFault.NOT_A_NUMBER),
        (",300", TextFault.NOT_A_NUMBER),
        ("--3300", TextFault.NOT_A_NUMBER),
        ("3300-", TextFault.NOT_A_NUMBER),
        ("3 300", TextFault.NOT_A_NUMBER),
        ("free", TextFault.NOT_A_NUMBER),
        ("三千", TextFault.NOT_A_NUMBER),
        ("0x10", TextFault.NOT_A_NUMBER),
        ("1_000", TextFault.NOT_A_NUMBER),
        ("nan", TextFault.NOT_A_NUMBER),
        ("$10", TextFault.NOT_A_NUMBER),
        ("1.23E+12", TextFault.EXCEL_DAMAGE),
        ("1000000000000", TextFault.TOO_LARGE),
        ("9" * 400, TextFault.TOO_LARGE),
    ],
)
def test_an_amount_that_is_not_whole_yen_is_refused(written: str, fault: TextFault) -> None:
    assert parse_yen(written) is fault


def test_leading_zeros_do_not_make_an_amount_large() -> None:
    assert parse_yen("0" * 30 + "5") == 5


@pytest.mark.parametrize("written", ["¥5", "5円"])
def test_a_count_is_no_amount(written: str) -> None:
    assert parse_integer(written) is TextFault.NOT_A_NUMBER


def test_a_sentinel_is_a_number_here_and_the_mappings_to_explain() -> None:
    assert parse_yen("-9999") == -9999


@given(st.integers(-(10**12) + 1, 10**12 - 1))
def test_every_form_of_an_amount_is_the_same_amount(yen: int) -> None:
    forms = [str(yen), f"{yen:,}", f"{yen}.00", f"{yen:,}円", str(yen).translate(FULL_WIDTH)]
    assert [parse_yen(form) for form in forms] == [yen] * len(forms)


FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("0.1", 1000),
        ("0.10", 1000),
        ("0.08", 800),
        ("0", 0),
        ("0.0", 0),
        ("10", 1000),
        ("8", 800),
        ("10%", 1000),
        ("8.0%", 800),
        ("８％", 800),
        ("0%", 0),
        ("7.8%", 780),
        ("0.078", 780),
        ("0.5%", 50),
    ],
)
def test_a_rate_is_read_as_ratio_or_percentage(written: str, points: int) -> None:
    assert parse_rate(written) == points


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", TextFault.EMPTY),
        ("軽減", TextFault.NOT_A_RATE),
        ("-0.1", TextFault.NOT_A_RATE),
        ("101", TextFault.NOT_A_RATE),
        ("0.10001", TextFault.NOT_A_RATE),
        ("1e-1", TextFault.NOT_A_RATE),
        ("%", TextFault.NOT_A_RATE),
    ],
)
def test_what_is_no_rate_is_refused(written: str, fault: TextFault) -> None:
    assert parse_rate(written) is fault
