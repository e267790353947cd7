"""Law 1: the same inbound files, any number of times, renamed, re-sent or shuffled, change nothing more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from oracle import master_rows
from played_days import BEFORE
from shop import NAMES, NIGHT, NOON, SAMPLE, STEPS, STORY, Shop
from shuffled import shuffled

if TYPE_CHECKING:
    from ecsync.demo.story import Step
    from played_days import MakeShop, PlayedDays


def send_again(shop: Shop, step: Step, mark: str, seed: int = 0) -> list[str]:
    """Let the partners send a step's files under other names, with `seed` in another order; return the names."""
    names = []
    for placed in step.place:
        stem, dot, ending = placed.to.rpartition(".")
        content = (SAMPLE / placed.file).read_bytes()
        if seed:
            content = shuffled(shop, placed.to, content, seed)
        shop.put(f"{stem}_{mark}{dot}{ending}", content, placed.mtime)
        names.append(f"{stem}_{mark}{dot}{ending}".rpartition("/")[2])
    return names


def shuffle_what_waits(shop: Shop, seed: int) -> None:
    """Put the records of every file that waits at a partner into another order, with its time kept."""
    for flow in shop.settings.inbound:
        folder = shop.partners / flow.endpoint / flow.path
        for path in sorted(folder.glob(flow.pattern)):
            if path.is_file():
                times = path.stat().st_mtime
                name = str(path.relative_to(shop.partners))
                path.write_bytes(shuffled(shop, name, path.read_bytes(), seed))
                os.utime(path, (times, times))


@pytest.mark.parametrize("name", NAMES)
def test_every_run_three_times_leaves_one_master_and_sends_nothing_more(
    days_on_sqlite: PlayedDays, make_sqlite_shop: MakeShop, name: str
) -> None:
    played, shop = days_on_sqlite.after(name), make_sqlite_shop(after=name)
    for _again in range(2):
        assert shop.sync(STORY.step(name)).published == []
        assert shop.master() == played.master
        assert shop.delivered() == played.delivered


@pytest.mark.parametrize("step", [NOON, NIGHT], ids=lambda step: step.name)
def test_files_sent_again_as_they_were_or_shuffled_change_nothing(
    days: PlayedDays, make_shop: MakeShop, step: Step
) -> None:
    played, shop = days.after(step.name), make_shop(after=step.name)
    send_again(shop, step, "again")
    again = shop.sync(step)
    names = send_again(shop, step, "shuffled", seed=1)
    shuffled_run = shop.sync(step)
    assert set(shuffled_run.files_taken) == set(names)
    assert (again.published, shuffled_run.published) == ([], [])
    assert shop.master() == played.master
    assert shop.delivered() == played.delivered


def test_all_files_of_all_days_at_once_again_change_nothing(
    days_on_sqlite: PlayedDays, make_sqlite_shop: MakeShop
) -> None:
    last = STEPS[-1]
    played, shop = days_on_sqlite.after(last.name), make_sqlite_shop(after=last.name)
    for number, step in enumerate(STEPS):
        send_again(shop, step, f"late{number}", seed=number + 1)
    assert shop.sync(last).published == []
    assert shop.master() == played.master
    assert shop.delivered() == played.delivered


@pytest.mark.slow
def test_days_of_shuffled_files_end_the_same_on_sqlite(
    days_on_sqlite: PlayedDays, make_sqlite_shop: MakeShop
) -> None:
    shop = make_sqlite_shop(after=BEFORE)
    for step in STEPS:
        shop.place(step)
        shuffle_what_waits(shop, 7)
        shop.sync(step)
        assert shop.delivered() == days_on_sqlite.after(step.name).delivered
    assert master_rows(shop) == master_rows(days_on_sqlite.after(STEPS[-1].name).kept)


def test_a_first_run_on_shuffled_records_ends_the_same_on_postgres(
    days_on_postgres: PlayedDays, make_postgres_shop: MakeShop
) -> None:
    shop = make_postgres_shop(after=BEFORE)
    shop.place(NOON)
    shuffle_what_waits(shop, 7)
    shop.sync(NOON)
    played = days_on_postgres.after(NOON.name)
    assert shop.delivered() == played.delivered
    assert master_rows(shop) == master_rows(played.kept)


def test_an_older_state_never_overwrites_a_newer_one(days: PlayedDays, make_shop: MakeShop) -> None:
    shop = make_shop(after=NIGHT.name)
    send_again(shop, NOON, "late", seed=99)
    assert shop.sync(NIGHT).published == []
    assert shop.master() == days.after(NIGHT.name).master
