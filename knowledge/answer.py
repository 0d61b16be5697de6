"""Question in, answer or abstention out: the port of this package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from nlu.parse import Channel, Language


@dataclass(frozen=True, slots=True)
class Answer:
    """Something the clinic itself has stated, worded for the asker."""

    id: str
    """`article:<id>`, `payer:<payer>:<plan type>`, `payer:<payer>` or `availability`."""
    text: str
    """The reply for a screen, in the asker's language where the clinic has it."""
    spoken: str
    """The reply for the ear: shorter, numbers and addresses as people say them."""
    source: str
    """The document it comes from, for the coordinator's transcript."""
    effective: date | None
    """Since when the source says so."""
    score: float
    """Calibrated confidence, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things a message asks."""

    question: str
    """The words of this part, to store when nobody can answer it."""
    answer: Answer | None
    """None is an abstention: the coordinator will answer."""
    small_talk: bool = False
    """Needs no answer and is not kept as unanswered."""


@dataclass(frozen=True, slots=True)
class Asker:
    """What the finder may know about the moment of the question."""

    today: date
    channel: Channel = "sms"
    language: Language = "en"
    topic: str | None = None
    """Id of the last answer given, so that "what about Aetna?" has something to be about."""
    carrier: str | None = None
    """The payer already on record, for "am I covered?"."""
    plan: str | None = None
    implied: bool = False
    """The caller was invited to ask: answer also what has no sign of a question in it ("no idea where to park")."""


class Finder(Protocol):
    """Deterministic; an empty tuple means the message asks nothing."""

    def find(self, text: str, asker: Asker) -> tuple[Part, ...]:
        """Split `text` into the things it asks and answer each, or abstain."""
        ...
