"""Imported once by the harness's fork server: everything a run needs, warm; each child then starts at once.

A whole day is played here first, so that mappings are read and schemas are built before the first fork. Its
connections are closed again: a child inherits code and caches, no open file of a database.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from shop import NIGHT, NOON, Shop

with tempfile.TemporaryDirectory(prefix="ecsync-warm-") as _folder:
    _shop = Shop(Path(_folder) / "shop").set_up()
    _shop.play(NOON)
    _shop.play(NIGHT)
