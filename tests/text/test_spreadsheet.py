"""A report does nothing when it is opened, and what a spreadsheet program broke is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.spreadsheet import is_damaged, is_scientific, neutralise


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        '=HYPERLINK("http://shop.example.jp")',
        "+81-90-0000-1234",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "＋1+1",
        "－A1",
        "＠SUM(A1)",
        "-1500円",
    ],
)
def test_what_would_run_becomes_text(cell: str) -> None:
    assert neutralise(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["", "見本花子", "1500", "-1500", "+5", "-1,500", "-0.5", "090-0000-1234", "-", "a=b", "'=1"]
)
def test_what_is_harmless_stays(cell: str) -> None:
    assert neutralise(cell) == cell


@given(st.text())
def test_nothing_is_neutralised_twice(cell: str) -> None:
    assert neutralise(neutralise(cell)) == neutralise(cell)


@given(st.integers())
def test_every_number_stays_a_number(number: int) -> None:
    assert neutralise(str(number)) == str(number)
    assert neutralise(f"{number:,}") == f"{number:,}"


@pytest.mark.parametrize("code", ["1.23E+12", "4.9012E+12", "1E+05", "1.00E+11", "-2.5e+10", " 1.23E+12 "])
def test_a_code_in_powers_of_ten_is_damaged(code: str) -> None:
    assert is_scientific(code)
    assert is_damaged(code)


@pytest.mark.parametrize("code", ["#NAME?", "#REF!", "#N/A", "#VALUE!", "########"])
def test_an_error_cell_is_damaged(code: str) -> None:
    assert is_damaged(code)
    assert not is_scientific(code)


@pytest.mark.parametrize("code", ["", "1E5", "5E12", "E+12", "ABC-1E+12", "4901234567894", "#1", "12.5"])
def test_an_honest_code_is_not(code: str) -> None:
    assert not is_damaged(code)
