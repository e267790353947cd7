"""The tool that keeps the catalogues finds what a translator forgot."""

from pathlib import Path

import pytest

import catalogue
from catalogue import faults, mo_path, po_path, stale, texts_of, write_catalogues

TEXTS = """
from ecsync.locale import N_, _, ngettext
GREETING = N_("Good morning")
def held(count: int, shop: str) -> str:
    return _("Shop {shop}") + ngettext("{count} order held", "{count} orders held", count)
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "greetings.py").write_text(TEXTS, encoding="utf-8")
    monkeypatch.setattr(catalogue, "SOURCE", tmp_path)
    return tmp_path


def translate(lang: str, msgid: str, msgstr: str) -> None:
    path = po_path(lang)
    text = path.read_text(encoding="utf-8")
    before = f'msgid "{msgid}"\nmsgstr ""'
    assert before in text
    path.write_text(text.replace(before, f'msgid "{msgid}"\nmsgstr "{msgstr}"'), encoding="utf-8")


def test_marked_texts_are_found_plural_ones_too(source: Path) -> None:
    assert set(texts_of(source)) == {
        "Good morning",
        "Shop {shop}",
        ("{count} order held", "{count} orders held"),
    }


@pytest.mark.usefixtures("source")
def test_english_needs_no_translator_and_japanese_does() -> None:
    lacking = write_catalogues()
    assert lacking["en"] == []
    assert [line.partition(":")[0] for line in lacking["ja"]] == ["empty"] * 3


@pytest.mark.usefixtures("source")
def test_a_translation_survives_the_next_update() -> None:
    write_catalogues()
    translate("ja", "Good morning", "おはようございます")
    write_catalogues()
    assert "おはようございます" in po_path("ja").read_text(encoding="utf-8")


def test_a_text_that_left_the_source_leaves_the_catalogue(source: Path) -> None:
    write_catalogues()
    (source / "greetings.py").write_text('from ecsync.locale import _\n_("Good night")\n', encoding="utf-8")
    assert "obsolete: 'Good morning'" in faults("en", texts_of(source))
    assert "missing: 'Good night' (greetings.py)" in faults("en", texts_of(source))
    assert write_catalogues()["en"] == []


def test_other_placeholders_are_a_fault(source: Path) -> None:
    write_catalogues()
    translate("ja", "Shop {shop}", "店舗 {mise}")
    assert "other placeholders: 'Shop {shop}' (greetings.py)" in faults("ja", texts_of(source))


def test_a_fuzzy_translation_is_a_fault(source: Path) -> None:
    write_catalogues()
    translate("ja", "Shop {shop}", "店舗 {shop}")
    path = po_path("ja")
    marked = path.read_text(encoding="utf-8").replace('msgid "Shop', '#, fuzzy\nmsgid "Shop')
    path.write_text(marked, encoding="utf-8")
    assert "fuzzy: 'Shop {shop}' (greetings.py)" in faults("ja", texts_of(source))


@pytest.mark.usefixtures("source")
def test_a_compiled_catalogue_older_than_its_source_is_stale() -> None:
    assert stale("ja")
    write_catalogues()
    assert not stale("ja")
    translate("ja", "Good morning", "おはようございます")
    assert stale("ja")


@pytest.mark.usefixtures("source")
def test_the_same_texts_give_the_same_bytes() -> None:
    write_catalogues()
    before = [p(lang).read_bytes() for p in (po_path, mo_path) for lang in ("en", "ja")]
    write_catalogues()
    assert before == [p(lang).read_bytes() for p in (po_path, mo_path) for lang in ("en", "ja")]
