"""A plan says what a run would take in and send; applying it does that, or nothing."""

from __future__ import annotations

import hashlib
import os
from dataclasses import astuple
from pathlib import Path

import pytest
import sqlalchemy as sa

from ecsync.errors import EcsyncError, LockedError, StalePlanError, UsageError
from ecsync.exchange.endpoint import Entry
from ecsync.exchange.folder_endpoint import FolderEndpoint
from ecsync.exchange.steps import CommittingSteps
from ecsync.findings import FindingLog
from ecsync.master.engine import open_engine
from ecsync.master.tables_running import INBOX_FILE, INBOX_SIGHTING, OUTBOX_FILE
from ecsync.run import manifest, session
from ecsync.run import plan as planning
from ecsync.run.apply import PlanCollector, apply_plan
from ecsync.run.ground import CommittingGround
from ecsync.run.plan import Plan, PlanRequest, make_plan
from ecsync.run.records import RunRow
from master_under_test import MasterUnderTest
from shop import copy_shop, utc
from story_shop import StoryShop, an_order, moment, new_story
from yahoo_story import new_yahoo_story

NOON = moment("12:00")
ORDERS = "rms/orders/order_20261124_1130.csv"


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> StoryShop:
    """Give a shop before its first run; every test has a copy."""
    story = new_story(tmp_path_factory.mktemp("morning") / "shop").open_up()
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("MUG-WHITE", 2)))
    return story


@pytest.fixture
def story(morning: StoryShop, tmp_path: Path) -> StoryShop:
    return StoryShop(copy_shop(morning.shop, tmp_path / "shop"))


