"""Try mutants: each in a forked copy of a warm pytest session, before the tests that pass the changed place."""

from __future__ import annotations

import ast
import hashlib
import importlib
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mutation import results
from mutation.mutants import Mutant, drawn, mutants, mutated
from mutation.reach import PROBE, Reach, probed
from mutation.results import Result, ResultFile
from mutation.transplant import dependents, forget_results, fresh, readers, transplant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    import pytest

    from mutation.declared import Declared

_MEMORY: Final = 6 << 30
# How much longer than without a mutant its tests may take: of the processor, and, as others may use that, of the clock.
_SLACK, _SLOWER = 5, 5
_WAITING: Final = 12
# What the database says to a text that is no SQL any more.
_NO_SQL: Final = ("syntax error", "no such column", "misuse of", "ambiguous column")


@dataclass(frozen=True)
class Orders:
    """What is asked of a trial."""

    declared: Declared
    modules: tuple[str, ...]
    sample: int
    seed: str
    patience: float  # seconds of tests that one mutant may take
    results: ResultFile
    until: float
    say: Callable[[str], None]


@dataclass
class _Target:
    module: ModuleType
    text: str  # as it was when it was imported, whatever becomes of the file meanwhile
    tree: ast.Module
    source: str


class Trial:
    """The plugin that takes the place of pytest's own loop over the tests."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._reach = Reach()
        self._seconds: dict[str, float] = {}
        self._setup: dict[
            str, float
        ] = {}  # the longest of each file: whoever comes first in a fork waits for it
        self._failed: dict[str, str] = {}
        self._kills: Counter[tuple[str, str, str]] = Counter()
        self._targets: dict[str, _Target] = {}
        self.ends: dict[str, list[Result]] = {}
        self.found: dict[str, int] = {}
        self.unsteady: list[str] = []
        self._around = ""

    def pytest_configure(self) -> None:
        """Let generated tests generate the same, and lose no time with smaller examples."""
        import hypothesis  # noqa: PLC0415  pytest wants to see it first

        phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile(
            "mutation", derandomize=True, database=None, deadline=None, phases=phases
        )
        hypothesis.settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what failed, and how long a file's tests are set up."""
        if report.when == "setup":
            file = report.nodeid.partition("::")[0]
            self._setup[file] = max(self._setup.get(file, 0), report.duration)
        if report.failed:
            self._failed.setdefault(report.nodeid, report.longreprtext)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run every test once with probes, then every mutant before its tests."""
        for name in self._orders.modules:
            module = importlib.import_module(name)
            text = Path(str(module.__file__)).read_text(encoding="utf-8")
            self._targets[name] = _Target(
                module, text, ast.parse(text), hashlib.sha256(text.encode()).hexdigest()[:12]
            )
        self._around = _digest_of_loaded(session.config.rootpath)
        self._find_reach(session.items)
        for target in self._targets.values():
            self._try_module(session, target)
        return True

    def _find_reach(self, items: list[pytest.Item]) -> None:
        for name, target in self._targets.items():
            target.module.__dict__[PROBE] = self._reach.probe(name)
            self._set_code(target, probed(ast.parse(target.text)))
        self._orders.say(f"{len(items)} tests without a mutant ...")
        for number, item in enumerate(items):
            self._reach.begin(item.nodeid)
            began = time.process_time()
            _run(item, items[(number + 1) % len(items)])
            self._seconds[item.nodeid] = time.process_time() - began
        self.unsteady = list(self._failed)
        for name in self.unsteady:
            self._orders.say(f"fails without a mutant, left out: {name}")
            print(self._failed[name])
        self._failed.clear()
        for target in self._targets.values():
            self._set_code(target, target.tree)

    @staticmethod
    def _set_code(target: _Target, tree: ast.Module) -> None:
        callables = [part.name for part in tree.body if isinstance(part, ast.FunctionDef | ast.ClassDef)]
        transplant(target.module, fresh(target.module, tree), callables)

    def _try_module(self, session: pytest.Session, target: _Target) -> None:
        name = target.module.__name__
        every = mutants(name, target.text)
        self.found[name] = len(every)
        ends = self.ends.setdefault(name, [])
        self._try_unchanged(session, target, every)
        for mutant in drawn(every, self._orders.sample, self._orders.seed):
            result = self._orders.results.known(name, target.source, mutant.key, self._around)
            if result is None:
                if time.monotonic() > self._orders.until:
                    continue
                result = self._try(session, target, mutant)
                self._orders.results.add(result)
            self._kills[name, mutant.key.partition(":")[0], result.by] += 1
            ends.append(result)
        counts = Counter(result.end for result in ends)
        self._orders.say(
            f"{name}: {len(every)} mutants, {dict(counts)}, {sum(r.seconds for r in ends):.0f} s"
        )

    def _try_unchanged(self, session: pytest.Session, target: _Target, every: list[Mutant]) -> None:
        """See that the way of trying kills nothing by itself."""
        tests = {
            test
            for mutant in every[:: max(1, len(every) // 5)]
            for test in self._tests_of(target, mutant)[:5]
        }
        items = [item for item in session.items if item.nodeid in tests]
        end, by = self._fork(target, None, items) if items else (results.SURVIVED, "")
        if end != results.SURVIVED:
            msg = f"{target.module.__name__} is killed as it is, by {by}"
            raise RuntimeError(msg)

    def _tests_of(self, target: _Target, mutant: Mutant) -> list[str]:
        name = target.module.__name__
        if mutant.in_function:
            found = self._reach.tests(name, {mutant.line})
        else:
            names = dependents(target.tree, mutant.top)
            found = list(
                dict.fromkeys(
                    test
                    for other, there in self._targets.items()
                    for test in self._reach.tests(other, set(readers(there.tree, names)))
                )
            )
        inside = mutant.key.partition(":")[0]

        def quickest(test: str) -> tuple[int, float]:
            return -self._kills[name, inside, test], self._seconds[test]

        chosen: list[str] = []
        left = self._orders.patience
        for test in sorted(set(found) - set(self.unsteady), key=quickest):
            left -= self._seconds[test]
            if chosen and left < 0:
                break
            chosen.append(test)
        return chosen

    def _try(self, session: pytest.Session, target: _Target, mutant: Mutant) -> Result:
        began = time.monotonic()
        name = target.module.__name__
        tests = self._tests_of(target, mutant)
        end, by = results.UNREACHED, ""
        if tests:
            by_name = {item.nodeid: item for item in session.items}
            end, by = self._fork(target, mutant, [by_name[test] for test in tests])
        seconds = round(time.monotonic() - began, 2)
        return Result(
            name, target.source, mutant.key, mutant.line, end, by, len(tests), seconds, self._around
        )

    def _fork(self, target: _Target, mutant: Mutant | None, items: list[pytest.Item]) -> tuple[str, str]:
        folder = Path(tempfile.mkdtemp(prefix="mutant-"))
        files = {item.nodeid.partition("::")[0] for item in items}
        usual = sum(self._seconds[item.nodeid] for item in items) + sum(self._setup[file] for file in files)
        seconds = _SLACK + round(_SLOWER * usual)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.setsid()
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            told = self._in_child(target, mutant, items, folder)
            os.write(writing, told.encode())
            os._exit(0)
        os.close(writing)
        answer = b""
        if select.select([reading], [], [], _WAITING * seconds)[0]:
            answer = os.read(reading, 65536)
        os.close(reading)
        try:
            os.killpg(child, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(folder, ignore_errors=True)
        end, _tab, by = answer.decode().partition("\t")
        return (end, by) if end else (results.KILLED, "it did not come to an end")

    def _in_child(
        self, target: _Target, mutant: Mutant | None, items: list[pytest.Item], folder: Path
    ) -> str:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        nothing = os.open(os.devnull, os.O_WRONLY)
        for number in (1, 2):
            os.dup2(nothing, number)
        _move_to(folder, items[0].config)
        try:
            if mutant is not None:
                self._plant(target, mutant)
        except BaseException as error:  # noqa: BLE001
            return f"{results.KILLED}\tthe module is not imported: {type(error).__name__}"
        state = items[0].session._setupstate  # noqa: SLF001
        others = items[0].session.items
        state.teardown_exact(items[0])
        for number, item in enumerate(items):
            after = (
                items[number + 1]
                if number + 1 < len(items)
                else next((o for o in others if o is not item), item)
            )
            try:
                _run(item, after)
            except BaseException as error:  # noqa: BLE001
                return f"{results.KILLED}\t{item.nodeid} ({type(error).__name__})"
            if self._failed:
                text = "".join(self._failed.values())
                end = results.STILLBORN if any(word in text for word in _NO_SQL) else results.KILLED
                return f"{end}\t{item.nodeid}"
        return f"{results.SURVIVED}\t"

    def _plant(self, target: _Target, mutant: Mutant) -> None:
        names = set(mutant.top) if mutant.in_function else dependents(target.tree, mutant.top)
        transplant(target.module, fresh(target.module, mutated(target.text, mutant)), names)
        forget_results(target.module.__name__.partition(".")[0])
        if mutant.in_function:
            return
        for other in self._targets.values():
            if other is target:
                continue
            made = dependents(other.tree, names) - names
            if made:
                transplant(other.module, fresh(other.module, other.tree), made)


def _digest_of_loaded(root: Path) -> str:
    """Return a digest of all code of the project, tests too, that is in this process."""
    files = {
        Path(name) for module in list(sys.modules.values()) if (name := getattr(module, "__file__", None))
    }
    here = [
        path
        for path in files
        if path.is_relative_to(root) and ".venv" not in path.parts and path.parent != Path(__file__).parent
    ]
    told = hashlib.sha256()
    for path in sorted(here):
        told.update(path.read_bytes())
    return told.hexdigest()[:12]


def _run(item: pytest.Item, after: pytest.Item) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)


def _move_to(folder: Path, config: pytest.Config) -> None:
    """Give this process a place of its own, and let it empty no other."""
    factory: Any = config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001
    factory._basetemp = folder / "pytest"  # noqa: SLF001
    factory._basetemp.mkdir()  # noqa: SLF001
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    shared = [str(folder), str(Path(folder).parent)]

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "shutil.rmtree" and not str(arguments[0]).startswith(tuple(shared)):
            msg = f"a mutant would remove {arguments[0]}"
            raise PermissionError(msg)

    sys.addaudithook(refuse)


def selected(tests: Iterable[str], declared: Declared) -> list[str]:
    """Return the arguments of the pytest session: these tests, on SQLite, in one process."""
    return [
        *dict.fromkeys(tests),
        *(f"--deselect={name}" if "::" in name else f"--ignore={name}" for name in declared.left_out),
        "-q",
        "-s",
        "-p",
        "no:cacheprovider",
        "-o",
        "timeout=0",
        "-o",
        "tmp_path_retention_policy=none",
        "-m",
        "not long and not browser",
        "-k",
        "not postgres and not both_masters",
    ]
