"""Check a project from configuration to partners, and say how to mend each fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsync.errors import EcsyncError
from ecsync.exchange.opening import open_endpoint
from ecsync.locale import _
from ecsync.mapping import catalogue
from ecsync.run.stages import DEFAULT_KINDS, stages_of
from ecsync.run.standing import reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecsync.config import Settings


@dataclass(frozen=True)
class Checked:
    """The result of one check; `status` is the exit status of a fault."""

    name: str
    good: bool
    detail: str = ""
    hint: str = ""
    status: int = 0


def check_project(settings: Settings, now: str) -> list[Checked]:
    """Check mappings, kinds of run, the master and every endpoint; never stop at the first fault."""
    del now
    checks: list[tuple[str, Callable[[], object]]] = [
        (_("mapping {name}").format(name=name), _loading(settings, name)) for name in settings.mapping_names
    ]
    checks.extend(
        (_("kind of run {name}").format(name=kind), _staging(settings, kind))
        for kind in sorted({**DEFAULT_KINDS, **settings.runs})
    )
    checks.append((_("master"), lambda: _read_master(settings)))
    checks.extend(
        (_("endpoint {name}").format(name=name), _opening(settings, name))
        for name in sorted(settings.endpoints)
    )
    return [_check(name, act) for name, act in checks]


def _check(name: str, act: Callable[[], object]) -> Checked:
    try:
        act()
    except EcsyncError as error:
        return Checked(name, good=False, detail=error.message, hint=error.hint, status=error.exit_status)
    return Checked(name, good=True)


def _loading(settings: Settings, name: str) -> Callable[[], object]:
    return lambda: catalogue.load_mapping(name, settings.folder)


def _staging(settings: Settings, kind: str) -> Callable[[], object]:
    return lambda: stages_of(settings, kind)


def _read_master(settings: Settings) -> None:
    with reading(settings):
        pass


def _opening(settings: Settings, name: str) -> Callable[[], object]:
    def act() -> None:
        with open_endpoint(name, settings):
            pass

    return act
