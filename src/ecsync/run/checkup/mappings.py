"""Mappings: each that a flow names can be read, and each of the project's own is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecsync.locale import _
from ecsync.mapping import catalogue
from ecsync.mapping.listing import list_mappings
from ecsync.run.checkup.checked import Checked, good, tried, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecsync.config import Settings
    from ecsync.run.checkup.checked import Scene


def check(scene: Scene) -> Iterator[Checked]:
    """Check the mappings in use, then the project's own files."""
    settings = scene.settings
    directions: dict[str, set[str]] = {}
    for flow in settings.inbound:
        directions.setdefault(flow.mapping, set()).add("in")
    for outgoing in settings.outbound:
        directions.setdefault(outgoing.mapping, set()).add("out")
    for name in settings.mapping_names:
        check_name = _("mapping {name}").format(name=name)
        results = [tried(check_name, _loading(settings, name, way)) for way in sorted(directions[name])]
        yield next((result for result in results if not result.good), results[0])
    yield from _own(settings)


def _loading(settings: Settings, name: str, direction: str) -> Callable[[], object]:
    load = catalogue.load_inbound if direction == "in" else catalogue.load_outbound
    return lambda: load(name, settings.folder)


def _own(settings: Settings) -> Iterator[Checked]:
    """Check every YAML below the project's mappings/, in use or not; say which stand in a shipped one's place."""
    folder = settings.folder / "mappings"
    overriding = {entry.path for entry in list_mappings(settings.folder) if entry.overrides}
    for path in sorted(folder.rglob("*.yaml")):
        name = _("own mapping {name}").format(name=path.relative_to(folder))
        errors = catalogue.check_file(path, settings.folder)
        if errors:
            yield wrong(name, errors[0].exit_status, errors[0].message, errors[0].hint)
        elif path in overriding:
            yield good(name, _("stands in the place of the shipped one"))
        else:
            yield good(name)
