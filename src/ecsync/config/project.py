"""The project as a whole: name, database, calendars, outbox, owners of fields."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from pydantic import Field

from ecsync.config.secrets import SecretReference
from ecsync.config.section import Section


class Project(Section):
    """The project as a whole."""

    name: str
    language: Literal["ja", "en"] = "ja"
    timezone: str = "Asia/Tokyo"
    desks_close: time = time(18, 0)
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


class Owners(Section):
    """owners.yaml: which system is right for which field."""

    on_hand: dict[str, Literal["ecsync", "warehouse", "core"]] = {"default": "warehouse"}
    product: Literal["core", "ecsync"] = "core"


class OutboxSettings(Section):
    """Where the delivery journal is; on PostgreSQL one place for all hosts."""

    journal: str = "outbox/journal.jsonl"
