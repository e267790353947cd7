"""`init DIR`: whatever is answered, the project loads, is healthy, and its first dry run shows something."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecsync.config import Settings, load_settings
from ecsync.mapping.catalogue import load_mapping
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping
from ecsync.run.checkup import check_project
from ecsync.run.plan import PlanRequest, make_plan
from ecsync.shipped import mappings_dir
from ecsync.starting.answers import (
    ACCOUNTING,
    PLATFORMS,
    WAREHOUSES,
    Answers,
    SftpAnswer,
    ShopAnswer,
    utc_moment,
)
from ecsync.starting.configuration import configuration
from ecsync.starting.exports import read_export
from ecsync.starting.parts import part_names
from ecsync.starting.project import make_project
from face import Ecsync

NOW = "2026-11-24T03:00:00Z"
CUT_OVER = utc_moment("2020-01-01T00:00:00Z")
EXPORT = Path(__file__).resolve().parents[1] / "fixtures" / "one-shop" / "noon" / "orders.csv"
ITEMS = EXPORT.with_name("items.csv")
FLAGS = ("--name", "みなと", "--shop", "rakuten:000001", "--warehouse", "3pl", "--accounting", "yayoi", "--no-core",
         "--cutover", "2026-11-17")  # fmt: skip


# Where a platform has locations, the one that its sample speaks of.
LOCATIONS = {"shopify": "東京倉庫"}


def answers(
    *shops: str, warehouse: str = "3pl", accounting: str = "none", products: str = "own", language: str = "ja"
) -> Answers:
    return Answers(
        name='みなと "雑貨" 店',
        shops=tuple(ShopAnswer(shop, LOCATIONS.get(shop, "")) for shop in shops),
        warehouse=warehouse,
        accounting=accounting,
        products=products,  # type: ignore[arg-type]
        cutover=CUT_OVER,
        language=language,  # type: ignore[arg-type]
    )


SHOPS = [*((platform,) for platform in PLATFORMS), PLATFORMS, ("rakuten", "rakuten")]
# Every pair of words of two answers stands in one of these.
EVERY = [
    *((shops, ships, ACCOUNTING[n % len(ACCOUNTING)], ("core", "own")[n % 2])
      for shops in SHOPS for n, ships in enumerate(WAREHOUSES)),
    *((SHOPS[0], WAREHOUSES[0], accounting, products) for accounting in ACCOUNTING for products in ("core", "own")),
]  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_combination_is_a_configuration_whose_mappings_exist_and_fit(
    language: str, tmp_path: Path
) -> None:
    for shops, warehouse, accounting, products in EVERY:
        given = answers(
            *shops, warehouse=warehouse, accounting=accounting, products=products, language=language
        )
        text = configuration(given)
        assert "$" not in text, "every value is filled in"
        settings = Settings.model_validate({**tomllib.loads(text), "folder": tmp_path})
        assert settings.project.name == given.name
        assert len(settings.channels) == len(shops)
        for flow in settings.inbound:
            assert isinstance(load_mapping(flow.mapping), InboundMapping), flow.mapping
        for flow in settings.outbound:
            assert not isinstance(load_mapping(flow.mapping), InboundMapping), flow.mapping
        assert set(settings.endpoints) == {flow.endpoint for flow in (*settings.inbound, *settings.outbound)}


def test_comments_are_in_one_language_only() -> None:
    english = configuration(answers(*PLATFORMS, accounting="yayoi", language="en"))
    comments = [line for line in english.splitlines() if line.startswith("#")]
    assert all(len(re.findall(r"[a-z]", line)) > 10 for line in comments), (
        "the words of a mall stand among English"
    )
    japanese = configuration(answers(*PLATFORMS, accounting="yayoi"))
    spoken = [line for line in japanese.splitlines() if re.match(r"# (?!\w+ = )", line)]
    assert spoken
    assert all(re.search(r"[\u3040-\u9fff]", line) for line in spoken), spoken
    assert len(spoken) == sum(1 for line in english.splitlines() if re.match(r"# (?!\w+ = )", line))


def test_a_key_in_a_comment_may_be_uncommented(tmp_path: Path) -> None:
    for language in ("ja", "en"):
        text = configuration(answers(*PLATFORMS, language=language))
        opened = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
        assert opened != text
        Settings.model_validate({**tomllib.loads(opened), "folder": tmp_path})


def sample_of(mapping: str, pattern: str) -> Path:
    folder, _sep, kind = mapping.partition("/")
    samples = sorted((mappings_dir() / folder / "samples" / kind).iterdir())
    files = [path for path in samples if path.suffix not in {".json", ".yaml"} and path.match(pattern)]
    plain = [
        path for path in files if "settings" not in json.loads(path.with_suffix(".json").read_text("utf-8"))
    ]
    return (plain or files)[0]


def place_samples(settings: Settings) -> None:
    for flow in settings.inbound:
        target = settings.path(settings.endpoints[flow.endpoint].root) / flow.path / f"{flow.name}.csv"
        shutil.copyfile(sample_of(flow.mapping, flow.pattern), target)
        os.utime(target, (utc_moment("2026-11-23T22:00:00Z").timestamp(),) * 2)


# Every word of every answer stands in at least one of these.
QUICK = ("3pl", "yamato_b2")
TRIED = [
    (("rakuten",), "3pl", "yayoi", "core"),
    *[((platform,), QUICK[n % len(QUICK)], ACCOUNTING[n % len(ACCOUNTING)], ("own", "core")[n % 2])
      for n, platform in enumerate(PLATFORMS)],
    *[(PLATFORMS, QUICK[n % len(QUICK)], accounting, "own") for n, accounting in enumerate(ACCOUNTING)],
    *[pytest.param(("rakuten",), ships, "none", "own", marks=pytest.mark.slow)
      for ships in WAREHOUSES if ships not in QUICK],
]  # fmt: skip


@pytest.mark.parametrize(("shops", "warehouse", "accounting", "products"), TRIED)
def test_a_project_is_healthy_and_its_dry_run_takes_a_sample_of_every_flow(
    tmp_path: Path, shops: tuple[str, ...], warehouse: str, accounting: str, products: str
) -> None:
    given = answers(*shops, warehouse=warehouse, accounting=accounting, products=products)
    settings = make_project(tmp_path / "shop", given).settings
    assert [(check.name, check.detail) for check in check_project(settings, NOW) if not check.good] == []
    place_samples(settings)
    outcome = make_plan(settings, PlanRequest("night", NOW, tmp_path / "plan")).outcome
    assert outcome.exit_status in {0, 3}
    refused = [f.sentence() for f in outcome.findings if f.code in {"file_refused", "guard_stopped"}]
    assert refused == []
    assert {f"{flow.name}.csv" for flow in settings.inbound} <= set(outcome.files_taken)
    assert all(proof.holds for proof in outcome.proofs)


def test_what_is_there_for_every_word() -> None:
    assert set(PLATFORMS) == {"rakuten", "shopify", "yahoo"}
    carriers = {
        entry.name.partition("/")[0]
        for entry in list_mappings()
        if load_mapping(entry.name).entity == "parcels"
    }
    assert "yamato_b2" in carriers
    assert set(WAREHOUSES) == {"3pl", *carriers}, "every carrier whose labels can be written is offered"
    assert set(ACCOUNTING) == {"freee", "none", "yayoi"}
    assert set(part_names("products_")) == {"core", "own"}


def test_a_newcomer_with_nothing_but_an_order_export_sees_their_orders(
    ecsync: Ecsync, tmp_path: Path
) -> None:
    made = ecsync("init", "my-shop", "--export", str(EXPORT), "--yes", "--json")
    assert made.status == 0, made.err
    assert made.data["channels"] == ["rakuten1"]
    assert made.data["cutover"] == "2026-11-18T00:00:00+09:00", "the day of the oldest order to be shipped"
    shop = tmp_path / "my-shop"
    settings = load_settings(shop)
    assert settings.channels["rakuten1"].shop_ids == ("000001",)
    copied = shop / "exchange/rakuten1/orders" / EXPORT.name
    assert copied.read_bytes() == EXPORT.read_bytes()
    assert copied.stat().st_mtime_ns == EXPORT.stat().st_mtime_ns, "its time says of when it speaks"
    at = ("--project", str(shop), "--as-of", "2026-11-24T12:00+09:00")
    assert ecsync(*at, "doctor").status == 0
    dry = ecsync(*at, "sync", "night", "--dry-run", "--json").data
    assert dry["changes"]["sales_order"] == 14
    assert "unknown_sku" not in {order["reason"] for order in dry["standing"]}, (
        "products came from the export"
    )
    assert {order["kind"] for order in dry["standing"]} >= {"hold", "money", "stock"}
    assert list((shop / "exchange/warehouse/instructions").iterdir()) == []


def test_with_a_count_of_the_stock_the_same_orders_are_instructed(ecsync: Ecsync, tmp_path: Path) -> None:
    assert ecsync("init", "my-shop", "--export", str(EXPORT), "--export", str(ITEMS), "--yes").status == 0
    shop = tmp_path / "my-shop"
    count = (shop / "stock-to-count.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(count)))
    assert len(rows) >= 10
    assert {row["qty"] for row in rows} == {""}
    filled = count.replace(",,", ",20,")
    target = shop / "exchange/warehouse/stock/count.csv"
    target.write_text(filled, encoding="utf-8")
    os.utime(target, (utc_moment("2026-11-24T00:00:00Z").timestamp(),) * 2)
    at = ("--project", str(shop), "--as-of", "2026-11-24T12:00+09:00")
    dry = ecsync(*at, "sync", "night", "--dry-run", "--json").data
    sent = {one["flow"]: one["rows"] for one in dry["outbound"]}
    assert sent["main-instructions"] > 5
    assert sent["rakuten1-quantities"] > 5


def test_the_product_table_says_what_the_orders_say(ecsync: Ecsync, tmp_path: Path) -> None:
    assert ecsync("init", "my-shop", "--export", str(EXPORT), "--yes").status == 0
    table = (tmp_path / "my-shop/exchange/office/products/products.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbf"), "so that a spreadsheet reads it as UTF-8"
    rows = {row["sku"]: row for row in csv.DictReader(io.StringIO(table.decode("utf-8-sig")))}
    assert list(rows) == sorted(rows)
    assert rows["MUG-WHITE"] == {
        "sku": "MUG-WHITE", "name": "波佐見焼マグカップ 白", "jan": "", "supplier": "", "cost": "", "price": "1650",
        "tax_rate": "10",
    }  # fmt: skip
    assert rows["COFFEE-200"]["tax_rate"] == "8"


def test_without_an_export_orders_from_before_now_stay_with_the_old_ways(
    ecsync: Ecsync, tmp_path: Path
) -> None:
    words = [word for word in FLAGS if word not in {"--cutover", "2026-11-17"}]
    done = ecsync("init", "shop", *words, "--yes", "--as-of", "2026-11-24T12:00+09:00")
    assert done.status == 0, done.err
    channel = load_settings(tmp_path / "shop").channels["rakuten1"]
    assert channel.cutover == datetime(2026, 11, 24, 3, tzinfo=UTC)
    shutil.copy2(EXPORT, tmp_path / "shop/exchange/rakuten1/orders")
    dry = ecsync(
        "--project",
        str(tmp_path / "shop"),
        "sync",
        "night",
        "--dry-run",
        "--json",
        "--as-of",
        "2026-11-24T13:00+09:00",
    ).data
    (told,) = [finding for finding in dry["findings"] if finding["code"] == "before_cutover"]
    assert "14 orders of rakuten1" in told["text"]
    assert dry["standing"] == []


def test_several_shops_and_sftp(ecsync: Ecsync, tmp_path: Path) -> None:
    done = ecsync(
        "init", "shop", *FLAGS, "--shop", "rakuten:000002", "--sftp", "warehouse=minato@files.example.jp:2222",
        "--sftp", "rakuten2=shop@sftp.example.jp",
    )  # fmt: skip
    assert done.status == 0, done.err
    settings = load_settings(tmp_path / "shop")
    assert {name: one.shop_ids for name, one in settings.channels.items()} == {
        "rakuten1": ("000001",),
        "rakuten2": ("000002",),
    }
    warehouse = settings.endpoints["warehouse"]
    assert (warehouse.kind, warehouse.host, warehouse.port, warehouse.user) == (
        "sftp", "files.example.jp", 2222, "minato",
    )  # fmt: skip
    assert settings.endpoints["rakuten1"].kind == "folder"
    assert not (tmp_path / "shop/exchange/warehouse").exists()


def test_everything_is_for_its_owner_only(ecsync: Ecsync, tmp_path: Path) -> None:
    assert ecsync("init", "shop", "--export", str(EXPORT), "--yes").status == 0
    for path in [tmp_path / "shop", *(tmp_path / "shop").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    ignored = (tmp_path / "shop/.gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/data/", "/exchange/", "/secrets/", "/spool/", "/outbox/", "/reports/"} <= set(ignored)


def test_a_project_that_is_there_is_refused_and_nothing_in_it_changes(ecsync: Ecsync, tmp_path: Path) -> None:
    assert ecsync("init", "shop", *FLAGS).status == 0
    before = {path: path.read_bytes() for path in (tmp_path / "shop").rglob("*") if path.is_file()}
    again = ecsync("init", "shop", *FLAGS)
    assert again.status == 2
    assert "ecsync doctor" in again.err
    assert {path: path.read_bytes() for path in (tmp_path / "shop").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("there", ["owners.yaml", "data/ecsync.db", "exchange/x", "mappings/x"])
def test_nothing_that_lies_there_is_overwritten(ecsync: Ecsync, tmp_path: Path, there: str) -> None:
    path = tmp_path / "shop" / there
    path.parent.mkdir(parents=True)
    path.write_text("mine", encoding="utf-8")
    done = ecsync("init", "shop", *FLAGS)
    assert done.status == 2
    assert there.partition("/")[0] in done.err
    assert [p for p in (tmp_path / "shop").rglob("*") if p.is_file()] == [path]
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_folder_under_version_control_may_become_a_project(ecsync: Ecsync, tmp_path: Path) -> None:
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    (tmp_path / "shop" / ".gitignore").write_text("own\n", encoding="utf-8")
    assert ecsync("init", "shop", *FLAGS).status == 0
    assert (tmp_path / "shop" / ".gitignore").read_text(encoding="utf-8") == "own\n"


WRONG = [
    (("init", "shop"), "--name"),
    (("init", "shop", "--name", "x"), "--shop"),
    (("init", "shop", "--yes"), "--shop"),
    (("init", "--name", "x"), "ecsync init my-shop"),
    (("init", "shop", *FLAGS, "--opening", "."), "--opening"),
    (("init", "shop", *FLAGS, "--shop", "ebay"), "rakuten"),
    (("init", "shop", *FLAGS, "--shop", "rakuten:000001"), "twice"),
    (("init", "shop", *FLAGS, "--shop", "rakuten:0:0"), "no shop number"),
    (("init", "shop", *FLAGS, "--warehouse", "moon"), "3pl"),
    (("init", "shop", *FLAGS, "--accounting", "sap"), "yayoi"),
    (("init", "shop", *FLAGS, "--cutover", "soon"), "2026-11-17"),
    (("init", "shop", *FLAGS, "--cutover", "export"), "--export"),
    (("init", "shop", *FLAGS, "--language", "fr"), "ja, en"),
    (("init", "shop", *FLAGS, "--sftp", "warehouse"), "USER@HOST"),
    (("init", "shop", *FLAGS, "--sftp", "moon=a@b"), "warehouse"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_what_is_wrong_is_said_with_what_there_is(
    ecsync: Ecsync, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = ecsync(*words)
    assert done.status == 2, done.err
    assert re.search(said, done.err), done.err
    assert not (tmp_path / "shop").exists(), "nothing was begun"


def test_an_export_of_another_shop_is_not_taken_for_this_one_s(ecsync: Ecsync, tmp_path: Path) -> None:
    words = [word.replace("000001", "000009") for word in FLAGS]
    done = ecsync("init", "shop", *words, "--export", str(EXPORT))
    assert done.status == 2
    assert "--shop rakuten:000001" in done.err
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize("content", [b"", b"a,b\r\n1,2\r\n", b"\xff\xfe\x00", None])
def test_a_file_that_is_no_export_is_refused_with_what_was_tried(
    ecsync: Ecsync, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "some.csv"
    if content is not None:
        path.write_bytes(content)
    done = ecsync("init", "shop", "--export", str(path), "--yes")
    assert done.status == 14
    assert content is None or "rakuten/" in done.err
    assert not (tmp_path / "shop").exists()


class Person(io.StringIO):
    """Somebody at a terminal who types these lines."""

    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_for_what_no_flag_says_and_asked_again(
    ecsync: Ecsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["みなと雑貨店", "ebay", "rakuten:000001", "3pl", "yayoi", "no", "2026-11-17"]
    monkeypatch.setattr("sys.stdin", Person("\n".join(typed) + "\n"))
    done = ecsync("init", "shop", lang="ja")
    assert done.status == 0, done.err
    assert "ebay" in done.err, "what was wrong is said, and asked again"
    settings = load_settings(tmp_path / "shop")
    assert settings.project.name == "みなと雑貨店"
    assert settings.project.language == "ja"
    assert settings.channels["rakuten1"].cutover == utc_moment("2026-11-16T15:00:00Z")
    assert any(flow.mapping == "yayoi/journals" for flow in settings.outbound)


def test_a_person_may_take_every_default(
    ecsync: Ecsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Person("\n" * 6))
    done = ecsync("init", "shop", "--export", str(EXPORT), lang="en")
    assert done.status == 0, done.err
    assert load_settings(tmp_path / "shop").project.language == "en"
    assert "# A Rakuten shop" in (tmp_path / "shop/ecsync.toml").read_text(encoding="utf-8")


def test_without_a_folder_it_makes_the_master_of_a_project_that_is_there(
    ecsync: Ecsync, tmp_path: Path
) -> None:
    assert ecsync("init", "shop", *FLAGS).status == 0
    (tmp_path / "shop/data/ecsync.db").unlink()
    assert ecsync("--project", str(tmp_path / "shop"), "init").status == 0
    assert ecsync("--project", str(tmp_path / "shop"), "db", "check").status == 0
    assert ecsync("init").status == 10, "there is none here"


def test_a_server_of_a_partner_is_said_in_the_partner_s_own_words() -> None:
    given = answers("rakuten")
    with_server = Answers(**{**vars(given), "sftp": {"warehouse": SftpAnswer("h.example.jp", 'o"p', 22)}})
    endpoint = tomllib.loads(configuration(with_server))["endpoints"]["warehouse"]
    assert endpoint["user"] == 'o"p'
    assert endpoint["password"] == {"file": "secrets/warehouse"}


@pytest.mark.parametrize(
    ("sample", "platform", "open_orders"),
    [
        ("rakuten/orders/107-columns-excel.csv", "rakuten", 4),
        ("shopify/orders/79-columns.csv", "shopify", 7),
        ("shopify/orders/73-columns-decimals.csv", "shopify", 3),
        ("yahoo/orders/base-columns.csv", "yahoo", 4),
    ],
)
def test_whose_export_it_is_is_found_in_its_header(sample: str, platform: str, open_orders: int) -> None:
    folder, kind, name = sample.split("/")
    export = read_export(mappings_dir() / folder / "samples" / kind / name)
    assert (export.platform, export.mapping, export.open_orders) == (
        platform,
        f"{platform}/orders",
        open_orders,
    )
    assert export.oldest_open is not None


def test_the_lines_of_an_export_in_two_files_tell_of_products_and_no_orders() -> None:
    export = read_export(mappings_dir() / "yahoo" / "samples" / "order_items" / "base-columns.csv")
    assert (export.mapping, export.orders, export.oldest_open) == ("yahoo/order_items", 0, None)
    assert export.products


def test_an_inventory_export_is_known_whatever_its_locations_are(ecsync: Ecsync, tmp_path: Path) -> None:
    sample = mappings_dir() / "shopify" / "samples" / "inventory" / "19-columns.csv"
    assert read_export(sample).mapping == "shopify/inventory"
    assert ecsync("init", "shop", "--shop", "shopify:東京倉庫", "--export", str(sample), "--yes").status == 0
    settings = load_settings(tmp_path / "shop")
    assert settings.channels["shopify1"].options == {"location": "東京倉庫"}
    assert (tmp_path / "shop/exchange/shopify1/inventory" / sample.name).is_file()
