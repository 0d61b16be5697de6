"""What the line is asked for and always answers the same way: a person, advice, stored information, and who is speaking."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from nlu.message import Message
from nlu.parse import Context
from nlu.phrasebook import Phrasebook
from nlu.wording import Words

_BOOK = Phrasebook.load("requests", shortest=6)


_NEEDS = {"advice": "matter"}
"""What a request must also mention: advice is about a body; the same question about a form is not."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Flags of one message; the fields of `Parse` with the same names say more."""

    handoff: bool = False
    advice: bool = False
    probe: bool = False
    robot: bool = False
    wrong_number: bool = False
    same_number: bool = False


def read(message: Message, context: Context) -> Requests:
    """Which of them the message makes. Words that only look like a request ("talked to someone yesterday") take it back."""
    return _read(message.low)


@lru_cache(maxsize=16)
def _read(low: str) -> Requests:
    said = {str(m.rule.tags["says"]) for m in _BOOK.match(_BOOK.scan(Words.folded(low)))}
    return Requests(**{f.name: f.name in said and f"not_{f.name}" not in said and _NEEDS.get(f.name, f.name) in said for f in fields(Requests)})
