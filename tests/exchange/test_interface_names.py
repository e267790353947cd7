"""Names of interface tables and of their columns, the SQL that makes them, and the payload that fills them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecsync.errors import ConfigurationError
from ecsync.exchange.interface_table import InterfaceTable
from ecsync.exchange.row_payload import RowPayload


@pytest.mark.parametrize("path", ["a b", "sales;", 'a"b', "1st", "a.b.c", ".a", "a.", "x" * 60, "売" * 20])
def test_what_cannot_be_a_table_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of an interface table"):
        InterfaceTable.of(path, ("business_key", "qty"))


@pytest.mark.parametrize(
    "columns",
    [
        ("a", "a"),
        ("a", "A"),
        ("Row_No",),
        ("delivery_id",),
        ("business_key",),
        ("",),
        ("a\nb",),
        ("品" * 22,),
    ],
)
def test_headers_that_cannot_be_columns_are_refused(columns: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="interface table cannot"):
        InterfaceTable.of("sales_in", ("business_key", *columns))


def test_the_sql_that_makes_the_tables_is_that_of_the_database() -> None:
    from sqlalchemy.dialects import mysql, postgresql, sqlite

    table = InterfaceTable.of("sales_in", ("business_key", "entry_id", "注文番号"))
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        rows, entries = table.ddl(dialect)
        assert rows.splitlines()[0] == "CREATE TABLE sales_in ("
        assert [line.strip() for line in rows.splitlines()[1:-1]] == [
            "delivery_id VARCHAR(64) NOT NULL,",
            "row_no INTEGER NOT NULL,",
            "business_key TEXT NOT NULL,",
            "entry_id TEXT NOT NULL,",
            '"注文番号" TEXT NOT NULL,',
            "PRIMARY KEY (delivery_id, business_key),",
            "UNIQUE (business_key)",
        ]
        assert "PRIMARY KEY (delivery_id)" in entries
    assert "business_key VARCHAR(255)" in next(table.ddl(mysql.dialect()))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp932"])
def test_a_payload_is_read_in_the_encoding_that_its_first_bytes_say(tmp_path: Path, encoding: str) -> None:
    text = 'business_key,品名\r\nk,"ソ,表\r\n""十"""\r\n'
    path = tmp_path / "payload"
    path.write_bytes(text.encode(encoding))
    read = RowPayload(path)
    assert read.header == ("business_key", "品名")
    assert list(read.rows()) == [("k", 'ソ,表\r\n"十"')]
    assert list(read.portions(1)) == [[(1, ("k", 'ソ,表\r\n"十"'))]]
