"""Progress of long work: bars on a terminal, lines with --verbose elsewhere, else nothing; and no part in the work."""

from __future__ import annotations

import contextlib
import io
import sys

import pytest

from ecsync.cli import progress_bars, state
from ecsync.locale import speaking
from ecsync.progress import listening, step
from face import Ecsync
from story_shop import StoryShop, an_order, moment

NOON = ("--as-of", moment("12:00").isoformat())


class Heard:
    """Write down what a listener is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def begin(self, what: str, about: str, total: int | None) -> None:
        self.told.append((what, about, total))

    def advance(self, count: int) -> None:
        self.told.append(count)

    def end(self) -> None:
        self.told.append("end")


class Terminal(io.StringIO):
    """A stderr that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def shop(story: StoryShop) -> StoryShop:
    """Give a shop with files for a noon run."""
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)), an_order(2, ("TOWEL-L", 1)))
    return story


def test_a_listener_hears_each_step_from_begin_to_end() -> None:
    heard = Heard()
    with listening(heard):
        with step("reading", "orders.csv", 10) as advance:
            advance(4)
            advance(6)
        with pytest.raises(ZeroDivisionError), step("sending"):
            _torn = 1 / 0
    assert heard.told == [("reading", "orders.csv", 10), 4, 6, "end", ("sending", "", None), "end"]


def test_nobody_hears_outside_and_the_work_goes_on() -> None:
    heard = Heard()
    with contextlib.suppress(KeyError), listening(heard):
        raise KeyError
    with step("reading") as advance:
        advance(1)
    assert heard.told == []


def test_a_run_tells_of_fetching_reading_deciding_writing_and_sending(shop: StoryShop) -> None:
    heard = Heard()
    with listening(heard):
        shop.run("noon", moment("12:00"))
    begun = [entry for entry in heard.told if isinstance(entry, tuple)]
    order = list(dict.fromkeys(what for what, _about, _total in begun))
    assert order == ["fetching files", "reading", "deciding", "writing files", "sending files"]
    assert ("reading", "order_20261124_1130.csv", None) in begun
    assert heard.told.count("end") == len(begun), "no step is left open"
    read = heard.told[heard.told.index(("reading", "order_20261124_1130.csv", None)) + 1]
    assert read == 2


@pytest.mark.usefixtures("shop")
def test_a_run_that_is_followed_leaves_the_same_bytes(ecsync: Ecsync) -> None:
    plain = ecsync("sync", "noon", *NOON, "--dry-run", "--json").data
    with listening(Heard()):
        followed = ecsync("sync", "noon", *NOON, "--dry-run", "--json").data
    assert followed == plain


@pytest.mark.parametrize("option", ["", "--quiet", "--json"])
@pytest.mark.usefixtures("shop")
def test_off_a_terminal_nothing_is_said_unless_it_is_asked_for(ecsync: Ecsync, option: str) -> None:
    done = ecsync("sync", "noon", *NOON, *([option] if option else []))
    assert done.err == ""


@pytest.mark.usefixtures("shop")
def test_verbose_says_a_line_for_each_step(ecsync: Ecsync) -> None:
    done = ecsync("sync", "noon", *NOON, "--verbose", lang="ja")
    assert "order_20261124_1130.csv: 2" in done.err
    assert "送信" in done.err
    assert "\x1b" not in done.err


def bars(monkeypatch: pytest.MonkeyPatch, **options: bool) -> str:
    """Return what a terminal is shown while two steps run."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(state, "_common", state.Common(**options))
    with speaking("ja"), progress_bars.shown():
        with step("deciding", total=3) as advance:
            advance(3)
        with step("reading", "a\x1bb.csv") as advance:
            advance(5)
    return terminal.getvalue()


def test_a_terminal_is_shown_bars_that_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = bars(monkeypatch)
    assert "0/3" in drawn
    assert "a b.csv" in drawn, "no control code of a name reaches the terminal"
    assert drawn.rstrip().endswith("\x1b[?25h") or "\x1b[2K" in drawn


@pytest.mark.parametrize("option", ["quiet", "json"])
def test_quiet_and_json_show_no_bar_on_a_terminal_either(
    monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    assert bars(monkeypatch, **{option: True}) == ""
