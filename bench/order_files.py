"""Order files in Rakuten's layout of 158 columns: cp932, every cell quoted, CRLF, line ends inside cells.

`write_orders` is deterministic: the same lines and seed give the same bytes. All people, places and goods are
invented; how many of what there are stands in order_files.yaml.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from partner_files.rakuten import COLUMNS  # noqa: E402

RATES: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
SHOP_ID = "000001"
LAST_DAY = datetime(2026, 11, 24)  # noqa: DTZ001  (the file's own local time)

_NEXT = {"100": "300", "300": "500", "500": "700", "700": "700", "900": "900"}


@dataclass(frozen=True)
class _Person:
    cells: dict[str, str]
    number: int

    def named(self, prefix: str) -> dict[str, str]:
        return {f"{prefix}{name}": value for name, value in self.cells.items()}


def product(number: int) -> tuple[str, str, str, int, int]:
    """Return item, variant, SKU, price and tax rate in percent of the n-th SKU."""
    item, variant = divmod(number, RATES["skus_of_an_item"])
    return (
        f"item-{item:05d}",
        f"v{variant}",
        f"SKU-{number:06d}",
        300 + number * 37 % 9000,
        8 if item % 5 == 0 else 10,
    )


def write_orders(path: Path, lines: int, *, seed: int, moved_on: bool = False) -> int:
    """Write about `lines` order lines (never fewer) and return how many; `moved_on`: the next night's export."""
    written = 0
    head = ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"
    with path.open("wb", buffering=1 << 20) as out:
        out.write(head.encode("cp932"))
        for rows in _orders(random.Random(seed), lines, moved_on=moved_on):  # noqa: S311
            out.writelines(rows)
            written += len(rows)
            if written >= lines:
                return written
    return written


