"""`doctor`: every fault that can be made is found, said with what mends it, and hides no other."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ecsync.config import load_settings
from ecsync.errors import ConfigurationError
from ecsync.locale import speaking
from ecsync.run.checkup import Checked, check_project, schedule
from ecsync.run.outcome import first_of
from story_shop import StoryShop, an_order, moment, new_story

NOW = "2026-11-24T06:00:00Z"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> StoryShop:
    """Run one healthy noon, with a schedule."""
    story = new_story(tmp_path_factory.mktemp("checkup")).open_up(
        lambda text: text + '\n[schedule]\nnoon = "mon-sat 11:45"\nnight = "22:30"\n'
    )
    story.count(moment("08:00"))
    story.orders(moment("11:30"), an_order(1, ("TOWEL-L", 1)))
    assert story.run("noon", moment("12:00")).exit_status == 0
    return story


class Patient:
    """A copy of the healthy shop, to break."""

    def __init__(self, story: StoryShop, root: Path) -> None:
        self.partners = root / "partners"
        self.project = root / "shop"
        shutil.copytree(story.shop.project, self.project)
        shutil.copytree(story.shop.partners, self.partners)
        self.edit(str(story.shop.partners), str(self.partners))

    def edit(self, before: str, after: str) -> None:
        path = self.project / "ecsync.toml"
        text = path.read_text(encoding="utf-8")
        assert before in text, before
        path.write_text(text.replace(before, after), encoding="utf-8")

    def add(self, text: str) -> None:
        path = self.project / "ecsync.toml"
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def sql(self, statement: str) -> None:
        conn = sqlite3.connect(self.project / "data" / "ecsync.db", isolation_level=None)
        conn.execute(statement)
        conn.close()

    def checked(self, now: str = NOW) -> dict[str, Checked]:
        with speaking("en"):
            return {check.name: check for check in check_project(load_settings(self.project), now)}


@pytest.fixture
def patient(template: StoryShop, tmp_path: Path) -> Patient:
    return Patient(template, tmp_path)


def faults(checks: dict[str, Checked]) -> dict[str, int]:
    return {name: check.status for name, check in checks.items() if not check.good}


def test_a_healthy_shop_has_no_fault(patient: Patient) -> None:
    checks = patient.checked()
    assert faults(checks) == {}
    for part in ("channel", "warehouse", "mapping", "kind of run", "endpoint", "folder of", "schedule of", "calendar",
                 "disk of", "clock", "delivery journal", "deliveries", "master: integrity", "public holidays",
                 "retention", "files for"):  # fmt: skip
        assert any(name.startswith(part) for name in checks), part


FLOW_ORDERS = '[[inbound]]\nname = "rakuten1-orders"\nparty = "rakuten1"'
PASSWORD = '\n[endpoints.far]\nkind = "sftp"\nhost = "127.0.0.1"\nport = 1\nuser = "x"\nretries = 0\npassword = {0}\n'
ORDERS = 'name = "extra"\nparty = "{0}"\nmapping = "{1}"\nendpoint = "rms"\npath = "orders"\n'


class Ill(NamedTuple):
    how: Callable[[Patient], object]
    name: str
    status: int
    said: str
    hint: str


def _remove(path: str) -> Callable[[Patient], object]:
    return lambda p: shutil.rmtree(p.partners / path)


def _edit(before: str, after: str) -> Callable[[Patient], object]:
    return lambda p: p.edit(before, after)


def _add(text: str) -> Callable[[Patient], object]:
    return lambda p: p.add(text)


def _write(name: str, text: str, mode: int = 0o600) -> Callable[[Patient], object]:
    def act(p: Patient) -> None:
        path = p.project / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    return act


def _flow(direction: str, party: str, mapping: str) -> Callable[[Patient], object]:
    return _add(f"\n[[{direction}]]\n" + ORDERS.format(party, mapping))


def _both(*acts: Callable[[Patient], object]) -> Callable[[Patient], object]:
    return lambda p: [act(p) for act in acts]


def _damage(p: Patient) -> None:
    path = p.project / "data" / "ecsync.db"
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half:] = b"\x5a" * (len(content) - half)
    path.write_bytes(content)


LABEL = _both(
    _write(
        "mappings/own/label.yaml",
        "mapping: own/label\ntitle: {ja: あ, en: a}\nentity: shipping_instructions\n"
        'file: {encoding: utf-8, newline: lf, header: true, quote: all, name: "a_{seq:03}.csv"}\n'
        "columns:\n  - a: {value: parcel_no}\n  - b: {setting: sender.street}\n",
    ),
    _flow("outbound", "main", "own/label"),
)


def _decided(channel: str, item: str, variant: str) -> Callable[[Patient], object]:
    """Let a run have decided a quantity that stands in no file."""
    return lambda p: p.sql(
        "INSERT INTO channel_quantity (channel, item_key, sku_key, sequence, sku, qty, decided_at, run_id) "
        f"VALUES ('{channel}', '{item}', '{variant}', '00000099', 'X', 3, '2026-11-24T03:00:00Z', 1)"
    )


ITEMS_ONLY = _both(
    _edit("[warehouses.main]", '[channels.b]\nplatform = "base"\nwarehouse = "main"\n\n[warehouses.main]'),
    _flow("inbound", "b", "base/stock"),
    _add('\n[[outbound]]\nname = "b-stock"\nparty = "b"\nmapping = "base/item_stock"\nendpoint = "rms"\n'),
)
TELLS_QUANTITIES = """[[outbound]]
name = "rakuten1-stock"
party = "rakuten1"
mapping = "rakuten/normal_item"
endpoint = "rms"
path = "ritem"
on_exists = "replace"
guard = { max_share_to_zero = 0.7 }
"""
ILL = {
    "a variant where only items are told": Ill(
        _both(ITEMS_ONLY, _decided("b", "100", ""), _decided("b", "200", "red")),
        "quantities of b", 3, "1 are decided, and belong into the file of no flow: 200/red", "[[outbound]]",
    ),
    "a mapping that there is not": Ill(
        _edit('"rakuten/orders"', '"rakuten/ordres"'), "mapping rakuten/ordres", 10, "no mapping", "rakuten/orders"
    ),
    "an own mapping that is wrong": Ill(
        _write("mappings/own/orders.yaml", "mapping: own/orders\n"),
        "own mapping own/orders.yaml", 10, "orders.yaml", "",
    ),
    "a mapping that goes the other way": Ill(
        _flow("inbound", "rakuten1", "rakuten/normal_item"), "mapping rakuten/normal_item", 10, "goes out", ""
    ),
    "a kind of run with an unknown stage": Ill(
        _add('\n[runs]\nlunch = ["orders", "eat"]\n'), "kind of run lunch", 10, "eat", ""
    ),
    "a channel without orders": Ill(
        _edit(FLOW_ORDERS, FLOW_ORDERS.replace('party = "rakuten1"', 'party = "opening"')),
        "channel rakuten1", 10, "brings its orders", "[[inbound]]",
    ),
    "a warehouse that is told nothing": Ill(
        _edit('mapping = "warehouse/instruction"', 'mapping = "warehouse/recall"'),
        "warehouse main", 10, "what to ship", "[[outbound]]",
    ),
    "a file of another kind of party": Ill(
        _flow("inbound", "main", "rakuten/orders"), "flow extra", 10, "channel", "party"
    ),
    "a file of nobody we know": Ill(_flow("inbound", "opening", "core/products"), "flow extra", 10, "core", "party"),
    "half of an export in two files": Ill(
        _both(
            _edit("[warehouses.main]", '[channels.y]\nplatform = "yahoo"\nwarehouse = "main"\n\n[warehouses.main]'),
            _flow("inbound", "y", "yahoo/order_items"),
        ),
        "flow extra", 10, "one half of a pair", "yahoo/orders",
    ),
    "a setting that is missing": Ill(
        LABEL, "flow extra", 10, "sender.street", "ecsync.toml"
    ),
    "a database that is not there": Ill(
        lambda p: (p.project / "data/ecsync.db").unlink(), "master", 10, "no database", "ecsync db upgrade"
    ),
    "a database that is damaged": Ill(_damage, "master: integrity", 1, "damaged", "db restore"),
    "a database that is not in WAL mode": Ill(
        lambda p: p.sql("PRAGMA journal_mode=DELETE"), "master: integrity", 10, "WAL", "ecsync db upgrade"
    ),
    "a clock that is behind": Ill(
        lambda p: p.sql("UPDATE run SET clock = '2027-01-01T00:00:00Z'"), "clock", 3, "newest run", "NTP"
    ),
    "a restored backup": Ill(
        lambda p: p.sql("DELETE FROM delivery_attempt"), "delivery journal", 16, "backup", "ecsync outbox reconcile"
    ),
    "a damaged journal": Ill(
        lambda p: (p.project / "outbox/journal.jsonl").write_text("{}\n", encoding="utf-8"),
        "delivery journal", 10, "damaged", "copy",
    ),
    "an outcome that is unknown": Ill(
        lambda p: p.sql("UPDATE outbox_file SET state = 'unknown'"), "deliveries", 16, "not known", "outbox resolve"
    ),
    "a file that waits for long": Ill(
        lambda p: p.sql("UPDATE outbox_file SET state = 'planned', created_at = '2026-11-20T00:00:00Z'"),
        "deliveries", 3, "more than a day", "ecsync push",
    ),
    "a run that did not come": Ill(
        lambda p: p.sql("UPDATE run SET clock = '2026-11-21T03:00:00Z'"), "schedule of noon", 3, "11/24(Tue) 11:45",
        "ecsync sync noon",
    ),
    "a schedule of a kind that there is not": Ill(
        _edit('noon = "mon-sat', 'brunch = "mon-sat'), "schedule of brunch", 10, "brunch", "kind of run"
    ),
    "nothing that erases": Ill(
        _edit('night = "22:30"', 'evening = "22:30"'), "retention of personal data", 10, "erases", "night"
    ),
    "a calendar that never opens": Ill(
        _edit("warehouse]\nclosed_weekdays = [6]", "warehouse]\nclosed_weekdays = [0, 1, 2, 3, 4, 5, 6]"),
        "calendar warehouse", 10, "business day", "closed_weekdays",
    ),
    "a long pause": Ill(
        _edit(
            "[calendars.warehouse]\n",
            "[calendars.warehouse]\nclosed = ["
            + ", ".join(f"2026-11-{day:02}" for day in range(24, 31))
            + ", " + ", ".join(f"2026-12-{day:02}" for day in range(1, 31)) + "]\n",
        ),
        "calendar warehouse", 10, "2026-12-31", "closed",
    ),
    "a folder that others may read": Ill(
        lambda p: (p.project / "spool").chmod(0o755), "files for their owner only", 10, "spool", "chmod"
    ),
    "a configuration that others may write": Ill(
        lambda p: (p.project / "ecsync.toml").chmod(0o666), "files for their owner only", 10, "ecsync.toml", "chmod"
    ),
    "a secret that is missing": Ill(
        _add(PASSWORD.format('{ env = "ECSYNC_T_NOTHING" }')), "secret of far", 10, "ECSYNC_T_NOTHING", "set it"
    ),
    "a secret that others may read": Ill(
        _both(_write("secrets/far", "x", 0o644), _add(PASSWORD.format('{ file = "secrets/far" }'))),
        "secret of far", 10, "read by others", "chmod 600",
    ),
    "a partner whose folder is away": Ill(_remove("erp"), "endpoint erp", 13, "not there", "mounted"),
    "a flow whose folder is away": Ill(_remove("rms/orders"), "folder of rakuten1-orders", 13, "rms", "rights"),
    "a partner that does not answer": Ill(
        _add(PASSWORD.format('{ env = "PATH" }')),
        "endpoint far", 13, "far", "later",
    ),
    "a partner's clock that is ahead": Ill(
        lambda p: os.utime(next((p.partners / "rms/ritem").iterdir()), (1_900_000_000, 1_900_000_000)),
        "clock of rms", 3, "03/18", "clock",
    ),
}  # fmt: skip


@pytest.mark.parametrize("ill", ILL.values(), ids=ILL)
def test_a_fault_is_found_with_its_status_and_what_mends_it(patient: Patient, ill: Ill) -> None:
    ill.how(patient)
    checks = patient.checked()
    assert ill.name in faults(checks), faults(checks)
    found = checks[ill.name]
    assert found.status == ill.status
    assert ill.said in found.detail
    assert ill.hint in found.hint


def test_no_fault_hides_another_and_the_first_by_precedence_is_the_status(patient: Patient) -> None:
    chosen = [ILL[name] for name in (
        "a file that waits for long", "a flow whose folder is away", "a run that did not come",
        "a folder that others may read", "a mapping that there is not",
    )]  # fmt: skip
    for ill in chosen:
        ill.how(patient)
    found = faults(patient.checked())
    assert {ill.name: ill.status for ill in chosen} == {
        name: found.get(name) for name in (ill.name for ill in chosen)
    }
    assert first_of(set(found.values())) == 10


def test_without_its_database_everything_else_is_checked(patient: Patient) -> None:
    (patient.project / "data/ecsync.db").unlink()
    checks = patient.checked()
    assert faults(checks) == {"master": 10}
    assert "endpoint rms" in checks
    assert "schedule of noon" in checks


def test_a_disk_that_is_nearly_full(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 10**9, 100 << 20))
    (name, status) = next(iter(faults(patient.checked()).items()))
    assert name.startswith("disk of ")
    assert status == 3
    assert "100 MB are free" in patient.checked()[name].detail


def test_a_network_share_is_refused(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> None:
        msg = "on a network share"
        raise ConfigurationError(msg, hint="a local disk")

    monkeypatch.setattr("ecsync.master.opening.refuse_network_share", refuse)
    assert faults(patient.checked()) == {"master": 10}


STOCK_ONLY = _both(
    _edit(
        "[warehouses.main]", '[channels.gift]\nplatform = "linegift"\nwarehouse = "main"\n\n[warehouses.main]'
    ),
    _flow("inbound", "gift", "linegift/stock"),
    _add(
        '\n[[outbound]]\nname = "gift-stock"\nparty = "gift"\nmapping = "linegift/quantity"\nendpoint = "rms"\n'
    ),
)
NOTES = {
    "quantities that are told by hand": (
        _both(_edit(TELLS_QUANTITIES, ""), _decided("rakuten1", "mug", "red")),
        "quantities of rakuten1", "no outbound flow tells them",
    ),
    "a shop that is told its stock alone": (STOCK_ONLY, "channel gift", "only its stock is told"),
    "a setting that is empty": (
        _both(LABEL, _edit("[sender]\n", '[sender]\nstreet = ""\n')), "flow extra", "sender.street",
    ),
    "a warehouse without a channel": (_add("\n[warehouses.spare]\n"), "warehouse spare", "no channel"),
    "a core system without a flow": (_add('\n[core.old]\ntitle = "x"\n'), "[core.old]", "nothing uses"),
    "an endpoint without a flow": (
        _add('\n[endpoints.old]\nkind = "folder"\nroot = "."\n'), "[endpoints.old]", "nothing uses"
    ),
    "a calendar without a user": (_add("\n[calendars.bank]\n"), "[calendars.bank]", "nothing uses"),
    "no cut-over": (_edit('cutover = "2026-11-20T00:00:00+09:00"\n', ""), "channel rakuten1", "no cut-over"),
    "days that are all past": (
        _edit("[calendars.warehouse]\n", "[calendars.warehouse]\nclosed = [2026-01-01]\n"),
        "calendar warehouse", "past",
    ),
    "no calendar of that name": (
        _edit("[calendars.warehouse]", "[calendars.company2]"), "calendar warehouse", "not declared",
    ),
    "no schedule": (
        _edit('\n[schedule]\nnoon = "mon-sat 11:45"\nnight = "22:30"\n', ""), "schedule", "no run is scheduled",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("how", "name", "said"), NOTES.values(), ids=NOTES)
def test_what_may_be_meant_so_is_a_note_and_no_fault(
    patient: Patient, how: Callable[[Patient], object], name: str, said: str
) -> None:
    how(patient)
    checks = patient.checked()
    assert faults(checks) == {}
    assert said in checks[name].detail
    assert checks[name].hint


def test_an_own_mapping_in_the_place_of_a_shipped_one_is_named(patient: Patient) -> None:
    from ecsync.shipped import mappings_dir

    own = patient.project / "mappings" / "warehouse"
    own.mkdir(parents=True)
    shutil.copy(mappings_dir() / "warehouse" / "stock.yaml", own)
    found = patient.checked()["own mapping warehouse/stock.yaml"]
    assert found.good
    assert "shipped" in found.detail


@pytest.mark.parametrize(("alive", "said"), [(True, "at work"), (False, "in its middle")])
def test_an_unfinished_run_is_at_work_or_was_stopped(patient: Patient, alive: bool, said: str) -> None:
    pid = os.getpid() if alive else 2**22 + 7
    patient.sql("UPDATE run SET state = 'open'")
    patient.sql(f"UPDATE lock_owner SET pid = {pid}, host = '{socket.gethostname()}'")
    found = patient.checked()["unfinished runs"]
    assert found.good
    assert said in found.detail


def test_who_starts_it_is_found_in_crontab_cron_d_and_systemd(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    places = tmp_path / "etc"
    places.mkdir()
    monkeypatch.setattr(schedule, "_CRON_PLACES", (str(places),))
    monkeypatch.setattr(schedule, "_UNIT_PLACES", (str(places),))
    programs = tmp_path / "bin"
    programs.mkdir()
    crontab = programs / "crontab"
    crontab.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    crontab.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    assert "no line and no unit" in patient.checked()["cron or systemd"].detail
    (places / "ecsync").write_text(f"* * * * * root cd {patient.project}\n", encoding="utf-8")
    assert patient.checked()["cron or systemd"].detail == str(places / "ecsync")
    (places / "ecsync-shop-noon.timer").write_text("", encoding="utf-8")
    assert "ecsync-shop-noon.timer" in patient.checked()["cron or systemd"].detail
    crontab.write_text(f"#!/bin/sh\necho '* * * * * cd {patient.project}'\n", encoding="utf-8")
    assert patient.checked()["cron or systemd"].detail.startswith("crontab, ")


def test_nothing_is_written_by_checking(patient: Patient) -> None:
    def everything() -> dict[Path, tuple[int, bytes]]:
        return {
            path: (path.stat().st_mtime_ns, path.read_bytes())
            for root in (patient.project, patient.partners)
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.name.endswith(("-shm", "-wal"))
        }

    before = everything()
    patient.checked()
    assert everything() == before
