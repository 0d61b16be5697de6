"""What one message means: the values every reader returns and every layer above passes on.

`Parse` is the only thing that leaves this package. It knows no dialog and no database; "nothing understood"
is a Parse with nothing in it, never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

Language: TypeAlias = Literal["en", "es"]
Channel: TypeAlias = Literal["sms", "voice", "web"]


class Act(StrEnum):
    """What the person does with the words, beside giving values. Several may hold at once."""

    AFFIRM = "affirm"
    DENY = "deny"
    CORRECT = "correct"
    QUESTION = "question"
    REPEAT = "repeat"
    HELP = "help"
    HUMAN = "human"
    STOP = "stop"
    SKIP = "skip"
    DONT_KNOW = "dont_know"
    BACKCHANNEL = "backchannel"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    START_OVER = "start_over"
    WAIT = "wait"


class SafetyLevel(StrEnum):
    """How fast a person must act: `emergency` is 911 now, `urgent` the same day, `crisis` is 988."""

    NONE = "none"
    URGENT = "urgent"
    EMERGENCY = "emergency"
    CRISIS = "crisis"


class OptOut(StrEnum):
    """What the message asks about being texted at all (47 CFR 64.1200(a)(10))."""

    NONE = "none"
    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """One stretch of the week a person could come in."""

    days: tuple[str, ...] = ()
    """`mon` ... `sun`; empty means no day was named."""
    part: Literal["morning", "midday", "afternoon", "evening", "any"] = "any"
    after: str | None = None
    """Local clock time `HH:MM`, inclusive."""
    before: str | None = None
    """Local clock time `HH:MM`, exclusive."""
    first: str | None = None
    """First ISO date the window may fall on ("next week"), or None."""
    last: str | None = None
    """Last such ISO date, or None."""


Value: TypeAlias = str | tuple[str, ...] | tuple[TimeWindow, ...]
"""A slot's normalised value. A tuple of strings is two or more candidates nobody has settled yet."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One slot value read from a message."""

    slot: str
    """A slot name of the contract, such as `patient.name`."""
    value: Value
    """Normalised: E.164, ISO date, upper-case id; the word `none` where the person said there is none."""
    raw: str
    """The words it was read from, as they were said."""
    start: int = 0
    end: int = 0
    """Character offsets of `raw` in the message."""
    confidence: float = 1.0
    """0 to 1; below `dialogs` thresholds the line confirms or asks again."""
    candidates: tuple[str, ...] = ()
    """Other values it could be, best first, to offer when unsure."""


@dataclass(frozen=True, slots=True)
class Safety:
    """Red flags in one message."""

    level: SafetyLevel = SafetyLevel.NONE
    group: str | None = None
    """Clinical group, such as `chest_pain` or `cauda_equina`."""
    rule: str | None = None
    """Id of the rule that fired; the coordinator sees it."""
    certain: bool = True
    """False: ask "are you having that right now?" once, and count no clear answer as yes."""
    history: tuple[str, ...] = ()
    """Groups mentioned as past or denied: recorded, never escalated."""


@dataclass(frozen=True, slots=True)
class Parse:
    """Everything understood from one message."""

    text: str
    """The message after control characters and lone surrogates were removed."""
    acts: frozenset[Act] = frozenset()
    slots: Mapping[str, Reading] = field(default_factory=dict)
    """By slot name. `caller.role` says who is speaking, when they said so."""
    safety: Safety = Safety()
    opt_out: OptOut = OptOut.NONE
    handoff: bool = False
    """Asks for a person."""
    advice: bool = False
    """Seeks clinical advice: diagnosis, prognosis, medication, exercise."""
    probe: bool = False
    """Tries to obtain stored information, even their own: answered the same for everyone."""
    robot: bool = False
    """Asks whether they talk to a person or a machine: answered truthfully."""
    wrong_number: bool = False
    same_number: bool = False
    """"The number I'm calling from" answers the question for a phone number."""
    language: Language = "en"
    """The language the message is in; the context's language when it cannot be told."""
    referrals: tuple[Mapping[str, Reading], ...] = ()
    """A referring office's dense text: one mapping per patient named."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the reader may know about the moment the message arrived in."""

    today: date
    """The clinic's date, for relative dates and two-digit years."""
    asked: str | None = None
    """The slot just asked for."""
    confirming: bool = False
    """True when `asked` (or everything, if None) was just read back to be confirmed."""
    channel: Channel = "sms"
    language: Language = "en"
    """The language of the conversation so far."""
    known: Mapping[str, Value] = field(default_factory=dict)
    """Values on record, so that "with an s" or "no, double t" can repair them."""


class Understander(Protocol):
    """The port of this package: deterministic, never raises on any text."""

    def read(self, text: str, context: Context) -> Parse:
        """Read one message."""
        ...
