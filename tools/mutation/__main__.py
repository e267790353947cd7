"""Mutation testing of the declared modules: `python -m mutation` beside the tools, or `make mutation`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from mutation import declared as declarations
from mutation import results
from mutation.results import ResultFile
from mutation.trial import Orders, Trial, selected

HERE = Path(__file__).resolve().parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mutation", description="Change the code, and see whether a test notices."
    )
    parser.add_argument(
        "--declared", type=Path, default=HERE / "declared.toml", help="modules, tests, equivalents"
    )
    parser.add_argument("--group", action="append", default=[], help="only this group (may be repeated)")
    parser.add_argument(
        "--test", action="append", default=[], help="by these tests instead (may be repeated)"
    )
    parser.add_argument("--module", action="append", default=[], help="only this module (may be repeated)")
    parser.add_argument("--sample", type=int, default=60, help="mutants per module; 0 takes every one")
    parser.add_argument("--seed", default="2026", help="draws the sample")
    parser.add_argument("--patience", type=float, default=8, help="seconds of tests that one mutant may take")
    parser.add_argument("--minutes", type=float, default=600, help="try no further mutant after this time")
    parser.add_argument("--results", type=Path, default=Path("build/mutation.jsonl"), help="where to go on")
    parser.add_argument(
        "--keep-kills", action="store_true", help="try only survivors anew after a change of tests"
    )
    parser.add_argument("--least", type=float, default=80, help="the score that every group must reach")
    parser.add_argument("--path", action="append", default=[], help="where else modules are found")
    return parser.parse_args()


def main() -> int:
    """Try the mutants, print survivors and scores; 1 where a group's score is too low."""
    asked = _arguments()
    sys.path[:0] = asked.path
    declared = declarations.read(asked.declared)
    groups = [group for group in declared.groups if not asked.group or group.name in asked.group]
    chosen = {
        group.name: tuple(name for name in group.modules if not asked.module or name in asked.module)
        for group in groups
    }
    groups = [group for group in groups if chosen[group.name]]
    modules = tuple(name for group in groups for name in chosen[group.name])
    if not modules:
        print("nothing of that name is declared", file=sys.stderr)
        return 2
    terminal = os.dup(2)

    def say(text: str) -> None:
        os.write(terminal, f"{text}\n".encode())

    orders = Orders(
        declared,
        modules,
        asked.sample,
        asked.seed,
        asked.patience,
        ResultFile(asked.results, keep_kills=asked.keep_kills),
        time.monotonic() + 60 * asked.minutes,
        say,
    )
    trial = Trial(orders)
    log = asked.results.with_suffix(".log")
    with log.open("w", encoding="utf-8") as output:
        kept = [os.dup(number) for number in (1, 2)]
        for number in (1, 2):
            os.dup2(output.fileno(), number)
        try:
            tests = asked.test or [test for group in groups for test in group.tests]
            with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
                # A place that no other session of pytest clears up.
                pytest.main([*selected(tests, declared), f"--basetemp={folder}/tests"], plugins=[trial])
        finally:
            for number, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, number)
    if set(trial.ends) != set(modules):
        say(f"the tests did not run to their end: see {log}")
        return 2
    return _report(trial, declared, {group.name: chosen[group.name] for group in groups}, asked)


def _report(
    trial: Trial,
    declared: declarations.Declared,
    chosen: dict[str, tuple[str, ...]],
    asked: argparse.Namespace,
) -> int:
    low = False
    groups = []
    for name, modules in chosen.items():
        scores = []
        for module in modules:
            for result in sorted(trial.ends[module], key=lambda result: result.line):
                end = results.end_of(result, declared)
                if end in {results.SURVIVED, results.UNREACHED}:
                    print(f"{end} {module}:{result.line} {result.key} ({result.tests} tests)")
            scores.append(results.score(module, trial.found[module], trial.ends[module], declared))
        groups.append((name, scores))
        low = low or results.total(name, scores).percent < asked.least
    print(f"\nseed {asked.seed}, {asked.sample or 'all'} mutants per module\n")
    print("\n".join(results.table(groups)))
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
