"""The customers of the orders that a report names: personal data, for a file that only its owner reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ecsync.master.tables_orders import PERSON

if TYPE_CHECKING:
    from ecsync.run.facts import RunFacts


def contacts_of(conn: sa.Connection, facts: RunFacts) -> dict[tuple[str, str], str]:
    """Return name and phone number of the buyer of every order of the run's lines; erased ones are left out."""
    wanted = {(order.channel, order.order_no) for order in facts.standing}
    for finding in facts.findings:
        channel, _sep, rest = finding.subject.partition(" ")
        wanted.add((channel, rest.partition(" (")[0]))
    query = (
        sa.select(PERSON.c.channel, PERSON.c.order_no, PERSON.c.name, PERSON.c.phone)
        .where(PERSON.c.role == "buyer", PERSON.c.dest_id == "", PERSON.c.erased_at == "")
        .order_by(PERSON.c.channel, PERSON.c.order_no)
    )
    return {
        (str(channel), str(order_no)): " ".join(part for part in (name, phone) if part)
        for channel, order_no, name, phone in conn.execute(query)
        if (channel, order_no) in wanted
    }
