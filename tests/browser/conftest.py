"""A real browser without a window, and the report of a run that has something for every desk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecsync.finding_catalogue import CATALOGUE, HOLD_REASONS
from ecsync.locale import speaking
from ecsync.report.render import Form, render
from ecsync.report.run_report import FIRST, report_of
from opened_page import Opened
from told_run import FILE, PROOF, SENT, SETTINGS, a_finding, an_order_that_stands, told

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
FACTS = told(
    *map(a_finding, CATALOGUE),
    files=(FILE,) * 3,
    sent=(SENT,),
    proofs=(PROOF,),
    standing=(
        *(an_order_that_stands(number, "hold", "bad_address") for number in range(1, FIRST + 133)),
        *(an_order_that_stands(n, "hold", reason) for n, reason in enumerate(HOLD_REASONS, start=500)),
        *(an_order_that_stands(number, "money") for number in range(600, 605)),
    ),
    figures={
        "orders_new": 1234,
        "orders_new_yen": 12_340_000,
        "standing_hold": 12,
        "standing_hold_yen": 12340,
    },
)


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start the system's Chromium; a machine without one is told what to install."""
    from selenium import webdriver

    browser = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        "",
    )
    chromedriver = shutil.which("chromedriver") or ""
    assert browser, "install Chromium (Debian: chromium)"
    assert chromedriver, "install chromedriver (Debian: chromium-driver)"
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=chromedriver))
    yield started
    started.quit()


@pytest.fixture(scope="session", params=["ja", "en"])
def page(request: pytest.FixtureRequest, driver: Any, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Open the report in either language."""
    with speaking(request.param):
        report = report_of(FACTS, SETTINGS)
        content = render(report, Form.HTML)
        data = json.loads(render(report, Form.JSON))
    path: Path = tmp_path_factory.mktemp(f"report-{request.param}") / "run-000012.html"
    path.write_bytes(content)
    return Opened(driver, data, path.as_uri())
