"""A clinic's outbox in a real database, and a courier over it: what the tests of deliveries stand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from agent import migrate, outbox
from agent.clinic import Clinic
from agent.clinic import load as load_clinic
from agent.models import OutboxMessage, Task
from agent.store import Store
from agent.vault import Vault, decode_key, index_key, new_key
from workers import windows
from workers.delivery import Courier
from workers.message import Outgoing
from workers.transport import Transport

TUESDAY_NOON = datetime(2026, 6, 16, 16, 0, tzinfo=UTC)
"""Noon in New York."""
ABOUT = {"reference": "RL-7K3M9Q", "link": "https://line.example/console/leads/RL-7K3M9Q", "clinic": "Riverside Physical Therapy"}
SECRET = "a secret of at least thirty-two characters"
CLINIC = """
name = "Riverside Physical Therapy"
phone = "+16145550142"
state = "OH"
timezone = "America/New_York"
coordinator_emails = ["coordinator@riversidept.example"]
"""


@dataclass
class Carrier:
    """A transport that remembers what it carried, and fails as told."""

    carried: list[Outgoing] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    """Raised by the next sends, each once."""
    always: Exception | None = None

    def send(self, message: Outgoing) -> str | None:
        """Carry or fail."""
        if self.fails:
            raise self.fails.pop(0)
        if self.always is not None:
            raise self.always
        self.carried.append(message)
        return f"id-{len(self.carried)}"


@dataclass
class Desk:
    """One clinic's outbox with a clock to turn."""

    store: Store
    clinic: Clinic
    now: datetime = TUESDAY_NOON
    real_time: bool = False
    """Rows are written by the system's clock: for tests with processes of their own."""
    _written: int = 0

    def clock(self) -> datetime:
        """The desk's own time."""
        return datetime.now(UTC) if self.real_time else self.now

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def put(
        self,
        kind: str = "coordinator_email",
        transport: str = "email",
        to: str | None = "coordinator@riversidept.example",
        payload: Mapping[str, str] | None = None,
        **told: Any,
    ) -> str:
        """Write one row and give its id."""
        self._written += 1
        defaults = {"coordinator_email": {"event": "complete"}, "urgent_alert": {"level": "emergency"}, "answer_text": {"text": "We are open."}}
        told = {"dedupe_key": f"row-{self._written}", "due_at": self.clock(), "now": self.clock(), "reference": ABOUT["reference"], **told}
        with self.store.transaction() as session:
            assert outbox.put(session, kind=kind, transport=transport, to=to, payload=payload or ABOUT | defaults.get(kind, {}), **told)
            [row_id] = outbox.written(session)
        return row_id

    def row(self, row_id: str) -> OutboxMessage:
        """The row as it stands."""
        with self.store.reading() as session:
            found = session.scalars(select(OutboxMessage).where(OutboxMessage.id == row_id)).one()
            session.expunge(found)
            return found

    def states(self) -> list[str]:
        """Every row's state, oldest first."""
        with self.store.reading() as session:
            return list(session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)))

    def tasks(self) -> list[str]:
        """Kinds of the tasks people have."""
        with self.store.reading() as session:
            return list(session.scalars(select(Task.kind).order_by(Task.id)))

    def courier(self, **transports: Transport) -> Courier:
        """A courier with these transports, which never sleeps."""
        return Courier(self.store, self.clock, transports, self.clinic, windows.load(), sleep=lambda _seconds: None)


def open_desk(folder: Path, key: str | None = None) -> Desk:
    """A new clinic with an empty outbox in `folder`, sealed with `key`."""
    (folder / "clinic.toml").write_text(CLINIC, encoding="utf-8")
    vault = Vault([decode_key(key or new_key())], index_key(SECRET))
    opened = Store(f"sqlite:///{folder / 'referline.db'}", vault)
    migrate.upgrade(opened)
    return Desk(opened, load_clinic(folder))
