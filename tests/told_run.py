"""A run to be told, made up line by line: every kind of finding, hold and wait, in a small project."""

from __future__ import annotations

from ecsync.config import Settings
from ecsync.finding_catalogue import CATALOGUE
from ecsync.findings import Finding
from ecsync.run.facts import FileFact, ProofFact, RunFacts, SentFact, StandingOrder

SETTINGS = Settings.model_validate(
    {
        "project": {"name": "みなと雑貨店"},
        "channels": {
            "rakuten1": {"platform": "rakuten", "title": "楽天市場 みなと雑貨店", "warehouse": "main"},
            "yahoo1": {"platform": "yahoo", "title": "Yahoo!店", "warehouse": "west"},
        },
        "warehouses": {
            "main": {"title": "横浜倉庫", "cut_off": "12:30", "calendar": "warehouse"},
            "west": {"title": "大阪倉庫", "cut_off": "15:00", "calendar": "warehouse"},
        },
        "core": {"erp": {"title": "基幹システム"}},
        "calendars": {"warehouse": {"closed_weekdays": [6], "public_holidays": False}},
        "endpoints": {"rms": {"kind": "folder", "root": "rms"}},
        "inbound": [{"name": "orders", "party": "rakuten1", "mapping": "rakuten/orders", "endpoint": "rms"}],
    }
)

# A subject and parameters for every kind of finding, as the program gives them.
PARAMS = {
    "digits": "11",
    "reason": "stock is short",
    "by": "12:30",
    "as_of": "2026-11-23T01:00:00Z",
    "hours": "26",
    "guard": "row_drop",
    "detail": "3 < 50% of 100",
    "columns": "備考2",
    "count": "3",
    "column": "お届け先住所",
    "line": "12",
    "code_point": "U+9AD9",
    "hold": "bad_address",
    "advice": "Ask the customer and enter the address in the shop",
    "parcel_no": "P0012",
    "fields": "qty, ship_address, wished_date",
    "answer": "it is shipped already",
    "sku": "TOWEL-L",
    "qty": "2",
    "ship_date": "2026-11-24",
    "source": "erp",
    "theirs": "12",
    "ours": "10",
    "missing": "4",
    "channel": "rakuten1",
    "warehouse": "main",
    "rate": "8%",
    "event_id": "E0007",
    "proof": "sku.ledger",
    "endpoint": "rms",
    "since": "2026-11-23T01:00:00Z",
    "pattern": "item_*.csv",
}
SUBJECTS = {
    "order": "rakuten1 000001-20261124-0000000001 (P0012)",
    "sku": "TOWEL-L",
    "listing": "towel/l",
    "file": "order_20261124.csv",
    "flow": "orders",
    "sent": "b2_20261124_001.csv",
    "party": "rms",
    "channel": "rakuten1",
    "event": "main E0007",
    "key": "rakuten1:000001-20261124-0000000001:1:1",
    "proof": "main:TOWEL-L",
    "run": "11",
    "": "",
}


def a_finding(code: str, **params: str) -> Finding:
    """Return a finding of a kind with everything that it can say."""
    return Finding(code, SUBJECTS[CATALOGUE[code].scope], {**PARAMS, **params})


def an_order_that_stands(
    number: int, kind: str, reason: str = "", until: str = "", channel: str = "rakuten1"
):
    """Return a held or waiting order."""
    return StandingOrder(channel, f"000001-20261124-{number:010d}", "1", kind, reason, until)


def told(*findings: Finding, clock: str = "2026-11-24T03:00:00Z", **facts: object) -> RunFacts:
    """Return the facts of a noon run of Tuesday the 24th that found this."""
    return RunFacts(
        12,
        "noon",
        "2026-11-24",
        clock,
        dry=bool(facts.pop("dry", False)),
        state=str(facts.pop("state", "delivered")),
        exit_status=3,
        findings=findings,
        **facts,  # type: ignore[arg-type]
    )


FILE = FileFact("rakuten1", "order_lines", "order_20261124.csv", "2026-11-21T23:12:00Z", 5, 2, 1, 1, 1, 0)
SENT = SentFact(
    "b2", "shipping_instructions", "main", "rms", "in", "b2_20261124_001.csv", "ab" * 32, 1234, 2, "verified"
)
PROOF = ProofFact("order.yen", 2, 0, 12340, 12340)
