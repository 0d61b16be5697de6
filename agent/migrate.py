"""Bring the database to this version's tables: alembic, from the package, without an ini file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from agent import key_check
from agent.store import Store

_HERE = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_305_481
"""Of PostgreSQL: two processes that start at once upgrade one after the other. On SQLite, BEGIN IMMEDIATE does that."""


def upgrade(store: Store) -> None:
    """Apply what is missing, in one transaction, and leave the word by which the keys are recognised.

    Raises StoreError, or WrongKeys when the database was sealed with other keys.
    """
    with store.connection() as connection:
        if not store.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        command.upgrade(_config(connection), "head")
    with store.transaction() as session:
        key_check.leave(session)
        session.flush()
        key_check.verify(session)


def current(store: Store) -> bool:
    """Whether the database has this version's tables."""
    with store.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision() == head()


def untouched(store: Store) -> bool:
    """Whether the database is empty, so that making its tables takes nothing from anybody."""
    with store.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision() is None


def head() -> str | None:
    """The newest revision. Raises when the history has two ends."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
