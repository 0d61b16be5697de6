"""How a call goes on when talking does not work: by text message. (Messages left for a person: `agent.voicemails`.)"""

from __future__ import annotations

import logging

from sqlalchemy import select

from agent import opt_outs, outbox
from agent.bootstrap import Agent
from agent.models import Call
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
