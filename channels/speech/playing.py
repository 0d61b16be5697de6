"""What the line is saying: sentences on their way to the caller, each with a mark behind it that comes back once it was heard.

Sentences are made one at a time, a little ahead of the caller's ear: the first leaves at once, and one that is never said is never made.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from channels.speech import audio
from nlu.parse import Language

LEAD_MS = 4_000
"""Audio sent ahead of what is being heard. More would be thrown away when the caller speaks; less could leave a gap when we are busy."""
PIECE_BYTES = audio.LINE_RATE * 2 // 5
"""400 ms in one message."""
LATE_MS = 2_000
"""After which a sentence counts as heard though its mark did not come back."""

_SENTENCE_END = re.compile(r"(?<!\bDr)(?<!\bMr)(?<!\bSt)(?<!\bMs)(?<!\bMrs)(?<=[.!?;:])\s+")


class Mouth(Protocol):
    """Makes speech."""

    def speak(self, text: str, language: Language = "en") -> bytes:
        """One sentence as mu-law at 8 kHz. Raises SpeechUnavailable."""
        ...


class Outgoing(Protocol):
    """The outgoing half of a stream."""

    def media(self, mulaw: bytes) -> None:
        """Audio to be played after what was sent before."""

    def mark(self, name: str) -> None:
        """To come back when everything before it was played."""

    def clear(self) -> None:
        """Forget what was sent and not played."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing to say without a break."""

    text: str
    language: Language = "en"
    uninterruptible: bool = False


def sentences(text: str, language: Language, *, uninterruptible: bool = False) -> Iterator[Sentence]:
    """A text cut where people breathe."""
    return (Sentence(piece, language, uninterruptible) for piece in _SENTENCE_END.split(text.strip()) if piece.strip())


class Playing:
    """Speaks on one stream. `now` is always milliseconds of the call's own audio."""

    def __init__(self, mouth: Mouth, line: Outgoing) -> None:
        self._mouth = mouth
        self._line = line
        self._waiting: deque[Sentence] = deque()
        self._sent: dict[str, Sentence] = {}
        self._count = 0
        self._ends_at = 0.0

    def say(self, texts: Iterable[Sentence], now: float) -> None:
        """Say these after what is being said. The first leaves before this returns. Raises SpeechUnavailable."""
        self._waiting.extend(texts)
        self.go_on(now)

    def go_on(self, now: float) -> None:
        """Make and send the next sentence when it is time to. Raises SpeechUnavailable."""
        if self._waiting and self._ends_at - now < LEAD_MS:
            self._send(self._waiting.popleft(), now)
        if self._sent and not self._waiting and now > self._ends_at + LATE_MS:
            self._sent.clear()

    def came_back(self, name: str) -> None:
        """A mark. One of a sentence that was cut off means nothing, and neither does one we never sent."""
        if name in self._sent:
            for earlier in list(self._sent):
                del self._sent[earlier]
                if earlier == name:
                    return

    @property
    def busy(self) -> bool:
        """Something is being said, or about to be."""
        return bool(self._waiting or self._sent)

    @property
    def interruptible(self) -> bool:
        """Nothing that is being said, or waits behind it, must be heard to the end."""
        return not any(sentence.uninterruptible for sentence in self._unheard())

    @property
    def last(self) -> bool:
        """The last sentence is being said."""
        return not self._waiting and len(self._sent) <= 1

    def cut(self) -> tuple[Sentence, ...]:
        """Stop at once; what was not heard to its end, to be said again if stopping was a mistake."""
        unheard = self._unheard()
        if self._sent:
            self._line.clear()
        self._waiting.clear()
        self._sent.clear()
        self._ends_at = 0.0
        return unheard

    def _unheard(self) -> tuple[Sentence, ...]:
        return (*self._sent.values(), *self._waiting)

    def _send(self, sentence: Sentence, now: float) -> None:
        spoken = self._mouth.speak(sentence.text, sentence.language)
        for piece in pieces(spoken):
            self._line.media(piece)
        self._count += 1
        name = f"said-{self._count}"
        self._sent[name] = sentence
        self._line.mark(name)
        self._ends_at = max(self._ends_at, now) + len(spoken) * 1000 / audio.LINE_RATE


def pieces(spoken: bytes) -> Sequence[bytes]:
    """Audio in messages of a bounded size."""
    return [spoken[at : at + PIECE_BYTES] for at in range(0, len(spoken), PIECE_BYTES)]
