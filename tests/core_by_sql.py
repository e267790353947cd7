"""A shop whose core system is a database: its products, sets and stock are answers to queries, in legacy names."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pytest import MonkeyPatch  # noqa: PT013

from ecsync.exchange import database_endpoint
from partner_database import SECRET, PartnerDatabase, keep_secret

# By flow: the query, its key, and the partner's table as it is filled from the samples' files.
QUERIES = {
    "erp-products": (
        "SELECT code AS sku, title AS name, jan, maker AS supplier, cost, price, rate AS tax_rate FROM goods",
        '["sku"]',
    ),
    "erp-sets": (
        "SELECT whole AS set_sku, part AS component_sku, units AS qty FROM parts",
        '["set_sku", "component_sku"]',
    ),
    "erp-stock": ("SELECT code AS sku, units AS qty FROM levels", '["sku"]'),
}
TABLES = {
    "goods": "code TEXT, title TEXT, jan TEXT, maker TEXT, cost INTEGER, price INTEGER, rate INTEGER",
    "parts": "whole TEXT, part TEXT, units INTEGER",
    "levels": "code TEXT, units INTEGER",
}


def core_flows(text: str) -> str:
    """Change ecsync.toml: what came in files of the core system now comes from its database."""
    head, *flows = text.split("[[inbound]]\n")
    door = f'[endpoints.core]\nkind = "database"\nurl = {{ file = "{SECRET}" }}\n'
    return "".join(
        [head, door, "retry_delay_seconds = 0\n\n", *("[[inbound]]\n" + _by_query(flow) for flow in flows)]
    )


def _by_query(flow: str) -> str:
    name = flow.split('"')[1]
    if name not in QUERIES:
        return flow
    kept = [line for line in flow.splitlines() if line.partition(" ")[0] in {"name", "party", "mapping"}]
    rest = flow[flow.index("\n\n") :]
    return (
        "\n".join([*kept, 'endpoint = "core"', f'query = "queries/{name}.sql"', f"key = {QUERIES[name][1]}"])
        + rest
    )


def write_queries(project: Path, core: PartnerDatabase) -> None:
    """Write the project's queries, and keep the address of the core system's database."""
    (project / "queries").mkdir(exist_ok=True)
    for name, (query, _key) in QUERIES.items():
        (project / "queries" / f"{name}.sql").write_text(f"-- {name}\n{query};\n", encoding="utf-8")
    keep_secret(project, core.url)


def fill(core: PartnerDatabase, products: Path, sets: Path, stock: Path | None = None) -> None:
    """Put the rows of the samples' files into the core system's own tables, in another order."""
    for (table, columns), path in zip(TABLES.items(), (products, sets, stock), strict=True):
        core.execute(f"CREATE TABLE {table} ({columns})")
        if path is not None:
            core.execute(f"INSERT INTO {table} VALUES ({_marks(columns)})", reversed(_rows(path)))


def _marks(columns: str) -> str:
    return ", ".join("?" * (columns.count(",") + 1))


def _rows(path: Path) -> list[list[str | int | None]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [[_value(name, cell) for name, cell in row.items()] for row in csv.DictReader(file)]


def _value(column: str, cell: str) -> str | int | None:
    if column in {"cost", "price", "tax_rate", "qty"}:
        return int(cell.removesuffix("%")) if cell else None
    return cell or None


@contextmanager
def asked_at(moment: datetime) -> Iterator[None]:
    """Let queries be asked at a time of the story."""
    with MonkeyPatch.context() as patch:
        patch.setattr(database_endpoint, "asked_at", lambda: int(moment.timestamp()))
        yield


Change = Callable[[str], str]
