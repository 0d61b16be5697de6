"""What happened in a step, as facts. `agent.consequences` decides what each of them causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from dialogs.state import Referral, State


@dataclass(frozen=True, slots=True)
class IntakeCompleted:
    """The person agreed to the summary: the request may be acted on."""


@dataclass(frozen=True, slots=True)
class IntakeChanged:
    """A request already completed was corrected or added to."""

    slots: tuple[str, ...]
    """Names of the slots that changed."""


@dataclass(frozen=True, slots=True)
class IntakeEnded:
    """Over without a complete request; whatever was said is kept."""

    reason: str
    """`hangup`, `goodbye`, `no_progress`, `wrong_number`, `quiet`, `person`, `emergency`, `opted_out`."""


@dataclass(frozen=True, slots=True)
class OfficeReferred:
    """A referring office named one of several patients, or completed one; each is a lead of its own, kept by its reference."""

    referral: Referral


@dataclass(frozen=True, slots=True)
class UrgentRaised:
    """A red flag that a person must see now."""

    level: str
    """`urgent`, `emergency`, `crisis`."""
    group: str
    rule: str


@dataclass(frozen=True, slots=True)
class PersonRequested:
    """Asked for a person."""


@dataclass(frozen=True, slots=True)
class QuestionUnanswered:
    """The clinic's knowledge does not answer this; a coordinator will."""

    question: str


@dataclass(frozen=True, slots=True)
class OptedOut:
    """This number does not want texts. Takes effect at once."""


@dataclass(frozen=True, slots=True)
class OptedIn:
    """This number wants texts again."""


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """Somebody else uses the number of an unfinished request: theirs is a new one, and the old one is left as it is."""

    state: State
    """Where the new person's conversation stands, under a reference of its own."""


@dataclass(frozen=True, slots=True)
class VoicemailRead:
    """A voice message can be listened to, and what could be understood of it is on record."""


@dataclass(frozen=True, slots=True)
class TextPromised:
    """In a call: "I will text you". The text, worded."""

    text: str


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The greeting was given: assistant, transcription notice, 911 sentence."""

    version: str
    """Version of the disclosure wording."""


Event: TypeAlias = (
    IntakeCompleted
    | IntakeChanged
    | IntakeEnded
    | OfficeReferred
    | UrgentRaised
    | PersonRequested
    | QuestionUnanswered
    | OptedOut
    | OptedIn
    | OtherPerson
    | VoicemailRead
    | TextPromised
    | Disclosed
)
