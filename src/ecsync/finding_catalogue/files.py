"""Files that come in, and what is written of them."""

from __future__ import annotations

from typing import Final

from ecsync.finding_catalogue.kind import FindingKind
from ecsync.locale import N_

FILES: Final[dict[str, FindingKind]] = {
    "file_refused": FindingKind(
        "system",
        N_("File {subject} was not taken: {reason}"),
        "{advice}",
        needs_person=True,
        scope="file",
        what=N_("File not taken in"),
        why="{reason}",
    ),
    "file_missing": FindingKind(
        "system",
        N_("No file for {subject}; expected by {by}"),
        N_("Fetch the file from the partner, or ask why it is late"),
        needs_person=True,
        scope="flow",
        what=N_("File that has not come"),
        why=N_("expected by {by}"),
    ),
    "file_stale": FindingKind(
        "system",
        N_("The newest file for {subject} is of {as_of}; it is older than {hours} hours"),
        N_("Fetch a newer file from the partner"),
        scope="flow",
        what=N_("File that is too old"),
        why=N_("the newest is of {as_of}; it is older than {hours} hours"),
    ),
    "file_known": FindingKind(
        "system",
        N_("File {subject} was taken before; nothing in it is new"),
        scope="file",
        what=N_("File taken in before"),
        why=N_("nothing in it is new"),
    ),
    "file_unstable": FindingKind(
        "system",
        N_("File {subject} is still being written; it waits for the next run"),
        scope="file",
        what=N_("File still being written"),
        why=N_("it waits for the next run"),
    ),
    "pair_waits": FindingKind(
        "system",
        N_("File {subject} waits for its other half ({missing}); the next run looks again"),
        scope="file",
        what=N_("File that waits for its other half"),
        why=N_("{missing} has not come; the next run looks again"),
    ),
    "pair_incomplete": FindingKind(
        "orders",
        N_(
            "File {subject} has been waiting since {since} for its other half: no file {pattern} of {missing} came"
        ),
        N_("Export both files anew at the shop and put them in; until then no order in it is taken"),
        needs_person=True,
        scope="file",
        what=N_("File whose other half has not come"),
        why=N_("waiting since {since} for a file {pattern}"),
    ),
    "partner_unreachable": FindingKind(
        "system",
        N_("{subject} could not be reached: {reason}"),
        "{advice}",
        scope="party",
        what=N_("Partner not reached"),
        why="{reason}",
    ),
    "name_refused": FindingKind(
        "system",
        N_("A remote file of {subject} has a name that is not safe and was left alone: {reason}"),
        scope="flow",
        what=N_("File with an unsafe name"),
        why=N_("it was left alone: {reason}"),
    ),
    "guard_stopped": FindingKind(
        "system",
        N_("Guard {guard} stopped {subject}: {detail}"),
        N_("Check the file; if it is right, run once with --override {guard}:{subject}"),
        needs_person=True,
        scope="flow",
        what=N_("File stopped by a safety check"),
        why="{guard}: {detail}",
        next_step=N_(
            "Check the file; if it is right, ask whoever looks after the system to let it pass once"
        ),
    ),
    "guard_overridden": FindingKind(
        "system",
        N_("Guard {guard} was let pass once for {subject}"),
        scope="flow",
        what=N_("Safety check let pass once"),
        why="{guard}",
    ),
    "unknown_columns": FindingKind(
        "system",
        N_("File {subject} has columns that the mapping does not name: {columns}"),
        scope="file",
        what=N_("Columns that are not known"),
        why="{columns}",
    ),
    "rows_quarantined": FindingKind(
        "system",
        N_("{count} rows of {subject} could not be used: {reason} (column {column}, line {line})"),
        N_(
            "{advice}: `ecsync quarantine export --flow {flow}` writes these rows, `ecsync quarantine retry --flow {flow}` takes mended ones back"
        ),
        needs_person=True,
        scope="file",
        what=N_("Rows not taken in"),
        why=N_("{count} rows: {reason} (column {column}, line {line})"),
        next_step=N_(
            "{advice}; whoever looks after the system gives these rows out, and puts mended ones in again"
        ),
    ),
    "text_replaced": FindingKind(
        "shipping",
        N_(
            '{subject}: in {column} the receiver cannot read {code_point}, written as "{written}" ({count} rows of the file)'
        ),
        scope="key",
        what=N_("Character replaced for the receiver"),
        why=N_('{column}: {code_point} written as "{written}" ({count} rows of the file)'),
    ),
    "text_cut": FindingKind(
        "shipping",
        N_("{subject}: {column} was cut to the length that the receiver takes ({count} rows of the file)"),
        scope="key",
        what=N_("Text cut for the receiver"),
        why=N_("{column}: longer than the receiver takes ({count} rows of the file)"),
    ),
    "row_not_writable": FindingKind(
        "shipping",
        N_("{subject}: {column} cannot be written, and is not sent: {reason}{sign}"),
        N_("Change it at its source, then run again"),
        needs_person=True,
        scope="key",
        what=N_("Text that the receiver cannot take"),
        why=N_("{column}: {reason}{sign}; it was not sent"),
    ),
}
