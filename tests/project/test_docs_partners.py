"""docs/partners.md is made from the mappings that are shipped, and says the same today."""

import re

import pytest

import partners_page

SHIPPED = partners_page.shipped()


def test_the_page_is_current() -> None:
    assert partners_page.PAGE.read_text(encoding="utf-8") == partners_page.page(), "make docs"


@pytest.mark.parametrize("mapping", SHIPPED, ids=lambda mapping: mapping.name)
def test_every_mapping_says_where_its_facts_are_from(mapping: partners_page.Shipped) -> None:
    assert mapping.sources != "-"
    assert mapping.remarks
    assert re.match(r"https?://|layouts/", mapping.link) or re.search("CODE|SAMPLE", mapping.sources)
