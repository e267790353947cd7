"""Law 9: no personal data and no secret in a log line, an error, a report or database error text, whatever fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from canaries import CANARIES, PASSWORD, heard, journal_of, reports_of, told_in_master, with_canaries
from ecsync.entities.inbound import ORDER_LINES
from ecsync.mapping.catalogue import load_inbound
from face import speaker
from partner_files.base import read_table, table
from shop import NIGHT, NOON, SAMPLE, Shop
from shuffled import flow_of

if TYPE_CHECKING:
    from pathlib import Path

    from played_days import MakeShop

NO_WORDS = re.compile(
    "郵便番号|電話番号[12]|Zip|Postcode|Kana$|アパート|SKU情報|Province|Country|Company|^Phone$|Option|LastName|FirstName"
)
# Where each kind of damage strikes: number, moment, status, way to pay, order number, a name.
STRUCK = {
    "rakuten/orders": ("送料合計", "注文日時", "ステータス", "支払方法名", "注文番号", "注文者姓"),
    "yahoo/orders": ("ShipCharge", "OrderTime", "OrderStatus", "PayMethod", "OrderId", "BillName"),
    "shopify/orders": (
        "Shipping", "Created at", "Financial Status", "Payment Method", "Name", "Billing Name",
    ),
}  # fmt: skip
DAMAGES = {
    "bad number": (0, "五百五十"),
    "bad date": (1, "きのうの夜"),
    "unknown status": (2, "301"),
    "unknown payment": (3, "物々交換"),
    "excel": (4, "1.23E+12"),
}
KINDS = (*DAMAGES, "whole", "cut", "missing column", "glued", "ragged", "nul", "wrong encoding")
AT_ONCE = ("whole", "cut", "wrong encoding")
WHOLE_DAYS = ("whole", "bad number", "cut")  # a dry run before the noon, and the night after it


def damaged(name: str, content: bytes, encoding: str, kind: str) -> bytes:
    """Return a partner's file with canaries, and one kind of damage in or around the columns of people."""
    rows = with_canaries(name, read_table(content, encoding))
    quote, newline = content.startswith(b'"'), "\r\n" if b"\r\n" in content else "\n"
    struck = STRUCK.get(name)
    if struck is None:
        kind = "whole"
    elif kind in DAMAGES:
        place, text = DAMAGES[kind]
        rows[1][rows[0].index(struck[place])] = text
    elif kind == "missing column":
        rows[0][rows[0].index(struck[4])] = "番号"
    elif kind == "ragged":
        rows[1].insert(rows[0].index(struck[5]), rows[1][rows[0].index(struck[5])])
    made = table(rows[0], rows[1:], encoding=encoding, quote=quote, newline=newline)
    text = made.decode(encoding)
    if kind == "cut":
        return text[: len(text) * 2 // 3].encode(encoding)
    if kind == "wrong encoding":
        return text.encode("utf-8" if encoding == "cp932" else "cp932")
    if kind in {"glued", "nul"}:
        assert struck is not None
        canary = CANARIES[name][struck[5]]
        whole = f'"{canary}"' if quote else canary
        text = text.replace(
            whole, f'"{canary}"{canary}' if kind == "glued" else f"{canary[:1]}\0{canary[1:]}", 1
        )
    return text.encode(encoding)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind in AT_ONCE else pytest.mark.slow) for kind in KINDS]
)
def test_canaries_stay_silent_in_every_command_over_every_damaged_file(
    make_sqlite_shop: MakeShop, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = make_sqlite_shop()
    ecsync = speaker(capsys, shop.project)
    shop.place(NOON)
    looked_at = []
    for placed in NOON.place:
        mapping = load_inbound(flow_of(shop, placed.to).mapping)
        if mapping.mapping in CANARIES:
            content = (SAMPLE / placed.file).read_bytes()
            struck = damaged(mapping.mapping, content, mapping.file.encoding, kind)
            shop.put(placed.to, struck, placed.mtime)
            looked_at.append(tmp_path / f"looked_at_{len(looked_at)}.csv")
            looked_at[-1].write_bytes(struck)
    at = NOON.at.isoformat()
    said = []
    dry = [["sync", "noon", "--dry-run", "--as-of", at, "--verbose"]]
    night = [["place"], ["sync", "night", "--as-of", NIGHT.at.isoformat(), "--json"]]
    whole = kind in WHOLE_DAYS
    for words in (
        *(dry if whole else ()),
        ["sync", "noon", "--as-of", at, "--verbose"],
        *(night if whole else ()),
        ["quarantine", "list"],
        ["outbox", "list", "--all"],
        ["runs", "show", "1"],
        ["doctor"],
        *(["mappings", "infer", str(path)] for path in looked_at),
    ):
        if words == ["place"]:
            shop.place(NIGHT)  # warehouses answer, and the store room's labels come back with their addresses
            continue
        done = ecsync(*words)
        said.append(done.out + done.err)
        assert done.status not in {1, 2}, (words, done.err)
    for text in (*said, told_in_master(shop), reports_of(shop), journal_of(shop)):
        assert heard(text) == []


@pytest.mark.parametrize("name", STRUCK)
def test_the_canaries_sit_in_every_personal_column_of_an_order(name: str) -> None:
    personal = {column.name for column in ORDER_LINES.columns if column.personal}
    mapping = load_inbound(name)
    there = {
        header
        for column in personal & mapping.columns.keys()
        for header in headers_of(mapping.columns[column])
    }
    # Codes and postcodes are not words; a phone is told in parts, and a name where the parts are not read.
    uncovered = {header for header in there - CANARIES[name].keys() if not NO_WORDS.search(header)}
    assert uncovered == set()


def headers_of(source: object) -> set[str]:
    """Return the headers that a column of a mapping reads, its cases among them."""
    names = {
        header.name or (header.any[0] if header.any else "") for header in getattr(source, "headers", ())
    }
    for case in getattr(source, "when", ()):
        names |= headers_of(case.then)
    return names - {""}


def test_a_secret_stays_silent_when_the_partner_refuses_it(tmp_path: Path) -> None:
    refused = (
        '[endpoints.rms]\nkind = "sftp"\nhost = "127.0.0.1"\nport = 1\nuser = "rms"\n'
        'password = { env = "CANARY_PASSWORD" }\nhost_key = "SHA256:AAAA"\ntimeout_seconds = 1\nretries = 0\n\n'
    )
    shop = Shop(tmp_path / "shop", environment={"CANARY_PASSWORD": PASSWORD}).set_up()
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("[endpoints.rms]")
    end = text.index("[endpoints.", start + 1)
    path.write_text(text[:start] + refused + text[end:], encoding="utf-8")
    done = shop.command("sync", "noon", "--as-of", NOON.at.isoformat(), "--verbose")
    assert done.returncode == 13, done.stderr
    assert heard(done.stdout + done.stderr) == []


def test_a_database_address_stays_silent_when_the_database_is_away(tmp_path: Path) -> None:
    address = f"postgresql://someone:{PASSWORD}@127.0.0.1:1/nowhere"
    shop = Shop(tmp_path / "shop").set_up()
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8").replace('path = "data/ecsync.db"', 'url = { env = "CANARY_URL" }')
    path.write_text(text, encoding="utf-8")
    done = shop.command("sync", "noon", "--verbose", environment={"CANARY_URL": address})
    assert done.returncode == 15, done.stderr
    assert heard(done.stdout + done.stderr) == []


def test_a_literal_secret_in_the_settings_is_refused_without_being_said(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop").set_up()
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text + f'\n[endpoints.extra]\nkind = "sftp"\nhost = "h"\nuser = "u"\npassword = "{PASSWORD}"\n'
    )
    done = shop.command("sync", "noon")
    assert done.returncode == 10, done.stderr
    assert heard(done.stdout + done.stderr) == []
