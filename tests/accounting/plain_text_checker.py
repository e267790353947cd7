"""An independent reading of a 弥生 journal file: from its bytes to plain-text accounting, checked by beancount.

Knows nothing of our tables: 25 columns in cp932, as the package's own page describes them. `read_books`
returns the sums of what beancount accepted, and refuses anything else.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from beancount import loader
from beancount.core.data import Transaction

COLUMNS = 25
OUTSIDE = "対象外"
TAX = re.compile(r"対象外|非課売上|課税売[上返][込内](10%|軽減8%)")
AMOUNT = re.compile(r"0|[1-9][0-9]{0,10}")
GROUPS = re.compile(r"(?:2000|2111|2110(?:2100)*2101)+")
WIDTHS = {4: 24, 5: 24, 10: 24, 11: 24, 16: 64}


class CheckError(Exception):
    """The file is not a journal that an accountant could trust."""


@dataclass(frozen=True)
class Side:
    """One side of a row, as the file has it."""

    account: str
    sub_account: str
    tax: str
    amount: int
    tax_amount: int | None


@dataclass
class Books:
    """What the file says once beancount has taken it: debits are positive."""

    entries: list[tuple[date, str]] = field(default_factory=list)
    by_day: Counter[date] = field(default_factory=Counter)
    by_sub_account: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_tax: Counter[str] = field(default_factory=Counter)
    tax_amounts: Counter[str] = field(default_factory=Counter)


def read_books(data: bytes) -> Books:
    """Read a journal file; raise CheckError where it is malformed or does not balance."""
    rows = _rows(data)
    groups = _groups(rows)
    text, names = _plain_text(groups)
    entries, errors, _options = loader.load_string(text)
    if errors:
        raise CheckError([type(error).__name__ for error in errors])
    books = Books()
    for entry in entries:
        if isinstance(entry, Transaction):
            _add(books, entry, names)
    if len(books.entries) != len(groups):
        message = "an entry was lost"
        raise CheckError(message)
    if any(books.by_day.values()):
        message = "a day does not balance"
        raise CheckError(message)
    return books


def _rows(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        message = "not cp932"
        raise CheckError(message) from None
    if not text.endswith("\r\n") or "\n" in text.replace("\r\n", "") or "\r" in text.replace("\r\n", ""):
        message = "lines must end in CRLF"
        raise CheckError(message)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        message = "not a CSV file"
        raise CheckError(message) from None
    for row in rows:
        if len(row) != COLUMNS:
            message = f"{len(row)} columns"
            raise CheckError(message)
        if any(len(row[place].encode("cp932")) > width for place, width in WIDTHS.items()):
            message = "a text that the package would cut"
            raise CheckError(message)
        if any(row[place] for place in (2, 6, 12, 17, 18, 20, 21)) or row[22:] != ["0", "0", "no"]:
            message = "a column that must stay blank is not"
            raise CheckError(message)
    return rows


def _groups(rows: list[list[str]]) -> list[list[list[str]]]:
    """Cut the rows into slips by their flags."""
    if not GROUPS.fullmatch("".join(row[0] for row in rows)) or any(len(row[0]) != 4 for row in rows):
        message = "the flags do not make slips"
        raise CheckError(message)
    groups: list[list[list[str]]] = []
    for row in rows:
        if row[0] in {"2000", "2111", "2110"}:
            groups.append([])
        if row[19] != ("0" if row[0] == "2000" else "3"):
            message = "the type does not fit the flag"
            raise CheckError(message)
        groups[-1].append(row)
    for group in groups:
        if len({(row[1], row[3], row[16]) for row in group}) != 1:
            message = "the rows of a slip disagree"
            raise CheckError(message)
    numbers = [group[0][1] for group in groups]
    if len(set(numbers)) != len(numbers) or not all(number.isdigit() for number in numbers):
        message = "slip numbers must be numbers, each once"
        raise CheckError(message)
    return groups


def _side(row: list[str], first: int) -> Side | None:
    account, sub_account, _section, tax, amount, tax_amount = row[first : first + 6]
    if (
        not TAX.fullmatch(tax)
        or not AMOUNT.fullmatch(amount)
        or (tax_amount and not AMOUNT.fullmatch(tax_amount))
    ):
        message = "a tax class or an amount is not one"
        raise CheckError(message)
    if not account:
        if sub_account or tax != OUTSIDE or amount != "0" or tax_amount:
            message = "a blank side is not blank"
            raise CheckError(message)
        return None
    if amount == "0":
        message = "an account without an amount"
        raise CheckError(message)
    return Side(account, sub_account, tax, int(amount), int(tax_amount) if tax_amount else None)


def _plain_text(groups: list[list[list[str]]]) -> tuple[str, dict[str, tuple[str, str]]]:
    """Return the journal as beancount's text, and the accounts by the names they have in it."""
    names: dict[str, tuple[str, str]] = {}
    body: list[str] = []
    first_day = date.max
    for group in groups:
        day = _day(group[0][3])
        first_day = min(first_day, day)
        body.append(f'{day:%Y-%m-%d} * "{group[0][1]}"')
        for row in group:
            for sign, side in (("", _side(row, 4)), ("-", _side(row, 10))):
                if side is None:
                    continue
                name = (
                    f"Assets:A{side.account.encode('cp932').hex()}:S{side.sub_account.encode('cp932').hex()}"
                )
                names[name] = (side.account, side.sub_account)
                body.append(f"  {name}  {sign}{side.amount} JPY")
                body.append(f'    tax: "{side.tax}"')
                body.append(f'    tax_amount: "{"" if side.tax_amount is None else side.tax_amount}"')
    opened = [f"{first_day:%Y-%m-%d} open {name} JPY" for name in sorted(names)]
    return "\n".join([*opened, *body]) + "\n", names


def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}/[0-9]{2}/[0-9]{2}", text):
        message = "not a date"
        raise CheckError(message)
    try:
        return datetime.strptime(text, "%Y/%m/%d").date()  # noqa: DTZ007 - a date, without a time
    except ValueError:
        message = "not a day"
        raise CheckError(message) from None


def _add(books: Books, entry: Transaction, names: dict[str, tuple[str, str]]) -> None:
    books.entries.append((entry.date, entry.narration))
    for posting in entry.postings:
        amount = int(posting.units.number)
        books.by_day[entry.date] += amount
        books.by_sub_account[names[posting.account]] += amount
        books.by_tax[posting.meta["tax"]] += amount
        if posting.meta["tax_amount"]:
            books.tax_amounts[posting.meta["tax"]] += int(posting.meta["tax_amount"]) * (
                1 if amount > 0 else -1
            )
