"""Every finding code with its desk, its sentence and the action it asks for (msgids, English).

Sentences name what staff know: shop, order number, SKU, file. {subject} and named parameters are filled in.
"""

from __future__ import annotations

from typing import Final

from ecsync.finding_catalogue.files import FILES
from ecsync.finding_catalogue.holds import HOLD_REASONS
from ecsync.finding_catalogue.kind import Desk, Due, FindingKind, Scope
from ecsync.finding_catalogue.money import MONEY
from ecsync.finding_catalogue.orders import ORDERS
from ecsync.finding_catalogue.running import RUNNING
from ecsync.finding_catalogue.shipping import SHIPPING
from ecsync.finding_catalogue.stock import STOCK

__all__ = ["CATALOGUE", "HOLD_REASONS", "Desk", "Due", "FindingKind", "Scope"]

CATALOGUE: Final[dict[str, FindingKind]] = {**FILES, **ORDERS, **SHIPPING, **STOCK, **MONEY, **RUNNING}
