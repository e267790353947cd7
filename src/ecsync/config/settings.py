"""All of ecsync.toml, typed and checked.

Times of day are local to `project.timezone`; `as_of` and `cutover` are ISO 8601 with an offset.
"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from ecsync.calendars import Calendar, calendar_of
from ecsync.calendars.run_times import RunTimes, run_times
from ecsync.config.books import Accounting
from ecsync.config.flows import Endpoint, Inbound, Outbound
from ecsync.config.parties import Channel, PaymentCompany, Warehouse
from ecsync.config.project import CalendarSettings, Database, OutboxSettings, Owners, Project
from ecsync.config.section import Section, Slug
from ecsync.errors import UsageError
from ecsync.locale import _


class Settings(Section):
    """All of ecsync.toml, with its folder."""

    project: Project
    database: Database = Database()
    outbox: OutboxSettings = OutboxSettings()
    channels: dict[Slug, Channel] = {}
    warehouses: dict[Slug, Warehouse] = {}
    core: dict[Slug, dict[str, str]] = {}
    payment_companies: dict[Slug, PaymentCompany] = {}
    endpoints: dict[Slug, Endpoint] = {}
    calendars: dict[Slug, CalendarSettings] = {}
    inbound: tuple[Inbound, ...] = ()
    outbound: tuple[Outbound, ...] = ()
    runs: dict[Slug, tuple[str, ...]] = {}
    schedule: dict[Slug, tuple[str, ...]] = {}
    accounting: Accounting = Accounting()
    owners: Owners = Owners()
    sender: dict[str, str] = {}
    carriers: dict[Slug, dict[str, str]] = {}
    retain_plans_days: int = Field(default=7, ge=1)
    folder: Path = Field(default=Path(), exclude=True)
    fingerprint: str = Field(default="", exclude=True)

    @field_validator("schedule", mode="before")
    @classmethod
    def _one_time_is_a_list(cls, given: object) -> object:
        if isinstance(given, dict):
            return {kind: (times,) if isinstance(times, str) else times for kind, times in given.items()}
        return given

    @field_validator("schedule")
    @classmethod
    def _times_are_times(cls, given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for text in (text for times in given.values() for text in times):
            run_times(text)
        return given

    @model_validator(mode="after")
    def _references_resolve(self) -> Settings:
        known = set(self.channels) | set(self.warehouses) | set(self.core) | set(self.payment_companies)
        known |= {"accounting", "opening"}
        flows: list[Inbound | Outbound] = [*self.inbound, *self.outbound]
        for flow in flows:
            if flow.endpoint not in self.endpoints:
                msg = f"flow {flow.name}: no endpoint {flow.endpoint}; there are {sorted(self.endpoints)}"
                raise ValueError(msg)
            if flow.party not in known:
                msg = f"flow {flow.name}: no party {flow.party}; there are {sorted(known)}"
                raise ValueError(msg)
        self._queries_have_databases()
        self._rows_have_databases()
        names = [flow.name for flow in flows]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            msg = f"flow names must be unique: {doubled}"
            raise ValueError(msg)
        for name, channel in self.channels.items():
            if channel.warehouse not in self.warehouses:
                msg = f"channel {name}: no warehouse {channel.warehouse}; there are {sorted(self.warehouses)}"
                raise ValueError(msg)
        for name, company in self.payment_companies.items():
            strange = sorted(set(company.channels) - set(self.channels))
            if strange:
                msg = f"payment company {name}: no channels {strange}; there are {sorted(self.channels)}"
                raise ValueError(msg)
        return self

    def _queries_have_databases(self) -> None:
        asked: set[tuple[str, str]] = set()
        for flow in self.inbound:
            if bool(flow.query) == self.endpoints[flow.endpoint].holds_files:
                msg = f"flow {flow.name}: a database endpoint needs query and key, and no other takes them"
                raise ValueError(msg)
            if flow.query and (flow.endpoint, flow.query) in asked:
                msg = f"flow {flow.name}: another flow of {flow.endpoint} asks the same query"
                raise ValueError(msg)
            asked.add((flow.endpoint, flow.query))

    def _rows_have_databases(self) -> None:
        for flow in self.outbound:
            if (flow.handover == "rows") == self.endpoints[flow.endpoint].holds_files:
                msg = f'flow {flow.name}: a database endpoint needs handover = "rows", and no other takes it'
                raise ValueError(msg)

    @property
    def zone(self) -> ZoneInfo:
        """Return the project's time zone: business dates are in it."""
        return ZoneInfo(self.project.timezone)

    def calendar(self, name: str) -> Calendar:
        """Return the calendar of that name; one that is not declared has weekends and public holidays closed."""
        days = self.calendars.get(name, CalendarSettings())
        return calendar_of(
            days.closed_weekdays, public_holidays=days.public_holidays, closed=days.closed, opened=days.open
        )

    def times_of(self, kind: str) -> tuple[RunTimes, ...]:
        """Return when a kind of run is due by `[schedule]`, local times; empty where it is not scheduled."""
        return tuple(run_times(text) for text in self.schedule.get(kind, ()))

    def path(self, relative: str) -> Path:
        """Return a path of the project folder (absolute paths stay)."""
        return self.folder / relative

    @property
    def mapping_names(self) -> tuple[str, ...]:
        """Return the names of all mappings that the flows use, sorted."""
        inbound = {flow.mapping for flow in self.inbound}
        return tuple(sorted(inbound | {flow.mapping for flow in self.outbound}))

    def inbound_flow(self, name: str) -> Inbound:
        """Return the inbound flow of that name; raise UsageError naming those there are."""
        for flow in self.inbound:
            if flow.name == name:
                return flow
        raise UsageError(
            _("there is no inbound flow {name}; there are: {known}").format(
                name=name, known=", ".join(f.name for f in self.inbound)
            )
        )
