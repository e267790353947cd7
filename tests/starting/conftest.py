"""The command line where there is no project yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecsync.cli import main
from face import Ecsync, Said, process_as_it_was


@pytest.fixture
def ecsync(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ecsync:
    """Give the command line in an empty folder, in English."""
    monkeypatch.chdir(tmp_path)

    def speak(*words: str, lang: str = "en") -> Said:
        capsys.readouterr()
        with process_as_it_was():
            status = main(["--lang", lang, *words])
        heard = capsys.readouterr()
        return Said(status, heard.out, heard.err)

    return speak
