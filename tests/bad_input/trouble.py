"""A case of anything but an inbound file: what goes wrong, the status, what is said, where the data is afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from bad_input.inbound import Two


@dataclass(frozen=True)
class Trouble:
    """One case. `said` are words of the sentence in English and Japanese; `key` is what the test goes by."""

    name: str
    key: str
    status: int
    said: Two = ("", "")
    note: str = ""
