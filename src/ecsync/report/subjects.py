"""What a finding is about, as staff name it: the shop's title, the order number as the mall shows it, the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.locale import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecsync.config import Inbound, Outbound, Settings
    from ecsync.finding_catalogue import Scope
    from ecsync.findings import Finding


@dataclass(frozen=True)
class Names:
    """What partners are called on a staff page."""

    settings: Settings

    def party(self, key: str) -> str:
        """Return the title of a shop, warehouse or core system; the key where it has none."""
        settings = self.settings
        if key in settings.channels:
            return settings.channels[key].title or key
        if key in settings.warehouses:
            return settings.warehouses[key].title or key
        if key in settings.payment_companies:
            return settings.payment_companies[key].title or key
        if key in settings.core:
            return settings.core[key].get("title") or key
        return _("accounting package") if key == "accounting" else key

    def of_flow(self, name: str) -> str:
        """Return the title of the partner that a flow is of; '' where there is no such flow."""
        return next((self.party(flow.party) for flow in self._flows() if flow.name == name), "")

    def of_endpoint(self, name: str) -> str:
        """Return the title of the partner behind an endpoint; its name where no flow uses it."""
        return next((self.party(flow.party) for flow in self._flows() if flow.endpoint == name), name)

    def _flows(self) -> tuple[Inbound | Outbound, ...]:
        return (*self.settings.inbound, *self.settings.outbound)


@dataclass(frozen=True)
class About:
    """Shop or partner, number, and (channel, order number) where it is an order."""

    shop: str
    number: str
    order: tuple[str, str] | None = None


def about(finding: Finding, names: Names) -> About:
    """Return what a finding is about."""
    return _BY_SCOPE.get(finding.kind.scope, _thing)(finding, names)


def order_of(subject: str) -> tuple[str, str]:
    """Return channel and order number of a subject such as `shop 12-34 (P00001)`."""
    channel, _sep, rest = subject.partition(" ")
    return channel, rest.partition(" (")[0]


def _order(finding: Finding, names: Names) -> About:
    channel, order_no = order_of(finding.subject)
    return About(names.party(channel), order_no, (channel, order_no))


def _key(finding: Finding, names: Names) -> About:
    if ":" not in finding.subject:
        return _thing(finding, names)
    first, second = finding.subject.split(":")[:2]
    return About(names.party(first), second, (first, second) if first in names.settings.channels else None)


def _event(finding: Finding, names: Names) -> About:
    warehouse, _sep, event = finding.subject.partition(" ")
    return About(names.party(warehouse), event)


def _flow(finding: Finding, names: Names) -> About:
    return About(names.of_flow(finding.subject), finding.subject)


def _channel(finding: Finding, names: Names) -> About:
    return About(names.party(finding.subject), "")


def _party(finding: Finding, names: Names) -> About:
    return About(names.of_flow(finding.subject) or names.of_endpoint(finding.subject), "")


def _file(finding: Finding, names: Names) -> About:
    params = finding.params
    if "endpoint" in params:
        return About(names.of_endpoint(params["endpoint"]), finding.subject)
    return About(names.of_flow(params.get("flow", "")), finding.subject)


def _thing(finding: Finding, names: Names) -> About:
    place = finding.params.get("channel") or finding.params.get("warehouse") or ""
    return About(names.party(place) if place else "", finding.subject)


_BY_SCOPE: Final[dict[Scope, Callable[[Finding, Names], About]]] = {
    "order": _order,
    "key": _key,
    "proof": _key,
    "event": _event,
    "flow": _flow,
    "channel": _channel,
    "party": _party,
    "file": _file,
    "sent": _file,
}
