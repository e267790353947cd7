"""What a run writes for its partners: in the order of sending, without what is held back, each key told once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from ecsync.config import Settings
from ecsync.mapping.cell_text import WRITE_RULES
from ecsync.mapping.model import OutboundMapping
from ecsync.mapping.writer import Change, Refused, Written
from ecsync.master.told import INSTRUCTION_KEY
from ecsync.run import publish as publishing
from ecsync.run import session
from ecsync.run.documents import SOURCES
from ecsync.run.flow_mappings import outbound_mapping
from ecsync.run.prove import HeldBack
from ecsync.run.publish import dotted_settings
from ecsync.shipped import mappings_dir
from master_under_test import MasterUnderTest
from story_shop import StoryShop, an_order, moment

NOON, NIGHT = moment("12:00"), moment("22:00")


def two_orders(story: StoryShop) -> None:
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("MUG-WHITE", 2)), an_order(2, ("MUG-BLUE", 1)))


def hold(monkeypatch: pytest.MonkeyPatch, document: str, wanted: Callable[[str], bool]) -> None:
    """Let a broken proof hold back the keys of a document."""
    original = session.prove.prove

    def prove(ctx: object, proofs: object) -> object:
        made, held = original(ctx, proofs)  # type: ignore[arg-type]
        rows = ctx.rows(f"SELECT {INSTRUCTION_KEY} FROM shipping_instruction i")  # type: ignore[attr-defined]
        assert held.by_document == {}
        return made, HeldBack({document: {str(key) for (key,) in rows if wanted(str(key))}})

    monkeypatch.setattr(session.prove, "prove", prove)


def test_what_is_held_back_is_told_by_the_first_run_that_may(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_orders(story)
    with monkeypatch.context() as patch:
        hold(patch, "shipping_instructions", lambda key: "0000000001:" in key)
        outcome = story.run("noon", NOON)
    assert [line["sku"] for line in story.instructed()] == ["MUG-BLUE"]
    (file,) = [file for file in outcome.published if file.document == "shipping_instructions"]
    assert file.row_count == 1
    story.run("noon", moment("13:00"))
    assert sorted(line["sku"] for line in story.instructed()) == ["MUG-BLUE", "MUG-WHITE"]


def test_rows_that_do_not_belong_into_a_file_wait_for_another(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_orders(story)

    def white_only(settings: Settings, flow: Any) -> OutboundMapping:
        mapping = outbound_mapping(settings, flow)
        if mapping.entity != "shipping_instructions":
            return mapping
        return mapping.reworded({**mapping.words, "keep_rows_when": [{"sku": ["MUG-WHITE"]}]})

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "outbound_mapping", white_only)
        story.run("noon", NOON)
    assert [line["sku"] for line in story.instructed()] == ["MUG-WHITE"]
    story.run("noon", moment("13:00"))
    assert sorted(line["sku"] for line in story.instructed()) == ["MUG-BLUE", "MUG-WHITE"]


def test_two_flows_of_a_shop_share_the_quantities_of_a_run(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = story.shop.project / "ecsync.toml"
    text = toml.read_text(encoding="utf-8")
    end = text.index("[[outbound]]", text.index('name = "rakuten1-stock"'))
    second = text[text.index('name = "rakuten1-stock"') : end].replace(
        '"rakuten1-stock"', '"rakuten1-the-rest"'
    )
    toml.write_text(f"{text[:end]}[[outbound]]\n{second}{text[end:]}", encoding="utf-8")
    story.count(moment("08:00"))

    def one_for_the_first(settings: Settings, flow: Any) -> OutboundMapping:
        mapping = outbound_mapping(settings, flow)
        if flow.name != "rakuten1-stock":
            return mapping
        return mapping.reworded({**mapping.words, "keep_rows_when": [{"sku": ["MUG-WHITE"]}]})

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "outbound_mapping", one_for_the_first)
        outcome = story.run("stock", NOON)
    counts = {
        file.flow: file.row_count for file in outcome.published if file.document == "channel_quantities"
    }
    decided = story.shop.rows("SELECT COUNT(*) FROM channel_quantity WHERE channel = 'rakuten1'")[0][0]
    assert 0 < counts["rakuten1-stock"] < decided
    assert counts["rakuten1-stock"] + counts["rakuten1-the-rest"] == decided


def test_where_everything_is_held_back_there_is_no_file(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_orders(story)
    hold(monkeypatch, "shipping_instructions", lambda _key: True)
    outcome = story.run("noon", NOON)
    assert "shipping_instructions" not in {file.document for file in outcome.published}
    assert story.instructed() == []


def test_every_file_of_a_night_is_the_row_that_tells_it_and_goes_in_the_order_of_sending(
    story: StoryShop,
) -> None:
    two_orders(story)
    story.run("noon", NOON)
    lines = story.instructed()
    story.events(moment("16:00"), *(story.shipped(line) for line in lines))
    outcome = story.run("night", NIGHT)
    documents = [file.document for file in outcome.published]
    usual = (
        "shipping_instructions",
        "channel_quantities",
        "shipping_notices",
        "core_entries",
        "journal_lines",
    )
    assert documents == [name for name in usual if name in documents]
    assert {"shipping_notices", "core_entries", "journal_lines"} <= set(documents)
    for file in outcome.published:
        content = file.payload.read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.size)
        assert file.payload.stat().st_mode & 0o777 == 0o600
        row = story.shop.rows(
            "SELECT flow, endpoint, remote_dir, remote_name, sha256, size, row_count, document, state, run_id,"
            f" payload_path FROM outbox_file WHERE outbox_id = {file.outbox_id}"
        )
        assert row == [
            (
                *(file.flow, file.endpoint, file.remote_dir, file.remote_name, file.sha256, file.size),
                *(file.row_count, file.document, "verified", outcome.run_id, file.payload.name),
            )
        ]
        keys = story.shop.rows(f"SELECT COUNT(*) FROM outbox_key WHERE outbox_id = {file.outbox_id}")
        assert keys[0][0]
    assert {outcome.run_id} == {
        number
        for (number,) in story.shop.rows(f"SELECT run_id FROM outbox_key WHERE run_id >= {outcome.run_id}")
    }
    assert story.run("night", moment("22:30")).published == []


def test_files_of_one_day_are_counted(story: StoryShop) -> None:
    two_orders(story)
    story.run("noon", NOON)
    story.orders(moment("12:30"), an_order(3, ("MUG-BLUE", 1)))
    story.run("noon", moment("13:00"))
    sent = story.shop.rows(
        "SELECT payload_path FROM outbox_file WHERE document = 'shipping_instructions' ORDER BY outbox_id"
    )
    assert [str(path)[-12:] for (path,) in sent] == ["-001.payload", "-002.payload"]


@contextmanager
def written_otherwise(fault: Callable[[list[str]], dict[str, object]]) -> Iterator[list[str]]:
    """Let the writer say of the keys of a file what `fault` says; give those keys."""
    keys: list[str] = []
    write_file = publishing.writer.write_file

    def noted(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            keys.extend(batch.column("business_key").to_pylist())
            yield batch

    def write(mapping: OutboundMapping, batches: Iterable[pa.RecordBatch], *words: Any) -> Written:
        written = write_file(mapping, noted(batches), *words)
        return replace(written, **fault(keys))  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing.writer, "write_file", write)
        yield keys


def test_what_is_written_otherwise_is_said_and_what_is_refused_is_said_and_told_by_the_next_run(
    story: StoryShop,
) -> None:
    story.count(moment("08:00"))
    with written_otherwise(
        lambda keys: {
            "changes": (
                Change("備考", "U+9AD9", "高", 2, keys[1]),
                Change("備考", "", "", 1, keys[0]),
            ),
            "refused": (Refused(keys[0], "在庫数", "too_large"),),
        }
    ) as keys:
        outcome = story.run("stock", NOON)
    said = [(f.code, f.subject, f.params) for f in outcome.findings if "column" in f.params]
    reason = {"reason": WRITE_RULES["too_large"], "code_point": "", "sign": ""}
    assert said == [
        (
            "text_replaced",
            keys[1],
            {"column": "備考", "count": "2", "code_point": "U+9AD9", "written": "高"},
        ),
        ("text_cut", keys[0], {"column": "備考", "count": "1"}),
        ("row_not_writable", keys[0], {"column": "在庫数", **reason}),
    ]
    told = "SELECT business_key FROM outbox_key ORDER BY 1"
    assert story.shop.rows(told) == [(key,) for key in sorted(keys[1:])]
    (later,) = story.run("stock", moment("12:30")).published
    assert (later.row_count, later.payload.name[-12:]) == (1, "-002.payload")
    assert story.shop.rows(told) == [(key,) for key in sorted(keys)]


def test_a_file_of_which_nothing_could_be_written_is_none(story: StoryShop) -> None:
    story.count(moment("08:00"))
    with written_otherwise(
        lambda keys: {"refused": tuple(Refused(key, "在庫数", "too_large") for key in keys)}
    ) as keys:
        outcome = story.run("stock", NOON)
    assert (outcome.published, len(keys) > 1, outcome.exit_status) == ([], True, 3)
    assert list((story.shop.project / "outbox").glob("*.payload")) == []
    assert story.published() == {}


def test_what_a_file_may_not_hold_follows_in_the_next_part(story: StoryShop) -> None:
    own = story.shop.project / "mappings" / "rakuten"
    own.mkdir(parents=True)
    text = (mappings_dir() / "rakuten" / "normal_item.yaml").read_text(encoding="utf-8")
    parted = text.replace("name: normal-item.csv", 'name: "part{part:02}.csv", max_rows: 4')
    assert parted != text
    (own / "normal_item.yaml").write_text(parted, encoding="utf-8")
    story.count(moment("08:00"))
    outcome = story.run("stock", NOON)
    assert [(file.remote_name, file.row_count) for file in outcome.published] == [
        ("part00.csv", 4),
        ("part01.csv", 4),
        ("part02.csv", 2),
    ]
    assert [file.payload.name[-12:-8] for file in outcome.published] == ["-001", "-002", "-003"]
    columns = "flow, endpoint, remote_dir, remote_name, sha256, size, row_count, document, outbox_id"
    rows = story.shop.rows(f"SELECT {columns}, state FROM outbox_file ORDER BY outbox_id")
    assert rows == [
        (*(getattr(file, name) for name in columns.split(", ")), "verified") for file in outcome.published
    ]


LISTED = 4
# The statement itself runs on both databases in the first of these tests.
one_database = pytest.mark.parametrize("master", ["sqlite"], indirect=True)


def told_quantity(
    master: MasterUnderTest, item: str, qty: int, previous: int | None, number: int = 1, **key: str
) -> None:
    """Decide a quantity of a listing."""
    listing = {"channel": "rakuten1", "item_key": item, "sku_key": "v", **key}
    master.insert(
        "channel_quantity", {**listing, "sequence": f"{number:012d}", "qty": qty, "previous_qty": previous}
    )


def stopped(master: MasterUnderTest, most: float = 0.25) -> tuple[str, str] | None:
    """Return the guard that stops the quantities of a shop of four listings, and its figures."""
    for number in range(LISTED):
        key = {"channel": "rakuten1", "item_key": f"item-{number}", "sku_key": "v"}
        master.insert("channel_stock", key)
    master.insert("channel_stock", {"channel": "yahoo1", "item_key": "other", "sku_key": "v"})
    flow = {
        "name": "stock",
        "party": "rakuten1",
        "mapping": "rakuten/normal_item",
        "endpoint": "e",
        "guard": {"max_share_to_zero": most},
    }
    settings = master.make_settings(endpoints={"e": {"kind": "folder", "root": "."}}, outbound=[flow])
    (outbound,) = settings.outbound
    with master.context(undo=True) as ctx:
        found = publishing._guard(ctx, outbound, outbound_mapping(settings, outbound))
    return (found.guard, found.detail) if found else None


def fall_to_zero(master: MasterUnderTest, number: int) -> None:
    for item in range(number):
        told_quantity(master, f"item-{item}", 0, 5)


@pytest.mark.parametrize(("fallen", "most", "expected"), [(1, 0.25, None), (2, 0.25, "2/4"), (4, 1.0, None)])
def test_quantities_are_stopped_where_more_than_the_allowed_share_falls_to_zero(
    master: MasterUnderTest, fallen: int, most: float, expected: str | None
) -> None:
    fall_to_zero(master, fallen)
    assert stopped(master, most) == (("zero_share", expected) if expected else None)


def sold_out_before(master: MasterUnderTest) -> None:
    told_quantity(master, "item-2", 0, 0)
    told_quantity(master, "item-3", 0, None)


def still_some(master: MasterUnderTest) -> None:
    told_quantity(master, "item-2", 7, 9)


def told_already(master: MasterUnderTest) -> None:
    told_quantity(master, "item-2", 0, 5)
    key = {"document": "channel_quantities", "business_key": f"rakuten1:item-2:v:{1:012d}", "outbox_id": 1}
    master.insert("outbox_key", key)


def back_again(master: MasterUnderTest) -> None:
    told_quantity(master, "item-2", 0, 5)
    told_quantity(master, "item-2", 3, 0, number=2)


def of_another_shop(master: MasterUnderTest) -> None:
    told_quantity(master, "item-2", 0, 5, channel="yahoo1")


@one_database
@pytest.mark.parametrize("other", [sold_out_before, still_some, told_already, back_again, of_another_shop])
def test_what_does_not_fall_to_zero_now_is_not_counted(
    master: MasterUnderTest, other: Callable[[MasterUnderTest], None]
) -> None:
    fall_to_zero(master, 1)
    other(master)
    assert stopped(master) is None


def another_listing_told(master: MasterUnderTest) -> None:
    key = {"document": "channel_quantities", "business_key": f"rakuten1:item-3:v:{1:012d}", "outbox_id": 1}
    master.insert("outbox_key", key)


def another_document(master: MasterUnderTest) -> None:
    key = {"document": "shipping_notices", "business_key": f"rakuten1:item-1:v:{1:012d}", "outbox_id": 1}
    master.insert("outbox_key", key)


def later_of_another_listing(master: MasterUnderTest) -> None:
    told_quantity(master, "item-3", 3, 0, number=2)


def later_of_another_variant(master: MasterUnderTest) -> None:
    told_quantity(master, "item-1", 3, 0, number=2, sku_key="w")


def later_in_another_shop(master: MasterUnderTest) -> None:
    told_quantity(master, "item-1", 3, 0, number=2, channel="yahoo1")


@one_database
@pytest.mark.parametrize(
    "other",
    [
        another_listing_told,
        another_document,
        later_of_another_listing,
        later_of_another_variant,
        later_in_another_shop,
    ],
)
def test_what_happens_to_other_listings_takes_none_away(
    master: MasterUnderTest, other: Callable[[MasterUnderTest], None]
) -> None:
    fall_to_zero(master, 2)
    other(master)
    assert stopped(master) == ("zero_share", "2/4")


def test_a_mapping_may_name_the_sender_the_carriers_and_its_own_channels_options(
    settings: Callable[..., Settings],
) -> None:
    shop = settings(
        sender={"name": "試験商店"},
        carriers={"yamato": {"customer_code": "0900"}},
        channels={"rakuten1": {"options": {"ship_status": "500"}}},
    )
    common = {"sender.name": "試験商店", "carriers.yamato.customer_code": "0900"}
    assert dotted_settings(shop, "rakuten1") == {**common, "channel.ship_status": "500"}
    assert dotted_settings(shop, "main") == common


@pytest.mark.parametrize(
    ("sender", "whole"),
    [
        ({"address": "横浜市中区本町1-1", "building": "港ビル2階"}, "横浜市中区本町1-1 港ビル2階"),
        ({"address": "横浜市中区本町1-1"}, "横浜市中区本町1-1"),
        ({"address": "", "building": ""}, ""),  # there, and still to be filled in
        ({"building": "港ビル2階"}, None),
    ],
)
def test_the_senders_whole_address_is_address_and_building(
    settings: Callable[..., Settings], sender: dict[str, str], whole: str | None
) -> None:
    assert dotted_settings(settings(sender=sender), "main").get("sender.full_address") == whole


@pytest.mark.parametrize(
    ("named", "asked"), [(["rakuten1"], ["rakuten1"]), ([], ["rakuten1", "yahoo1"])], ids=["one", "all"]
)
def test_a_payment_company_is_asked_about_by_its_methods_and_channels(
    settings: Callable[..., Settings], named: list[str], asked: list[str]
) -> None:
    flow = {"name": "np", "party": "np", "mapping": "payment/orders", "endpoint": "e"}
    shop = settings(
        channels={"yahoo1": {"platform": "yahoo", "warehouse": "main", "payer": "Yahoo!"}},
        payment_companies={"np": {"methods": ["postpay", "card"], "channels": named}},
        endpoints={"e": {"kind": "folder", "root": "."}},
        outbound=[flow],
    )
    selection = publishing._selection(shop, shop.outbound[0], SOURCES["payment_orders"], 0)
    lists = {"methods": ["card", "postpay"], "channels": asked}
    assert selection.given == {"document": "payment_orders", **lists}
    assert set(selection.lists) == set(lists)
