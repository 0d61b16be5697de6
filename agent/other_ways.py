"""How a call goes on when talking does not work: by text message, or with a message left for a person."""

from __future__ import annotations

import logging

from sqlalchemy import select

from agent import opt_outs, outbox, tasks
from agent.bootstrap import Agent
from agent.models import Call, Conversation, Lead
from agent.store import StoreError

log = logging.getLogger(__name__)


def may_text(agent: Agent, number: str) -> bool:
    """Whether texts go out at all, and the owner of this number has not said no to them."""
    if not agent.settings.sends_texts:
        return False
    try:
        with agent.store.reading() as session:
            return not opt_outs.is_opted_out(session, number)
    except StoreError:
        return False


def text_instead(agent: Agent, call: str, number: str, text: str) -> bool:
    """Queue one text to go on with, for one call; what is answered to it belongs to the same conversation. False when it was not possible."""
    now = agent.clock()
    try:
        with agent.store.transaction() as session:
            if opt_outs.is_opted_out(session, number):
                return False
            found = session.scalars(select(Call).where(Call.sid == call)).one_or_none()
            outbox.put(
                session,
                kind="continue_by_text",
                transport="sms",
                to=number,
                payload={"text": text},
                dedupe_key=f"continue_by_text:{call}",
                due_at=now,
                conversation_id=found.conversation_id if found else None,
            )
            rings = outbox.written(session)
    except StoreError as error:
        log.warning("a text to go on with could not be queued", extra={"call": call, "error": type(error).__name__})
        return False
    if rings:
        agent.doorbell.ring(rings)
    return True


def message_left(agent: Agent, call: str, recording: str) -> bool:
    """A caller left a message: a coordinator is to listen to it. The task's key has the recording's id. False when that could not be noted."""
    now = agent.clock()
    try:
        with agent.store.transaction() as session:
            found = session.scalars(select(Call).where(Call.sid == call)).one_or_none()
            conversation = session.get(Conversation, found.conversation_id) if found else None
            leads = select(Lead.id).where(Lead.conversation_id == conversation.id).order_by(Lead.created_at) if conversation else None
            tasks.add(
                session,
                "voicemail",
                key=f"voicemail:{recording}",
                due_on=agent.clinic.calendar.callback_day(now),
                now=now,
                conversation_id=conversation.id if conversation else None,
                lead_id=session.scalars(leads).first() if leads is not None else None,
            )
    except StoreError as error:
        log.error("a voicemail could not be noted", extra={"call": call, "error": type(error).__name__})
        return False
    return True
