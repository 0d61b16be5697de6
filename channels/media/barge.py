"""The caller speaks while we do. Do they want the floor?

Words that mean something take it at once. A voice that is clearly somebody's stops us within 300 ms, before its words are known; when they turn
out to be a murmur or a cough, we say again what was cut off. "Uh huh" alone takes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum

from channels.speech import audio
from channels.speech.endpoint import is_backchannel
from channels.speech.playing import Sentence

WINDOW_MS = 300
VOICED_MS = 240
"""Of the window, to stop for a voice alone."""
WORDED_MS = 60
"""Of the window, to believe the recogniser that a word was the caller's."""
DOUBT_MS = 900
"""Quiet after which a voice without words was none."""
MURMUR_MS = 400
"""Quiet after which a murmur was only that."""
MOST_DOUBTS = 2
"""Times in one reply we stop for a voice alone: somebody's radio must not keep us from speaking."""


class Barge:
    """Judges one reply's worth of overlapping sound."""

    class Verdict(Enum):
        """What to do now."""

        NOTHING = 0
        STOP = 1
        """Stop speaking and listen."""
        YIELD = 2
        """We have stopped, and they do want the floor."""
        GO_ON = 3
        """We have stopped for nothing: say the rest."""
        FORGET = 4
        """What was heard was a murmur."""

    def __init__(self) -> None:
        self._voiced: deque[bool] = deque(maxlen=WINDOW_MS // audio.FRAME_MS)
        self._quiet_ms = 0.0
        self._doubts = 0
        self.unheard: tuple[Sentence, ...] = ()
        """What was cut off."""
        self.pausing = False
        """We have stopped for a voice without words."""

    def begin(self) -> None:
        """Listening starts anew."""
        self._voiced.clear()
        self._quiet_ms = 0.0
        self.pausing, self.unheard = False, ()

    def settle(self) -> None:
        """The floor is the caller's."""
        self.pausing = False

    def stopped(self, unheard: Sequence[Sentence]) -> None:
        """We have stopped speaking."""
        self.unheard = tuple(unheard)

    def judge(self, words: str, *, voiced: bool, interruptible: bool, murmurs_count: bool) -> Verdict:
        """One more frame. `murmurs_count`: "uh huh" would answer what is being asked."""
        self._voiced.append(voiced)
        self._quiet_ms = 0.0 if voiced else self._quiet_ms + audio.FRAME_MS
        meant = bool(words) and (murmurs_count or not is_backchannel(words))
        if self.pausing:
            return self._after_stopping(words, meant=meant)
        if not interruptible:
            return self.Verdict.NOTHING
        loud = sum(self._voiced) * audio.FRAME_MS
        if meant and loud >= WORDED_MS:
            return self.Verdict.STOP
        if words and not meant:
            return self.Verdict.FORGET if self._quiet_ms >= MURMUR_MS else self.Verdict.NOTHING
        if loud >= VOICED_MS and self._doubts < MOST_DOUBTS:
            self._doubts += 1
            self.pausing = True
            return self.Verdict.STOP
        return self.Verdict.NOTHING

    def _after_stopping(self, words: str, *, meant: bool) -> Verdict:
        if meant:
            return self.Verdict.YIELD
        if self._quiet_ms >= (MURMUR_MS if words else DOUBT_MS):
            return self.Verdict.GO_ON
        return self.Verdict.NOTHING
