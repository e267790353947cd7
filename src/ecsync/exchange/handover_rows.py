"""Hand over as rows of an interface table: one transaction, looked up by the delivery's id before anything is inserted.

The id is the SHA-256 of the payload, which holds the business keys: the same delivery has the same id whatever backup
was restored in between, and no other ever has. So the outcome is always known, once the database answers.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from ecsync.errors import ConfigurationError, TransferError
from ecsync.exchange.database_connection import patience
from ecsync.exchange.database_endpoint import DatabaseEndpoint
from ecsync.exchange.handover import HandOver
from ecsync.exchange.interface_rows import MOST_NAMED, Delivery, InterfaceRows
from ecsync.exchange.interface_shape import shape_of
from ecsync.exchange.interface_table import InterfaceTable
from ecsync.exchange.outbox import with_keys
from ecsync.exchange.row_payload import RowPayload
from ecsync.faultpoints import declare, faultpoint
from ecsync.locale import N_
from ecsync.locale.said import said
from ecsync.master.failures import describe

if TYPE_CHECKING:
    from ecsync.exchange.interface_rows import Found

BEFORE_INSERT: Final = declare("rows.before_insert", "the insertion is journaled; nothing was asked for")
BEFORE_COMMIT: Final = declare("rows.before_commit", "every row is in the partner's open transaction")
AFTER_COMMIT: Final = declare("rows.after_commit", "the rows are committed; the state says uploading")

ROWS_THERE: Final = N_("the partner already had these rows")
ROWS_TAKEN: Final = N_("the partner had these rows, and took some or all of them")
FOREIGN_ROWS: Final = N_("the table holds rows of this delivery that are not as we wrote them")
MISSING_ROWS: Final = N_("the delivery is entered there, and rows of it are gone")
KEYS_THERE: Final = N_("the table holds business keys of it under another delivery: {keys}")


class RowsHandOver(HandOver):
    """planned -> uploading -> verified."""

    def begin(self) -> None:
        """Look, then insert."""
        self._settle()

    def act(self) -> None:
        """Look again, for others may have delivered meanwhile, then insert."""
        self._settle()

    def take_up(self) -> None:
        """Look what became of the transaction of a dead run."""
        self._settle()

    def _settle(self) -> None:
        with self._door.looking() as conn:
            with patience(self._door.name, conn, self._door.patience):
                shape = shape_of(conn, self._door.name, self._table)
            rows = InterfaceRows(
                self._door.name,
                self._table,
                shape,
                self._payload,
                Delivery(self.file.sha256, self.file.remote_name, self.stepper.now, self._door.patience),
            )
            found = rows.look(conn)
            told = rows.told_before(conn) if found == "absent" and rows.must_ask else []
        if not self._is_over(found, told):
            self._insert(rows)

    def _is_over(self, found: Found, told: list[str]) -> bool:
        """Close the delivery where its rows are there already, or never can be; return False where they are not."""
        if found == "same":
            self.advance("verified", ROWS_THERE)
        elif found == "taken" and self.file.receiver_removes:
            self.advance("verified", ROWS_TAKEN)
        elif found != "absent":
            self.advance("conflict", MISSING_ROWS if found == "taken" else FOREIGN_ROWS)
        elif told:
            self.advance("conflict", with_keys(KEYS_THERE, told, MOST_NAMED))
        else:
            return False
        return True

    def _insert(self, rows: InterfaceRows) -> None:
        if self.file.state != "uploading":
            self.advance("uploading")
        faultpoint(BEFORE_INSERT)
        refusal = ""
        try:
            with self._door.writing() as conn:
                rows.insert(conn)
                faultpoint(BEFORE_COMMIT)
        except sa.exc.IntegrityError as error:
            refusal = describe(error.orig or error)
        if refusal:
            self._refused(rows, refusal)
            return
        faultpoint(AFTER_COMMIT)
        self.advance("verified")

    def _refused(self, rows: InterfaceRows, refusal: str) -> None:
        """Find out which rule of the tables refused a row: most often another was faster, or a key is there."""
        with self._door.looking() as conn:
            found = rows.look(conn)
            told = rows.told_before(conn) if found == "absent" else []
        if not self._is_over(found, told):
            raise TransferError(
                said(
                    N_("a rule of table {table} of {endpoint} refused a row: {rule}"),
                    table=self._table.spoken,
                    endpoint=self._door.name,
                    rule=refusal,
                ),
                hint=said(N_("ask whoever looks after that database; the rows wait until it takes them")),
            )

    @cached_property
    def _door(self) -> DatabaseEndpoint:
        if not isinstance(self.endpoint, DatabaseEndpoint):
            raise ConfigurationError(
                said(N_("{endpoint} is no database, and takes no rows"), endpoint=self.endpoint.name),
                hint=said(N_("mend kind of the endpoint, or handover of the flow")),
            )
        return self.endpoint

    @cached_property
    def _payload(self) -> RowPayload:
        return RowPayload(self.payload)

    @cached_property
    def _table(self) -> InterfaceTable:
        return InterfaceTable.of(self.file.remote_dir, self._payload.header)
