"""Queries on a partner's database: whether a flow's mapping can read an answer, and its key be named to people."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecsync.errors import ConfigurationError
from ecsync.locale import N_
from ecsync.locale.said import said
from ecsync.mapping.reader import open_reader
from ecsync.mapping.tables import fold_name

if TYPE_CHECKING:
    from ecsync.config import Inbound
    from ecsync.mapping.model import InboundMapping

_UTF8: Final = frozenset({"utf-8", "utf-8-sig"})


def refuse_unfit(flow: Inbound, mapping: InboundMapping) -> None:
    """Raise ConfigurationError where the mapping cannot read the CSV file that an answer is, or its key is personal.

    A key that two rows share is named in a finding, so it must be nobody's name, address or mail.
    """
    file = mapping.file
    plain = file.encoding in _UTF8 and file.delimiter == "," and file.has_quotes
    if not plain or file.header != "required" or file.preamble:
        raise ConfigurationError(
            said(N_("the mapping {mapping} does not read what a query gives"), mapping=mapping.mapping),
            hint=said(N_("an answer is UTF-8 with commas and a header; core/products reads such a file")),
        )
    if mapping.pair is not None:
        raise ConfigurationError(
            said(N_("the mapping {mapping} reads two files that belong together"), mapping=mapping.mapping),
            hint=said(N_("join them in the query, and read its answer with a mapping of one file")),
        )
    if mapping.as_of.from_ == "name":
        raise ConfigurationError(
            said(N_("the mapping {mapping} takes the time from a file's name"), mapping=mapping.mapping),
            hint=said(
                N_("a query has the time at which it was asked: as_of: {{from: mtime}} in the mapping")
            ),
        )
    personal = {
        fold_name(name)
        for column in mapping.frame.personal_columns & mapping.columns.keys()
        for header in mapping.columns[column].sources
        for name in header.names
    }
    named = [column for column in flow.key if fold_name(column) in personal]
    if named:
        raise ConfigurationError(
            said(
                N_("the key of {flow} is personal data: {columns}"), flow=flow.name, columns=", ".join(named)
            ),
            hint=said(N_("name columns that identify a row and no person")),
        )


def unread_columns(header: bytes, mapping: InboundMapping) -> tuple[str, ...]:
    """Return the columns of an answer's header that the mapping leaves alone.

    Raises FileRefusedError where it lacks one that the mapping needs.
    """
    with tempfile.TemporaryDirectory(prefix="ecsync-query-") as folder:
        path = Path(folder) / "header.csv"
        path.write_bytes(header)
        return open_reader(path, mapping).unknown_columns
