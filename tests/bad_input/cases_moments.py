"""What stops a run at any moment: a disk that is full, and being asked to stop."""

from __future__ import annotations

import signal

from bad_input.trouble import Trouble

AGAIN = "run the same command again", "同じコマンドをもう一度実行"
# Where a run writes on this machine: the spool, the staging files, the master, payloads, the delivery journal.
LOCAL_WRITES = {
    "lock.before_record": "the run lock",
    "sync.after_run_row": "the run's row",
    "endpoint.after_download": "a download",
    "inbox.after_spooling": "the spool",
    "inbox.after_record": "the record of a spooled file",
    "staging.after_batch": "a batch in the staging files",
    "staging.before_close": "the staging files' indexes",
    "publish.before_payload": "a payload",
    "publish.after_payload": "a payload that is there already",
    "run.before_commit": "the commit",
    "run.after_commit": "what follows the commit",
    "inbox.after_archiving": "the record of an archived file",
    "delivery.before_step": "the next state of a delivery",
    "journal.before_append": "the delivery journal",
    "journal.half_appended": "half a line of the delivery journal",
    "journal.after_append": "a delivery whose step is journaled",
    "sync.after_delivery": "the end of the run's row",
}
DISK = [
    Trouble(
        f"the disk is full at {what}",
        point,
        1,
        (
            "a file could not be read or written: the disk is full",
            "読み書きできませんでした(ディスクに空きがありません)",
        ),
        "the original files are where they were; the same command finishes the work once there is room",
    )
    for point, what in LOCAL_WRITES.items()
]
AT_PARTNER = Trouble(
    "the disk behind a partner's folder is full",
    "folder.during_write",
    13,
    ("did not take all of", "最後まで受け取りませんでした"),
    "the file waits, and the next run sends it once",
)
SIGNALS = {"SIGTERM": (signal.SIGTERM, 143), "SIGINT": (signal.SIGINT, 130)}
STOPPED = [
    Trouble(
        f"{name} {when}",
        f"{name} {point}",
        status,
        (
            "stopped; run the same command again to finish",
            "止まりました。同じコマンドをもう一度実行すると、続きを終えます",
        ),
        "the same command finishes the work; nothing is told twice",
    )
    for name, (_number, status) in SIGNALS.items()
    for point, when in (
        ("inbox.after_spooling", "while files are fetched"),
        ("load.after_file", "while files are read"),
        ("run.before_commit", "before the commit"),
        ("rename.after_rename", "while files are sent"),
    )
]