def planned(story: StoryShop, name: str = "plan", kind: str = "noon", **words: object) -> Plan:
    return make_plan(story.shop.settings, PlanRequest(kind, utc(NOON), story.shop.root / name, **words))  # type: ignore[arg-type]


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_second_plan_in_the_same_folder_is_refused_and_the_first_is_whole(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[int] = []
    perform = planning.perform

    def with_another_beside_it(asked: session.Session) -> object:
        if not late:
            late.append(0)
            with pytest.raises(LockedError) as refused:
                planned(story)
            late.append(refused.value.exit_status)
        return perform(asked)

    monkeypatch.setattr(planning, "perform", with_another_beside_it)
    first = planned(story)
    assert late == [0, 11]
    assert manifest.read(first.folder) == first.manifest
    assert {path.name for path in (first.folder / "inputs").iterdir()} == {
        item.sha256 for item in first.manifest.inputs
    }
    assert planned(story, wait_minutes=0.05).manifest == first.manifest, "the folder is free again"


def test_a_plan_leaves_nothing_of_an_earlier_one(story: StoryShop) -> None:
    plan = planned(story)
    (plan.folder / "files" / "of-yesterday.csv").write_bytes(b"old")
    (plan.folder / "left-over").symlink_to(story.shop.root)
    before = files_below(plan.folder).keys() - {"files/of-yesterday.csv"}
    assert files_below(planned(story).folder).keys() == before
    assert story.shop.root.is_dir()


def test_a_plan_names_its_inputs_and_holds_the_very_files_that_applying_it_sends(story: StoryShop) -> None:
    plan = planned(story)
    made = manifest.read(plan.folder)
    assert made == plan.manifest
    by_flow = {item.flow: item for item in made.inputs}
    order = story.shop.partners / ORDERS
    sha256 = hashlib.sha256(order.read_bytes()).hexdigest()
    as_of = utc(moment("11:30"))
    assert astuple(by_flow["rakuten1-orders"]) == (
        *("rakuten1-orders", order.name, order.stat().st_size, as_of, as_of, sha256),
        False,
    )
    assert [item.flow for item in made.inputs] == sorted(item.flow for item in made.inputs)
    assert (made.kind, made.clock, made.business_date) == ("noon", utc(NOON), "2026-11-24")
    assert (made.waiting, made.overrides, made.exit_status) == ((), (), plan.outcome.exit_status)
    left = {path.name for path in plan.folder.iterdir()}
    assert left == {".ecsync-plan", "files", "inputs", "outputs", "plan.json"}, "no copy of the master stays"
    shown = files_below(plan.folder / "files")
    modes = {path.stat().st_mode & 0o777 for path in plan.folder.rglob("*") if path.is_file()}
    assert (modes, plan.folder.stat().st_mode & 0o777) == ({0o600}, 0o700)
    assert story.shop.delivered() == {}
    outcome = apply_plan(story.shop.settings, plan.folder)
    assert story.shop.delivered() == shown
    spool = [
        path.stat().st_mode & 0o777 for path in (story.shop.project / "spool").rglob("*") if path.is_file()
    ]
    assert set(spool) == {0o600}
    assert story.shop.rows("SELECT owner FROM lock_owner") == [("apply",)]
    assert [file.sha256 for file in outcome.published] == [file.sha256 for file in made.outputs]
    assert outcome.changes == made.changes
    assert "order_20261124_1130.csv" in outcome.files_taken


def test_a_folder_with_other_things_in_it_takes_no_plan(story: StoryShop) -> None:
    folder = story.shop.root / "plan"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty"):
        planned(story)
    assert files_below(folder) == {"mine.txt": b"mine"}


def test_a_new_plan_replaces_an_old_one_whole(story: StoryShop) -> None:
    folder = planned(story).folder
    (folder / "files" / "old.csv").write_bytes(b"old")
    before = files_below(folder)
    assert files_below(planned(story).folder) == {
        name: content for name, content in before.items() if name != "files/old.csv"
    }


def test_there_is_no_plan_without_a_master(story: StoryShop) -> None:
    (story.shop.project / "data" / "ecsync.db").unlink()
    with pytest.raises(EcsyncError):
        planned(story)
    assert not (story.shop.root / "plan").exists()


@pytest.mark.parametrize("what", ["kind", "guard"])
def test_what_no_run_knows_is_refused_before_anything_is_made(story: StoryShop, what: str) -> None:
    request = PlanRequest(
        "someday" if what == "kind" else "noon",
        utc(NOON),
        story.shop.root / "plan",
        overrides=() if what == "kind" else (("no_such_guard", "x"),),
    )
    with pytest.raises(EcsyncError):
        make_plan(story.shop.settings, request)
    assert not request.out.exists()


def test_a_file_that_a_failed_run_had_collected_is_planned_and_not_looked_for_again(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise UsageError("stopped")  # noqa: EM101

    with monkeypatch.context() as patch:
        patch.setattr(session.tally, "account", fail)
        with pytest.raises(UsageError):
            story.run("noon", NOON)
    assert story.shop.rows("SELECT state FROM run") == [("failed",)]
    plan = planned(story)
    assert {item.pending for item in plan.manifest.inputs} == {True}
    assert len(plan.manifest.inputs) == len(story.shop.rows("SELECT file_id FROM inbox_file"))
    for path in (story.shop.partners / "rms/orders").glob("*.csv"):
        path.unlink()
    outcome = apply_plan(story.shop.settings, plan.folder)
    assert "order_20261124_1130.csv" in outcome.files_taken
    assert story.shop.delivered() == files_below(plan.folder / "files")


@pytest.mark.slow
def test_a_plan_names_the_files_that_wait_already_in_the_order_of_sending(story: StoryShop) -> None:
    mall = story.shop.partners / "rms/ritem"
    warehouse = story.shop.partners / "warehouse/in"
    gone = [folder.rename(folder.with_name(f"{folder.name}-away")) for folder in (mall, warehouse)]
    story.run("noon", NOON)
    waiting = [
        str(name)
        for (name,) in story.shop.rows(
            "SELECT remote_name FROM outbox_file WHERE state <> 'verified' ORDER BY priority, outbox_id"
        )
    ]
    assert len(waiting) > 1
    plan = make_plan(
        story.shop.settings, PlanRequest("noon", utc(moment("12:30")), story.shop.root / "later")
    )
    assert list(plan.manifest.waiting) == waiting
    for folder in gone:
        folder.rename(folder.with_name(folder.name.removesuffix("-away")))
    story.run("noon", moment("12:40"))
    last = make_plan(story.shop.settings, PlanRequest("noon", utc(moment("12:50")), story.shop.root / "last"))
    assert last.manifest.waiting == ()


def leave_outgoing(story: StoryShop, *files: tuple[str, int], first: int = 9001) -> None:
    """Leave files of earlier runs: the state, and the priority; each is named by its state."""
    engine = open_engine(story.shop.settings)
    with engine.begin() as conn:
        for number, (state, priority) in enumerate(files, start=first):
            conn.execute(
                sa.insert(OUTBOX_FILE).values(
                    outbox_id=number, remote_name=state, state=state, priority=priority
                )
            )
    engine.dispose()


def test_a_plan_names_what_is_on_its_way_and_not_what_is_done(story: StoryShop) -> None:
    done = ("verified", "acknowledged", "dropped", "conflict", "unknown")
    leave_outgoing(story, *[(state, 50) for state in done])
    leave_outgoing(story, ("planned", 50), ("uploading", 10), ("uploaded", 50), first=9011)
    assert planned(story, kind="stock").manifest.waiting == ("uploading", "planned", "uploaded")


def test_a_plan_after_a_run_takes_in_only_what_is_new(story: StoryShop) -> None:
    story.run("stock", NOON)
    story.count(moment("12:10"), MUG_WHITE=3)
    made = planned(story, kind="stock").manifest
    assert [(item.name, item.pending) for item in made.inputs] == [("stock_20261124_1210.csv", False)]


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_the_inputs_of_a_plan_are_what_is_new_and_what_waits_to_be_read(master: MasterUnderTest) -> None:
    states = {1: "loaded", 2: "spooled", 3: "guarded", 4: "spooled"}
    for number, state in states.items():
        master.insert("inbox_file", {"file_id": number, "flow": "f", "name": f"{number}.csv", "state": state})
    with master.engine.begin() as conn:
        assert planning._pending(conn) == {2, 4}
        inputs = planning._inputs(conn, before={1, 2, 3}, pending=frozenset({2}))
    assert [(item.name, item.pending) for item in inputs] == [("2.csv", True), ("4.csv", False)]


@pytest.mark.parametrize("master", ["sqlite"], indirect=True)
def test_a_plan_has_its_own_copy_of_what_waits_in_our_spool_or_was_stopped(
    master: MasterUnderTest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    inputs = tmp_path_factory.mktemp("inputs")
    spool = master.settings.folder / "spool"
    spool.mkdir()
    for number, state in enumerate(("loaded", "spooled", "guarded", "refused"), start=1):
        path = f"spool/{state}"
        master.insert("inbox_file", {"file_id": number, "state": state, "spool_path": path})
        (spool / state).write_text(state, encoding="utf-8")
    master.insert("inbox_file", {"file_id": 5, "state": "spooled", "spool_path": "spool/gone"})
    planning._take_pending(CommittingGround(master.engine), master.settings, inputs)
    assert files_below(inputs) == {"guarded": b"guarded", "spooled": b"spooled"}


PAIRED, WHOLE = "yahoo1-items", "rakuten1-orders"
# What was seen: the flow, the name, in which run, as what; and the file of these bytes: its flow, and as of when it
# was seen last, where it came first as of noon.
SEEN_AGAIN = [
    ((PAIRED, "b.csv", 1, "known"), (PAIRED, "noon"), "half of a pair"),
    ((PAIRED, "a.csv", 1, "known"), (PAIRED, "noon"), "half of a pair"),
    ((PAIRED, "taken.csv", 1, "taken"), (PAIRED, "noon"), ""),  # new: an input already
    ((PAIRED, "other_run.csv", 2, "known"), (PAIRED, "noon"), ""),
    ((WHOLE, "later.csv", 1, "known"), (WHOLE, "one"), "for a later time"),
    ((WHOLE, "same_time.csv", 1, "known"), (WHOLE, "noon"), ""),
    ((WHOLE, "not_these_bytes.csv", 1, "known"), (PAIRED, "one"), ""),
    ((PAIRED, "b.csv", 1, "known"), (PAIRED, "noon"), "half of a pair"),
]


def test_a_known_file_that_was_seen_again_is_an_input_as_half_of_a_pair_or_for_a_later_time(
    tmp_path: Path,
) -> None:
    shop = new_yahoo_story(tmp_path / "pairs").open_up().shop
    engine = open_engine(shop.settings)
    times = {"noon": utc(NOON), "one": utc(moment("13:00"))}
    with engine.begin() as conn:
        for number, ((flow, name, run_id, how), (file_flow, last), _why) in enumerate(SEEN_AGAIN, start=1):
            sha256 = f"bytes {number}"
            place = {"flow": flow, "name": name, "run_id": run_id, "outcome": how}
            facts = {"size": 10 * number, "mtime": f"time {number}", "sha256": sha256}
            conn.execute(sa.insert(INBOX_SIGHTING).values(sighting_id=number, **place, **facts))
            file = {"flow": file_flow, "sha256": sha256, "as_of": times["noon"], "seen_as_of": times[last]}
            conn.execute(sa.insert(INBOX_FILE).values(file_id=number, **file))
        found = planning._seen_again(conn, shop.settings, 1)
    engine.dispose()
    assert [astuple(one) for one in found] == [
        (WHOLE, "later.csv", 50, "time 5", "", "bytes 5", False),
        (PAIRED, "a.csv", 20, "time 2", "", "bytes 2", False),
        (PAIRED, "b.csv", 10, "time 1", "", "bytes 1", False),
        (PAIRED, "b.csv", 80, "time 8", "", "bytes 8", False),
    ]
    wanted = sorted((flow, name) for (flow, name, *_rest), _file, why in SEEN_AGAIN if why)
    assert [(one.flow, one.name) for one in found] == wanted


def test_the_inputs_of_a_plan_are_taken_in_as_planned_after_each_folder_was_looked_at_once(
    story: StoryShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(story, kind="stock")
    settings, spool = story.shop.settings, story.shop.project / "spool"
    asked: list[tuple[str, str]] = []
    entries = FolderEndpoint.entries

    def listed(endpoint: FolderEndpoint, path: str) -> list[Entry]:
        asked.append((endpoint.name, path))
        return entries(endpoint, path)

    monkeypatch.setattr(FolderEndpoint, "entries", listed)
    spool.mkdir()
    run = RunRow(7, "stock", "2026-11-24", utc(NOON), "open")
    engine = open_engine(settings)
    PlanCollector(settings, plan.folder, spool, plan.manifest).collect(
        CommittingSteps(engine), settings.inbound, run, FindingLog()
    )
    engine.dispose()
    assert asked == [("erp", "out"), ("rms", "items"), ("rms", "orders"), ("warehouse", "out")]
    taken = story.shop.rows(
        "SELECT flow, name, size, mtime, as_of, sha256, run_id FROM inbox_file ORDER BY 1"
    )
    assert taken == [(*astuple(item)[:-1], 7) for item in plan.manifest.inputs]
    for item in plan.manifest.inputs:
        copy = spool / item.sha256
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == item.sha256
        assert copy.stat().st_mode & 0o777 == 0o600


MOVES = ("content", "gone", "copy", "copy gone", "settings", "master")


@pytest.mark.parametrize("move", ["mtime", *(pytest.param(move, marks=pytest.mark.slow) for move in MOVES)])
def test_a_plan_that_no_longer_fits_sends_nothing(story: StoryShop, move: str) -> None:
    plan = planned(story)
    order = story.shop.partners / ORDERS
    copy = plan.folder / "inputs" / hashlib.sha256(order.read_bytes()).hexdigest()
    if move == "mtime":
        os.utime(order, (moment("11:31").timestamp(), moment("11:31").timestamp()))
    elif move == "content":
        order.write_bytes(order.read_bytes() + b"\r\n")
        os.utime(order, (moment("11:30").timestamp(), moment("11:30").timestamp()))
    elif move == "gone":
        order.unlink()
    elif move == "copy":
        copy.write_bytes(copy.read_bytes()[:-2])
    elif move == "copy gone":
        copy.unlink()
    elif move == "settings":
        toml = story.shop.project / "ecsync.toml"
        toml.write_text(
            toml.read_text(encoding="utf-8").replace("safety = 1", "safety = 2"), encoding="utf-8"
        )
    else:
        story.run("noon", NOON)
    before = story.shop.delivered()
    with pytest.raises(StalePlanError, match="no longer fits"):
        apply_plan(story.shop.settings, plan.folder)
    assert story.shop.delivered() == before


@pytest.mark.slow
def test_a_file_beside_the_planned_ones_does_not_make_a_plan_stale(story: StoryShop) -> None:
    plan = planned(story)
    story.orders(moment("11:45"), an_order(2, ("MUG-BLUE", 1)))
    outcome = apply_plan(story.shop.settings, plan.folder)
    assert "order_20261124_1145.csv" not in outcome.files_taken
    assert story.shop.delivered() == files_below(plan.folder / "files")


def test_a_plan_that_would_send_other_bytes_is_refused_within_the_run(story: StoryShop) -> None:
    plan = planned(story)
    path = plan.folder / manifest.FILE_NAME
    text = path.read_text(encoding="utf-8")
    sha256 = plan.manifest.outputs[0].sha256
    path.write_text(text.replace(f'"sha256": "{sha256}"', f'"sha256": "{"0" * 64}"'), encoding="utf-8")
    with pytest.raises(StalePlanError, match="would not be those of the plan"):
        apply_plan(story.shop.settings, plan.folder)
    assert story.shop.delivered() == {}
    assert story.shop.rows("SELECT COUNT(*) FROM outbox_file") == [(0,)]
