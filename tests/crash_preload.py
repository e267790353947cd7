"""Imported once by the harness's fork server: everything a run needs, warm; each child then starts at once.

A whole day is played here first, its night as a command, so that mappings are read, schemas are built and templates
are loaded before the first fork. Its connections are closed again: a child inherits code and caches, no open file of
a database.
"""

from __future__ import annotations

import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from ecsync.cli import main
from face import process_as_it_was
from shop import NIGHT, NOON, Shop

with tempfile.TemporaryDirectory(prefix="ecsync-warm-") as _folder:
    _shop = Shop(Path(_folder) / "shop").set_up()
    _shop.play(NOON)
    _shop.place(NIGHT)
    with process_as_it_was(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        main(["--project", str(_shop.project), "sync", NIGHT.run, "--as-of", NIGHT.at.isoformat()])
