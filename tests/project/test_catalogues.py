"""Everything ecsync says to a person, it can say in every language it has."""

import pytest

from catalogue import SOURCE, faults, stale, texts_of
from ecsync.locale import LANGUAGES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_catalogue_says_every_text_with_the_same_placeholders(lang: str) -> None:
    found = faults(lang, texts_of(SOURCE))
    told = "\n".join([f"{lang}: {len(found)} texts; run `make catalogue`, then translate", *found])
    assert not found, told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_compiled_catalogue_is_current(lang: str) -> None:
    assert not stale(lang), f"run `make catalogue`: the compiled {lang} catalogue is older than its source"
