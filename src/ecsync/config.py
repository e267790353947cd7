"""ecsync.toml as typed settings. Secrets stand in it by reference only.

`load_settings(folder)` reads and checks the file; every model refuses unknown keys. Times of day are
local to `project.timezone`; `as_of` and `cutover` are ISO 8601 with an offset.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ecsync.errors import ConfigurationError, UsageError
from ecsync.locale import _

CONFIG_NAME = "ecsync.toml"
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class Section(BaseModel):
    """A part of ecsync.toml: frozen, no unknown keys, inputs never shown in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SecretReference(Section):
    """Say where a secret is kept: an environment variable, a 0600 file, or the keyring."""

    env: str = ""
    file: str = ""
    keyring: str = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretReference:
        if sum(map(bool, (self.env, self.file, self.keyring))) != 1:
            msg = "name exactly one of env, file, keyring"
            raise ValueError(msg)
        return self

    def resolve(self, project: Path) -> str:
        """Return the secret; raise ConfigurationError where it is missing or readable by others."""
        if self.env:
            value = os.environ.get(self.env)
            if value is None:
                raise ConfigurationError(
                    _("the environment variable {name} is not set").format(name=self.env),
                    hint=_("set it, or name another place for the secret in ecsync.toml"),
                )
            return value
        if self.file:
            return _read_secret_file(project / Path(self.file).expanduser())
        return _read_keyring(self.keyring)


def _read_secret_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        content = path.read_text(encoding="utf-8")
    except OSError:
        raise ConfigurationError(
            _("the secret file {path} cannot be read").format(path=path), hint=_("check its path and owner")
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            _("the secret file {path} can be read by others").format(path=path),
            hint=f"chmod 600 {path}",
        )
    return content.rstrip("\r\n")


def _read_keyring(name: str) -> str:
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  (an optional package)
    except ImportError:
        raise ConfigurationError(
            _("the keyring package is not installed"), hint="pip install keyring"
        ) from None
    service, _sep, user = name.partition("/")
    value = keyring.get_password(service, user)
    if value is None:
        raise ConfigurationError(_("the keyring holds no entry {name}").format(name=name))
    return str(value)


class Project(Section):
    """The project as a whole."""

    name: str
    language: Literal["ja", "en"] = "ja"
    timezone: str = "Asia/Tokyo"
    currency: Literal["JPY"] = "JPY"


class Database(Section):
    """Where the master is: a SQLite file below the project, or a reference to a PostgreSQL address."""

    path: str = "data/ecsync.db"
    url: SecretReference | None = None
    busy_timeout_seconds: int = Field(default=30, ge=1, le=600)


class CalendarSettings(Section):
    """Business days: `closed_weekdays` 0 = Monday."""

    closed_weekdays: tuple[int, ...] = (5, 6)
    public_holidays: bool = True
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()


class StatusRules(Section):
    """What an order status of the channel means for us; the codes are entities.codes.ORDER_STATUS."""

    paid: tuple[str, ...] = ("ready", "shipped", "settling", "settled")
    waiting: tuple[str, ...] = ("awaiting_confirmation", "processing", "change_pending")
    hold: tuple[str, ...] = ("cancel_pending",)
    cancelled: tuple[str, ...] = ("cancelled",)


class Channel(Section):
    """One shop on one platform."""

    platform: str
    title: str = ""
    shop_ids: tuple[str, ...] = ()
    warehouse: Slug
    cutover: datetime | None = None
    rounding: Literal["floor", "round", "ceil"] = "floor"
    safety: int = Field(default=0, ge=0)
    stale_buffer: int = Field(default=1, ge=0)
    max_published: int = Field(default=99_999, ge=0)
    retention_days: int = Field(default=365, ge=1)
    payer: str = ""
    status: StatusRules = StatusRules()
    hold_checking_flag: bool = True
    hold_shipped_at_mall: bool = True
    points: Literal["payment", "discount"] = "payment"
    mall_coupon: Literal["payment", "discount"] = "payment"
    payment_not_needed: tuple[str, ...] = ()  # methods confirmed without the mall's word

    @model_validator(mode="after")
    def _cutover_has_offset(self) -> Channel:
        if self.cutover is not None and self.cutover.tzinfo is None:
            msg = "cutover needs an offset, for example 2026-11-17T00:00:00+09:00"
            raise ValueError(msg)
        return self


