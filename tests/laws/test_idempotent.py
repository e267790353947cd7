"""Law 1: the same inbound files, any number of times, renamed, re-sent or shuffled, change nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle import master_rows
from shop import NIGHT, NOON, SAMPLE, Shop, shuffled_orders

if TYPE_CHECKING:
    from laws_types import MakeShop


def place_shuffled(shop: Shop, file: str, name: str, seed: int) -> None:
    step = NOON if file.startswith("noon") else NIGHT
    placed = next(p for p in step.place if p.file == file and p.to.startswith("rms/orders"))
    content = shuffled_orders((SAMPLE / file).read_bytes(), seed)
    shop.put(f"rms/orders/{name}", content, placed.mtime)


def test_every_run_three_times_leaves_one_master_and_sends_nothing_more(make_shop: MakeShop) -> None:
    shop = make_shop("shop")
    for step in (NOON, NIGHT):
        shop.play(step)
        master, sent = shop.master(), shop.delivered()
        for _again in range(2):
            outcome = shop.sync(step)
            assert outcome.published == []
            assert shop.master() == master
            assert shop.delivered() == sent


def test_files_sent_again_under_other_names_change_nothing(make_shop: MakeShop) -> None:
    shop = make_shop("shop")
    for step in (NOON, NIGHT):
        shop.play(step)
        master, sent = shop.master(), shop.delivered()
        for placed in step.place:
            stem, dot, ending = placed.to.rpartition(".")
            shop.put(f"{stem}_again{dot}{ending}", (SAMPLE / placed.file).read_bytes(), placed.mtime)
        assert shop.sync(step).published == []
        assert shop.master() == master
        assert shop.delivered() == sent


def test_shuffled_records_change_nothing(make_shop: MakeShop) -> None:
    shop = make_shop("shop")
    for step in (NOON, NIGHT):
        shop.play(step)
        master, sent = shop.master(), shop.delivered()
        for seed in (1, 2):
            place_shuffled(shop, f"{step.run}/orders.csv", f"order_shuffled_{step.run}_{seed}.csv", seed)
            outcome = shop.sync(step)
            assert outcome.files_taken == [f"order_shuffled_{step.run}_{seed}.csv"]
            assert outcome.published == []
            assert shop.master() == master
            assert shop.delivered() == sent


def test_a_first_run_on_shuffled_records_ends_the_same(make_shop: MakeShop) -> None:
    plain, other = make_shop("plain"), make_shop("other")
    for step in (NOON, NIGHT):
        plain.play(step)
        other.place(step)
        for path in (other.partners / "rms/orders").glob("*.csv"):
            content, times = path.read_bytes(), path.stat().st_mtime
            path.write_bytes(shuffled_orders(content, 7))
            import os

            os.utime(path, (times, times))
        other.sync(step)
    assert other.delivered() == plain.delivered()
    assert master_rows(other) == master_rows(plain)


def test_an_older_state_never_overwrites_a_newer_one(make_shop: MakeShop) -> None:
    shop = make_shop("shop")
    shop.play(NOON)
    shop.play(NIGHT)
    master = shop.master()
    older = shuffled_orders((SAMPLE / "noon/orders.csv").read_bytes(), 99)
    shop.put("rms/orders/order_late.csv", older, NOON.place[-1].mtime)
    assert shop.sync(NIGHT).published == []
    assert shop.master() == master
