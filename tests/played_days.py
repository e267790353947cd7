"""The demo shop's days, played once on each kind of database and kept after every step, to be copied.

Each step is a dry run first and then a real run; what both made is kept for the tests of the laws.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from shop import NAMES, STORY, Shop, copy_shop

if TYPE_CHECKING:
    from ecsync.run.outcome import Outcome
    from postgres_server import PostgresServer

BEFORE = "before"


def planned_files(folder: Path) -> dict[str, bytes]:
    """Return the files that a plan would send: path below the partners' folders -> bytes."""
    files = folder / "files"
    return {
        str(path.relative_to(files)): path.read_bytes() for path in sorted(files.rglob("*")) if path.is_file()
    }


@dataclass(frozen=True)
class PlayedStep:
    """What a step's dry run and its real run made; `kept` is the shop as it was afterwards."""

    planned: dict[str, bytes]
    sent: dict[str, bytes]
    dry: Outcome
    real: Outcome
    master: dict[str, str]
    delivered: dict[str, bytes]
    kept: Shop


@dataclass
class PlayedDays:
    """The days on one kind of database, played as far as somebody has asked."""

    root: Path
    server: PostgresServer | None = None
    steps: dict[str, PlayedStep] = field(default_factory=dict)
    databases: ExitStack = field(default_factory=ExitStack)
    _live: Shop | None = None
    _before: Shop | None = None

    def after(self, name: str) -> PlayedStep:
        """Return a step, having played it and those before it."""
        for step in NAMES[: NAMES.index(name) + 1]:
            if step not in self.steps:
                self.steps[step] = self._play(step)
        return self.steps[name]

    def copy(self, root: Path, after: str, databases: ExitStack) -> Shop:
        """Copy the shop as it was after a step, or `before` all of them."""
        kept = self._start() if after == BEFORE else self.after(after).kept
        return self.copy_of(kept, root, databases)

    def close(self) -> None:
        """Drop the databases."""
        self.databases.close()

    def _start(self) -> Shop:
        if self._before is None:
            url = self.databases.enter_context(self.server.database("ecsync_empty")) if self.server else ""
            self._before = Shop(self.root / BEFORE, url).set_up()
        return self._before

    def _play(self, name: str) -> PlayedStep:
        if self._live is None:
            self._live = self.copy_of(self._start(), self.root / "live", self.databases)
        shop, step = self._live, STORY.step(name)
        shop.place(step)
        before = shop.delivered()
        plan = shop.plan(step, "plan")
        planned = planned_files(plan.folder)
        shutil.rmtree(plan.folder)
        outcome = shop.sync(step)
        delivered = shop.delivered()
        sent = {path: content for path, content in delivered.items() if before.get(path) != content}
        kept = self.copy_of(shop, self.root / name, self.databases)
        return PlayedStep(planned, sent, plan.outcome, outcome, shop.master(), delivered, kept)

    def copy_of(self, shop: Shop, root: Path, databases: ExitStack) -> Shop:
        url = ""
        if self.server is not None:
            template = str(sa.make_url(shop.database_url).database)
            url = databases.enter_context(self.server.database(template))
        return copy_shop(shop, root, database_url=url)


@contextmanager
def playing(root: Path, server: PostgresServer | None = None) -> Iterator[PlayedDays]:
    """Give days that are played when asked for."""
    days = PlayedDays(root, server)
    try:
        yield days
    finally:
        days.close()


MakeShop = Callable[..., Shop]
