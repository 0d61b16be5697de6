"""Red flags in one message: how fast a person must act, why, and what is only history."""

from __future__ import annotations

from nlu.message import Message
from nlu.parse import Context, Safety, SafetyLevel
from nlu.phrasebook import Phrasebook
from nlu.wording import Words

_BOOK = Phrasebook.load("safety")
_RANK = {SafetyLevel.URGENT: 1, SafetyLevel.EMERGENCY: 2, SafetyLevel.CRISIS: 3, SafetyLevel.NONE: 0}


def read(message: Message, context: Context) -> Safety:
    """The worst red flag that is not denied or past."""
    scan = _BOOK.scan(Words.of(message))
    best = Safety()
    for match in _BOOK.match(scan):
        level = SafetyLevel(match.rule.tags["level"])
        if any(match.start - 4 <= s < match.start for s, _ in scan.spans("<neg>")):
            continue
        if _RANK[level] > _RANK[best.level]:
            best = Safety(level, str(match.rule.tags["group"]), match.rule.id)
    return best
