"""A night that is killed at any moment, run again, and compared with the night that nobody disturbed."""

from __future__ import annotations

import hashlib
import re
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from crash_harness import KILLED, Command, Forked, Started
from oracle import EndState, differences, end_state, master_rows
from played_days import PlayedDays
from shop import NIGHT, NOON, Shop

# Its bytes are the database's own, or tell of each try: where they lie is compared, not what they are.
OF_THE_TRY = re.compile(r"shop/(data/.*|outbox/journal\.jsonl|ecsync\.toml|database-url)")
REPORT = re.compile(r"shop/reports/run-\d{6}\.html")
SHORTER = 0.6
NUMBER = 2  # of the night's run
SHARE_STARTED = 0.1  # of the runs that are killed: processes of their own, whose imports are killed too
Rows = dict[str, list[tuple[object, ...]]]


def files_of(shop: Shop) -> dict[str, str]:
    """Return every file of a shop and its partners, with its SHA-256 where that must not depend on the tries."""
    found = {}
    for path in sorted(shop.root.rglob("*")):
        name = str(path.relative_to(shop.root))
        if path.is_file() and not REPORT.fullmatch(name):
            digest = "" if OF_THE_TRY.fullmatch(name) else hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = digest
    return found


def personal_words(shop: Shop) -> set[str]:
    """Return the names, phones and mail addresses of everybody whom the shop knows."""
    rows = shop.rows("SELECT name, kana, phone, email, address FROM person")
    return {str(word) for row in rows for word in row if word and len(str(word)) > 3}


def findings_of(shop: Shop) -> set[tuple[object, ...]]:
    """Return what the runs from the night on had to say."""
    return set(shop.rows(f"SELECT code, subject, params, urgent_flag FROM finding WHERE run_id >= {NUMBER}"))


@dataclass
class Night:
    """The shop as it is when its night begins, and how that night ends when nobody disturbs it."""

    days: PlayedDays
    base: Shop
    kept_before: Rows
    kept_after: Rows
    after: EndState
    files: dict[str, str]
    people: set[str]
    findings: set[tuple[object, ...]]
    seconds: dict[type, float]
    points: int

    def copy(self, root: Path, databases: ExitStack) -> Shop:
        """Copy the shop."""
        return self.days.copy_of(self.base, root, databases)

    def length(self, kind: type[Forked | Started]) -> float:
        """Return how long an undisturbed night takes, in seconds."""
        if kind not in self.seconds:
            with ExitStack() as databases:
                shop = self.copy(self.base.root.with_name("timed"), databases)
                timed = kind(night_of(shop)).start()
                assert timed.end() == NIGHT.expect
                self.remove(shop)
            self.seconds[kind] = timed.seconds
        return self.seconds[kind]

    @staticmethod
    def remove(shop: Shop) -> None:
        """Remove a copy, and what its runs said."""
        shutil.rmtree(shop.root)
        night_of(shop).said.unlink(missing_ok=True)


def told(rows: Rows) -> Rows:
    """Return what one transaction writes: everything but the deliveries, which have steps of their own."""
    return {name: found for name, found in rows.items() if name != "outbox_file"}


def night_of(shop: Shop, fault: str = "") -> Command:
    """Return the command of the night."""
    words = ("sync", NIGHT.run, "--as-of", NIGHT.at.isoformat())
    return Command(shop.project, words, shop.root.parent / f"{shop.root.name}.said", fault)


def prepare(days: PlayedDays, root: Path) -> Night:
    """Play until the night, and once through it."""
    databases = days.databases
    base = days.copy(root / "night", NOON.name, databases)
    base.place(NIGHT)
    before = told(master_rows(base))
    counted = days.copy_of(base, root / "counted", databases)
    log = root / "points.txt"
    assert Forked(night_of(counted, f"count:{log}")).start().end() == NIGHT.expect
    shop = days.copy_of(base, root / "undisturbed", databases)
    undisturbed = Forked(night_of(shop)).start()
    assert undisturbed.end() == NIGHT.expect
    return Night(
        days, base, before, told(master_rows(shop)), end_state(shop), files_of(shop), personal_words(shop),
        findings_of(shop), {Forked: undisturbed.seconds}, len(log.read_text(encoding="utf-8").split()),
    )  # fmt: skip


def found_dead(night: Night, shop: Shop, root: Path) -> tuple[str, list[str]]:
    """Return how far a killed run had come, and what of its master is neither as before nor as after its commit."""
    looked_at = shop
    if not shop.database_url:  # whoever opens the file itself would do some of the next run's work
        shutil.copytree(shop.project / "data", root / "shop" / "data")
        shutil.copyfile(shop.project / "ecsync.toml", root / "shop" / "ecsync.toml")
        looked_at = Shop(root)
    states = dict(looked_at.rows("SELECT run_id, state FROM run"))  # type: ignore[arg-type]
    state = str(states.get(NUMBER, "not begun"))
    expected = night.kept_after if state in {"committed", "delivered"} else night.kept_before
    found = told(master_rows(looked_at))
    wrong = [f"{name} is between two states" for name in expected if found[name] != expected[name]]
    if not shop.database_url:
        if looked_at.rows("PRAGMA integrity_check") != [("ok",)]:
            wrong.append("the database is damaged")
        shutil.rmtree(root)
    return state, wrong


def what_is_wrong(night: Night, shop: Shop, status: int) -> list[str]:
    """Return what sets a night that was killed and run again apart from an undisturbed one."""
    wrong = []
    if status != NIGHT.expect:
        wrong.append(f"status {status}")
    wrong += [f"{name} differs: {found}" for name, found in differences(night.after, shop).items()]
    files = files_of(shop)
    wrong += [f"{name} is left over" for name in sorted(files.keys() - night.files.keys())]
    wrong += [f"{name} is missing" for name in sorted(night.files.keys() - files.keys())]
    wrong += [
        f"{name} has other bytes" for name in files if night.files.get(name, files[name]) != files[name]
    ]
    unsaid = night.findings - findings_of(shop)
    wrong += [f"{finding} is not said" for finding in sorted(map(str, unsaid))]
    said = night_of(shop).said.read_text(encoding="utf-8")
    said += "".join(path.read_text(encoding="utf-8") for path in shop.project.glob("reports/run-*.html"))
    if any(word in said for word in night.people):
        wrong.append("a personal value was said")
    return wrong


def killed(
    night: Night,
    shop: Shop,
    dice: Random,
    *,
    at_points: bool = False,
    short: bool = False,
    share: float = SHARE_STARTED,
) -> tuple[bool, str]:
    """Run the night and kill it, at a random point or moment; return whether it died, and how it was to die.

    `short`: an earlier run did the most of it, and this one has less to do. `share`: of processes of their own.
    """
    if at_points and dice.random() < 0.5:
        fault = f"kill:{dice.randint(1, night.points)}"
        return Forked(night_of(shop, fault)).start().end() == KILLED, fault
    kind = Started if dice.random() < share else Forked
    seconds = dice.uniform(0, night.length(kind) * (SHORTER if short else 1))
    end = kind(night_of(shop)).start().kill_after(seconds)
    return end == KILLED, f"{kind.__name__} after {seconds:.3f} s"


def run_again(night: Night, shop: Shop, *, whole: bool) -> int:
    """Run the night again, to its end; where it is a whole night's work, learn how long a night takes now."""
    again = Forked(night_of(shop)).start()
    status = again.end()
    if whole:
        pace = 0.7 + 0.3 * again.seconds / night.seconds[Forked]
        night.seconds = {kind: pace * seconds for kind, seconds in night.seconds.items()}
    return status
