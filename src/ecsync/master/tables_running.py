"""Running: runs, files in and out, quarantined rows, findings, counters, the generation."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from ecsync.master.columns import integer, key, number_key, run_id, table, text

# A run's state is open, committed, delivered, abandoned or failed.
RUN: Final = table(
    "run",
    number_key("run_id"),
    text("kind"),
    text("business_date"),
    text("clock"),  # the run's UTC time
    text("state", default="open"),
    text("started_at"),
    text("ended_at"),
    integer("exit_status"),
    text("host"),
    integer("pid"),
    text("program_version"),
    area="running",
    sighting=True,
)

STAGE_RUN: Final = table(
    "stage_run",
    number_key("run_id"),
    number_key("position"),
    text("stage"),
    text("summary"),
    area="running",
    sighting=True,
)

# One row per content (sha256) and flow. state: spooled | loaded | skipped | refused | guarded | erased
INBOX_FILE: Final = table(
    "inbox_file",
    number_key("file_id"),
    text("flow"),
    text("party"),
    text("mapping"),
    text("name"),
    text("sha256"),
    integer("size", default=0),
    text("mtime"),
    text("as_of"),
    text("spool_path"),
    text("state", default="spooled"),
    text("reason"),
    text("remote_done", default=""),  # '' | archived | deleted | kept
    run_id(),
    text("seen_as_of"),  # the latest time for which the same content came again; '' where it did not
    area="running",
    sighting=True,
)

INBOX_SIGHTING: Final = table(
    "inbox_sighting",
    number_key("sighting_id"),
    text("flow"),
    text("name"),
    integer("size", default=0),
    text("mtime"),
    text("sha256"),
    text("seen_at"),
    text("outcome"),  # taken | known | unstable | refused
    run_id(),
    area="running",
    sighting=True,
)

# Rows of a file by what became of them; rows_in = the sum of the rest, proved every run.
FILE_TALLY: Final = table(
    "file_tally",
    number_key("file_id"),
    number_key("run_id"),
    text("entity"),
    integer("rows_in", default=0),
    integer("rows_new", default=0),
    integer("rows_changed", default=0),
    integer("rows_unchanged", default=0),
    integer("rows_duplicate", default=0),
    integer("rows_quarantined", default=0),
    area="running",
    sighting=True,
)

# Which file, and which physical line of it, brought a revision of an order, or an event of a warehouse.
ORDER_SOURCE: Final = table(
    "order_source",
    key("channel"),
    key("order_no"),
    number_key("revision"),
    integer("file_id", default=0),
    integer("line", default=0),
    run_id(),
    area="running",
    sighting=True,
)

EVENT_SOURCE: Final = table(
    "event_source",
    key("warehouse"),
    key("event_id"),
    integer("file_id", default=0),
    integer("line", default=0),
    run_id(),
    area="running",
    sighting=True,
)

# raw_record holds the partner's bytes, hex; erased with personal data. state: open | retried | dropped
QUARANTINED_ROW: Final = table(
    "quarantined_row",
    number_key("row_id"),
    integer("file_id", default=0),
    text("flow"),
    text("mapping"),
    text("file_name"),
    integer("line", default=0),
    text("column_name"),
    text("reason"),
    text("params"),  # JSON, no personal values
    text("raw_value"),  # the cell; personal, never printed unless asked
    text("raw_record"),
    text("business_key"),
    text("state", default="open"),
    text("quarantined_at"),
    text("erased_at"),
    run_id(),
    area="running",
    sighting=True,
)

OUTBOX_FILE: Final = table(
    "outbox_file",
    number_key("outbox_id"),
    text("flow"),
    text("document"),  # entity of the outbound mapping
    text("party"),
    text("mapping"),
    text("endpoint"),
    text("remote_dir"),
    text("remote_name"),
    text("sha256"),
    integer("size", default=0),
    integer("row_count", default=0),
    text("payload_path"),  # relative to the project's outbox folder
    text("handover"),  # rename | direct | done_file
    text("done_suffix"),
    text("on_exists"),  # conflict | wait | replace
    text("on_unknown"),  # hold | resend
    integer("receiver_removes", default=0),
    integer("readable", default=1),
    integer("priority", default=50),  # smaller goes first
    text("state", default="planned"),
    text("temp_name"),
    integer("attempts", default=0),
    text("detail"),
    text("created_at"),
    text("updated_at"),
    text("erased_at"),
    run_id(),
    area="running",
)

# Law 4: no business key is told twice in any file.
OUTBOX_KEY: Final = table(
    "outbox_key",
    key("document"),
    key("business_key"),
    integer("outbox_id", default=0),
    text("reference"),  # the number that the file gave it, so that a restored master gives the same one again
    run_id(),
    area="running",
)

DELIVERY_ATTEMPT: Final = table(
    "delivery_attempt",
    number_key("attempt_id"),
    integer("outbox_id", default=0),
    text("state"),
    text("at"),
    text("detail"),
    run_id(),
    area="running",
    sighting=True,
)

FINDING: Final = table(
    "finding",
    number_key("run_id"),
    number_key("position"),
    text("code"),
    text("subject"),
    text("params"),  # JSON, no personal values
    integer("urgent_flag", default=0),
    text("recorded_at"),
    area="running",
    sighting=True,
)

# Counts and sums of yen that a run reports; `change:<table>` is how many rows of it the run wrote.
RUN_FIGURE: Final = table(
    "run_figure",
    number_key("run_id"),
    key("name"),
    integer("value", default=0),
    area="running",
    sighting=True,
)

# The proofs of a run, added up by name.
RUN_PROOF: Final = table(
    "run_proof",
    number_key("run_id"),
    key("name"),
    integer("checked", default=0),
    integer("broken", default=0),
    integer("expected", default=0),
    integer("found", default=0),
    area="running",
    sighting=True,
)

# From which run to which an order stood still, and why: a row per stretch, so it grows with what changes only.
# kind: hold, or what it waits for. last_run is the first run in which it no longer stood; 0 while it stands.
STANDING_ORDER: Final = table(
    "standing_order",
    key("channel"),
    key("order_no"),
    key("dest_id"),
    key("kind"),
    key("reason"),
    key("until"),
    number_key("first_run"),
    integer("last_run", default=0),
    area="running",
    sighting=True,
)

COUNTER: Final = table("counter", key("name"), integer("value", default=0), area="running")

# Bumped by every transaction that changes a business table or a decision.
GENERATION: Final = table(
    "generation", number_key("id"), integer("value", default=0), area="running", sighting=True
)

# The fencing number: raised by every run that takes the lock.
LOCK_OWNER: Final = table(
    "lock_owner",
    number_key("id"),
    integer("fence", default=0),
    text("owner"),
    text("host"),
    integer("pid"),
    text("since"),
    area="running",
    sighting=True,
)

# A guard that a person let pass once, by name.
GUARD_OVERRIDE: Final = table(
    "guard_override",
    number_key("override_id"),
    text("guard"),
    text("subject"),
    text("given_by"),
    text("given_at"),
    text("used_at"),
    run_id(),
    area="running",
    sighting=True,
)

INDEXES: Final = (
    sa.Index("ix_standing_last", STANDING_ORDER.c.last_run),
    sa.Index("ix_inbox_file_sha", INBOX_FILE.c.flow, INBOX_FILE.c.sha256),
    sa.Index("ix_outbox_state", OUTBOX_FILE.c.state),
    sa.Index("ix_outbox_key_file", OUTBOX_KEY.c.outbox_id),
    sa.Index("ix_quarantine_state", QUARANTINED_ROW.c.state),
)
