"""ecsync.toml as typed settings. Secrets stand in it by reference only.

`load_settings(folder)` reads and checks the file; every model refuses unknown keys.
"""

from __future__ import annotations

from ecsync.config.books import Accounting, Accounts
from ecsync.config.flows import Endpoint, Expectation, Guard, Inbound, Outbound, Scope
from ecsync.config.loading import load_settings
from ecsync.config.parties import Channel, PaymentCompany, StatusRules, Warehouse
from ecsync.config.project import CalendarSettings, Database, OutboxSettings, Owners, Project
from ecsync.config.secrets import SecretReference
from ecsync.config.section import Section, Slug
from ecsync.config.settings import Settings
from ecsync.project_folder import CONFIG_NAME, find_project

__all__ = [
    "CONFIG_NAME",
    "Accounting",
    "Accounts",
    "CalendarSettings",
    "Channel",
    "Database",
    "Endpoint",
    "Expectation",
    "Guard",
    "Inbound",
    "Outbound",
    "OutboxSettings",
    "Owners",
    "PaymentCompany",
    "Project",
    "Scope",
    "SecretReference",
    "Section",
    "Settings",
    "Slug",
    "StatusRules",
    "Warehouse",
    "find_project",
    "load_settings",
]
