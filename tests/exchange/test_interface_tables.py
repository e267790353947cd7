"""What an interface table must be like, and what is said of one that is not; nothing is inserted into such a table."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.rows_desk import SALES, RowsDesk, payload, told

pytestmark = pytest.mark.parametrize("master", ["sqlite"], indirect=True)
only_sqlite = pytest.mark.parametrize("bare_desk", ["sqlite"], indirect=True)
ROWS = (
    'delivery_id VARCHAR(64), row_no INTEGER, business_key VARCHAR(90), entry_id TEXT, "品名" TEXT, qty TEXT'
)
ENTRIES = (
    "CREATE TABLE sales_in_delivery (delivery_id VARCHAR(64) PRIMARY KEY, file_name TEXT, row_count INTEGER, "
    "delivered_at TEXT)"
)
UNIQUE = ", UNIQUE (business_key)"

# What is wrong with the tables, what is said, and what stands in the SQL that mends it.
WRONG = {
    "no table": ([], "has no interface table sales_in", "CREATE TABLE sales_in ("),
    "no table of deliveries": (
        [f"CREATE TABLE sales_in ({ROWS}{UNIQUE})"],
        "has no interface table sales_in",
        "CREATE TABLE sales_in_delivery (",
    ),
    "a column is missing": (
        [f"CREATE TABLE sales_in ({ROWS.replace(', qty TEXT', '')}{UNIQUE})", ENTRIES],
        "lacks the columns qty",
        "ALTER TABLE sales_in ADD COLUMN qty TEXT",
    ),
    "our own column is missing": (
        [f"CREATE TABLE sales_in ({ROWS.replace('row_no INTEGER, ', '')}{UNIQUE})", ENTRIES],
        "lacks the columns row_no",
        "ALTER TABLE sales_in ADD COLUMN row_no INTEGER",
    ),
    "the entry lacks a column": (
        [f"CREATE TABLE sales_in ({ROWS}{UNIQUE})", ENTRIES.replace("file_name TEXT, ", "")],
        "sales_in_delivery of partner lacks the columns file_name",
        "ALTER TABLE sales_in_delivery ADD COLUMN file_name TEXT",
    ),
    "nothing is unique": (
        [f"CREATE TABLE sales_in ({ROWS})", ENTRIES],
        "nothing keeps a business key from standing twice",
        "CREATE UNIQUE INDEX sales_in_key ON sales_in (business_key)",
    ),
    "another column is unique": (
        [f"CREATE TABLE sales_in ({ROWS}, UNIQUE (delivery_id, row_no))", ENTRIES],
        "nothing keeps a business key from standing twice",
        "CREATE UNIQUE INDEX",
    ),
    "only some rows are unique": (
        [
            f"CREATE TABLE sales_in ({ROWS})",
            ENTRIES,
            "CREATE UNIQUE INDEX partly ON sales_in (business_key) WHERE qty <> '0'",
            "CREATE UNIQUE INDEX folded ON sales_in (lower(business_key))",
        ],
        "nothing keeps a business key from standing twice",
        "CREATE UNIQUE INDEX sales_in_key",
    ),
    "a delivery is not unique": (
        [f"CREATE TABLE sales_in ({ROWS}{UNIQUE})", ENTRIES.replace(" PRIMARY KEY", "")],
        "nothing keeps a delivery from standing twice",
        "CREATE UNIQUE INDEX sales_in_delivery_id ON sales_in_delivery (delivery_id)",
    ),
    "a column of theirs demands a value": (
        [f"CREATE TABLE sales_in ({ROWS}, clerk TEXT NOT NULL{UNIQUE})", ENTRIES],
        "demands values of us that no file has: clerk",
        "give these columns a default",
    ),
    "a figure that is not exact": (
        [f"CREATE TABLE sales_in ({ROWS.replace('qty TEXT', 'qty FLOAT')}{UNIQUE})", ENTRIES],
        "column qty of table sales_in of partner is of a kind that does not keep what is told",
        "make it a text",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_table_that_cannot_keep_the_promise_gets_no_row(bare_desk: RowsDesk, case: str) -> None:
    statements, says, mends = WRONG[case]
    bare_desk.run_sql(*statements)
    bare_desk.put_rows()
    assert bare_desk.deliver().statuses == {10}
    (finding,) = bare_desk.findings
    assert finding.code == "delivery_waits"
    assert says in finding.sentence()
    assert mends in finding.action()
    assert bare_desk.state() == "planned"
    if case != "no table":
        with bare_desk.database.connect() as conn:
            assert conn.exec_driver_sql("SELECT COUNT(*) FROM sales_in").scalar() == 0


@pytest.mark.parametrize(
    "case", [name for name, (_there, _says, mends) in WRONG.items() if mends[0].isupper()]
)
def test_the_sql_that_is_printed_mends_it(bare_desk: RowsDesk, case: str) -> None:
    bare_desk.run_sql(*WRONG[case][0])
    bare_desk.put_rows()
    bare_desk.deliver()
    (finding,) = bare_desk.findings
    _please, _line, sql = finding.action().partition("\n")
    bare_desk.run_sql(*filter(str.strip, sql.split(";")))
    assert bare_desk.deliver().counts == {"verified": 1}
    assert bare_desk.rows() == told()


@pytest.mark.parametrize(
    "kind", ["INTEGER NOT NULL DEFAULT 9", "TEXT", "INTEGER"], ids=["filled", "text", "empty"]
)
def test_columns_of_the_receivers_own_are_left_to_it(bare_desk: RowsDesk, kind: str) -> None:
    bare_desk.run_sql(f"CREATE TABLE sales_in ({ROWS}, taken {kind}{UNIQUE})", ENTRIES)
    bare_desk.put_rows()
    assert bare_desk.deliver().counts == {"verified": 1}
    assert bare_desk.rows() == told()


TYPED = ("business_key", "entry_id", "品名", "qty", "amount", "booked_on")
KINDS = 'entry_id CHAR(12), "品名" VARCHAR(40), qty INTEGER, amount DECIMAL(12, 2), booked_on DATE'


def test_typed_columns_take_what_the_file_says(bare_desk: RowsDesk) -> None:
    bare_desk.run_sql(
        "CREATE TABLE sales_in (delivery_id VARCHAR(64), row_no INTEGER, business_key VARCHAR(90),"
        f" {KINDS}, PRIMARY KEY (delivery_id, business_key))",
        ENTRIES,
    )
    rows = [("a", "1", "椀", "-2", "-3128", "2026-11-24"), ("b", "", "", "", "", "")]
    bare_desk.put(payload(rows, TYPED), "sales_001.csv", keys=["a", "b"])
    assert bare_desk.deliver().counts == {"verified": 1}
    query = "SELECT qty, amount, CAST(booked_on AS CHAR(10)) FROM sales_in ORDER BY row_no"
    with bare_desk.database.connect() as conn:
        found = [tuple(row) for row in conn.exec_driver_sql(query)]
    assert found == [(-2, -3128, "2026-11-24"), (None, None, None)]
    bare_desk.set_state("planned")
    assert bare_desk.deliver().counts == {"verified": 1}, "it is known again"


@pytest.mark.parametrize(
    ("column", "cell"),
    [("qty", "2.5"), ("qty", "many"), ("booked_on", "2026/11/24"), ("amount", "1.005"), ("品名", "x" * 41)],
)
def test_what_a_column_would_change_is_never_kept(bare_desk: RowsDesk, column: str, cell: str) -> None:
    bare_desk.run_sql(
        f"CREATE TABLE sales_in (delivery_id VARCHAR(64), row_no INTEGER, business_key VARCHAR(90), {KINDS}{UNIQUE})",
        ENTRIES,
    )
    row = dict(zip(TYPED, ("a", "1", "椀", "2", "3128", "2026-11-24"), strict=True)) | {column: cell}
    bare_desk.put(payload([tuple(row.values())], TYPED), "sales_001.csv", keys=["a"])
    if not bare_desk.is_postgres and cell != "many":
        # SQLite keeps almost any text in any column: nothing is changed there.
        assert bare_desk.deliver().counts == {"verified": 1}
        return
    assert bare_desk.deliver().statuses == {13}
    assert bare_desk.state() == "uploading"
    with bare_desk.database.connect() as conn:
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM sales_in").scalar() == 0
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM sales_in_delivery").scalar() == 0
    assert all(cell not in finding.sentence() + finding.action() for finding in bare_desk.findings)


def test_a_trigger_that_changes_values_keeps_nothing(bare_desk: RowsDesk) -> None:
    bare_desk.make_tables()
    if not bare_desk.is_postgres:
        bare_desk.run_sql(
            "CREATE TRIGGER trimmed AFTER INSERT ON sales_in BEGIN"
            " UPDATE sales_in SET qty = '0' WHERE business_key = NEW.business_key; END"
        )
    else:
        bare_desk.run_sql(
            "CREATE FUNCTION zero() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN NEW.qty = ''0''; RETURN NEW; END'",
            "CREATE TRIGGER zeroed BEFORE INSERT ON sales_in FOR EACH ROW EXECUTE FUNCTION zero()",
        )
    bare_desk.put_rows()
    assert bare_desk.deliver().statuses == {13}
    assert bare_desk.rows() == []
    (finding,) = bare_desk.findings
    assert "keeps other values than it was given" in finding.sentence()


def test_where_a_key_is_unique_only_within_a_delivery_the_others_are_asked(bare_desk: RowsDesk) -> None:
    bare_desk.run_sql(f"CREATE TABLE sales_in ({ROWS}, PRIMARY KEY (delivery_id, business_key))", ENTRIES)
    bare_desk.put_rows()
    bare_desk.deliver()
    bare_desk.put_rows([*SALES, ("sale:2", "", "", "")], "sales_002.csv", keys=["other"])
    assert bare_desk.deliver().conflicts == [2]
    assert bare_desk.rows() == told()


@pytest.mark.parametrize("rule", ["CHECK (qty <> '1')", "UNIQUE (qty)"])
def test_a_row_that_a_rule_of_theirs_refuses_waits_with_its_delivery(bare_desk: RowsDesk, rule: str) -> None:
    bare_desk.run_sql(f"CREATE TABLE sales_in ({ROWS}{UNIQUE}, CONSTRAINT theirs {rule})", ENTRIES)
    bare_desk.put_rows([("a", "a", "椀", "1"), ("b", "b", "椀", "1")])
    assert bare_desk.deliver().statuses == {13}
    (finding,) = bare_desk.findings
    assert "a rule of table sales_in of partner refused a row" in finding.sentence()
    assert "theirs" in finding.sentence() or "UNIQUE constraint failed: sales_in.qty" in finding.sentence()
    assert bare_desk.rows() == []


def test_a_table_in_a_schema_and_names_that_need_quotes(bare_desk: RowsDesk) -> None:
    path, columns = "main.売上_In", ("business_key", "select", 'a "b"', "100%", "単価:税込", "Order No.")
    if bare_desk.is_postgres:
        bare_desk.run_sql("CREATE SCHEMA main")
    bare_desk.flow(path=path)
    bare_desk.make_tables(columns, path)
    bare_desk.put(payload([("k", "1", "2", "3", "4", "5")], columns), keys=["k"])
    assert bare_desk.deliver().counts == {"verified": 1}
    with bare_desk.database.connect() as conn:
        (row,) = conn.exec_driver_sql('SELECT * FROM main."売上_In"').all()
    assert row[1:] == (1, "k", "1", "2", "3", "4", "5")


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@only_sqlite
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=0, max_size=6))
def test_any_text_stands_in_the_table_as_it_is_and_is_known_again(
    bare_desk: RowsDesk, rows: list[tuple[str, str, str]]
) -> None:
    any_text(bare_desk, rows)


@pytest.mark.slow
@pytest.mark.parametrize("bare_desk", ["postgres"], indirect=True)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=0, max_size=6))
def test_any_text_stands_in_a_table_of_postgres(
    bare_desk: RowsDesk, rows: list[tuple[str, str, str]]
) -> None:
    any_text(bare_desk, rows)


def any_text(desk: RowsDesk, rows: list[tuple[str, str, str]]) -> None:
    desk.master.wipe()
    desk.journal.path.unlink(missing_ok=True)
    desk.run_sql("DROP TABLE IF EXISTS sales_in", "DROP TABLE IF EXISTS sales_in_delivery")
    desk.make_tables()
    keyed = [(f"k{number}", *row) for number, row in enumerate(rows)]
    desk.put_rows(keyed, keys=["k"])
    assert desk.deliver().counts == {"verified": 1}
    assert desk.rows() == told(keyed)
    desk.set_state("planned")
    assert desk.deliver().counts == {"verified": 1}
    assert desk.rows() == told(keyed)


def test_a_long_delivery_goes_in_portions(bare_desk: RowsDesk) -> None:
    bare_desk.make_tables()
    rows = [(f"k{number:05}", "", "椀", str(number)) for number in range(1_201)]
    bare_desk.put_rows(rows, keys=["k"])
    assert bare_desk.deliver().counts == {"verified": 1}
    assert bare_desk.rows() == told(rows)
    assert sa.inspect(bare_desk.database).has_table("sales_in_delivery")
