"""The one way to the database: short transactions, bounded waiting, and three errors instead of a driver's hundred.

SQLite and PostgreSQL behave the same from here. On SQLite a write transaction begins with BEGIN IMMEDIATE: one that reads first
and then writes fails at once, whatever the timeout, when another writer came in between (SQLITE_BUSY_SNAPSHOT).
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event, make_url, text
from sqlalchemy import exc as sa
from sqlalchemy.orm import Session, sessionmaker

from agent.columns import attach
from agent.vault import Vault

LOCK_WAIT = 1.5
"""Seconds a write waits for others. A turn tries more than once, and a caller must not wait longer than a few seconds in all."""
_STATEMENT_LIMIT = 10.0
_CONNECT_LIMIT = 3
_POOL = {"pool_size": 8, "max_overflow": 16, "pool_timeout": LOCK_WAIT, "pool_use_lifo": True}
"""Last in, first out: the connection used last has its pages and statements at hand."""
_SQLITE_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_SQLITE_DOWN = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
)
_POSTGRES_BUSY = ("55P03", "40001", "40P01", "57014")
"""lock_not_available, serialization_failure, deadlock_detected, query_canceled (PostgreSQL, appendix A)."""


class StoreError(Exception):
    """The record cannot be read or written now."""


class StoreBusy(StoreError):
    """Somebody else held it too long, or got there first. Trying again soon is worth it."""


class StoreDown(StoreError):
    """Not reachable, full, or read-only. Trying again at once is of no use."""


class Store:
    """Opens transactions on one database, with the vault its rows are sealed with."""

    def __init__(self, url: str, vault: Vault, *, lock_wait: float = LOCK_WAIT) -> None:
        self.url = _driven(make_url(url))
        self.sqlite = self.url.get_backend_name() == "sqlite"
        """Whether this is SQLite."""
        self.vault = vault
        self._lock_wait = lock_wait
        self._engine = _engine(self.url, lock_wait)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        # Writers of one process queue here and not in SQLite, whose waiting is a sleep and a try: with fifty threads some would starve.
        self._turnstile = threading.Lock() if self.sqlite else None
        _fresh_after_fork(self)

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None."""
        return Path(self.url.database) if self.sqlite and self.url.database else None

    @contextmanager
    def transaction(self, *, wait: float | None = None) -> Iterator[Session]:
        """A writing session, committed at the end of the block and rolled back by any exception.

        `wait`: seconds to wait for other writers, if not LOCK_WAIT (a PostgreSQL server keeps to that). Raises StoreBusy or StoreDown;
        IntegrityError passes, because what it means only the caller knows. No network call belongs inside.
        """
        ends = monotonic() + (self._lock_wait if wait is None else wait)
        with self._in_turn(ends), _translated(), self._sessions.begin() as session:
            self._begin(session.connection(), "IMMEDIATE", ends)
            yield attach(session, self.vault)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment and changes nothing. Raises StoreBusy or StoreDown."""
        with _translated(), self._sessions() as session:
            self._begin(session.connection(), "DEFERRED", monotonic() + self._lock_wait)
            yield attach(session, self.vault)

    def glance(self, statement: Select[*tuple[Any, ...]], values: Mapping[str, object]) -> Row[*tuple[Any, ...]]:
        """The one row of one statement, at the least cost there is. Raises StoreBusy or StoreDown."""
        with _translated(), self._engine.connect() as connection:
            return connection.execute(statement, values).one()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A bare writing connection in a transaction, for migrations and backups."""
        ends = monotonic() + self._lock_wait
        with self._in_turn(ends), _translated(), self._engine.begin() as connection:
            self._begin(connection, "IMMEDIATE", ends)
            yield connection

    def ping(self) -> None:
        """Raises StoreBusy or StoreDown when the database does not answer."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close every connection; the next use opens new ones."""
        self._engine.dispose()

    def _begin(self, connection: Connection, lock: Literal["DEFERRED", "IMMEDIATE"], ends: float) -> None:
        """SQLite's driver is told to begin nothing by itself. Not an engine event: one listener slows every statement down."""
        if self.sqlite:
            driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]
            driver.execute(f"PRAGMA busy_timeout = {max(0, round(1000 * (ends - monotonic())))}")
            driver.execute(f"BEGIN {lock}")

    @contextmanager
    def _in_turn(self, ends: float) -> Iterator[None]:
        turnstile = self._turnstile
        if turnstile is None:
            yield
            return
        if not turnstile.acquire(timeout=max(0, ends - monotonic())):
            raise StoreBusy("waited too long for other writers of this process")
        try:
            yield
        finally:
            turnstile.release()

    def _forked(self) -> None:
        """In a forked child: connections belong to the parent, and the turnstile may have been held by one of its threads."""
        self._engine.dispose(close=False)
        self._turnstile = threading.Lock() if self.sqlite else None


def _fresh_after_fork(store: Store) -> None:
    kept = weakref.ref(store)

    def fresh() -> None:
        alive = kept()
        if alive is not None:
            alive._forked()

    os.register_at_fork(after_in_child=fresh)


def _driven(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _engine(url: URL, lock_wait: float) -> Engine:
    if url.get_backend_name() == "sqlite":
        _private_file(url)
        engine = create_engine(url, connect_args={"timeout": lock_wait, "check_same_thread": False}, **_POOL)
        event.listen(engine, "connect", _on_sqlite_connect)
        return engine
    limits = {"lock_timeout": lock_wait, "statement_timeout": _STATEMENT_LIMIT, "idle_in_transaction_session_timeout": 3 * _STATEMENT_LIMIT}
    options = " ".join(f"-c {name}={round(1000 * seconds)}" for name, seconds in limits.items())
    return create_engine(url, connect_args={"options": options, "connect_timeout": _CONNECT_LIMIT}, pool_pre_ping=True, **_POOL)


def _private_file(url: URL) -> None:
    """Make the database for its owner only; SQLite gives -wal and -shm the mode of the database file."""
    if not url.database or url.database == ":memory:":
        raise StoreDown("DATABASE_URL needs a file: sqlite:///path/to/referline.db")
    file = Path(url.database)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreDown(f"the database file cannot be opened ({error.strerror})") from error


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa.TimeoutError as error:
        raise StoreBusy("every connection is in use") from error
    except sa.IntegrityError:
        raise
    except sa.DBAPIError as error:
        raise _meant(error, error.orig) from error
    except sqlite3.Error as error:
        raise _meant(error, error) from error


def _meant(error: Exception, cause: BaseException | None) -> Exception:
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in _SQLITE_BUSY:
            return StoreBusy("the database is locked")
        return StoreDown(f"SQLite error {code}") if code in _SQLITE_DOWN else error
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRES_BUSY:
        return StoreBusy(f"PostgreSQL error {state}")
    return StoreDown(f"PostgreSQL error {state or 'connection'}") if isinstance(error, (sa.OperationalError, sa.InterfaceError)) else error
