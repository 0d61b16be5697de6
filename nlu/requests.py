"""What the line is asked for and always answers the same way: a person, advice, stored information, and who is speaking."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from nlu.message import Message
from nlu.opinion import Opinion, features_of
from nlu.parse import Context
from nlu.phrasebook import Phrasebook
from nlu.wording import Words

_BOOK = Phrasebook.load("requests", shortest=6)


_OPINION = Opinion.load("requests")

RAISED = {"advice": 0.6, "handoff": 0.88, "probe": 0.6}
"""How sure the second opinion must be of a request that no rule found."""

_SHORT = 4
"""Words of a message too short for a second opinion: "give me a minute" asks for nobody."""

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
    words = Words.folded(low)
    scan = _BOOK.scan(words)
    matches = _BOOK.match(scan)
    said = {str(m.rule.tags["says"]) for m in matches}
    held = features_of(scan, matches)
    by_rule = {f.name: f.name in said and f"not_{f.name}" not in said and _NEEDS.get(f.name, f.name) in said for f in fields(Requests)}
    doubtful = [name for name in RAISED if not by_rule[name] and f"not_{name}" not in said and len(words.low) > _SHORT]
    return Requests(**by_rule | {name: _OPINION.on(name, held) >= RAISED[name] for name in doubtful})


def features(message: Message) -> np.ndarray:
    """What the second opinion looks at: for training it."""
    scan = _BOOK.scan(Words.of(message))
    return features_of(scan, _BOOK.match(scan))
