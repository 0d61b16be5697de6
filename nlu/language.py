"""Which language one message is in: English or Spanish, by the common words of each and the marks only Spanish writes."""

from __future__ import annotations

import tomllib

from nlu.message import Message
from nlu.parse import Context, Language
from nlu.wording import LEXICONS, Words

_TABLE = tomllib.loads((LEXICONS / "language.toml").read_text("utf-8"))
_SHARED = frozenset(_TABLE["shared"])
_ES = frozenset(_TABLE["es"]) - _SHARED
_EN = frozenset(_TABLE["en"]) - _SHARED
_MARKS = frozenset(_TABLE["marks"])


def read(message: Message, context: Context) -> Language:
    """The language with more of its own common words; the conversation's language on a tie (a name, a number, an "ok").

    An accented letter decides nothing beside English words ("José" is also an American name), and counts as half a word otherwise.
    """
    low = Words.of(message).low
    english = sum(w in _EN for w in low)
    spanish = sum(w in _ES for w in low) + (0.5 if not english and any(c in _MARKS for c in message.text.lower()) else 0)
    if spanish == english:
        return context.language
    return "es" if spanish > english else "en"
