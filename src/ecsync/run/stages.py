"""A run, as a table of contents.

Every stage is a list of functions over the run's context, inside the one transaction. A kind of run
names the stages that it takes; files whose rows no named stage uses stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.accounting import corrections, journals, returns, sales
from ecsync.accounting import opening as accounting_opening
from ecsync.errors import ConfigurationError, UsageError
from ecsync.locale import _
from ecsync.master.context import RunContext
from ecsync.orders import holds, payment, telling, waits
from ecsync.orders import intake as orders_intake
from ecsync.products import intake as products_intake
from ecsync.run import opening, retain
from ecsync.shipping import completion, instructing, notices, recalls, results
from ecsync.stock import allocation, ledger, publishing, snapshots

if TYPE_CHECKING:
    from ecsync.config import Settings

Step = Callable[[RunContext], object]


@dataclass(frozen=True)
class Stage:
    """One stage: the frames it takes in and its steps in order."""

    name: str
    takes: tuple[str, ...]
    steps: tuple[Step, ...]


# The order is the order of every run: what has left the warehouse is not recalled, what was short is not
# promised again, and an order paid this morning ships today.
STAGES: Final = (
    Stage(
        "opening",
        ("opening_stock", "opening_orders", "opening_receivables", "opening_counters"),
        (opening.load_opening, accounting_opening.prove_receivables),
    ),
    Stage(
        "products",
        ("products", "set_components", "channel_listings"),
        (
            products_intake.merge_products,
            products_intake.merge_set_components,
            products_intake.merge_listings,
        ),
    ),
    Stage(
        "results",
        ("warehouse_events", "parcel_results", "stock_levels"),
        (results.take_events, ledger.post_events, snapshots.take_snapshots),
    ),
    Stage(
        "orders",
        ("order_lines",),
        (
            orders_intake.merge_orders,
            payment.confirm_payments,
            holds.refresh_holds,
            waits.refresh_money_waits,
            telling.tell_decisions,
        ),
    ),
    Stage("allocate", (), (allocation.allocate,)),
    Stage(
        "instruct",
        (),
        (recalls.request_recalls, instructing.instruct, completion.close_orders_without_parcel),
    ),
    Stage("notify", (), (notices.decide_notices,)),
    Stage("publish_stock", (), (publishing.decide_quantities,)),
    Stage(
        "book",
        (),
        (corrections.reverse_changed, sales.book_sales, returns.book_returns, journals.write_journals),
    ),
    Stage("write_back", (), ()),
    Stage("retain", (), (retain.erase_due,)),
)

STAGE_NAMES: Final = tuple(stage.name for stage in STAGES)

DEFAULT_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "morning": ("products", "results", "orders", "allocate", "instruct", "publish_stock"),
    "noon": ("products", "results", "orders", "allocate", "instruct", "publish_stock"),
    "evening": ("products", "results", "orders", "allocate", "notify", "publish_stock"),
    "stock": ("products", "results", "orders", "allocate", "publish_stock"),
    "night": tuple(name for name in STAGE_NAMES if name != "opening"),
    "opening": ("opening",),
}


def stages_of(settings: Settings, kind: str) -> tuple[Stage, ...]:
    """Return the stages of a kind of run, always in the one order.

    Raises UsageError where the kind, ConfigurationError where a stage that it names does not exist.
    """
    kinds = {**DEFAULT_KINDS, **settings.runs}
    if kind not in kinds:
        raise UsageError(
            _("there is no kind of run {kind}; there are: {known}").format(
                kind=kind, known=", ".join(sorted(kinds))
            )
        )
    unknown = sorted(set(kinds[kind]) - set(STAGE_NAMES))
    if unknown:
        raise ConfigurationError(
            _("the run {kind} names unknown stages {unknown}; there are: {known}").format(
                kind=kind, unknown=", ".join(unknown), known=", ".join(STAGE_NAMES)
            )
        )
    return tuple(stage for stage in STAGES if stage.name in kinds[kind])


def entities_of(stages: tuple[Stage, ...]) -> frozenset[str]:
    """Return the inbound frames that these stages take in."""
    return frozenset(entity for stage in stages for entity in stage.takes)
