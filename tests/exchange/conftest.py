"""Fixtures of the exchange: a project with one partner, behind a folder or a real SFTP server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from exchange.desk import Desk
from exchange.rows_desk import RowsDesk, rows_desk
from exchange.servers import Faults, endpoint_table, faulty_server
from master_under_test import MasterUnderTest
from postgres_server import PostgresServer


@pytest.fixture
def faults() -> Faults:
    """Give the faults of the SFTP server; a test orders them before or during its story."""
    return Faults()


@pytest.fixture
def partner(tmp_path: Path) -> Path:
    """Return the partner's own folder."""
    folder = tmp_path / "remote" / "partner"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def sftp_desk(master: MasterUnderTest, partner: Path, faults: Faults) -> Iterator[Desk]:
    """Give a desk whose partner is a real SFTP server."""
    with faulty_server(partner.parent, faults) as server:
        yield Desk(master, partner, endpoint_table(server))


@pytest.fixture
def folder_desk(master: MasterUnderTest, partner: Path) -> Desk:
    """Give a desk whose partner is a folder."""
    return Desk(master, partner, {"kind": "folder", "root": str(partner)})


@pytest.fixture
def make_desk(master: MasterUnderTest, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Build desks with a server of their own: `make_desk(Faults(...), readable=False)`."""
    with ExitStack() as stack:

        def build(faults: Faults | None = None, name: str = "remote", **changes: object) -> Desk:
            partner = tmp_path / name / "partner"
            partner.mkdir(parents=True)
            server = stack.enter_context(faulty_server(partner.parent, faults))
            return Desk(master, partner, endpoint_table(server, **changes))

        yield build


@pytest.fixture(scope="session")
def core_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the address of a partner's PostgreSQL database, one per worker."""
    with postgres_server.database("ecsync_empty") as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def bare_desk(request: pytest.FixtureRequest, master: MasterUnderTest, partner: Path) -> Iterator[RowsDesk]:
    """Give a desk whose partner is an empty database, once of each kind."""
    address = request.getfixturevalue("core_postgres") if request.param == "postgres" else ""
    with rows_desk(master, partner, address) as desk:
        yield desk


@pytest.fixture
def table_desk(bare_desk: RowsDesk) -> RowsDesk:
    """Give such a desk with the interface table in place."""
    bare_desk.make_tables()
    return bare_desk
