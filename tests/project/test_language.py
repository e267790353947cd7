"""Which language ecsync speaks, and to whom."""

import os
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from ecsync.locale import _, current_language, language_from, language_of, ngettext, set_language, speaking


@pytest.fixture(autouse=True)
def _the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    set_language(None)
    yield
    set_language(None)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "ja_JP.eucJP@kana"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
        ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, "en"),
    ],
)
def test_the_first_variable_that_is_set_decides(environment: dict[str, str], language: str) -> None:
    assert language_from(environment) == language


def test_the_environment_is_read_when_nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert current_language() == "ja"
    set_language("en")
    assert current_language() == "en"
    set_language(None)
    assert current_language() == "ja"


def test_a_choice_holds_in_every_thread() -> None:
    set_language("ja")
    heard: list[str] = []
    thread = Thread(target=lambda: heard.append(current_language()))
    thread.start()
    thread.join()
    assert heard == ["ja"]


def test_a_block_speaks_its_own_language_and_then_the_former_one() -> None:
    set_language("en")
    with speaking("ja"):
        assert current_language() == "ja"
        with speaking("en"):
            assert current_language() == "en"
        assert current_language() == "ja"
    assert current_language() == "en"


def test_a_block_that_fails_gives_the_language_back() -> None:
    with pytest.raises(RuntimeError), speaking("ja"):
        raise RuntimeError
    assert current_language() == "en"


@pytest.mark.parametrize("name", ["de", "", "C", "japanese"])
def test_a_language_without_a_catalogue_is_refused(name: str) -> None:
    assert language_of(name) is None
    with pytest.raises(ValueError, match="en, ja"):
        set_language(name)


def test_a_text_without_a_translation_stays_english() -> None:
    with speaking("ja"):
        assert _("no catalogue has this text") == "no catalogue has this text"
        assert ngettext("one thing", "many things", 1) == "one thing"
        assert ngettext("one thing", "many things", 2) == "many things"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_no_text_stays_no_text(lang: str) -> None:
    with speaking(lang):
        assert _("") == ""


def test_speaking_needs_nothing_but_the_standard_library() -> None:
    program = "import sys, ecsync.locale; print(*{name.partition('.')[0] for name in sys.modules})"
    environment = {**os.environ, "PYTHONNOUSERSITE": "1"}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    ours = {name for name in answer.stdout.split() if name not in sys.stdlib_module_names}
    assert not ours & {"babel", "rich", "typer", "pandas", "sqlalchemy", "pydantic"}