class Warehouse(Section):
    """A place that ships. `stock`: who counts; `lead_days` by prefecture, `default` for the rest."""

    title: str = ""
    stock: Literal["ledger", "snapshot"] = "snapshot"
    calendar: str = "warehouse"
    cut_off: time = time(12, 30)
    lead_days: dict[str, int] = {"default": 1}
    parcel_prefix: str = ""
    absent_in_snapshot: Literal["keep", "zero"] = "keep"


class Endpoint(Section):
    """A partner's door. `folder`: `root` is a path; `sftp`: host, user, and how to prove both sides."""

    kind: Literal["folder", "sftp"]
    root: str = ""
    host: str = ""
    port: int = Field(default=22, ge=1, le=65_535)
    user: str = ""
    password: SecretReference | None = None
    key_file: str = ""
    key_passphrase: SecretReference | None = None
    host_key: str = ""  # pinned fingerprint SHA256:...
    known_hosts: str = "known_hosts"
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    retries: int = Field(default=2, ge=0, le=10)
    retry_delay_seconds: float = Field(default=2, ge=0, le=60)
    allow_agent: bool = False
    look_for_keys: bool = False
    file_name_encoding: str = "utf-8"
    readable: bool = True  # may we read back what we wrote

    @model_validator(mode="after")
    def _complete(self) -> Endpoint:
        if self.kind == "sftp" and not (self.host and self.user):
            msg = "an sftp endpoint needs host and user"
            raise ValueError(msg)
        if self.kind == "folder" and not self.root:
            msg = "a folder endpoint needs root"
            raise ValueError(msg)
        return self


class Expectation(Section):
    """When a file is due: `days`, `by` (local time), and how old its as-of may be."""

    days: Literal["daily", "business"] = "daily"
    calendar: str = "company"
    by: time | None = None
    max_age_hours: int = Field(default=26, ge=1)


class Guard(Section):
    """What stops a file: too few rows, or far fewer than usual; what stops a channel: too much falling to zero."""

    min_rows: int = Field(default=0, ge=0)
    min_share_of_usual: float = Field(default=0.0, ge=0.0, le=1.0)
    max_share_to_zero: float = Field(default=1.0, gt=0.0, le=1.0)


class Inbound(Section):
    """A stream of files that come in."""

    name: Slug
    party: Slug
    mapping: str
    endpoint: Slug
    path: str = ""
    pattern: str = "*"
    done_suffix: str = ""
    settle_seconds: float = Field(default=0, ge=0, le=600)
    after: Literal["archive", "delete", "keep"] = "keep"
    archive_path: str = "done"
    expected: Expectation | None = None
    guard: Guard = Guard()


class Outbound(Section):
    """A stream of files that go out. The file name is the mapping's."""

    name: Slug
    party: Slug
    mapping: str
    endpoint: Slug
    path: str = ""
    handover: Literal["rename", "direct", "done_file"] = "rename"
    done_suffix: str = ".done"
    temp_prefix: str = Field(
        default=".ecsync-", pattern=r"^[A-Za-z0-9._-]{1,40}$"
    )  # some servers hide dot files
    on_exists: Literal["conflict", "wait", "replace"] = "conflict"
    on_unknown: Literal["hold", "resend"] = "hold"
    receiver_removes: bool = False
    guard: Guard = Guard()


class Accounts(Section):
    """Names of accounts and sub-accounts as the accounting package knows them; '' keeps the goods' account."""

    receivable: str = "売掛金"
    sales: str = "売上高"
    shipping_income: str = ""
    tax_payable: str = "仮受消費税"
    returns: str = ""


class Accounting(Section):
    """How sales are booked."""

    tax: Literal["included", "excluded"] = "included"
    aggregate: Literal["per_order", "per_day"] = "per_order"
    accounts: Accounts = Accounts()
    tax_classes: str = "yayoi"
    first_entry_no: int = Field(default=1, ge=1)


