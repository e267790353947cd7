"""Sales and receipts as rows of the core system's database: the same cells as in files, and the same laws."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core_by_rows import by_rows, core, make_tables, told_rows
from ecsync.config import load_settings
from ecsync.errors import ConfigurationError, OutcomeUnknownError
from ecsync.exchange import reconciliation
from ecsync.exchange.journal import DeliveryJournal
from ecsync.exchange.row_payload import RowPayload
from ecsync.mapping import catalogue
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import OutboundMapping
from ecsync.mapping.writer import write_file
from ecsync.master.backup import backup, restore
from ecsync.run.apply import apply_plan
from ecsync.run.plan import PlanRequest, make_plan
from ecsync.run.row_file import as_rows, with_row_keys
from ecsync.run.standing import writing
from face import speaker
from shop import utc
from story_shop import ONE_SHOP, StoryShop, an_order, moment, new_story

NIGHT = moment("22:00")
ORDERS = (an_order(1, ("TOWEL-L", 1), ("COOKIE-12", 2)), an_order(2, ("MUG-WHITE", 1)))


def open_by_rows(root: Path, url: str = "") -> StoryShop:
    story = new_story(root, url).open_up(by_rows)
    make_tables(story.shop)
    return story


@pytest.fixture
def bare(tmp_path: Path) -> StoryShop:
    return open_by_rows(tmp_path / "story")


@pytest.fixture
def by_row(bare: StoryShop) -> StoryShop:
    bare.ship_on_the_first_day(ORDERS)
    return bare


def sold(story: StoryShop) -> list[dict[str, Any]]:
    """Return the sales of every file that lies in the outbox, which are the payloads."""
    outbox = story.shop.project / "outbox"
    return [
        row
        for path in sorted(outbox.glob("*erp-sales*.payload"))
        for row in csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
    ]


def check_a_night(story: StoryShop, files: StoryShop) -> None:
    story.ship_on_the_first_day(ORDERS)
    files.ship_on_the_first_day(ORDERS)
    outcome, other = story.run("night", NIGHT), files.run("night", NIGHT)
    assert outcome.exit_status == other.exit_status == 0
    rows = told_rows(story.shop)["sales_in"]
    assert [row[3:] for row in sorted(rows, key=lambda row: row[1])] == [
        tuple(row.values()) for row in files.sold()
    ]
    assert [row[2] for row in rows] == [row[3] for row in rows], "an entry's key is its number"
    ((_id, name, count, at),) = told_rows(story.shop)["sales_in_delivery"]
    assert (name, count, at) == ("sales_20261124_001.csv", len(rows), utc(NIGHT))
    before = told_rows(story.shop)
    assert story.run("night", moment("22:30")).exit_status == 0
    assert told_rows(story.shop) == before


def test_the_table_holds_what_the_file_would_have_held(tmp_path: Path) -> None:
    check_a_night(open_by_rows(tmp_path / "rows"), new_story(tmp_path / "files").open_up())


@pytest.mark.slow
def test_a_table_of_postgres_holds_what_the_file_would_have_held(
    tmp_path: Path, postgres_server: Any
) -> None:
    with postgres_server.database("ecsync_empty") as url:
        check_a_night(open_by_rows(tmp_path / "rows", url), new_story(tmp_path / "files").open_up())


def test_a_dry_run_shows_the_rows_and_inserts_none(by_row: StoryShop) -> None:
    before = told_rows(by_row.shop)
    plan = make_plan(by_row.shop.settings, PlanRequest("night", utc(NIGHT), by_row.shop.root / "plan"))
    (shown,) = plan.folder.glob("files/core/sales_in/*")
    payload = RowPayload(shown)
    assert payload.header[:2] == ("business_key", "entry_id")
    assert told_rows(by_row.shop) == before
    apply_plan(by_row.shop.settings, plan.folder)
    told = sorted(told_rows(by_row.shop)["sales_in"], key=lambda row: row[1])
    assert [row[2:] for row in told] == list(payload.rows())


def test_a_core_system_that_is_away_delays_only_its_own_rows(by_row: StoryShop) -> None:
    database = by_row.shop.root / "core.db"
    away = database.rename(database.with_name("away.db"))
    assert by_row.run("night", NIGHT).exit_status == 13
    assert by_row.booked() != []
    away.rename(database)
    assert by_row.run("stock", moment("22:15")).exit_status == 0
    assert len(told_rows(by_row.shop)["sales_in"]) == len(sold(by_row)) > 0


@pytest.mark.parametrize(
    "journal", [pytest.param("with its journal", marks=pytest.mark.slow), "without its journal"]
)
def test_after_a_restored_backup_nothing_stands_there_twice(by_row: StoryShop, journal: str) -> None:
    shop = by_row.shop
    kept = shop.root / "before-night.backup"
    backup(shop.settings, kept)
    by_row.run("night", NIGHT)
    told = told_rows(shop)
    restore(shop.settings, kept, now=utc(NIGHT))
    for path in shop.partners.rglob("done/*"):
        path.rename(path.parent.parent / path.name)  # the partners give the same files again
    if journal == "with its journal":
        with pytest.raises(OutcomeUnknownError):
            by_row.run("night", NIGHT)
        with writing(shop.settings, owner="test", clock=utc(NIGHT)) as standing:
            lines = DeliveryJournal(shop.settings.path(shop.settings.outbox.journal))
            reconciliation.reconcile(standing.steps, lines, now=utc(NIGHT))
    else:
        shop.settings.path(shop.settings.outbox.journal).unlink()
    assert by_row.run("night", NIGHT).exit_status in {0, 3}
    assert told_rows(shop) == told
    states = shop.rows("SELECT state FROM outbox_file WHERE flow = 'erp-sales'")
    assert states == [("verified",)]


def test_doctor_says_what_the_tables_lack_and_how_to_mend_it(
    bare: StoryShop, capsys: pytest.CaptureFixture[str]
) -> None:
    ecsync = speaker(capsys, bare.shop.project)
    when = ("--as-of", NIGHT.isoformat())

    def checked() -> dict[str, Any]:
        done = ecsync("doctor", "--json", *when)
        return {check["name"]: check for check in done.data if "interface table" in check["name"]}

    assert [check["good"] for check in checked().values()] == [True, True]
    core(bare.shop, "DROP TABLE sales_in_delivery")
    found = checked()
    assert [check["good"] for check in found.values()] == [False, True]
    (wrong,) = [check for check in found.values() if not check["good"]]
    assert wrong["status"] == 10
    assert "CREATE TABLE sales_in_delivery (" in wrong["hint"]


def test_the_sql_of_a_table_is_printed_for_its_own_database_or_another(
    bare: StoryShop, capsys: pytest.CaptureFixture[str]
) -> None:
    ecsync = speaker(capsys, bare.shop.project)
    done = ecsync("outbox", "table", "erp-sales")
    assert done.status == 0
    assert done.out.startswith("CREATE TABLE sales_in (\n    delivery_id VARCHAR(64) NOT NULL,\n")
    assert done.out.count(";") == 2
    assert "SELECT and INSERT on sales_in, sales_in_delivery" in done.err
    (data,) = [ecsync("outbox", "table", "erp-sales", "--dialect", "postgresql", "--json").data]
    assert data["dialect"] == "postgresql"
    assert len(data["sql"]) == 2
    assert ecsync("outbox", "table", "yayoi-journals").status == 2
    assert ecsync("outbox", "table", "erp-sales", "--dialect", "sqll").status == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('handover = "rows"\n', ""),
        lambda text: text.replace(
            'endpoint = "core"\npath = "sales_in"', 'endpoint = "erp"\npath = "sales_in"'
        ),
        lambda text: text.replace('path = "sales_in"\n', ""),
        lambda text: text.replace('handover = "rows"\n', 'handover = "rows"\non_exists = "replace"\n'),
    ],
    ids=["a database takes no files", "a folder takes no rows", "no table", "replace"],
)
def test_rows_and_databases_belong_together(tmp_path: Path, change: Any) -> None:
    text = by_rows((ONE_SHOP / "ecsync.toml").read_text(encoding="utf-8"))
    assert change(text) != text
    (tmp_path / "ecsync.toml").write_text(change(text), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="rows"):
        load_settings(tmp_path)


def test_the_rows_of_a_key_have_keys_of_their_own() -> None:
    keys = ["a", "a", "b", "c", "c", "c"]
    batch = pa.RecordBatch.from_pydict({"business_key": keys})
    (numbered,) = with_row_keys([batch])
    assert numbered.column("row_key").to_pylist() == ["a", "a#2", "b", "c", "c#2", "c#3"]
    assert numbered.column("business_key").to_pylist() == keys


ENCODINGS = {"utf-8": "utf-8-sig", "cp932": "cp932", "utf-8-sig": "utf-8-sig"}


@pytest.mark.parametrize("name", ["core/sales", "core/receipts", "yayoi/journals", "warehouse/instruction"])
def test_any_mapping_can_go_by_rows(name: str, tmp_path: Path) -> None:
    mapping = catalogue.load_outbound(name, None)
    rows = as_rows(mapping)
    assert rows.header == ("business_key", *mapping.header)
    assert rows.file.encoding == ENCODINGS[mapping.file.encoding]
    columns = {
        column.name: pa.array([1, 1], pa.int64()) if column.is_integer else pa.array(["", ""], pa.string())
        for column in mapping.frame.columns
    }
    columns["business_key"] = pa.array(["k", "k"])
    batch = pa.RecordBatch.from_pydict(columns)
    path = tmp_path / "payload"
    written = write_file(rows, with_row_keys([batch]), path)
    payload = RowPayload(path)
    assert payload.header == rows.header
    assert [row[0] for row in payload.rows()] == (["k", "k#2"] if written.row_count else [])


def test_the_headers_of_almost_every_mapping_can_be_columns() -> None:
    from ecsync.exchange.interface_table import InterfaceTable

    refused = []
    for entry in list_mappings():
        mapping = catalogue.load_mapping(entry.name)
        if isinstance(mapping, OutboundMapping):
            try:
                InterfaceTable.of("t", as_rows(mapping).header)
            except ConfigurationError:
                refused.append(entry.name)
    assert refused == ["yamato_b2/shipping_instruction", "yamato_b2/shipping_instruction_95"]
