"""docs/bad-input.md is made from the tables of the cases, and says the same today."""

from bad_input_page import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs"


def test_every_case_says_where_the_data_is_afterwards() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| ") and not line.startswith("| case ")]
    assert len(rows) > 150
    assert [row for row in rows if row.endswith("|  |")] == []