def write_products(path: Path) -> None:
    """Write the core system's product list for all SKUs of the orders (layout core/products)."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        out.write("sku,name,jan,supplier,cost,price,tax_rate\r\n")
        for number in range(RATES["skus"]):
            item, variant, sku, price, rate = product(number)
            out.write(f"{sku},{item} {variant},,S1,{price // 2},{price},{rate}\r\n")


def _orders(chance: random.Random, lines: int, *, moved_on: bool) -> Iterator[list[bytes]]:
    people: list[_Person] = []
    pick = {
        name: _weighted(RATES[name])
        for name in ("lines_per_order", "statuses", "fresh_statuses", "payments", "slots")
    }
    template = _Template()
    # A mall exports orders by their time, and numbers them so.
    share = sum(count * part for count, part in RATES["lines_per_order"].items())
    step = timedelta(seconds=RATES["days"] * 86_400 * share / lines)
    number = 0
    while True:
        number += 1
        if people and chance.random() < RATES["returning"]:
            buyer = people[chance.randrange(len(people))]
        else:
            buyer = _person(chance, number)
            people.append(buyer)
        receiver = _person(chance, -number) if chance.random() < RATES["gifts"] else buyer
        at = LAST_DAY - timedelta(days=RATES["days"]) + number * step
        status = pick[
            "fresh_statuses" if LAST_DAY - at < timedelta(days=RATES["fresh_days"]) else "statuses"
        ](chance)
        moves = chance.random() < RATES["moved_on"]
        values = _order_cells(chance, number, at, buyer, pick)
        values["ステータス"] = _NEXT[status] if moved_on and moves else status
        values |= receiver.named("送付先")
        yield _rows(chance, number, values, int(pick["lines_per_order"](chance)), template)


def _order_cells(
    chance: random.Random, number: int, at: datetime, buyer: _Person, pick: dict[str, Any]
) -> dict[str, str]:
    wished = LAST_DAY + timedelta(days=3 + number % 7)
    second = "\n平日の午前はおりません" if chance.random() < RATES["comment_lines"] else ""
    return {
        "注文番号": f"{SHOP_ID}-{at:%Y%m%d}-{number:010d}",
        "注文日時": f"{at:%Y-%m-%d %H:%M:%S}",
        "支払方法名": "物々交換" if chance.random() < RATES["unknown_payment"] else pick["payments"](chance),
        "お届け時間帯": pick["slots"](chance),
        "お届け日指定": f"{wished:%Y-%m-%d}" if chance.random() < RATES["wished_date"] else "",
        "コメント": f"[配送日時指定:]\n{second}",
        "のし": "御祝" if chance.random() < RATES["noshi"] else "",
        "注文者メールアドレス": f"buyer{buyer.number}@example.jp",
        "送付先ID": f"{number:010d}",
        "ポイント利用額": str(chance.randrange(1, 300)) if chance.random() < RATES["points"] else "0",
        "店舗発行クーポン利用額": "100" if chance.random() < RATES["coupons"] else "0",
        **buyer.named("注文者"),
    }


def _rows(
    chance: random.Random, number: int, order: dict[str, str], count: int, template: _Template
) -> list[bytes]:
    sold = [(product(chance.randrange(RATES["skus"])), 1 + chance.randrange(3) // 2) for _ in range(count)]
    goods = sum(price * qty for (_item, _variant, _sku, price, _rate), qty in sold)
    reduced = sum(price * qty for (_item, _variant, _sku, price, rate), qty in sold if rate == 8)  # noqa: PLR2004
    postage = 0 if goods >= 4000 else 550  # noqa: PLR2004
    coupon = int(order["店舗発行クーポン利用額"])
    billed = goods + postage - int(order["ポイント利用額"]) - coupon
    standard = goods + postage - coupon - reduced
    order |= {
        "商品合計金額": str(goods), "送料合計": str(postage), "合計金額": str(goods + postage), "請求金額": str(billed),
        "送付先送料": str(postage), "クーポン利用総額": str(coupon),
        "10%請求金額": str(standard), "10%請求額に対する税額": str(standard * 10 // 110),
        "8%請求金額": str(reduced), "8%請求額に対する税額": str(reduced * 8 // 108),
    }  # fmt: skip
    made = []
    for index, ((item, variant, sku, price, rate), qty) in enumerate(sold):
        bad = chance.random() < RATES["bad_quantity"]
        cells = order | {
            "商品明細ID": f"{number:09d}{index + 1}", "商品ID": f"1{index:04d}",
            "商品名": f"{RATES['goods'][price % 10]} {RATES['colours'][int(variant[1:])]} {sku}",
            "商品番号": item.upper(),
            "商品管理番号": item, "SKU管理番号": variant, "システム連携用SKU番号": sku,
            "単価": str(price), "個数": "一個" if bad else str(qty), "商品税率": "0.1" if rate == 10 else "0.08",  # noqa: PLR2004
        }  # fmt: skip
        row = template.row(cells)
        made.append(row)
        if chance.random() < RATES["identical_rows"]:
            made.append(row)
    return made


def _person(chance: random.Random, number: int) -> _Person:
    def one(kind: str) -> Any:
        return RATES[kind][chance.randrange(len(RATES[kind]))]

    prefecture, city, code = one("places")
    block = chance.randrange(1, 400)
    cells = {
        "姓": one("families"), "名": one("given"), "姓カナ": one("kana"), "名カナ": "イチロウ",
        "郵便番号1": code, "郵便番号2": f"{chance.randrange(10_000):04d}",
        "住所都道府県": prefecture, "住所郡市区": city,
        "住所それ以降の住所": f"{one('towns')}{block % 9 + 1}-{block}-{abs(number) % 97}",
        "電話番号1": "090", "電話番号2": "0000", "電話番号3": f"{abs(number) % 10_000:04d}",
    }  # fmt: skip
    return _Person(cells, abs(number))


def _weighted(shares: dict[Any, float]) -> Any:
    values, weights = list(shares), list(shares.values())
    return lambda chance: chance.choices(values, weights)[0]


class _Template:
    """A row as a text with holes for the cells that differ; the others are the layout's usual ones."""

    def __init__(self) -> None:
        self._text = ""
        self._names: tuple[str, ...] = ()

    def row(self, cells: dict[str, str]) -> bytes:
        if not self._text:
            self._names = tuple(name for name in COLUMNS if name in cells)
            shown = ("%s" if name in cells else RATES["usual"].get(name, "") for name in COLUMNS)
            self._text = (
                ",".join(f'"{text.replace("%", "%%") if text != "%s" else text}"' for text in shown) + "\r\n"
            )
        return (self._text % tuple(cells[name] for name in self._names)).encode("cp932")
