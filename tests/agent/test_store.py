"""The store: short transactions, bounded waiting, private files, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from agent.models import Contact, new_id
from agent.store import Store, StoreBusy, StoreDown
from tests.builders import a_vault

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def a_contact(session: str | None = None) -> Contact:
    return Contact(id=new_id(), session=session, created_at=NOW)


def test_what_a_transaction_writes_is_kept_whole_or_not_at_all(store: Store) -> None:
    def fail_halfway() -> None:
        with store.transaction() as session:
            session.add(a_contact("one"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with store.transaction() as session:
        session.add(a_contact("two"))
    with store.reading() as session:
        assert session.scalars(select(Contact.session)).all() == ["two"]


def test_fifty_writers_of_twenty_transactions_make_a_thousand_rows(store: Store) -> None:
    """A30: 50 writers x 20 transactions = 1000 rows; a writer that finds the database busy tries again and loses nothing."""

    def write(writer: int) -> int:
        tries = 0
        for number in range(20):
            while True:
                tries += 1
                try:
                    with store.transaction() as session:
                        session.execute(select(func.count()).select_from(Contact))
                        session.add(a_contact(f"{writer}-{number}"))
                    break
                except StoreBusy:
                    assert tries < 500
        return tries

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(write, range(50)))
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 1000


def test_a_write_that_reads_first_is_not_surprised_by_another_writer(store: Store, database_url: str) -> None:
    """A deferred transaction of SQLite would fail here at once, whatever its timeout."""
    other = Store(database_url, store.vault)
    with ThreadPoolExecutor(1) as pool:
        with store.transaction() as session:
            session.execute(select(Contact)).all()
            late = pool.submit(_write, other, "late")
            time.sleep(0.2)
            session.add(a_contact("early"))
        late.result()
    other.dispose()
    with store.reading() as session:
        assert set(session.scalars(select(Contact.session))) == {"early", "late"}


def test_waiting_for_a_lock_ends_in_time_with_store_busy(store: Store, database_url: str) -> None:
    """A30: somebody who holds the database for long costs others a bounded wait and a clear error, never a traceback of a driver."""
    with store.transaction() as session:
        session.add(a_contact("held"))
        session.flush()
    impatient = Store(database_url, store.vault, lock_wait=0.3)
    with store.transaction() as session:
        session.execute(text("UPDATE contact SET opted_out_at = NULL"))
        started = time.monotonic()
        with pytest.raises(StoreBusy), impatient.transaction() as second:
            second.execute(text("UPDATE contact SET opted_out_at = NULL"))
        assert time.monotonic() - started < 2
    impatient.dispose()


def test_reading_goes_on_while_somebody_writes(store: Store, database_url: str) -> None:
    other = Store(database_url, store.vault)
    with store.transaction() as session:
        session.add(a_contact("not yet"))
        session.flush()
        with other.reading() as reader:
            assert reader.scalars(select(Contact)).all() == []
    other.dispose()


def test_what_collides_is_left_to_the_caller_to_understand(store: Store) -> None:
    _write(store, "same")
    with pytest.raises(IntegrityError):
        _write(store, "same")


def test_moments_come_back_aware_and_in_utc(store: Store) -> None:
    eastern = datetime.fromisoformat("2026-11-01T01:30:00-05:00")
    with store.transaction() as session:
        session.add(Contact(id=new_id(), session="x", created_at=eastern))
    with store.reading() as session:
        assert session.scalars(select(Contact.created_at)).one() == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_naive_moment_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="aware"), store.transaction() as session:
        session.add(Contact(id=new_id(), created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the mistake under test


def test_a_forked_child_opens_connections_of_its_own(store: Store) -> None:
    """Work-horses fork; a connection used by two processes garbles both."""
    _write(store, "parent")
    child = os.fork()
    if child == 0:
        try:
            _write(store, "child")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    _write(store, "parent again")
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 3


def test_the_database_files_are_for_their_owner_only(sqlite_store: Store) -> None:
    _write(sqlite_store, "x")
    path = sqlite_store.sqlite_path
    assert path is not None
    held = sqlite_store.reading()
    with held:
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"referline.db": 0o600, "referline.db-wal": 0o600, "referline.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_sqlite_is_set_up_to_lose_nothing(sqlite_store: Store) -> None:
    with sqlite_store.transaction() as session:
        found = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreDown):
        Store(f"sqlite:///{tmp_path}/file/referline.db", a_vault())


def test_a_server_that_is_not_there_is_store_down() -> None:
    gone = Store("postgresql://nobody@/nowhere?host=/nonexistent", a_vault())
    with pytest.raises(StoreDown):
        gone.ping()
    gone.dispose()


def _write(store: Store, name: str) -> None:
    with store.transaction() as session:
        session.add(a_contact(name))
