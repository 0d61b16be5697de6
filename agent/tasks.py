"""What a coordinator must do because the line cannot."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.models import Task, new_id


def add(
    session: Session,
    kind: str,
    *,
    key: str,
    due_on: date,
    now: datetime,
    conversation_id: str | None = None,
    lead_id: str | None = None,
    outbox_id: str | None = None,
) -> bool:
    """Write one task into the transaction of its cause; `due_on` is the clinic's date. False when the key was used before."""
    if session.scalars(select(Task.id).where(Task.dedupe_key == key)).first() is not None:
        return False
    about = {"conversation_id": conversation_id, "lead_id": lead_id, "outbox_id": outbox_id}
    session.add(Task(id=new_id(), kind=kind, dedupe_key=key, due_on=due_on, created_at=now, **about))
    return True
