"""Chores of the record itself, safe to run in two processes at once."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent import leads, outbox
from agent.bootstrap import Agent
from agent.columns import unseal
from agent.consequences import Occasion, apply
from agent.messages import Door
from agent.models import Contact, Conversation
from agent.recording import Stale, hold
from agent.state_json import StateError, from_json
from agent.thinking import CHANNELS
from agent.vault import VaultError
from dialogs.events import IntakeEnded
from dialogs.state import Phase

_LOOK = 200
_UNFINISHED = (Phase.COLLECTING, Phase.CONFIRMING)


def close_quiet(agent: Agent) -> int:
    """Take conversations quiet for SESSION_IDLE_MINUTES to have been left: whatever was said becomes a partial lead. How many there were.

    The engine's State is not touched, so who comes back within the resume window goes on exactly where they stopped.
    """
    before = agent.clock() - timedelta(minutes=agent.settings.session_idle_minutes)
    with agent.store.reading() as session:
        left = select(Conversation.id).where(Conversation.quiet_at.is_(None), Conversation.last_heard_at <= before)
        ids = list(session.scalars(left.order_by(Conversation.last_heard_at).limit(_LOOK)))
    return sum(_close(agent, conversation_id) for conversation_id in ids)


def _close(agent: Agent, conversation_id: str) -> bool:
    now = agent.clock()
    try:
        with agent.store.transaction() as session:
            conversation = session.get(Conversation, conversation_id)
            if conversation is None or conversation.quiet_at is not None:
                return False
            hold(session, conversation)
            conversation.quiet_at = now
            _left(agent, session, conversation)
            rings = outbox.written(session)
    except Stale:
        # Somebody has just come back.
        return False
    if rings:
        agent.doorbell.ring(rings)
    return True


def _left(agent: Agent, session: Session, conversation: Conversation) -> None:
    try:
        state = from_json(unseal(session, conversation, "state") or "")
        contact = session.get_one(Contact, conversation.contact_id)
        number = unseal(session, contact, "number")
    except (VaultError, StateError):
        # One row that cannot be opened must not keep the others waiting; `referline doctor` names the keys.
        agent.log.error("a conversation cannot be read", extra={"conversation_id": conversation.id})
        return
    if state.phase not in _UNFINISHED:
        return
    channel = CHANNELS[cast(Door, conversation.door)]
    lead = leads.kept(leads.find(session, state.reference))
    base_url = agent.settings.public_base_url
    occasion = Occasion(session, agent.clinic, base_url, conversation.id, lead, state, channel, number, agent.clock())
    apply(occasion, (IntakeEnded("quiet"),))
