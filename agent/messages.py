"""The two values that cross the border between doors and turns: what came in, what goes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from dialogs.line import Expect, Line
from dialogs.step import Kind
from nlu.parse import Language

Door: TypeAlias = Literal["sms", "voice", "web", "terminal"]
Withheld: TypeAlias = Literal["sender", "carrier_replied", "opted_out", "auto_reply", "used_up"]
"""Why a text is kept and not replied to: a number nobody texts, the carrier's own answer, an opt-out, a machine, a day's texts used up."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that happened at a door, translated from the outside world."""

    door: Door
    message_id: str
    """Unique for ever within the door: the MessageSid, or CallSid plus step. Hearing it again changes nothing."""
    kind: Kind
    sender: str | None
    """The caller's number in E.164, or None when withheld or not a number. Never proof of identity."""
    text: str = ""
    dtmf: bool = False
    """True when `text` was keyed on a telephone keypad."""
    session: str | None = None
    """What ties the messages of one call or chat together: CallSid, web chat id. None for SMS, where the sender does."""
    confidence: float | None = None
    """The recogniser's confidence, 0 to 1, where there was one."""
    opt_out: str | None = None
    """Twilio's own verdict (`OptOutType`: STOP, START, HELP), which wins over ours."""
    media: tuple[str, ...] = ()
    """Addresses of pictures that came with a text, or of the recording of a voice message."""
    media_types: tuple[str, ...] = ()
    """What the carrier says each of them is (`image/jpeg`); may be shorter, and may be wrong."""
    textable: bool = False
    """In a call: a text may go to the number it comes from, as far as the door can tell."""
    withhold: Withheld | None = None
    """Why the door will send no reply, if so: then none is recorded as said."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say back, for a door to put in its own form."""

    lines: tuple[Line, ...]
    """Empty: say nothing (an opt-out keyword, which the carrier answers; or `withheld`)."""
    expect: Expect | None = None
    """What we listen for next; None when the conversation is over."""
    end: bool = False
    """Hang up, or close the chat, after the lines."""
    person: bool = False
    """Try to reach a person at the clinic now, after the lines."""
    language: Language = "en"
    withheld: Withheld | None = None
    """Why there are no lines, where the line would have had something to say."""
    message: bool = False
    """Take a message of the caller's voice, after the lines."""
