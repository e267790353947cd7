"""Configuration: whether what is declared fits together, and leaves nothing out that a run needs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from ecsync.entities.codes import PAYMENT_METHOD
from ecsync.errors import ConfigurationError, EcsyncError
from ecsync.locale import _
from ecsync.mapping import catalogue
from ecsync.mapping.listing import list_mappings
from ecsync.mapping.model import InboundMapping, OutboundMapping
from ecsync.run import clock
from ecsync.run.checkup.checked import Checked, good, tried, wrong
from ecsync.run.pairs import pairs_of
from ecsync.run.publish import dotted_settings
from ecsync.run.stages import DEFAULT_KINDS, stages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecsync.config import Channel, Inbound, Outbound, Settings
    from ecsync.mapping.model import Mapping
    from ecsync.run.checkup.checked import Scene

_WRONG: Final = 10
# Whose files a frame comes from, or goes to.
_PARTIES: Final = {
    "order_lines": "channel",
    "channel_listings": "channel",
    "channel_quantities": "channel",
    "shipping_notices": "channel",
    "notice_lines": "channel",
    "stock_levels": "warehouse core",
    "warehouse_events": "warehouse",
    "parcel_results": "warehouse",
    "shipping_instructions": "warehouse",
    "parcels": "warehouse",
    "recalls": "warehouse",
    "products": "core",
    "set_components": "core",
    "core_entries": "core",
    "core_receipts": "core",
    "journal_lines": "accounting",
    "payment_orders": "payment_company",
    "payment_shipments": "payment_company",
    "payment_captures": "payment_company",
}
_OF_ORDERS: Final = frozenset({"shipping_notices", "notice_lines"})  # what no channel needs without orders
_INSTRUCTING: Final = frozenset({"shipping_instructions", "parcels"})


def check(scene: Scene) -> Iterator[Checked]:
    """Check kinds of run, channels, warehouses, flows and names that nothing uses."""
    settings = scene.settings
    for kind in sorted({**DEFAULT_KINDS, **settings.runs}):
        yield tried(_("kind of run {name}").format(name=kind), _staging(settings, kind))
    flows = _flows(settings)
    frames: dict[str, set[str]] = defaultdict(set)
    for flow, mapping in flows:
        frames[flow.party].add(mapping.entity)
    for name, channel in sorted(settings.channels.items()):
        yield _channel(scene, name, channel, frames[name])
    for name, company in sorted(settings.payment_companies.items()):
        strange = sorted(set(company.methods) - set(PAYMENT_METHOD))
        if strange:
            said = _("there are no payment methods {names}").format(names=", ".join(strange))
            known = _("there are: {known}").format(known=", ".join(PAYMENT_METHOD))
            yield wrong(f"[payment_companies.{name}]", _WRONG, said, known)
    for name in sorted(settings.warehouses):
        yield _warehouse(settings, name, frames[name])
    platforms = _platforms()
    for flow, mapping in flows:
        fault = (
            _misplaced(settings, flow, mapping, platforms)
            or _unset(settings, flow, mapping)
            or _half(settings, flow, mapping)
        )
        if fault is not None:
            yield fault
    yield from _unused(settings)


def _staging(settings: Settings, kind: str) -> Callable[[], object]:
    return lambda: stages_of(settings, kind)


def _flows(settings: Settings) -> list[tuple[Inbound | Outbound, Mapping]]:
    """Return every flow whose mapping can be read; the others are told elsewhere."""
    flows: list[Inbound | Outbound] = [*settings.inbound, *settings.outbound]
    found = []
    for flow in flows:
        try:
            found.append((flow, catalogue.load_mapping(flow.mapping, settings.folder)))
        except EcsyncError:
            continue
    return found


def _channel(scene: Scene, name: str, channel: Channel, frames: set[str]) -> Checked:
    check_name = _("channel {name}").format(name=name)
    if "order_lines" not in frames:
        mend = _("add an [[inbound]] of party {name} with a mapping of orders").format(name=name)
        if "channel_quantities" in frames and not frames & _OF_ORDERS:
            return good(check_name, _("only its stock is told: no inbound flow brings its orders"), mend)
        return wrong(check_name, _WRONG, _("no inbound flow brings its orders"), mend)
    if channel.cutover is None:
        return good(
            check_name,
            _("it has no cut-over: every order of its files is shipped from here"),
            _("set cutover to the day you start"),
        )
    if scene.master is not None and not _has_run(scene) and _is_past(scene, channel):
        return good(
            check_name,
            _("the first real run ships every open order since {cutover}").format(
                cutover=channel.cutover.isoformat(sep=" ", timespec="minutes")
            ),
            _("set cutover to the day you start"),
        )
    return good(check_name)


def _has_run(scene: Scene) -> bool:
    assert scene.master is not None  # noqa: S101  (asked before)
    return scene.master.exec_driver_sql("SELECT 1 FROM run LIMIT 1").first() is not None


def _is_past(scene: Scene, channel: Channel) -> bool:
    return channel.cutover is not None and channel.cutover < clock.from_text(scene.now)


def _warehouse(settings: Settings, name: str, frames: set[str]) -> Checked:
    check_name = _("warehouse {name}").format(name=name)
    if name not in {channel.warehouse for channel in settings.channels.values()}:
        return good(check_name, _("no channel sells from it"), _("name it in a channel, or take it out"))
    if not frames & _INSTRUCTING:
        return wrong(
            check_name,
            _WRONG,
            _("no outbound flow tells it what to ship"),
            _("add an [[outbound]] of party {name} with a mapping of shipping instructions").format(
                name=name
            ),
        )
    if "stock_levels" not in frames:
        return good(
            check_name,
            _("no inbound flow brings its stock; only an opening and its events change it"),
            _("add an [[inbound]] of party {name} with a mapping of stock").format(name=name),
        )
    return good(check_name)


def _platforms() -> frozenset[str]:
    """Return the partners that shops sell on: those that ship a mapping of orders."""
    found = set()
    for entry in list_mappings():
        mapping = catalogue.load_mapping(entry.name)
        if mapping.entity == "order_lines":
            found.add(entry.name.partition("/")[0])
    return frozenset(found)


def _misplaced(
    settings: Settings, flow: Inbound | Outbound, mapping: Mapping, platforms: frozenset[str]
) -> Checked | None:
    name = _("flow {name}").format(name=flow.name)
    wanted = _PARTIES.get(mapping.entity, "")
    kind = _kind_of(settings, flow.party)
    if wanted and kind not in wanted.split():
        return wrong(
            name,
            _WRONG,
            _("{mapping} is a file of a {wanted}, and {party} is a {kind}").format(
                mapping=flow.mapping, wanted=wanted.replace(" ", "/"), party=flow.party, kind=kind
            ),
            _("name another party or another mapping"),
        )
    partner = flow.mapping.partition("/")[0]
    if kind == "channel" and partner in platforms:
        platform = settings.channels[flow.party].platform
        if platform in platforms and platform != partner:
            return wrong(
                name,
                _WRONG,
                _("{party} is a shop of {platform}, and {mapping} is a file of {partner}").format(
                    party=flow.party, platform=platform, mapping=flow.mapping, partner=partner
                ),
                _("name another party or another mapping"),
            )
    return None


def _kind_of(settings: Settings, party: str) -> str:
    if party in settings.channels:
        return "channel"
    if party in settings.warehouses:
        return "warehouse"
    if party in settings.payment_companies:
        return "payment_company"
    return "core" if party in settings.core else party


def _unset(settings: Settings, flow: Inbound | Outbound, mapping: Mapping) -> Checked | None:
    """Find a setting that the mapping writes and the project lacks (the file could not be made), or has empty."""
    if not isinstance(mapping, OutboundMapping):
        return None
    given = dotted_settings(settings, flow.party)
    needed = sorted(set(_needed(mapping)))
    missing = [name for name in needed if name not in given]
    empty = [name for name in needed if not given.get(name)]
    check_name = _("flow {name}").format(name=flow.name)
    if missing:
        said = _("{mapping} needs the setting {name}").format(mapping=flow.mapping, name=", ".join(missing))
        return wrong(check_name, _WRONG, said, _("write it into ecsync.toml"))
    if empty:
        said = _("{mapping} writes settings that are empty: {names}").format(
            mapping=flow.mapping, names=", ".join(empty)
        )
        return good(check_name, said, _("write it into ecsync.toml"))
    return None


def _half(settings: Settings, flow: Inbound | Outbound, mapping: Mapping) -> Checked | None:
    """Find a flow that brings one half of a pair where nothing brings the other."""
    if not isinstance(mapping, InboundMapping) or mapping.pair is None:
        return None
    try:
        pairs_of(settings, [one for one in settings.inbound if one.party == flow.party])
    except ConfigurationError as error:
        return wrong(_("flow {name}").format(name=flow.name), _WRONG, error.message, error.hint)
    return None


def _needed(mapping: OutboundMapping) -> Iterator[str]:
    sources: list[Any] = [source for _header, source in mapping.named_columns]
    while sources:
        source = sources.pop()
        name = getattr(source, "setting", None)
        if isinstance(name, str) and getattr(source, "default", None) is None:
            yield name
        sources += [case.then for case in getattr(source, "when", None) or ()]


def _unused(settings: Settings) -> Iterator[Checked]:
    flows: list[Inbound | Outbound] = [*settings.inbound, *settings.outbound]
    parties, doors = {flow.party for flow in flows}, {flow.endpoint for flow in flows}
    expected = {flow.expected.calendar for flow in settings.inbound if flow.expected is not None}
    calendars = {place.calendar for place in settings.warehouses.values()} | expected
    for section, declared, used in (
        ("core", settings.core, parties),
        ("payment_companies", settings.payment_companies, parties),
        ("endpoints", settings.endpoints, doors),
        ("calendars", settings.calendars, calendars),
    ):
        for name in sorted(set(declared) - used):
            yield good(
                f"[{section}.{name}]", _("nothing uses it"), _("take it out, or name it where it belongs")
            )
