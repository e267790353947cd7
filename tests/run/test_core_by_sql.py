"""The core system by SQL: what a query answers goes the way of a file, and every law holds on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core_by_sql import asked_at, core_flows, fill, write_queries
from ecsync.config import load_settings
from ecsync.errors import StalePlanError
from ecsync.locale import speaking
from ecsync.run.apply import apply_plan
from ecsync.run.checkup import check_project, endpoints
from ecsync.run.checkup.checked import Scene
from ecsync.run.outcome import Outcome
from ecsync.run.plan import PlanRequest, make_plan
from partner_database import SECRET, PartnerDatabase, keep_secret, on_postgres, on_sqlite
from postgres_server import PostgresServer
from shop import utc
from story_shop import ONE_SHOP, OpenStory, StoryShop, an_order, codes, moment, new_story, setting

FILES = (ONE_SHOP / "noon" / "products.csv", ONE_SHOP / "noon" / "sets.csv")
NOON = moment("12:00")


class SqlStory:
    """A story shop beside the database of its core system."""

    def __init__(self, story: StoryShop, core: PartnerDatabase) -> None:
        self.story = story
        self.core = core
        story.open_up(core_flows)
        fill(core, *FILES)
        write_queries(story.shop.project, core)
        for name in ("products", "sets"):
            (story.shop.partners / f"erp/out/{name}_20261124.csv").unlink()
        story.count(moment("08:00"))
        story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))

    def run(self, kind: str, at: datetime, *overrides: tuple[str, str]) -> Outcome:
        with asked_at(at):
            return self.story.run(kind, at, *overrides)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.story.shop.rows(sql)

    def flows(self, before: str, after: str) -> None:
        path = self.story.shop.project / "ecsync.toml"
        path.write_text(setting(before, after)(path.read_text(encoding="utf-8")), encoding="utf-8")

    def query(self, name: str, text: str) -> None:
        (self.story.shop.project / "queries" / f"{name}.sql").write_text(text, encoding="utf-8")

    def checked(self) -> dict[str, tuple[int, str]]:
        """Let doctor look at the partners."""
        with speaking("en"):
            checks = endpoints.check(Scene(load_settings(self.story.shop.project), utc(NOON)))
            return {check.name: (check.status, check.detail) for check in checks}


@pytest.fixture
def sql(tmp_path: Path) -> SqlStory:
    return SqlStory(new_story(tmp_path / "story"), on_sqlite(tmp_path))


@pytest.fixture(params=["sqlite", "postgres"])
def either_sql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStory]:
    """Give master and core system on SQLite, and both on PostgreSQL."""
    if request.param == "sqlite":
        yield SqlStory(new_story(tmp_path / "story"), on_sqlite(tmp_path))
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database("ecsync_empty") as url, on_postgres(server) as core:
        yield SqlStory(new_story(tmp_path / "story", url), core)


def said(outcome: Outcome, code: str) -> list[str]:
    with speaking("en"):
        return [
            f"{finding.sentence()} / {finding.action()}"
            for finding in outcome.findings
            if finding.code == code
        ]


def test_by_sql_and_by_csv_the_partners_are_told_the_same(
    either_sql: SqlStory, open_story: OpenStory
) -> None:
    outcome = either_sql.run("night", NOON)
    assert outcome.exit_status == 0, codes(outcome)
    files = open_story("files")
    files.count(moment("08:00"))
    files.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))
    files.run("night", NOON)
    assert either_sql.story.shop.delivered() == files.shop.delivered()
    columns = "sku, name, jan, supplier, cost, price, tax_rate"
    assert either_sql.rows(f"SELECT {columns} FROM product ORDER BY sku") == files.shop.rows(
        f"SELECT {columns} FROM product ORDER BY sku"
    )


def test_an_answer_speaks_of_the_moment_at_which_it_was_asked(either_sql: SqlStory) -> None:
    either_sql.core.execute("INSERT INTO levels VALUES ('TOWEL-L', 7)")
    either_sql.run("noon", NOON)
    assert either_sql.rows("SELECT as_of FROM inbox_file WHERE flow = 'erp-stock'") == [
        ("2026-11-24T03:00:00Z",)
    ]
    assert either_sql.rows("SELECT qty, as_of FROM stock_snapshot WHERE source = 'erp'") == [
        (7, "2026-11-24T03:00:00Z")
    ]
    # The same bytes later are a new observation of the stock; other bytes a newer one.
    either_sql.run("stock", moment("12:15"))
    either_sql.core.execute("UPDATE levels SET units = 6")
    either_sql.run("stock", moment("12:30"))
    assert [
        row[0][11:16]
        for row in either_sql.rows("SELECT as_of FROM inbox_file WHERE flow = 'erp-stock' ORDER BY file_id")
    ] == ["03:00", "03:15", "03:30"]
    assert either_sql.rows("SELECT qty, as_of FROM stock_snapshot WHERE source = 'erp'") == [
        (6, "2026-11-24T03:30:00Z")
    ]


def test_a_plan_keeps_the_answer_and_apply_asks_nothing_again(sql: SqlStory) -> None:
    folder = sql.story.shop.root / "plan"
    with asked_at(NOON):
        plan = make_plan(sql.story.shop.settings, PlanRequest("noon", utc(NOON), folder))
    assert sql.rows("SELECT COUNT(*) FROM inbox_file") == [(0,)]
    sql.core.execute("DELETE FROM goods")
    keep_secret(sql.story.shop.project, "sqlite:////nowhere/away.db")
    outcome = apply_plan(sql.story.shop.settings, folder)
    assert outcome.exit_status == plan.outcome.exit_status
    assert sql.rows("SELECT COUNT(*) FROM product") != [(0,)]


@pytest.mark.slow
def test_a_plan_whose_captured_answer_was_touched_is_stale(sql: SqlStory) -> None:
    folder = sql.story.shop.root / "plan"
    with asked_at(NOON):
        plan = make_plan(sql.story.shop.settings, PlanRequest("noon", utc(NOON), folder))
    answer = next(item for item in plan.manifest.inputs if item.flow == "erp-products")
    (folder / "inputs" / answer.sha256).write_bytes(b"sku\r\n")
    with pytest.raises(StalePlanError):
        apply_plan(sql.story.shop.settings, folder)


def test_a_database_that_is_away_delays_its_own_flows_only(sql: SqlStory) -> None:
    keep_secret(sql.story.shop.project, "sqlite:////nowhere/hidden-place.db")
    outcome = sql.run("noon", NOON)
    assert outcome.exit_status == 13
    assert said(outcome, "partner_unreachable") == [
        (
            "core could not be reached: the database of core cannot be reached / "
            "try again later, and check the address in the secret that url names"
        )
    ]
    assert sql.rows("SELECT COUNT(*) FROM sales_order") == [(1,)]
    assert sql.rows("SELECT DISTINCT flow FROM inbox_file ORDER BY flow") == [
        ("main-stock",), ("rakuten1-items",), ("rakuten1-orders",)
    ]  # fmt: skip


def test_a_table_that_is_gone_stops_its_query_only(sql: SqlStory) -> None:
    sql.core.execute("DROP TABLE goods")
    outcome = sql.run("noon", NOON)
    assert outcome.exit_status == 10
    (line,) = said(outcome, "partner_unreachable")
    assert "erp-products" in line
    assert "no such table: goods" in line
    assert sql.rows("SELECT flow FROM inbox_file WHERE flow LIKE 'erp-%' ORDER BY flow") == [
        ("erp-sets",), ("erp-stock",)
    ]  # fmt: skip


def test_two_rows_with_one_key_are_refused_by_name_and_nothing_of_them_is_kept(sql: SqlStory) -> None:
    sql.core.execute("INSERT INTO goods (code) VALUES ('TOWEL-L')")
    outcome = sql.run("noon", NOON)
    assert outcome.exit_status == 3
    (line,) = said(outcome, "file_refused")
    assert "two rows of the answer have one key, sku = TOWEL-L" in line
    assert "mend the query" in line
    assert sql.rows("SELECT COUNT(*) FROM inbox_file WHERE flow = 'erp-products'") == [(0,)]
    sql.core.execute("DELETE FROM goods WHERE title IS NULL")
    assert sql.run("noon", moment("12:10")).exit_status == 0
    assert sql.rows("SELECT COUNT(*) FROM product WHERE sku = 'TOWEL-L'") == [(1,)]


@pytest.mark.slow
def test_a_row_without_a_form_goes_to_quarantine_like_that_of_a_file(sql: SqlStory) -> None:
    sql.core.execute("UPDATE goods SET cost = -5 WHERE code = 'TOWEL-L'")
    outcome = sql.run("noon", NOON)
    assert outcome.exit_status == 3
    assert sql.rows("SELECT flow, column_name FROM quarantined_row") == [("erp-products", "cost")]


@pytest.mark.slow
def test_a_row_put_aside_goes_back_in_once_it_is_mended(sql: SqlStory, tmp_path: Path) -> None:
    sql.core.execute("UPDATE goods SET cost = -5 WHERE code = 'TOWEL-L'")
    sql.run("noon", NOON)
    mended = tmp_path / "mended.csv"
    command = sql.story.shop.command
    assert command("quarantine", "export", "--flow", "erp-products", "--out", str(mended)).returncode == 0
    text = mended.read_bytes()
    assert text.startswith(b"sku,name,jan,supplier,cost,price,tax_rate\r\nTOWEL-L,")
    mended.write_bytes(text.replace(b",-5,", b",5,"))
    assert command("quarantine", "retry", "--flow", "erp-products", str(mended)).returncode == 0
    sql.core.execute("UPDATE goods SET cost = 5 WHERE code = 'TOWEL-L'")
    assert sql.run("noon", moment("12:10")).exit_status == 0
    assert sql.rows("SELECT cost FROM product WHERE sku = 'TOWEL-L'") == [(5,)]


@pytest.mark.slow
def test_a_locked_sqlite_database_is_tried_again_in_the_next_run(sql: SqlStory) -> None:
    sql.flows("retry_delay_seconds = 0", "retry_delay_seconds = 0\ntimeout_seconds = 0.2")
    other = sqlite3.connect(sql.core.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        outcome = sql.run("noon", NOON)
    finally:
        other.close()
    assert outcome.exit_status == 13
    assert "locked by somebody else" in said(outcome, "partner_unreachable")[0]
    assert sql.run("noon", moment("12:10")).exit_status == 0


@pytest.mark.slow
def test_too_few_rows_stop_an_answer_like_a_file(sql: SqlStory) -> None:
    sql.flows(
        'query = "queries/erp-products.sql"', 'query = "queries/erp-products.sql"\nguard = { min_rows = 3 }'
    )
    sql.core.execute("DELETE FROM goods WHERE code <> 'TOWEL-L'")
    outcome = sql.run("noon", NOON)
    assert outcome.exit_status == 3
    assert sql.rows("SELECT state FROM inbox_file WHERE flow = 'erp-products'") == [("guarded",)]


@pytest.mark.slow
def test_an_answer_that_is_expected_and_does_not_come_is_missed(sql: SqlStory) -> None:
    expected = 'expected = { days = "daily", max_age_hours = 2 }'
    sql.flows('query = "queries/erp-stock.sql"', f'query = "queries/erp-stock.sql"\n{expected}')
    assert "file_stale" not in codes(sql.run("noon", NOON))
    sql.core.execute("DROP TABLE levels")
    assert "file_stale" in codes(sql.run("noon", moment("15:00")))


def test_doctor_asks_for_columns_and_fetches_no_row(either_sql: SqlStory) -> None:
    assert [
        check for check in check_project(either_sql.story.shop.settings, utc(NOON)) if not check.good
    ] == []
    assert either_sql.checked()["query of erp-stock"] == (0, "")
    either_sql.query("erp-stock", "SELECT code AS sku, units AS qty, code AS place FROM levels")
    assert either_sql.checked()["query of erp-stock"] == (0, "columns that nothing reads: place")
    either_sql.query("erp-stock", "SELECT code AS sku FROM levels")
    status, detail = either_sql.checked()["query of erp-stock"]
    assert (status, "qty" in detail) == (10, True)
    either_sql.query("erp-stock", "SELECT code FROM levels")
    assert either_sql.checked()["query of erp-stock"][1].startswith("core: the answer has no column sku")
    either_sql.query("erp-stock", "SELECT sku FROM level")
    assert either_sql.checked()["query of erp-stock"][0] == 10
    either_sql.query("erp-stock", "DROP TABLE levels")
    assert either_sql.checked()["query of erp-stock"] == (
        10,
        "the query queries/erp-stock.sql is not one SELECT statement",
    )
    assert either_sql.rows("SELECT COUNT(*) FROM inbox_file") == [(0,)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mapping", "key", "said"),
    [
        ("rakuten/orders", '["sku"]', "the mapping rakuten/orders does not read what a query gives"),
        ("yahoo/orders", '["sku"]', "the mapping yahoo/orders does not read what a query gives"),
        ("shopify/orders", '["Billing Name"]', "the key of erp-stock is personal data: Billing Name"),
    ],
)
def test_a_mapping_that_does_not_fit_a_query_is_said_before_anything_is_asked(
    sql: SqlStory, mapping: str, key: str, said: str
) -> None:
    sql.flows('mapping = "core/stock"\nendpoint = "core"', f'mapping = "{mapping}"\nendpoint = "core"')
    sql.flows(
        'query = "queries/erp-stock.sql"\nkey = ["sku"]', f'query = "queries/erp-stock.sql"\nkey = {key}'
    )
    assert sql.checked()["query of erp-stock"] == (10, said)


@pytest.mark.slow
def test_reconcile_stock_pull_names_a_query_that_fails(sql: SqlStory) -> None:
    sql.core.execute("INSERT INTO levels VALUES ('TOWEL-L', 7)")
    sql.run("noon", NOON)
    sql.core.execute("DROP TABLE levels")
    done = sql.story.shop.command(
        "--lang", "en", "reconcile", "stock", "--pull", "--as-of", utc(moment("12:30"))
    )
    assert done.returncode == 10
    assert "erp-stock" in done.stdout + done.stderr
    assert "no such table: levels" in done.stdout + done.stderr


@pytest.mark.slow
def test_reconcile_stock_pull_asks_now_and_takes_nothing_in(sql: SqlStory) -> None:
    sql.core.execute("INSERT INTO levels VALUES ('TOWEL-L', 7)")
    sql.run("noon", NOON)
    before = sql.rows("SELECT COUNT(*) FROM inbox_file")
    done = sql.story.shop.command("--json", "reconcile", "stock", "--pull", "--as-of", utc(moment("12:30")))
    assert done.returncode in {0, 3, 4}, done.stderr
    assert "erp-stock.csv" in done.stdout
    assert sql.rows("SELECT COUNT(*) FROM inbox_file") == before


@pytest.mark.slow
def test_no_part_of_an_address_is_ever_told_or_kept(sql: SqlStory) -> None:
    shop = sql.story.shop
    keep_secret(shop.project, "postgresql://hidden-boss:hidden-word@127.0.0.1:1/hidden-place")
    sql.flows("retry_delay_seconds = 0", "retries = 0")
    at = utc(NOON)
    for words in (("doctor",), ("sync", "noon")):
        done = shop.command("--verbose", *words, "--as-of", at)
        assert done.returncode == 13, words
        assert "hidden-" not in done.stdout + done.stderr, words
    kept = {path for path in shop.root.rglob("*") if path.is_file() and b"hidden-" in path.read_bytes()}
    assert kept == {shop.project / SECRET}
