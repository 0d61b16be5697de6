"""Reading the record in tests."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select

from agent import leads
from agent.columns import unseal
from agent.models import OutboxMessage, Record, Task, Utterance
from agent.store import Store


def how_many(store: Store, *tables: type[Record]) -> list[int]:
    """Rows of each table."""
    with store.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def all_leads(store: Store) -> list[dict[str, Any]]:
    """Every lead as the contract gives it, oldest first."""
    with store.reading() as session:
        return [leads.as_json(session, lead) for lead in reversed(leads.list_leads(session))]


def transcript(store: Store) -> list[tuple[str, str | None]]:
    """Everything said, in order."""
    with store.reading() as session:
        rows = session.scalars(select(Utterance).order_by(Utterance.conversation_id, Utterance.number))
        return [(row.who, unseal(session, row, "text")) for row in rows]


def outgoing(store: Store) -> list[tuple[str, str, str | None, dict[str, str]]]:
    """Kind, state, recipient and payload of every message on its way."""
    with store.reading() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [(row.kind, row.state, unseal(session, row, "recipient"), json.loads(unseal(session, row, "payload") or "{}")) for row in rows]


def tasks(store: Store) -> list[tuple[str, str]]:
    """Kind and due date of every task."""
    with store.reading() as session:
        return [(row.kind, row.due_on.isoformat()) for row in session.scalars(select(Task).order_by(Task.id))]
