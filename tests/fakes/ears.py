"""Ears and a mouth that understand each other: a frame of speech carries its own letters, loud enough for any meter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from weakref import WeakSet

from channels.speech import audio
from dialogs.line import Expect
from nlu.parse import Language

_MAGIC = b"\x11\x22"
_LOUD = bytes([0x00, 0x80]) * (audio.FRAME_BYTES // 2)
_SOFT = bytes([0x35, 0xB5]) * (audio.FRAME_BYTES // 2)
QUIET = bytes([audio.SILENCE]) * audio.FRAME_BYTES
_LETTERS = audio.FRAME_BYTES - 3
WORD_MS, GAP_MS = 300, 60
HEARD_AFTER_MS = 200
"""How much of a word must be heard before the recogniser knows it."""


def _frame(text: str, sound: bytes) -> bytes:
    """A frame with the end of the text in it."""
    letters = text.encode()[-_LETTERS:]
    start = _MAGIC + bytes([len(letters)]) + letters
    return start + sound[len(start) :]


def spoken(text: str) -> Iterator[bytes]:
    """Frames of somebody saying this; `[700]` is a pause in milliseconds, `(cough)` a noise without words."""
    for piece in text.split():
        if pause := re.fullmatch(r"\[(\d+)\]", piece):
            yield from quiet(int(pause[1]))
            continue
        frame = _LOUD if piece == "(cough)" else _frame(piece, _LOUD)
        yield from [frame] * (WORD_MS // audio.FRAME_MS)
        yield from quiet(GAP_MS)


def quiet(milliseconds: float) -> list[bytes]:
    """Frames of nobody saying anything."""
    return [QUIET] * round(milliseconds / audio.FRAME_MS)


@dataclass
class FakeHeard:
    text: str
    confidence: float = 0.9


@dataclass(eq=False)
class FakeListener:
    words: list[str] = field(default_factory=list)
    _word: str = ""
    _ms: int = 0
    _known: bool = False

    def feed(self, mulaw: bytes) -> str | None:
        before = len(self.words)
        for at in range(0, len(mulaw), audio.FRAME_BYTES):
            self._one(mulaw[at : at + audio.FRAME_BYTES])
        return " ".join(self.words) if len(self.words) > before else None

    def finish(self) -> FakeHeard:
        return FakeHeard(" ".join(self.words))

    def _one(self, frame: bytes) -> None:
        word = what(frame)
        if word is None:
            self._word, self._ms, self._known = "", 0, False
            return
        self._ms = self._ms + audio.FRAME_MS if word == self._word else audio.FRAME_MS
        self._known = self._known and word == self._word
        self._word = word
        if self._ms >= HEARD_AFTER_MS and not self._known:
            self.words.append(word)
            self._known = True


@dataclass
class FakeEars:
    """Knows how many listeners there ever were, and which are still there."""

    asked: list[Expect | None] = field(default_factory=list)
    alive: WeakSet[FakeListener] = field(default_factory=WeakSet)

    def listen(self, expect: Expect | None) -> FakeListener:
        self.asked.append(expect)
        listener = FakeListener()
        self.alive.add(listener)
        return listener


@dataclass
class FakeMouth:
    """Says `text` in 50 ms a letter; `said` has everything it was asked to say."""

    said: list[str] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    letter_ms: int = 50

    def speak(self, text: str, language: Language = "en") -> bytes:
        self.before()
        self.said.append(text)
        frames = max(1, len(text) * self.letter_ms // audio.FRAME_MS)
        return _frame(text, _SOFT) + _SOFT * (frames - 1)


def what(frame: bytes) -> str | None:
    """The sentence or word of this frame; of a long sentence its end."""
    return frame[3 : 3 + frame[2]].decode(errors="ignore") if frame[:2] == _MAGIC else None
