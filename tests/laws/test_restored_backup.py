"""A restored older backup sends nothing until the delivery journal has put back what it knows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from ecsync.errors import OutcomeUnknownError
from ecsync.exchange import reconciliation
from ecsync.exchange.journal import DeliveryJournal
from ecsync.master.backup import backup, restore
from ecsync.run.standing import writing
from shop import NIGHT, NOON, utc

if TYPE_CHECKING:
    from played_days import MakeShop, PlayedDays


def shipped(files: dict[str, bytes]) -> set[tuple[str, str, str]]:
    """Return what every instruction among some files says: order, SKU, quantity."""
    instructions = [content.decode() for path, content in files.items() if "instruction" in path]
    rows = [row for content in instructions for row in csv.DictReader(io.StringIO(content))]
    return {(row["order_no"], row["sku"], row["qty"]) for row in rows}


def test_nothing_is_sent_until_reconciled_and_then_nothing_twice(
    make_shop: MakeShop, days: PlayedDays
) -> None:
    shop = make_shop()
    kept = shop.root / "before-noon.backup"
    backup(shop.settings, kept)
    shop.play(NOON)
    sent = shop.delivered()
    assert sent
    restore(shop.settings, kept, now=utc(NIGHT.at))
    for path in shop.partners.rglob("done/*"):
        path.rename(path.parent.parent / path.name)  # the partners can give the same files again
    with pytest.raises(OutcomeUnknownError) as refused:
        shop.sync(NOON)
    assert refused.value.exit_status == 16
    assert "outbox reconcile" in refused.value.hint
    assert shop.delivered() == sent
    with writing(shop.settings, owner="test", clock=utc(NIGHT.at)) as standing:
        journal = DeliveryJournal(shop.settings.path(shop.settings.outbox.journal))
        reconciliation.reconcile(standing.steps, journal, now=utc(NIGHT.at), run_id=0)
    outcome = shop.sync(NOON)
    now = shop.delivered()
    assert {path: now[path] for path in sent} == sent
    new = {path: content for path, content in now.items() if path not in sent}
    assert not shipped(sent) & shipped(new), "no order is told twice"
    assert outcome.exit_status in {0, 3}
    shop.place(NIGHT)  # the warehouse answers with the parcel numbers it was told before the backup came back
    night = shop.sync(NIGHT)
    assert not {f.code for f in night.findings} & {"event_rejected"}
    bookings = "SELECT channel, order_no FROM booking ORDER BY channel, order_no"
    assert shop.rows(bookings) == days.after(NIGHT.name).kept.rows(bookings)
