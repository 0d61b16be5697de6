"""What the carrier says became of a text, and who has to know when it did not arrive."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from agent import outbox, tasks
from agent.models import OutboxMessage
from agent.store import Store

OUTBOX_ID = "message"
"""In the address reports are sent to: the outbox row they are about."""
_LOST = frozenset({"undelivered", "failed"})
_ARRIVED = frozenset({"delivered", "read"})


def note(store: Store, provider_id: str, status: str, now: datetime, due_on: date, outbox_id: str | None = None) -> bool:
    """Record one report; a text that did not arrive becomes a task for `due_on`, the clinic's date.

    `outbox_id`, where the report names it, finds the row also before the vendor's id of it is on record: reports are fast.

    Reports come in any order and more than once: the status never goes back, and the task is written once. False when nothing changed.
    """
    if status in _LOST:
        # The task first: should we stop between the two, the report repeated later still finds everything to do.
        with store.transaction() as session:
            row = session.scalars(select(OutboxMessage).where(outbox.meant(provider_id, outbox_id))).first()
            if row is not None and row.provider_status not in _ARRIVED:
                tasks.add(
                    session, "undelivered", key=f"undelivered:{row.id}", due_on=due_on, now=now,
                    conversation_id=row.conversation_id, lead_id=row.lead_id, outbox_id=row.id,
                )  # fmt: skip
    return outbox.reported(store, provider_id, status, now, outbox_id)
