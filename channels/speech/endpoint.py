"""Whose turn is it? When the caller has finished, by what they were asked; and when they start to speak over us.

Nothing here keeps real time: everything is counted in milliseconds of audio, so a late packet changes nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from channels.speech import audio
from dialogs.line import Expect
from nlu.parse import Act, Parse, SafetyLevel

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_PATIENCE: Mapping[str, int] = _TABLE["patience"]
_FORM: Mapping[str, int] = _TABLE["form"]
_HANGING = frozenset(_TABLE["hanging"]["words"])
_DIGITS = frozenset(_TABLE["digits"]["words"])
_BACKCHANNEL = re.compile("(?:(?:" + "|".join(map(re.escape, sorted(_TABLE["backchannels"]["phrases"], key=len, reverse=True))) + r")(?:\s+|$))+")

LONGEST_TURN_MS = 45_000
"""A turn is cut here: somebody tells their story, or a television is on."""
LAG_MS = 250
"""How far the recogniser's words are behind the sound they were made from."""
VOICE_OVER_NOISE_DB = 8.0
QUIETEST_VOICE_DB = -52.0
LEAK_DB = -38.0
"""While we speak, our own words come back at up to this level (dB below full scale); a caller who means to interrupt is louder."""
_FLOOR_START, _FLOOR_MOST, _FLOOR_LEAST = -60.0, -25.0, -75.0
_FALL, _RISE, _RISE_IN_VOICE = 0.3, 0.04, 0.02
"""Per 20 ms: the noise floor falls at once, rises 2 dB a second, and 1 dB a second under what sounds like a voice, so that a fan is
taken for noise after a while and a sentence never is."""


class VoiceMeter:
    """Is somebody speaking? By level over a noise floor that follows the line."""

    def __init__(self) -> None:
        self.floor = _FLOOR_START
        self.level = audio.loudness(b"")

    def feed(self, frame: bytes, *, leaking: bool = False) -> bool:
        """One frame of mu-law, about 20 ms. `leaking`: we are speaking ourselves."""
        self.level = level = audio.loudness(frame)
        voiced = level > max(self.floor + VOICE_OVER_NOISE_DB, LEAK_DB if leaking else QUIETEST_VOICE_DB)
        if level < self.floor:
            self.floor += _FALL * (level - self.floor)
        elif not leaking:
            self.floor += _RISE_IN_VOICE if voiced else _RISE
        self.floor = min(max(self.floor, _FLOOR_LEAST), _FLOOR_MOST)
        return voiced


class Wholeness(StrEnum):
    """How finished what was said so far is."""

    URGENT = "urgent"
    """Somebody may be in danger: nothing is waited for."""
    COMPLETE = "complete"
    SETTLED = "settled"
    OPEN = "open"
    GROUPED = "grouped"
    HANGING = "hanging"


Reader = Callable[[str], Parse]
"""Reads the words so far as an answer to what was asked."""

_YES_NO_ACTS = frozenset({Act.AFFIRM, Act.DENY})
_SHORT_ACTS = frozenset({Act.REPEAT, Act.HELP, Act.SKIP, Act.DONT_KNOW, Act.GOODBYE, Act.HUMAN, Act.STOP})
_WHOLE_FORMS = frozenset({"phone", "date", "yes_no"})
"""Forms a value of which has a fixed end. Others are whole too, but people add to them."""
_PROVEN = 0.95
"""Confidence of a member ID that has exactly the form its payer gives them (`nlu.ids`). A shorter or freer one may always go on."""


def wholeness(words: str, parse: Parse, expect: Expect | None) -> Wholeness:
    """How finished these words are as an answer to `expect`."""
    if parse.safety.level is not SafetyLevel.NONE and parse.safety.certain:
        return Wholeness.URGENT
    said = words.split()
    if not said or said[-1] in _HANGING:
        return Wholeness.HANGING
    form = "text" if expect is None else "yes_no" if expect.confirming else expect.form
    if form == "yes_no" and parse.acts & _YES_NO_ACTS and not parse.slots and len(said) <= 4:
        return Wholeness.SETTLED if Act.DENY in parse.acts else Wholeness.COMPLETE
    if parse.same_number and form == "phone":
        return Wholeness.COMPLETE
    slot = expect.slot if expect else None
    if slot and (reading := parse.slots.get(slot)) is not None:
        return _answered(form, reading.confidence, len(said))
    if said[-1] in _DIGITS or (len(said[-1]) == 1 and form in ("id", "name", "email")):
        return Wholeness.GROUPED
    if parse.acts & _SHORT_ACTS or (parse.acts & _YES_NO_ACTS and len(said) <= 2):
        return Wholeness.SETTLED
    return Wholeness.OPEN


def _answered(form: str, confidence: float, words: int) -> Wholeness:
    if form in _WHOLE_FORMS:
        return Wholeness.COMPLETE
    if form == "id":
        return Wholeness.SETTLED if confidence >= _PROVEN else Wholeness.GROUPED
    if form == "email":
        return Wholeness.SETTLED
    if form in ("text", "name") or words > 6:
        return Wholeness.OPEN
    return Wholeness.SETTLED


def patience(found: Wholeness, expect: Expect | None) -> int:
    """Milliseconds of quiet after which a turn this finished is over."""
    if found is Wholeness.URGENT:
        return 0
    if found is Wholeness.OPEN and expect is not None and not expect.confirming:
        return _FORM.get(expect.form, _PATIENCE["open"])
    return _PATIENCE[found.value]


@dataclass(slots=True)
class Endpoint:
    """Follows one turn of the caller, frame by frame."""

    expect: Expect | None
    read: Reader
    words: str = ""
    wholeness: Wholeness = Wholeness.HANGING
    quiet_ms: float = 0
    """Since the last speech."""
    spoken_ms: float = 0
    """Since the first word."""

    def hear(self, words: str) -> None:
        """The words so far changed."""
        self.words = words
        self.wholeness = wholeness(words, self.read(words), self.expect) if words else Wholeness.HANGING
        # The recogniser hears voices that are too soft for us.
        self.quiet_ms = min(self.quiet_ms, LAG_MS)

    def pass_time(self, milliseconds: float, *, voiced: bool) -> bool:
        """One more frame; whether the turn is over."""
        self.quiet_ms = 0 if voiced else self.quiet_ms + milliseconds
        if not self.words:
            return False
        self.spoken_ms += milliseconds
        return self.urgent or self.quiet_ms >= patience(self.wholeness, self.expect) or self.spoken_ms >= LONGEST_TURN_MS

    @property
    def urgent(self) -> bool:
        """Red flags in the words so far."""
        return self.wholeness is Wholeness.URGENT


def is_backchannel(words: str) -> bool:
    """Whether these words only say "I am listening"."""
    return _BACKCHANNEL.fullmatch(words.strip()) is not None
