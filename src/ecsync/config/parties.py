"""Who takes part: channels, warehouses and payment companies."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ecsync.config.section import Section, Slug


def _with_offset(cutover: datetime | None) -> datetime | None:
    if cutover is not None and cutover.tzinfo is None:
        msg = "cutover needs an offset, for example 2026-11-17T00:00:00+09:00"
        raise ValueError(msg)
    return cutover


Cutover = Annotated[datetime | None, AfterValidator(_with_offset)]


class StatusRules(Section):
    """What an order status of the channel means for us; the codes are entities.codes.ORDER_STATUS."""

    paid: tuple[str, ...] = ("ready", "shipped", "settling", "settled")
    waiting: tuple[str, ...] = ("awaiting_confirmation", "processing", "change_pending")
    hold: tuple[str, ...] = ("cancel_pending", "refunded")
    cancelled: tuple[str, ...] = ("cancelled",)


class Channel(Section):
    """One shop on one platform."""

    platform: str
    title: str = ""
    shop_ids: tuple[str, ...] = ()
    warehouse: Slug
    cutover: Cutover = None
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
    options: dict[str, str] = {}  # what the channel's mappings ask for as channel.NAME


class Warehouse(Section):
    """A place that ships. `stock`: who counts; `lead_days` by prefecture, `default` for the rest."""

    title: str = ""
    stock: Literal["ledger", "snapshot"] = "snapshot"
    calendar: str = "warehouse"
    cut_off: time = time(12, 30)
    lead_days: dict[str, int] = {"default": 1}
    parcel_prefix: str = ""
    absent_in_snapshot: Literal["keep", "zero"] = "keep"
    cutover: Cutover = None  # receipts from before it are not told to the core system
    options: dict[str, str] = {}  # what the warehouse's mappings ask for as warehouse.NAME


class PaymentCompany(Section):
    """Who collects the money of some orders: those paid by `methods` in `channels`, in all where none is named."""

    title: str = ""
    methods: tuple[str, ...] = Field(min_length=1)
    channels: tuple[Slug, ...] = ()
