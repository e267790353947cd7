"""An independent reading of a freee journal file: from its bytes to plain-text accounting, checked by beancount.

Knows nothing of our tables: 33 columns in UTF-8 (or cp932), rows of equal 日付 and 伝票番号 are one entry, as the
package's own page describes them. Returns the sums of what beancount accepted, and refuses anything else.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from itertools import groupby
from pathlib import Path

from beancount import loader
from beancount.core.data import Transaction

from accounting.plain_text_checker import AMOUNT, Books, CheckError, _add, _day

HEADER = Path(__file__).resolve().parents[1] / "fixtures" / "headers" / "freee-journals-33cols.csv"
COLUMNS = HEADER.read_text(encoding="utf-8").strip().split(",")
TAX = re.compile(r"対象外|非課売上|課税売[上返](10%|8%（軽）)")
USED = ("勘定科目", "取引先", "金額", "税区分", "税額")


def read_books(data: bytes, encoding: str = "utf-8-sig") -> Books:
    """Read a journal file; raise CheckError where it is malformed or does not balance."""
    rows = _rows(data, encoding)
    entries = [list(group) for _key, group in groupby(rows, key=lambda row: (row["日付"], row["伝票番号"]))]
    numbers = [group[0]["伝票番号"] for group in entries]
    if len(set(numbers)) != len(numbers) or not all(map(str.isdigit, numbers)):
        message = "a slip number stands for two entries"
        raise CheckError(message)
    text, names = _plain_text(entries)
    found, errors, _options = loader.load_string(text)
    if errors:
        raise CheckError([type(error).__name__ for error in errors])
    books = Books()
    for entry in found:
        if isinstance(entry, Transaction):
            _add(books, entry, names)
    if len(books.entries) != len(entries) or any(books.by_day.values()):
        message = "an entry was lost, or a day does not balance"
        raise CheckError(message)
    return books


def _rows(data: bytes, encoding: str) -> list[dict[str, str]]:
    text = data.decode(encoding)
    if not text.endswith("\r\n") or "\n" in text.replace("\r\n", ""):
        message = "lines must end in CRLF"
        raise CheckError(message)
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    if header != COLUMNS or any(len(row) != len(COLUMNS) or row[0] != "[明細行]" for row in rows):
        message = "not the layout"
        raise CheckError(message)
    named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    known = {
        "[表題行]",
        "日付",
        "伝票番号",
        "摘要",
        *(side + name for side in ("借方", "貸方") for name in USED),
    }
    if any(cell for row in named for name, cell in row.items() if name not in known):
        message = "a column that must stay blank is not"
        raise CheckError(message)
    return named


def _side(row: dict[str, str], side: str) -> dict[str, str] | None:
    cells = {name: row[side + name] for name in USED}
    if not cells["勘定科目"]:
        if any(cells.values()):
            message = "a blank side is not blank"
            raise CheckError(message)
        return None
    tax = re.search(r"(\d+)%", cells["税区分"])
    amounts = cells["金額"], cells["税額"]
    if not TAX.fullmatch(cells["税区分"]) or not all(map(AMOUNT.fullmatch, amounts)) or amounts[0] == "0":
        message = "a tax class or an amount is not one"
        raise CheckError(message)
    # A blank tax would book 0; so would a wrong one.
    most = int(amounts[0]) * int(tax[1]) // (100 + int(tax[1])) + 1 if tax else 0
    if int(amounts[1]) > most or (tax and int(amounts[0]) > 100 and amounts[1] == "0"):
        message = "the tax is not that of its class"
        raise CheckError(message)
    return cells


def _plain_text(entries: list[list[dict[str, str]]]) -> tuple[str, dict[str, tuple[str, str]]]:
    names: dict[str, tuple[str, str]] = {}
    body: list[str] = []
    first = date.max
    for group in entries:
        day = _day(group[0]["日付"])
        first = min(first, day)
        body.append(f'{day:%Y-%m-%d} * "{group[0]["伝票番号"]}"')
        for row in group:
            for sign, side in (("", _side(row, "借方")), ("-", _side(row, "貸方"))):
                if side is None:
                    continue
                account = side["勘定科目"], side["取引先"]
                name = f"Assets:A{account[0].encode().hex()}:S{account[1].encode().hex()}"
                names[name] = account
                body.append(f"  {name}  {sign}{side['金額']} JPY")
                body.append(f'    tax: "{side["税区分"]}"')
                body.append(f'    tax_amount: "{side["税額"]}"')
    opened = [f"{first:%Y-%m-%d} open {name} JPY" for name in sorted(names)]
    return "\n".join([*opened, *body]) + "\n", names
