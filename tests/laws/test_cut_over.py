"""A merchant that starts in mid-month ships and books nothing from before the cut-over; the opening proves."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecsync.errors import InputRefusedError
from ecsync.run.opening_run import load_opening_folder
from shop import NIGHT, NOON, utc

if TYPE_CHECKING:
    from played_days import MakeShop

OLD_ORDER = "000001-20261118-0000000013"
CLOCK = "2026-11-24T01:00:00Z"
WRITTEN = datetime.fromisoformat(CLOCK).timestamp()


def opening(root: Path, **files: str) -> Path:
    folder = root / "opening"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / f"{name}.csv"
        path.write_text(content, encoding="utf-8", newline="")
        os.utime(path, (WRITTEN, WRITTEN))  # of the story's day: two versions within a second are told apart
    return folder


STOCK = "warehouse,sku,qty\r\nmain,TOWEL-L,60\r\nmain,MUG-WHITE,24\r\n"


def test_an_order_from_before_the_cut_over_is_known_and_left_alone(make_sqlite_shop: MakeShop) -> None:
    shop = make_sqlite_shop(after=NIGHT.name)
    assert shop.rows(f"SELECT state FROM sales_order WHERE order_no = '{OLD_ORDER}'") == [("foreign",)]
    for table in ("shipping_instruction", "allocation", "booking", "shipping_notice", "order_hold"):
        assert shop.rows(f"SELECT COUNT(*) FROM {table} WHERE order_no = '{OLD_ORDER}'") == [(0,)], table
    everything = b"".join(shop.delivered().values())
    assert OLD_ORDER.encode() not in everything


def test_an_order_listed_as_open_is_ours_from_then_on(make_shop: MakeShop) -> None:
    shop = make_shop()
    folder = opening(shop.root, stock=STOCK, orders=f"channel,order_no\r\nrakuten1,{OLD_ORDER}\r\n")
    load_opening_folder(shop.settings, folder, CLOCK)
    shop.play(NOON)
    assert shop.rows(f"SELECT state FROM sales_order WHERE order_no = '{OLD_ORDER}'") == [("open",)]
    assert shop.rows(f"SELECT COUNT(*) FROM shipping_instruction WHERE order_no = '{OLD_ORDER}'") == [(1,)]
    shop.play(NIGHT)
    assert shop.rows(f"SELECT COUNT(*) FROM booking WHERE order_no = '{OLD_ORDER}'") == [(1,)]


def test_an_order_that_was_foreign_becomes_ours_when_the_opening_names_it_later(
    make_sqlite_shop: MakeShop,
) -> None:
    shop = make_sqlite_shop(after=NOON.name)
    folder = opening(shop.root, orders=f"channel,order_no\r\nrakuten1,{OLD_ORDER}\r\n")
    load_opening_folder(shop.settings, folder, utc(NOON.at))
    shop.play(NIGHT)
    assert shop.rows(f"SELECT state FROM sales_order WHERE order_no = '{OLD_ORDER}'") != [("foreign",)]


def test_the_opening_figures_prove_and_load_once(make_shop: MakeShop) -> None:
    shop = make_shop()
    folder = opening(
        shop.root,
        stock=STOCK,
        receivables=f"channel,order_no,payer,amount\r\nrakuten1,{OLD_ORDER},楽天市場,5710\r\n",
        counters="name,value\r\nparcel,5000\r\njournal,300\r\n",
    )
    outcome = load_opening_folder(shop.settings, folder, CLOCK)
    assert outcome.proofs
    assert all(proof.holds for proof in outcome.proofs)
    assert shop.rows("SELECT sku, on_hand FROM stock_balance ORDER BY sku") == [
        ("MUG-WHITE", 24),
        ("TOWEL-L", 60),
    ]
    assert shop.rows("SELECT payer, amount FROM opening_receivable") == [("楽天市場", 5710)]
    master = shop.master()
    load_opening_folder(shop.settings, folder, CLOCK)
    assert shop.master() == master
    shop.play(NOON)
    assert shop.rows("SELECT MIN(parcel_no) FROM shipping_instruction") == [("P00005001",)]


def test_a_contradicting_or_broken_opening_is_refused_whole(make_sqlite_shop: MakeShop) -> None:
    shop = make_sqlite_shop()
    load_opening_folder(shop.settings, opening(shop.root, stock=STOCK), CLOCK)
    master = shop.master()
    for bad in (
        STOCK.replace("60", "61"),
        STOCK + "nowhere,TOWEL-L,1\r\n",
        STOCK + "main,DRIPPER,many\r\n",
    ):
        with pytest.raises(InputRefusedError) as refused:
            load_opening_folder(shop.settings, opening(shop.root, stock=bad), CLOCK)
        assert refused.value.exit_status == 14
        assert shop.master() == master
