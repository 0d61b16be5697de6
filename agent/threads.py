"""What became of what somebody said: the leads of a conversation, found by who said it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from agent import contacts, leads
from agent.messages import Inbound
from agent.models import Conversation, Lead
from agent.store import Store


def leads_of(store: Store, inbound: Inbound) -> list[dict[str, Any]]:
    """The leads of the newest conversation with whoever sent this, as the contract gives them; for the person at the terminal, never for a caller."""
    with store.reading() as session:
        contact = contacts.find(session, inbound)
        if contact is None:
            return []
        newest = select(Conversation.id).where(Conversation.contact_id == contact.id).order_by(Conversation.started_at.desc()).limit(1)
        found = session.scalars(select(Lead).where(Lead.conversation_id == newest.scalar_subquery()).order_by(Lead.created_at))
        return [leads.as_json(session, lead) for lead in found]
