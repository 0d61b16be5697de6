"""What a coordinator must do because the line cannot."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, select, update
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


def settle(session: Session, kind: str, conversation_id: str, now: datetime) -> None:
    """What was to be done about a conversation has been done."""
    _done(session, now, Task.kind == kind, Task.conversation_id == conversation_id)


def settle_key(session: Session, key: str, now: datetime) -> None:
    """The same for one task, by the key it was written with."""
    _done(session, now, Task.dedupe_key == key)


def settle_id(session: Session, task_id: str, now: datetime) -> None:
    """The same, by its id."""
    _done(session, now, Task.id == task_id)


def _done(session: Session, now: datetime, *which: ColumnElement[bool]) -> None:
    session.execute(update(Task).where(*which, Task.done_at.is_(None)).values(done_at=now).execution_options(synchronize_session=False))
