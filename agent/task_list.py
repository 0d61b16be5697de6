"""The tasks a coordinator has, to be read and crossed off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent import leads
from agent.models import Lead, OutboxMessage, Task
from agent.outbox import iso


def find(session: Session, text: str) -> Sequence[str]:
    """Ids of open tasks that end in this; one, where it was copied from the list."""
    open_ones = select(Task.id).where(Task.done_at.is_(None), Task.id.endswith(text.strip().lower(), autoescape=True))
    return session.scalars(open_ones).all()


def overview(session: Session, *, everything: bool = False, limit: int = 500) -> list[dict[str, Any]]:
    """What is to be done, the most pressing day first; with `everything`, what was done as well."""
    query = select(Task, Lead.reference, OutboxMessage.reference, OutboxMessage.kind, OutboxMessage.transport, OutboxMessage.error_code)
    query = query.outerjoin(Lead, Lead.id == Task.lead_id).outerjoin(OutboxMessage, OutboxMessage.id == Task.outbox_id)
    wanted = query if everything else query.where(Task.done_at.is_(None))
    return [
        {
            "id": task.id,
            "kind": task.kind,
            "reference": reference or message_reference,
            "message": {"kind": kind, "by": transport, "error": error} if task.outbox_id else None,
            "due_on": task.due_on.isoformat(),
            "created_at": iso(task.created_at),
            "done_at": iso(task.done_at) if task.done_at else None,
        }
        for task, reference, message_reference, kind, transport, error in session.execute(wanted.order_by(Task.due_on, Task.created_at).limit(limit))
    ]


def whom(session: Session, reference: str | None) -> tuple[str, str]:
    """Name and number (E.164) to reach the person of a lead by; empty what is not known."""
    row = leads.find(session, reference) if reference else None
    if row is None:
        return "", ""
    lead = leads.as_json(session, row)
    told = {name: slot["value"] for name, slot in lead["slots"].items() if isinstance(slot["value"], str)}
    number = (lead["caller"] or {}).get("number") or ""
    return told.get("patient.name") or told.get("caller.name") or "", told.get("patient.phone") or number
