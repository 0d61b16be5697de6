"""Is there a machine at the other end? Two auto-responders can text each other all night, and the clinic pays for both.

A person repeats "skip" or "I don't know" when asked several things; a machine repeats a whole sentence, whatever it is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent import opt_outs
from agent.columns import unseal
from agent.models import Conversation, Utterance
from agent.store import Store

MOST_REPLIES = 5
"""Replies to the same sentence, said over and over."""
MOST_SHORT_REPLIES = 12
"""Replies to the same few words: answers people do repeat, but not as often as an intake has questions."""
MOST_A_DAY = 100
"""Messages of one number in a day after which they are only kept."""
_FEW_WORDS = 3
_LINES_LOOKED_AT = 8 * MOST_SHORT_REPLIES


def looping(store: Store, number: str, now: datetime) -> bool:
    """Whether the message just heard from this number should be left without a reply."""
    with store.reading() as session:
        contact = opt_outs.contact_of(session, number)
        if contact is None:
            return False
        query = select(Conversation).where(Conversation.contact_id == contact.id).order_by(Conversation.last_heard_at.desc())
        conversation = session.scalars(query).first()
        if conversation is None or conversation.version <= MOST_REPLIES:
            return False
        return _repeated(_said(session, conversation)) or _too_many(session, conversation, now)


def _repeated(said: Sequence[str]) -> bool:
    """`said`: newest first."""
    most = MOST_SHORT_REPLIES if len(said[0].split()) <= _FEW_WORDS else MOST_REPLIES
    return len(said) > most and len(set(said[: most + 1])) == 1


def _said(session: Session, conversation: Conversation) -> list[str]:
    """What was texted, newest first; numbers made equal, because machines put a time or a ticket into the same sentence."""
    query = select(Utterance).where(Utterance.conversation_id == conversation.id).order_by(Utterance.number.desc()).limit(_LINES_LOOKED_AT)
    said = (unseal(session, line, "text") or "" for line in session.scalars(query) if line.who == "caller")
    return [re.sub(r"\d+", "0", text).casefold().strip() for text in said] or [""]


def _too_many(session: Session, conversation: Conversation, now: datetime) -> bool:
    if conversation.version <= MOST_A_DAY:
        return False
    today = (Utterance.conversation_id == conversation.id, Utterance.who == "caller", Utterance.at > now - timedelta(days=1))
    return (session.scalar(select(func.count()).where(*today)) or 0) > MOST_A_DAY
