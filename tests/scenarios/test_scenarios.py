"""Every scenario of this folder, played on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postgres_server import PostgresServer
from scenarios.checks import differences
from scenarios.model import Scenario, read_scenarios
from scenarios.stage import Stage
from shop import DATABASE_FILE

FOLDER = Path(__file__).parent
SCENARIOS = {
    f"{path.stem}-{number}": scenario
    for path in sorted(FOLDER.glob("*.yaml"))
    for number, scenario in enumerate(read_scenarios(path), start=1)
}
LEAST = 30


@contextmanager
def stage_on(
    database: str, scenario: Scenario, root: Path, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    project = root / "shop"
    if database == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        (project / "data").mkdir(parents=True, mode=0o700)
        shutil.copyfile(template, project / "data" / "ecsync.db")
        (project / "data" / "ecsync.db").chmod(0o600)
        stage = Stage(scenario, root, 'path = "data/ecsync.db"')
        yield stage
        stage.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database() as url:
        project.mkdir(parents=True)
        (project / DATABASE_FILE).touch(mode=0o600)
        (project / DATABASE_FILE).write_text(url, encoding="utf-8")
        stage = Stage(scenario, root, f'url = {{ file = "{DATABASE_FILE}" }}')
        yield stage
        stage.close()


# Every twentieth story is played on PostgreSQL too, the others there in `make test-slow`.
ON_POSTGRES_AT_ONCE = set(list(SCENARIOS)[::20])
ON_SQLITE = [pytest.param(name, "sqlite") for name in SCENARIOS]
ON_POSTGRES = [
    pytest.param(name, "postgres", marks=() if name in ON_POSTGRES_AT_ONCE else pytest.mark.slow)
    for name in SCENARIOS
]


@pytest.mark.parametrize(("name", "database"), [*ON_SQLITE, *ON_POSTGRES])
def test_scenario(name: str, database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    scenario = SCENARIOS[name]
    with stage_on(database, scenario, tmp_path, request) as stage:
        for step in scenario.steps:
            made = stage.play(step)
            if made is not None and step.result is not None:
                found = differences(stage, made, step.result)
                assert not found, "\n".join([f"{scenario.title} ({step.at:%m/%d %H:%M} {step.note})", *found])


def test_there_are_enough_of_them_and_each_has_its_own_name() -> None:
    titles = [scenario.title for scenario in SCENARIOS.values()]
    assert len(titles) >= LEAST
    assert len(set(titles)) == len(titles)
