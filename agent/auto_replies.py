"""Is there a machine at the other end? Two auto-responders can text each other all night, and the clinic pays for both.

A person repeats "skip" or "I don't know" when asked several things; a machine repeats a whole sentence, whatever it is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent.models import Utterance
from agent.vault import Vault

MOST_REPLIES = 5
"""Replies to the same sentence, said over and over."""
MOST_SHORT_REPLIES = 12
"""Replies to the same few words: answers people do repeat, but not as often as an intake has questions."""
MOST_A_DAY = 100
"""Messages of one conversation in a day after which they are only kept."""
_FEW_WORDS = 3
_FIELD = "conversation.echo"


@dataclass(frozen=True, slots=True)
class Echo:
    """What was texted last, and how often in a row."""

    index: bytes | None = None
    """Blind: enough to know it again."""
    times: int = 0


def listen(before: Echo, text: str, vault: Vault) -> Echo:
    """The echo after one more text. Numbers are made equal, because machines put a time or a ticket into the same sentence."""
    index = vault.index(_FIELD, re.sub(r"\d+", "0", text).casefold().strip())
    return Echo(index, before.times + 1 if index == before.index else 1)


def looping(echo: Echo, text: str) -> bool:
    """Whether `text`, which made this echo, was said once too often."""
    return echo.times > (MOST_SHORT_REPLIES if len(text.split()) <= _FEW_WORDS else MOST_REPLIES)


def too_many(session: Session, conversation_id: str, now: datetime) -> bool:
    """Whether a whole day's share of messages was heard before this one."""
    today = (Utterance.conversation_id == conversation_id, Utterance.who == "caller", Utterance.at > now - timedelta(days=1))
    return (session.scalar(select(func.count()).where(*today)) or 0) >= MOST_A_DAY
