"""A whole shop for tests: the demo shop's project and partners' folders, on either database.

Partners are folders (quick) or a real SFTP server; nothing in between is replaced.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ecsync.config import Settings, load_settings
from ecsync.demo import partners
from ecsync.demo.story import Step, read_story
from ecsync.master.engine import open_engine
from ecsync.master.fingerprint import business_state
from ecsync.master.upgrade import upgrade
from ecsync.run.clock import FORMAT
from ecsync.run.plan import Plan, PlanRequest, make_plan
from ecsync.run.sync import Request, sync
from ecsync.shipped import samples_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecsync.run.outcome import Outcome

SAMPLE = samples_dir() / "demo-shop"
DATABASE_FILE = "database-url"
STORY = read_story(SAMPLE)
STEPS = STORY.steps
NOON, NIGHT = STEPS[:2]  # of the first day: all channels, and every kind of document
NAMES = tuple(step.name for step in STEPS)


def utc(moment: datetime) -> str:
    """Return a clock text."""
    return moment.astimezone(UTC).strftime(FORMAT)


@dataclass
class Shop:
    """One project folder and its partners' folders below `root`."""

    root: Path
    database_url: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    sample: Path = SAMPLE

    @property
    def project(self) -> Path:
        """Return the project folder."""
        return self.root / "shop"

    @property
    def partners(self) -> Path:
        """Return the folder that holds the partners' folders."""
        return self.root / "partners"

    @property
    def settings(self) -> Settings:
        """Load the settings anew."""
        return load_settings(self.project)

    def set_up(self, endpoints: str = "", change: Callable[[str], str] = lambda text: text) -> Shop:
        """Write the project and the partners' folders, and make the master."""
        self.project.mkdir(parents=True, exist_ok=True)
        (self.project / "ecsync.toml").write_text(change(self._configuration(endpoints)), encoding="utf-8")
        shutil.copyfile(self.sample / "owners.yaml", self.project / "owners.yaml")
        if self.database_url:
            self.write_database_url()
        partners.make_folders(self.settings, self.partners)
        engine = open_engine(self.settings)
        upgrade(engine)
        engine.dispose()
        return self

    def write_database_url(self) -> None:
        """Keep the database's address where ecsync.toml says: a file that only its owner reads."""
        path = self.project / DATABASE_FILE
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(self.database_url, encoding="utf-8")

    def _configuration(self, endpoints: str) -> str:
        text = (self.sample / "ecsync.toml").read_text(encoding="utf-8")
        head, _sep, rest = text.partition("[endpoints.")
        flows = rest[rest.index("[[inbound]]") :]
        if not endpoints:
            endpoints = "".join(
                f'[endpoints.{name}]\nkind = "folder"\nroot = "{self.partners / name}"\n\n'
                for name in partners.endpoints_of(self.sample)
            )
        if self.database_url:
            head = head.replace('path = "data/ecsync.db"', f'url = {{ file = "{DATABASE_FILE}" }}')
        return head + endpoints + flows

    def place(self, step: Step, *, rename: Callable[[str], str] = lambda name: name) -> None:
        """Let the partners put the files of a step on their servers."""
        partners.act(self.sample, self.partners, step, rename=rename)

    def put(self, path: str, content: bytes, mtime: datetime) -> None:
        """Put one file on a partner's server with an mtime."""
        target = self.partners / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        os.utime(target, (mtime.timestamp(), mtime.timestamp()))

    def sync(self, step: Step, *, at: datetime | None = None, kind: str = "") -> Outcome:
        """Run a step for real."""
        return sync(self.settings, Request(kind or step.run, utc(at or step.at)))

    def plan(self, step: Step, name: str = "plan", *, at: datetime | None = None) -> Plan:
        """Make a plan of a step."""
        return make_plan(self.settings, PlanRequest(step.run, utc(at or step.at), self.root / name))

    def play(self, step: Step) -> Outcome:
        """Place a step's files and run it."""
        self.place(step)
        return self.sync(step)

    def delivered(self) -> dict[str, bytes]:
        """Return every file that we sent: path below the partners' folders -> bytes."""
        sent = sorted({f"{flow.endpoint}/{flow.path}" for flow in self.settings.outbound})
        return {
            str(path.relative_to(self.partners)): path.read_bytes()
            for folder in sent
            for path in sorted((self.partners / folder).glob("*"))
            if path.is_file()
        }

    def remote(self) -> dict[str, tuple[int, str]]:
        """Return everything on the partners' side: path -> (mtime ns, SHA-256)."""
        return {
            str(path.relative_to(self.partners)): (
                path.stat().st_mtime_ns,
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )
            for path in sorted(self.partners.rglob("*"))
            if path.is_file()
        }

    def master(self) -> dict[str, str]:
        """Return the fingerprint of every business table."""
        engine = open_engine(self.settings)
        try:
            with engine.connect() as conn:
                return dict(business_state(conn))
        finally:
            engine.dispose()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Return the rows of a query on the master."""
        import sqlalchemy as sa

        engine = open_engine(self.settings)
        try:
            with engine.connect() as conn:
                return [tuple(row) for row in conn.execute(sa.text(sql))]
        finally:
            engine.dispose()

    def command(
        self, *words: str, fault: str = "", timeout: float = 120, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line in a process of its own, as cron does: LANG=C, no terminal."""
        variables = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C",
            "HOME": str(self.root),
            **({"ECSYNC_FAULT": fault} if fault else {}),
            **self.environment,
            **(environment or {}),
        }
        return subprocess.run(
            [sys.executable, "-m", "ecsync", "--project", str(self.project), *words],
            env=variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )


def copy_shop(shop: Shop, root: Path, *, database_url: str = "") -> Shop:
    """Copy a shop with its partners' folders, mtimes kept; a PostgreSQL master is copied by the caller."""
    shutil.copytree(shop.root, root, symlinks=True, dirs_exist_ok=True)
    copied = Shop(root, database_url, shop.environment, shop.sample)
    path = copied.project / "ecsync.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(str(shop.root), str(root)), encoding="utf-8")
    if database_url:
        copied.write_database_url()
    return copied


__all__ = ["NAMES", "NIGHT", "NOON", "SAMPLE", "STEPS", "STORY", "Shop", "copy_shop", "utc"]
