"""What one step of a conversation takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dialogs.events import Event
from dialogs.line import Expect, Line
from dialogs.state import State
from knowledge.answer import Part
from nlu.parse import Channel, Parse


class Kind(StrEnum):
    """What happened at the door."""

    WORDS = "words"
    """Somebody said, typed or keyed something."""
    OPENING = "opening"
    """A call was answered or a chat opened, and nothing has been said yet."""
    SILENCE = "silence"
    """We listened and heard nothing."""
    HANGUP = "hangup"
    """The caller is gone."""
    RECORDED = "recorded"
    """A voice message was left; its words come later, or never."""
    VOICEMAIL = "voicemail"
    """The words of a voice message, read afterwards: nobody waits for an answer."""
    UNANSWERED = "unanswered"
    """We tried to pass the caller on to a person, nobody took the call, and the caller is with us again."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that happened, as the understanding and the knowledge below see it."""

    kind: Kind
    parse: Parse
    """An empty Parse when nothing was said."""
    parts: tuple[Part, ...]
    """What the message asks, each with its answer or abstention."""
    channel: Channel
    source: str
    """Where values come from: `sms`, `speech`, `dtmf`, `web`."""
    sender: str | None
    """The number it came from, E.164, or None when withheld."""
    confidence: float = 1.0
    """The recogniser's confidence in the words."""
    carrier_replied: bool = False
    """True when the carrier has already answered an opt-out keyword, so that we must not."""
    pictures: int = 0
    """Pictures and documents that came with the message."""
    unusable: int = 0
    """Files that came with it and are of no kind we keep: sounds, films, address cards."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Facts about now that words depend on. A promise is worded from these and from nothing else."""

    today: date
    """The clinic's local date."""
    callback: date
    """The business day on which a coordinator will be in touch."""
    open: bool
    """True while the clinic's desk is staffed."""
    new_session: bool
    """True for the first message of a call, or of a text thread after a quiet period."""
    references: tuple[str, ...] = ()
    """Unused lead references: one to spare, and one for each referral in an office's text."""
    person_reachable: bool = False
    """True when a number to transfer this caller to exists and may be tried now."""
    textable: bool = False
    """True when a text may be sent to where they call from."""
    on_call: bool = False
    """True for a text that comes while its sender is on the telephone with us: the question stays with the call."""


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of thinking about one message."""

    state: State
    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    expect: Expect | None
    """None when the conversation is over."""
    end: bool = False
    """Hang up, or close the chat, after the lines."""
    person: bool = False
    """Try to reach a person at the clinic now, after the lines."""
    message: bool = False
    """Take a message of the caller's voice, after the lines."""
