"""Run the command line with `python -m ecsync`."""

from __future__ import annotations

import sys

from ecsync.cli import main

if __name__ == "__main__":
    sys.exit(main())
