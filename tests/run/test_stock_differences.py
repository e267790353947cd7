"""Every kind of stock difference, as staff read it: real files of small shops, compared by the real command."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as laws
from hypothesis import strategies as st

from difference_shop import CASES, SHOPS, DifferenceShop, told
from ecsync.run.looking import LookRequest
from ecsync.run.stock_reconciling import StockReconciled, reconcile_stock
from ecsync.stock.reconciliation import StockQuestion
from face import Ecsync, speaker
from partner_files.one_shop import PRODUCTS
from postgres_server import PostgresServer
from shop import utc
from story_shop import StoryShop, an_order, moment, new_story, plain_table

GOLDENS = Path(__file__).parent / "goldens"
NOON = ("--as-of", moment("12:00").isoformat())
COMPARE = (*NOON, "reconcile", "stock")
NOTHING = {"ja": "(差異なし)", "en": "(no difference)"}


@pytest.fixture(scope="module")
def six_shops(tmp_path_factory: pytest.TempPathFactory) -> DifferenceShop:
    """Give the six shops on SQLite, played until half past eleven; nobody changes them."""
    return DifferenceShop(new_story(tmp_path_factory.mktemp("six") / "shop")).play()


@pytest.fixture
def six_shops_on_postgres(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[DifferenceShop]:
    """Give the same shops on PostgreSQL."""
    with postgres_server.database("ecsync_empty") as url:
        yield DifferenceShop(new_story(tmp_path / "shop", url)).play()


@pytest.fixture
def ecsync(capsys: pytest.CaptureFixture[str], six_shops: DifferenceShop) -> Ecsync:
    """Give the command line on the six shops."""
    return speaker(capsys, six_shops.shop.project)


def golden(text: str, lang: str) -> str:
    """Return one line per case: its title, the kind of difference, and the cells of its row."""
    titles = {
        "erp": "基幹システム",
        **SHOPS,
        **{f"w-{name}": f"{title}倉庫" for name, title in SHOPS.items()},
    }
    rows = {(cells[0], cells[1], cells[3]): (kind, cells) for kind, cells in told(text) if len(cells) == 12}
    lines = []
    for case in CASES:
        found = [
            (kind, cells)
            for (party, sku, code), (kind, cells) in rows.items()
            if party == titles[case.party] and sku == case.sku and (not case.code or code == case.code)
        ]
        said = [" | ".join([kind, *(cell for cell in cells if cell)]) for kind, cells in found]
        lines.append(f"{case.title}: {' // '.join(said) or NOTHING[lang]}")
        for kind_cells in found:
            rows = {key: value for key, value in rows.items() if value != kind_cells}
    assert rows == {}, "every row belongs to a case"
    return "\n".join(lines) + "\n"


def compare_with_golden(text: str, lang: str) -> None:
    path = GOLDENS / f"stock_differences.{lang}.txt"
    if os.environ.get("ECSYNC_WRITE_GOLDENS"):
        path.write_text(golden(text, lang), encoding="utf-8")
    assert golden(text, lang) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_kind_of_difference_in_the_words_that_staff_see(ecsync: Ecsync, lang: str) -> None:
    done = ecsync(*COMPARE, "--pull", "--limit", "0", lang=lang)
    assert (done.status, done.err) == (0, "")
    compare_with_golden(done.out, lang)


def test_postgresql_finds_the_same_and_needs_no_more_than_the_right_to_read(
    capsys: pytest.CaptureFixture[str], six_shops_on_postgres: DifferenceShop, postgres_server: PostgresServer
) -> None:
    shop = six_shops_on_postgres.shop
    url = shop.database_url
    database = url.partition("?")[0].rpartition("/")[2]
    with postgres_server.admin.connect() as conn:
        conn.exec_driver_sql(f"CREATE ROLE looker_{database} LOGIN")
    import sqlalchemy as sa

    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    with engine.begin() as conn:
        conn.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker_{database}")
    shop.database_url = (
        sa.make_url(url).set(username=f"looker_{database}").render_as_string(hide_password=False)
    )
    shop.write_database_url()
    done = speaker(capsys, shop.project)(*COMPARE, "--pull", "--limit", "0", lang="ja")
    assert (done.status, done.err) == (0, "")
    compare_with_golden(done.out, "ja")


def _bytes_below(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_it_writes_nothing_anywhere(ecsync: Ecsync, six_shops: DifferenceShop) -> None:
    shop = six_shops.shop
    before = (_bytes_below(shop.project), shop.remote(), shop.master())
    assert ecsync(*COMPARE, "--pull", "--exit-code").status == 4
    assert ecsync(*COMPARE).status == 0
    assert (_bytes_below(shop.project), shop.remote(), shop.master()) == before


def test_the_sums_are_those_of_the_rows(ecsync: Ecsync) -> None:
    data = ecsync("--json", *COMPARE, "--pull", "--limit", "0").data
    for kind, total in data["totals"].items():
        rows = [row for row in data["rows"] if row["kind"] == kind]
        assert total == {
            "rows": len(rows),
            "units": sum(row["units"] for row in rows),
            "yen": sum(row["yen"] or 0 for row in rows),
            "unpriced": sum(row["yen"] is None for row in rows),
        }
    short = ecsync("--json", *COMPARE, "--pull", "--limit", "1").data
    assert short["totals"] == data["totals"]
    assert len(short["rows"]) == len(short["totals"])


def test_every_file_is_named_with_its_own_time(ecsync: Ecsync) -> None:
    text = ecsync(*COMPARE, "--channel", "stale", lang="ja").out
    assert "items_0500.csv | 11/24(火) 05:00 | 古いデータ" in " | ".join(
        cell for _heading, cells in told(text) for cell in cells if cell
    )


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--channel", "nobody"), 2, "honten"),
        (("--warehouse", "nowhere"), 2, "w-honten"),
        (("--file", "honten-items"), 2, "FLOW=PATH"),
        (("--file", "no-such-flow=x.csv"), 2, "honten-items"),
        (("--file", "honten-items=no-such-file.csv"), 2, "no-such-file.csv"),
        (("--channel", "moved", "--file", "honten-items=x.csv"), 2, "moved-items"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    ecsync: Ecsync, words: tuple[str, ...], status: int, said: str
) -> None:
    done = ecsync(*COMPARE, *words)
    assert (done.status, said in done.err) == (status, True)


def test_a_file_that_is_refused_is_named_and_the_rest_is_compared(ecsync: Ecsync, tmp_path: Path) -> None:
    cut = tmp_path / "stock_1145.csv"
    cut.write_bytes(b"sku,qty\r\nSAME,1")
    done = ecsync(*COMPARE, "--file", f"honten-count={cut}")
    assert done.status == 14, "nothing of what was asked for could be used"
    assert "stock_1145.csv" in done.out
    good = tmp_path / "stock_1150.csv"
    good.write_bytes(b"sku,qty\r\nSAME,9\r\n")
    done = ecsync(*COMPARE, "--exit-code", "--file", f"honten-count={cut}", "--file", f"honten-count={good}")
    assert (done.status, "SAME" in done.out) == (3, True)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> StoryShop:
    """Give a shop after its night run: everything was delivered, and the mall shows what we told it."""
    story = new_story(tmp_path_factory.mktemp("quiet") / "shop").open_up()
    story.count(moment("08:00"))
    early = "2026-11-24 04:00:00"  # the mall's own list of 05:00 has them taken off already
    first = an_order(1, ("MUG-WHITE", 2), ordered=early)
    story.orders(moment("21:30"), first, an_order(2, ("SET-COFFEE", 1), person="佐藤", ordered=early))
    story.run("night", moment("22:00"))
    return story


_TOLD = """
SELECT l.sku, CASE WHEN c.seen_at > c.sent_at THEN c.qty_seen ELSE c.qty_sent END
FROM channel_listing l JOIN channel_stock c ON c.item_key = l.item_key AND c.sku_key = l.sku_key
"""


class _Outside:
    """What the partners show after the night: the mall what it was told, the warehouse what it had."""

    def __init__(self, story: StoryShop) -> None:
        self.story = story
        self.shown = {str(sku): int(str(qty)) for sku, qty in story.shop.rows(_TOLD)}

    def files(self, folder: Path, *, shop: dict[str, int], shelf: dict[str, int]) -> tuple[str, ...]:
        """Write both files as of 23:00, changed by so many units, and return them as FLOW=PATH."""
        from partner_files import rakuten

        shown = {sku: qty + shop.get(sku, 0) for sku, qty in self.shown.items()}
        items, count = folder / "dl-normal-item_2300.csv", folder / "stock_2300.csv"
        items.write_bytes(rakuten.items(PRODUCTS, lambda product: shown[product.sku]))
        held = {p.sku: p.units_in("main") for p in PRODUCTS}
        rows = [(sku, units + shelf.get(sku, 0)) for sku, units in held.items() if units is not None]
        count.write_bytes(plain_table(("sku", "qty"), rows))
        for path in (items, count):
            os.utime(path, (moment("23:00").timestamp(), moment("23:00").timestamp()))
        return f"rakuten1-items={items}", f"main-stock={count}"


def _look(story: StoryShop, files: tuple[str, ...]) -> StockReconciled:
    return reconcile_stock(story.shop.settings, StockQuestion(), LookRequest(utc(moment("23:30")), files))


def test_after_a_night_without_outside_change_nothing_differs(quiet: StoryShop, tmp_path: Path) -> None:
    at_once = reconcile_stock(quiet.shop.settings, StockQuestion(), LookRequest(utc(moment("22:00"))))
    assert [row for row in at_once.comparison.rows if row.kind != "in_flight"] == []
    found = _look(quiet, _Outside(quiet).files(tmp_path, shop={}, shelf={})).comparison
    assert (found.totals, found.listings, found.counts) == ({}, 10, 9)


def test_a_partner_that_is_away_is_named_and_the_others_are_looked_at(
    quiet: StoryShop, capsys: pytest.CaptureFixture[str]
) -> None:
    mall, away = quiet.shop.partners / "rms", quiet.shop.partners / "rms-away"
    mall.rename(away)
    try:
        done = speaker(capsys, quiet.shop.project)(*NOON, "reconcile", "stock", "--pull", "--exit-code")
    finally:
        away.rename(mall)
    assert (done.status, "rms" in done.out, "main-stock" in done.out) == (13, True, True)


@given(
    sku=st.sampled_from([p.sku for p in PRODUCTS if p.units_in("main")]),
    where=st.sampled_from(["shop", "shelf"]),
    units=st.integers(-40, 40).filter(bool),
)
@example(sku="SET-COFFEE", where="shop", units=3)
@example(sku="MUG-WHITE", where="shop", units=1)
@example(sku="MUG-WHITE", where="shelf", units=-3)
@laws(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_change_outside_is_called_by_its_own_name_and_nothing_else_is(
    quiet: StoryShop, tmp_path: Path, sku: str, where: str, units: int
) -> None:
    outside = _Outside(quiet)
    found = _look(quiet, outside.files(tmp_path, **{"shop": {}, "shelf": {}, where: {sku: units}})).comparison
    if where == "shop":
        safety = quiet.shop.settings.channels["rakuten1"].safety
        kind = "lost_sale" if units < 0 else "within_safety" if units <= safety else "oversell_risk"
        apart = -units if units < 0 else units if kind == "within_safety" else units - safety
    else:
        instructed = {"MUG-WHITE": 3, "DRIPPER": 1, "FILTER-100": 1}.get(sku, 0)
        kind, apart = ("in_flight" if 0 < -units <= instructed else "drift"), abs(units)
    assert [(row.kind, row.sku, row.units) for row in found.rows] == [(kind, sku, apart)]