class Owners(Section):
    """owners.yaml: which system is right for which field."""

    on_hand: dict[str, Literal["ecsync", "warehouse", "core"]] = {"default": "warehouse"}
    product: Literal["core", "ecsync"] = "core"


class OutboxSettings(Section):
    """Where the delivery journal is; on PostgreSQL one place for all hosts."""

    journal: str = "outbox/journal.jsonl"


class Settings(Section):
    """All of ecsync.toml, with its folder."""

    project: Project
    database: Database = Database()
    outbox: OutboxSettings = OutboxSettings()
    channels: dict[Slug, Channel] = {}
    warehouses: dict[Slug, Warehouse] = {}
    core: dict[Slug, dict[str, str]] = {}
    endpoints: dict[Slug, Endpoint] = {}
    calendars: dict[Slug, CalendarSettings] = {}
    inbound: tuple[Inbound, ...] = ()
    outbound: tuple[Outbound, ...] = ()
    runs: dict[Slug, tuple[str, ...]] = {}
    accounting: Accounting = Accounting()
    owners: Owners = Owners()
    sender: dict[str, str] = {}
    retain_plans_days: int = Field(default=7, ge=1)
    folder: Path = Field(default=Path(), exclude=True)
    fingerprint: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _references_resolve(self) -> Settings:
        known = set(self.channels) | set(self.warehouses) | set(self.core) | {"accounting", "opening"}
        flows: list[Inbound | Outbound] = [*self.inbound, *self.outbound]
        for flow in flows:
            if flow.endpoint not in self.endpoints:
                msg = f"flow {flow.name}: no endpoint {flow.endpoint}; there are {sorted(self.endpoints)}"
                raise ValueError(msg)
            if flow.party not in known:
                msg = f"flow {flow.name}: no party {flow.party}; there are {sorted(known)}"
                raise ValueError(msg)
        names = [flow.name for flow in flows]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            msg = f"flow names must be unique: {doubled}"
            raise ValueError(msg)
        for name, channel in self.channels.items():
            if channel.warehouse not in self.warehouses:
                msg = f"channel {name}: no warehouse {channel.warehouse}; there are {sorted(self.warehouses)}"
                raise ValueError(msg)
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Return the project's time zone: business dates are in it."""
        return ZoneInfo(self.project.timezone)

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


def find_project(start: Path) -> Path:
    """Return the nearest folder upwards that holds ecsync.toml; raise ConfigurationError if none does."""
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
    raise ConfigurationError(
        _("no {name} here or above").format(name=CONFIG_NAME),
        hint=_("change to a project folder, or name one with --project DIR"),
    )


def load_settings(folder: Path) -> Settings:
    """Read ecsync.toml and owners.yaml of a project folder.

    Raises ConfigurationError with every wrong place and no value of the file (a value may be a secret).
    """
    folder = folder.resolve()
    path = folder / CONFIG_NAME
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
    except OSError:
        raise ConfigurationError(_("{path} cannot be read").format(path=path)) from None
    except UnicodeDecodeError:
        raise ConfigurationError(_("{path} is not UTF-8").format(path=path)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(_("{path} is not TOML: {reason}").format(path=path, reason=error)) from None
    owners_path = folder / "owners.yaml"
    owners_raw = owners_path.read_bytes() if owners_path.is_file() else b""
    if owners_raw:
        data["owners"] = _load_owners(owners_path, owners_raw)
    data["folder"] = folder
    data["fingerprint"] = hashlib.sha256(raw + b"\0" + owners_raw).hexdigest()
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or CONFIG_NAME}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise ConfigurationError(
            _("{path} is wrong: {places}").format(path=path, places=places),
            hint=_(
                "mend these places; a secret is written as {{env = ...}}, {{file = ...}} or {{keyring = ...}}"
            ),
        ) from None


def _load_owners(path: Path, raw: bytes) -> dict[str, Any]:
    import yaml  # noqa: PLC0415  (only projects with owners.yaml pay for it)

    try:
        loaded = yaml.safe_load(raw)
    except yaml.YAMLError:
        raise ConfigurationError(_("{path} is not YAML").format(path=path)) from None
    if not isinstance(loaded, dict):
        raise ConfigurationError(_("{path} must be a mapping of fields to systems").format(path=path))
    return loaded
