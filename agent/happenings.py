"""What happened beside what was said: a line of the transcript that nobody spoke, for coordinators."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files

from sqlalchemy import update
from sqlalchemy.orm import Session

from agent.columns import seal
from agent.models import Conversation, Utterance, new_id
from nlu.parse import Channel

WHO = "event"
"""What `Utterance.who` is for these lines, beside `caller` and `line`."""

_WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads((files("agent") / "happenings.toml").read_text(encoding="utf-8"))


def words(kind: str, what: str, **blanks: str) -> str:
    """The sentence for something of a kind that happened."""
    return _WORDS[kind][what].format(**blanks)


def note(session: Session, conversation_id: str, kind: str, what: str, *, channel: Channel, now: datetime, **blanks: str) -> None:
    """Write one such line at the end of a conversation's transcript, in the transaction of what happened."""
    # One statement takes the next place in the transcript and moves the version on, so that a turn under way thinks again.
    taken = (
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(version=Conversation.version + 1, lines=Conversation.lines + 1)
        .returning(Conversation.lines)
        .execution_options(synchronize_session=False)
    )
    number = session.execute(taken).scalar_one_or_none()
    if number is None:
        return
    row = Utterance(id=new_id(), conversation_id=conversation_id, number=number, who=WHO, channel=channel, message=0, at=now)
    seal(session, row, "text", words(kind, what, **blanks))
    seal(session, row, "detail", json.dumps({"event": kind, "outcome": what}))
    session.add(row)
