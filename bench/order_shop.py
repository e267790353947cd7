"""The shop of the order bench: one Rakuten shop of many orders, on either database, partners as folders."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from order_files import SHOP_ID, write_products

FIRST, SECOND = "2026-11-24T03:00:00Z", "2026-11-24T12:00:00Z"

_CONFIGURATION = """
[project]
name = "計測用の店"

[database]
{database}

[channels.rakuten1]
platform = "rakuten"
shop_ids = ["{shop}"]
warehouse = "main"
cutover = "2026-11-21T00:00:00+09:00"

[warehouses.main]
stock = "snapshot"

[core.erp]

[endpoints.mall]
kind = "folder"
root = "{root}/mall"

[endpoints.erp]
kind = "folder"
root = "{root}/erp"

[runs]
products = ["products"]
intake = ["orders"]

[[inbound]]
name = "products"
party = "erp"
mapping = "core/products"
endpoint = "erp"
path = "."
pattern = "products_*.csv"

[[inbound]]
name = "orders"
party = "rakuten1"
mapping = "rakuten/orders"
endpoint = "mall"
path = "."
pattern = "orders_*.csv"
"""


def make(root: Path, database_url: str = "") -> Path:
    """Make project and partners below `root`, load the products, and return the project folder."""
    from ecsync.config import load_settings  # noqa: PLC0415
    from ecsync.master.engine import open_engine  # noqa: PLC0415
    from ecsync.master.upgrade import upgrade  # noqa: PLC0415
    from ecsync.run.sync import Request, sync  # noqa: PLC0415

    project = root / "shop"
    for folder in (project, root / "mall", root / "erp"):
        folder.mkdir(parents=True)
    database = 'path = "data/ecsync.db"'
    if database_url:
        secret = project / "database-url"
        secret.touch(mode=0o600)
        secret.write_text(database_url, encoding="utf-8")
        database = 'url = { file = "database-url" }'
    text = _CONFIGURATION.format(database=database, shop=SHOP_ID, root=root)
    (project / "ecsync.toml").write_text(text, encoding="utf-8")
    settings = load_settings(project)
    engine = open_engine(settings)
    upgrade(engine)
    engine.dispose()
    write_products(root / "erp/products_1.csv")
    _dated(root / "erp/products_1.csv", "2026-11-24T01:00:00Z")
    sync(settings, Request("products", "2026-11-24T02:00:00Z"))
    return project


def place(root: Path, file: Path, name: str, clock: str) -> None:
    """Let the mall put an order file on its server, made an hour before the clock of the run."""
    target = root / "mall" / name
    shutil.copyfile(file, target)
    _dated(target, clock, hours=1)


def _dated(path: Path, clock: str, *, hours: int = 0) -> None:
    at = datetime.fromisoformat(clock).astimezone(UTC).timestamp() - hours * 3600
    os.utime(path, (at, at))


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), *sys.argv[2:]))
