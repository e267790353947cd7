"""Postcodes, phone and tracking numbers are texts, and stay what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.text.faults import FAULT_TITLES, TextFault
from ecsync.text.phones import join_phone, normalise_phone, phone_digits
from ecsync.text.postcodes import hyphenated, join_postcode, normalise_postcode
from ecsync.text.tracking import is_suspect, normalise_tracking


@pytest.mark.parametrize(
    "written",
    [
        "0600001",
        "060-0001",
        "０６０－０００１",
        "〒060-0001",
        "〒 060-0001",
        "060 0001",
        "060ー0001",
        " 060−0001　",
    ],
)
def test_a_postcode_is_seven_digits_however_it_is_written(written: str) -> None:
    assert normalise_postcode(written) == "0600001"


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", TextFault.EMPTY),
        ("　", TextFault.EMPTY),
        ("600001", TextFault.NOT_A_POSTCODE),
        ("06000011", TextFault.NOT_A_POSTCODE),
        ("0600-001", TextFault.NOT_A_POSTCODE),
        ("000-0000", TextFault.NOT_A_POSTCODE),
        ("060-000X", TextFault.NOT_A_POSTCODE),
        ("060-0001 060-0002", TextFault.NOT_A_POSTCODE),
    ],
)
def test_what_is_no_postcode_is_refused(written: str, fault: TextFault) -> None:
    assert normalise_postcode(written) is fault


@pytest.mark.parametrize(
    ("area", "town", "postcode"),
    [
        ("060", "0001", "0600001"),
        ("60", "1", "0600001"),
        ("1", "0001", "0010001"),
        ("１００", "０００１", "1000001"),
        ("", "", TextFault.EMPTY),
        ("060", "", TextFault.NOT_A_POSTCODE),
        ("", "0001", TextFault.NOT_A_POSTCODE),
        ("0600", "001", TextFault.NOT_A_POSTCODE),
        ("0", "0", TextFault.NOT_A_POSTCODE),
    ],
)
def test_two_columns_get_their_zeros_back(area: str, town: str, postcode: str | TextFault) -> None:
    assert join_postcode(area, town) == postcode


def test_a_postcode_is_written_with_a_hyphen_where_a_partner_wants_one() -> None:
    assert hyphenated("0600001") == "060-0001"
    assert hyphenated("") == ""


@given(st.integers(10_000, 9_999_999))
def test_a_postcode_survives_both_its_forms(number: int) -> None:
    postcode = f"{number:07}"
    assert normalise_postcode(hyphenated(postcode)) == postcode
    assert join_postcode(str(int(postcode[:3])), str(int(postcode[3:]))) == postcode


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("090-0000-1234", "090-0000-1234"),
        ("09000001234", "09000001234"),
        ("０９０－００００－１２３４", "090-0000-1234"),
        ("(03)0000-1234", "03-0000-1234"),
        ("03 0000 1234", "03-0000-1234"),
        ("03.0000.1234", "03-0000-1234"),
        ("+81-90-0000-1234", "090-0000-1234"),
        ("+81 3 0000 1234", "03-0000-1234"),
        ("+81(0)90-0000-1234", "090-0000-1234"),
        ("0120-000-123", "0120-000-123"),
        ("0800-000-1234", "0800-000-1234"),
        ("050-0000-1234", "050-0000-1234"),
    ],
)
def test_a_phone_number_keeps_the_hyphens_of_its_source(written: str, number: str) -> None:
    assert normalise_phone(written) == number


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", TextFault.EMPTY),
        ("9000001234", TextFault.NOT_A_PHONE),
        ("090-0000-123", TextFault.NOT_A_PHONE),
        ("090-0000-12345", TextFault.NOT_A_PHONE),
        ("00-0000-1234", TextFault.NOT_A_PHONE),
        ("03000012345", TextFault.NOT_A_PHONE),
        ("+82-2-000-1234", TextFault.NOT_A_PHONE),
        ("+0300001234", TextFault.NOT_A_PHONE),
        ("090-0000-1234 home", TextFault.NOT_A_PHONE),
        ("none", TextFault.NOT_A_PHONE),
        ("9.00E+09", TextFault.EXCEL_DAMAGE),
    ],
)
def test_what_is_no_phone_number_is_refused(written: str, fault: TextFault) -> None:
    assert normalise_phone(written) is fault


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("9000001234", "09000001234"),
        ("300001234", "0300001234"),
        ("90-0000-1234", "090-0000-1234"),
        ("8000001234", "08000001234"),
        # Right as it is: nothing is put before it.
        ("0300001234", "0300001234"),
        # No number with a zero either.
        ("1234567890", TextFault.NOT_A_PHONE),
        ("00001234", TextFault.NOT_A_PHONE),
    ],
)
def test_one_zero_that_a_spreadsheet_took_is_given_back_where_declared(
    written: str, number: str | TextFault
) -> None:
    assert normalise_phone(written, restore_zero=True) == number


@pytest.mark.parametrize(
    ("parts", "number"),
    [
        (["090", "0000", "1234"], "090-0000-1234"),
        (["09000001234", "", ""], "09000001234"),
        ([" ", "", ""], TextFault.EMPTY),
        (["090", "0000", ""], TextFault.NOT_A_PHONE),
    ],
)
def test_a_number_in_three_columns_is_one_number(parts: list[str], number: str | TextFault) -> None:
    assert join_phone(parts) == number


def test_a_zero_is_given_back_to_the_first_column() -> None:
    assert join_phone(["90", "0000", "1234"], restore_zero=True) == "090-0000-1234"
    assert join_phone(["3", "0000", "1234"], restore_zero=True) == "03-0000-1234"


def test_two_numbers_are_compared_by_their_digits() -> None:
    assert phone_digits("090-0000-1234") == phone_digits("09000001234") == "09000001234"


@given(st.integers(0, 9999), st.sampled_from(["090", "080", "070", "050"]))
def test_what_was_read_once_is_read_the_same_again(line: int, prefix: str) -> None:
    number = normalise_phone(f"{prefix}-0000-{line:04}")
    assert isinstance(number, str)
    assert normalise_phone(number) == number
    assert normalise_phone(number.removeprefix("0"), restore_zero=True) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("4444-1375-8703", "444413758703"),
        ("４４４４－１３７５－８７０３", "444413758703"),
        ("4444 1375 8703", "444413758703"),
        ("0123456789", "0123456789"),
        ("", TextFault.EMPTY),
        ("4.44E+11", TextFault.EXCEL_DAMAGE),
        ("1E+05", TextFault.EXCEL_DAMAGE),
        ("4444A1375", TextFault.NOT_DIGITS),
        ("1234567", TextFault.WRONG_LENGTH),
        ("1" * 21, TextFault.WRONG_LENGTH),
    ],
)
def test_a_tracking_number_is_digits(written: str, number: str | TextFault) -> None:
    assert normalise_tracking(written) == number


@pytest.mark.parametrize(
    ("number", "carrier", "suspect"),
    [
        ("444413758703", "yamato", False),
        ("405548424886", "japan_post", False),
        ("512547514334", "sagawa", False),
        ("444413758704", "yamato", True),
        ("444413758713", "sagawa", True),
        ("444413758704", "fukuyama", False),
        ("4444137587", "yamato", False),
        ("44413758703", "sagawa", True),
        ("40554842488", "japan_post", False),
    ],
)
def test_a_wrong_check_digit_is_suspected_where_the_carrier_has_one(
    number: str, carrier: str, suspect: bool
) -> None:
    assert is_suspect(number, carrier) is suspect


@given(st.integers(0, 10**11 - 1), st.integers(1, 6))
def test_a_changed_check_digit_is_always_seen(body: int, change: int) -> None:
    check = body % 7
    assert not is_suspect(f"{body:011}{check}", "yamato")
    assert is_suspect(f"{body:011}{(check + change) % 7}", "yamato")


def test_every_fault_has_its_words() -> None:
    assert set(FAULT_TITLES) == set(TextFault)
    assert len({fault.value for fault in TextFault}) == len(TextFault)


def test_a_fault_cannot_pass_for_a_text() -> None:
    assert not any(isinstance(fault, str) for fault in TextFault)
