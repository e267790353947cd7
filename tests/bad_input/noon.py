"""One noon of bad files: put in, run as a command, looked at afterwards."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import typer.main

from bad_input import damage as to
from bad_input.cases_shop import CAME, FLOWS, CasesShop, orders_of_series
from bad_input.inbound import FileCase, Line
from canaries import heard, journal_of, reports_of, told_in_master
from ecsync.cli import main
from ecsync.cli.app import build
from ecsync.locale import speaking
from face import Said, process_as_it_was
from oracle import master_rows

HASH = re.compile(r"[0-9a-f]{16,}")
RUN_NUMBER = re.compile(r"^[0-9]{8}-(?=.*[.]payload$)")
LANGUAGES = ("en", "ja")
# Help texts are translated where their module is first imported: for all tests of this process, in English.
with speaking("en"):
    _IMPORTED = list(typer.main.get_command(build()).commands.values())  # type: ignore[attr-defined]
OTHERS = ("yahoo-orders", "yahoo-order-items")
SEVERAL = frozenset({"rakuten-orders", "shopify-orders"})  # whose cases have orders of their own


def command(shop: CasesShop, language: str, *words: str) -> Said:
    """Run a command line in this process and return what it said; no case makes it tell on a customer."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _stream in range(2))
    with process_as_it_was(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["--project", str(shop.project), "--lang", language, *words])
    texts = [stream.buffer.getvalue().decode("utf-8") for stream in (out, err)]  # type: ignore[attr-defined]
    assert [word for text in texts for word in heard(HASH.sub("", text))] == []
    return Said(status, *texts)


@dataclass(frozen=True)
class Given:
    """One case as it came: the bad bytes under its name, the good ones, and those without what is kept out."""

    case: FileCase
    file: str
    bad: bytes
    good: bytes
    rest: bytes | None

    def put(self, shop: CasesShop, content: bytes, at: datetime = CAME, name: str = "") -> None:
        """Let the partner put the file of this case."""
        shop.shop.put(f"{FLOWS[self.case.flow].folder}/{name or self.file}", content, at)

    @property
    def mended(self) -> str:
        """Return the name of the mended file."""
        return self.file.replace("case", "mended")


def given(case: FileCase, files: dict[str, bytes], series: int) -> Given:
    """Return a case with bytes of its own; series 0 has the orders of an ordinary noon."""
    good = orders_of_series(case.flow, series) if case.flow in SEVERAL and series else files[case.flow]
    rest: bytes | None = None
    if case.fate != "refused":
        rest = to.without_rows(*case.out, encoding=FLOWS[case.flow].encoding)(good) if case.out else good
    stem = FLOWS[case.flow].pattern.partition("{")[0]
    return Given(case, f"{stem}case{series:03d}.csv", case.damage(good), good, rest)


def wrongly_said(one: Given, language: int, lines: list[Line]) -> str:
    """Return what is wrong with what a person reads of a case; '' where nothing is."""
    wanted = one.case.wanted(language, one.file)
    there = [line for line in lines if line.number == (wanted.number if wanted else one.file)]
    if wanted is None:
        return f"{there} is said" if there else ""
    fits = any(line.fits(wanted) for line in there)
    alone = wanted.number != one.file or len(there) == 1
    return "" if fits and alone else f"{there} instead of {wanted}"


def lost(one: Given, shop: CasesShop) -> Iterator[str]:
    """Yield what is missing of a case's bytes, rows and places."""
    rows = shop.shop.rows(f"SELECT file_id, state, spool_path FROM inbox_file WHERE name = '{one.file}'")
    if len(rows) != 1:
        yield f"the file is known {len(rows)} times"
        return
    file_id, state, spooled = rows[0]
    if (shop.project / "spool" / str(spooled)).read_bytes() != one.bad:
        yield "its bytes are not kept"
    if state != ("refused" if one.case.fate == "refused" else "loaded"):
        yield f"it is {state}"
    stays = (shop.shop.partners / FLOWS[one.case.flow].folder / one.file).exists()
    if stays != (one.case.fate == "refused"):
        yield "only a file that was used is put away at the partner's"
    aside = shop.shop.rows(f"SELECT raw_record FROM quarantined_row WHERE file_id = {file_id}")
    if bool(aside) != (one.case.fate == "rows"):
        yield f"{len(aside)} rows are put aside"
    if any(bytes.fromhex(str(record)) not in one.bad for (record,) in aside):
        yield "a row is not kept as the partner wrote it"


def told_on(shop: CasesShop, *said: Said) -> list[str]:
    """Return which canaries sing: on the terminal, in reports, in the journal, in what the master tells."""
    texts = [text for one in said for text in (one.out, one.err)]
    texts += [told_in_master(shop.shop), reports_of(shop.shop), journal_of(shop.shop)]
    # Four digits of a phone may well stand in a hash.
    return sorted({word for text in texts for word in heard(HASH.sub("", text))})


def _without_run_numbers(tables: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Take off the number of the run with which the name of a payload begins."""
    sent = [
        tuple(RUN_NUMBER.sub("", cell) if isinstance(cell, str) else cell for cell in row)
        for row in tables["outbox_file"]
    ]
    return {**tables, "outbox_file": sent}


def unlike(expected: CasesShop, shop: CasesShop) -> dict[str, object]:
    """Return what differs between two shops, in the master and in what partners were sent."""
    theirs, ours = (_without_run_numbers(master_rows(one.shop)) for one in (expected, shop))
    found: dict[str, object] = {
        table: (
            [row for row in rows if row not in ours[table]],
            [row for row in ours[table] if row not in rows],
        )
        for table, rows in theirs.items()
        if rows != ours[table]
    }
    sent = [
        {path: hashlib.sha256(content).hexdigest() for path, content in one.shop.delivered().items()}
        for one in (expected, shop)
    ]
    if sent[0] != sent[1]:
        found["sent"] = sent[0].items() ^ sent[1].items()
    return found
