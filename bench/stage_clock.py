"""Run one ecsync command and write the seconds of its parts as JSON: `python stage_clock.py FILE ecsync-words...`.

Parts are the stages of a run and what stands around them; the clock itself is what the command does not have.
"""

from __future__ import annotations

import json
import sys
import time
from functools import wraps
from pathlib import Path
from typing import Any

START = time.perf_counter()


def _timed(times: dict[str, float], owner: Any, attribute: str, name: str) -> None:
    plain = getattr(owner, attribute)

    @wraps(plain)
    def timed(*given: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return plain(*given, **named)
        finally:
            label = name or f"stage {given[2].name}"
            times[label] = times.get(label, 0.0) + time.perf_counter() - start

    setattr(owner, attribute, timed)


def main(target: Path, words: list[str]) -> int:
    """Run the command; return its exit status."""
    from ecsync import cli  # noqa: PLC0415
    from ecsync.cli import running  # noqa: PLC0415
    from ecsync.exchange import delivery  # noqa: PLC0415
    from ecsync.master import staging  # noqa: PLC0415
    from ecsync.run import collecting, duplicate_pass, facts, history, load, prove, saying, session  # noqa: PLC0415
    from ecsync.run import sync as syncing  # noqa: PLC0415

    times = {"imports": time.perf_counter() - START}
    for owner, attribute, name in (
        (session, "_run_stage", ""),
        (session, "publish", "write files"),
        (session, "changed_rows", "count changes"),
        (session, "_file_proofs", "account for rows"),
        (session, "_close", "close the books (all)"),
        (load, "load", "read files into staging"),
        (duplicate_pass, "prepare", "duplicates"),
        (prove, "prove", "proofs"),
        (facts, "keep_standing", "standing orders"),
        (facts, "figures", "figures"),
        (saying, "record", "keep findings"),
        (history, "facts_of", "read facts for the report"),
        (collecting.Collector, "collect", "collect"),
        (staging.StagingWriter, "close", "index staging"),
        (staging, "_copy_in", "copy staging into PostgreSQL"),
        (delivery, "deliver", "deliver"),
        (syncing, "archive_inputs", "archive inputs"),
        (syncing, "forget_blanked", "forget blanked"),
        (running, "_show", "reports (all)"),
        (syncing, "sync", "run (all)"),
    ):
        _timed(times, owner, attribute, name)
    status = cli.main(words)
    times["whole process"] = time.perf_counter() - START
    target.write_text(json.dumps(times), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
