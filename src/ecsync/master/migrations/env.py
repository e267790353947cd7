"""Alembic's entry: migrations run on the connection that `ecsync.master.upgrade` hands over."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Run the migrations inside the caller's transaction."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, transactional_ddl=False)
    context.run_migrations()


run()
