"""How sales are booked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ecsync.config.section import Section


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
    first_entry_no: int = Field(default=1, ge=1)
