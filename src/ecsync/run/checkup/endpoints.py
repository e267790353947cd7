"""Partners: the door opens, each flow's folder is there, and both clocks agree. Nothing is written."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecsync.config import Inbound
from ecsync.errors import EcsyncError
from ecsync.exchange import names
from ecsync.exchange.opening import open_endpoint
from ecsync.locale import _
from ecsync.run import clock
from ecsync.run.checkup import asking, interface_tables
from ecsync.run.checkup.checked import Checked, good, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecsync.config import Endpoint as EndpointSettings
    from ecsync.config import Outbound, Settings
    from ecsync.exchange.endpoint import Endpoint
    from ecsync.run.checkup.checked import Scene

_AT_ONCE: Final = 8
_SKEW: Final = timedelta(minutes=10)


def check(scene: Scene) -> Iterator[Checked]:
    """Check every endpoint, several at a time: a silent partner costs its own timeout only."""
    doors = sorted(scene.settings.endpoints)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        for results in pool.map(lambda name: _endpoint(scene, name), doors):
            yield from results


def _endpoint(scene: Scene, name: str) -> list[Checked]:
    settings = scene.settings
    check_name = _("endpoint {name}").format(name=name)
    try:
        with open_endpoint(name, settings) as door:
            return [good(check_name, _greeting(settings.endpoints[name])), *_flows(scene, name, door)]
    except EcsyncError as error:
        return [wrong(check_name, error.exit_status, error.message, error.hint)]


def _greeting(endpoint: EndpointSettings) -> str:
    if endpoint.kind != "sftp":
        return ""
    return _("host key pinned") if endpoint.host_key else _("host key known")


def _flows(scene: Scene, name: str, door: Endpoint) -> Iterator[Checked]:
    settings = scene.settings
    flows: list[Inbound | Outbound] = [*settings.inbound, *settings.outbound]
    newest = ""
    for flow in flows:
        if flow.endpoint != name:
            continue
        if isinstance(flow, Inbound) and flow.query:
            yield asking.check(settings, flow, door)
            continue
        if not isinstance(flow, Inbound) and flow.handover == "rows":
            yield interface_tables.check(settings, flow, door)
            continue
        check_name = _("folder of {flow}").format(flow=flow.name)
        try:
            listing = door.list_files(flow.path)
        except EcsyncError as error:
            if isinstance(flow, Inbound) or door.readable:
                yield wrong(check_name, error.exit_status, error.message, error.hint)
            else:
                yield good(check_name, error.message)
            continue
        newest = max([newest, *(file.mtime for file in listing.files)])
        yield _writable(settings, flow) or good(check_name)
    yield from _skew(scene, name, newest)


def _writable(settings: Settings, flow: Inbound | Outbound) -> Checked | None:
    """Find a folder that we must write to and may not; a server tells that only when it is written to."""
    endpoint = settings.endpoints[flow.endpoint]
    reads_only = isinstance(flow, Inbound) and flow.after == "keep"
    if endpoint.kind != "folder" or reads_only:
        return None
    folder = settings.path(endpoint.root).joinpath(*names.folder_parts(flow.path))
    if os.access(folder, os.W_OK | os.X_OK):
        return None
    return wrong(
        _("folder of {flow}").format(flow=flow.name),
        13,
        _("this user may not write into {folder}").format(folder=folder),
        _('give the folder to the user that runs ecsync, or set after = "keep" for what only comes in'),
    )


def _skew(scene: Scene, name: str, newest: str) -> Iterator[Checked]:
    # What lies there was written by real clocks, whatever --as-of says.
    here = max(scene.now, clock.parse_as_of(None, scene.settings.zone))
    if newest and clock.from_text(newest) - clock.from_text(here) > _SKEW:
        yield wrong(
            _("clock of {endpoint}").format(endpoint=name),
            3,
            _("a file there is of {newest}, and here it is {now}").format(
                newest=clock.local_text(newest, scene.settings.zone),
                now=clock.local_text(here, scene.settings.zone),
            ),
            _("see which clock is wrong: what is newer is decided by these times"),
        )
