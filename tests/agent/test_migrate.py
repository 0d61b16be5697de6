"""Migrations make exactly the tables the models describe, on both databases, and refuse other keys."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from agent import migrate
from agent.key_check import WrongKeys
from agent.models import Record
from agent.store import Store
from tests.builders import a_vault, another_key


def test_migrated_tables_are_the_models_tables(store: Store) -> None:
    with store.reading() as session:
        assert compare_metadata(MigrationContext.configure(session.connection()), Record.metadata) == []


def test_upgrading_again_changes_nothing(store: Store) -> None:
    migrate.upgrade(store)
    assert migrate.current(store)


def test_other_keys_are_recognised_before_anything_is_written(store: Store, database_url: str) -> None:
    """A43: a wrong key gives a clear error that names the setting."""
    stranger = Store(database_url, a_vault(another_key()))
    with pytest.raises(WrongKeys, match="ENCRYPTION_KEYS"):
        migrate.upgrade(stranger)
    stranger.dispose()
    reindexed = Store(database_url, a_vault(secret="quite another secret, as long as the first"))
    with pytest.raises(WrongKeys, match="SECRET_KEY"):
        migrate.upgrade(reindexed)
    reindexed.dispose()
