"""Alembic's entry: the connection is handed in by `agent.migrate`."""

from __future__ import annotations

from alembic import context

from agent.models import Record

context.configure(connection=context.config.attributes["connection"], target_metadata=Record.metadata, transactional_ddl=True)
context.run_migrations()
