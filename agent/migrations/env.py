"""Alembic's entry: the connection is handed in by `agent.migrate`."""

from __future__ import annotations

from alembic import context

from agent.attached import Attachment

# Any table's metadata has all tables of the files imported by then; this one's file imports the other.
context.configure(connection=context.config.attributes["connection"], target_metadata=Attachment.metadata, transactional_ddl=True)
context.run_migrations()
