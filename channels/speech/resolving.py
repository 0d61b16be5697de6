"""From everything a turn of speech could have been to the one reading that can be an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agent.clinic import Clinic
from channels.speech import audio, recogniser
from channels.speech.grammar import GrammarBook, material
from channels.speech.recogniser import Ears, Heard
from dialogs.line import Expect
from nlu.name_words import FIRST, LAST
from nlu.parse import Understander

_STEP = 5 * audio.FRAME_BYTES
"""Bytes of a recording given to the ears at a time: 100 ms."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a turn is taken for. The `Heard` of the media socket."""

    text: str
    """The words as the readers know them; empty when nothing was understood."""
    confidence: float
    """0 to 1; below one half the line confirms or asks again."""
    heard: Heard


class ClinicEars:
    """Ears with a clinic's grammars and readers: what a call listens with. Thread-safe; one per process."""

    def __init__(self, ears: Ears, book: GrammarBook, understander: Understander, today: Callable[[], date]) -> None:
        self._ears = ears
        self._book = book
        self._understander = understander
        self._today = today

    def listen(self, expect: Expect | None) -> ClinicListener:
        """Ears for the answer to one question."""
        listener = self._ears.listen(self._book.grammars(expect), self._book.respell)
        return ClinicListener(listener, self, expect)

    def hear(self, mulaw: bytes, expect: Expect | None) -> Resolved:
        """A whole recording as one turn: mu-law at 8 kHz."""
        listener = self.listen(expect)
        for at in range(0, len(mulaw), _STEP):
            listener.feed(mulaw[at : at + _STEP])
        return listener.finish()

    def resolve(self, heard: Heard, expect: Expect | None) -> Resolved:
        """The reading that can be an answer to what was asked."""
        return Resolved(heard.text, heard.confidence, heard)


class ClinicListener:
    """One turn of one caller, understood at its end."""

    def __init__(self, listener: recogniser.Listener, ears: ClinicEars, expect: Expect | None) -> None:
        self._listener = listener
        self._ears = ears
        self._expect = expect

    def feed(self, mulaw: bytes) -> str | None:
        """Some mu-law at 8 kHz. The words so far when they changed, else None."""
        return self._listener.feed(mulaw)

    def finish(self) -> Resolved:
        """The turn is over; the listener is used up."""
        return self._ears.resolve(self._listener.finish(), self._expect)


def build(model_dir: Path, clinic: Clinic, understander: Understander, today: Callable[[], date]) -> ClinicEars:
    """A clinic's ears. Loads the model (about a second). Raises SpeechModelError when the folder holds none."""
    ears = Ears(model_dir)
    names = {"first": tuple(FIRST), "last": tuple(LAST)}
    book = GrammarBook(material(clinic.vocabulary, (article.question for article in clinic.articles), names), ears.knows)
    return ClinicEars(ears, book, understander, today)
