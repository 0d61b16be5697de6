"""What was said, in order, for coordinators."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.columns import unseal
from agent.models import Call, Utterance
from agent.outbox import iso


def lines(session: Session, conversation_id: str) -> list[dict[str, Any]]:
    """Every line of a conversation: who, text, channel, at, the caller's message it belongs to, and an answer's sources."""
    rows = session.scalars(select(Utterance).where(Utterance.conversation_id == conversation_id).order_by(Utterance.number))
    return [
        {
            "who": row.who,
            "text": unseal(session, row, "text"),
            "channel": row.channel,
            "at": iso(row.at),
            "message": row.message,
            **json.loads(unseal(session, row, "detail") or "{}"),
        }
        for row in rows
    ]


def of_call(session: Session, sid: str) -> list[dict[str, Any]]:
    """Every line of the conversation a call belongs to; nothing when no word of it is on record."""
    call = session.scalars(select(Call).where(Call.sid == sid)).one_or_none()
    return [] if call is None else lines(session, call.conversation_id)
