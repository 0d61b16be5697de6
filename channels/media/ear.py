"""The caller's side of a stream: audio goes to the recogniser only from where somebody speaks, with what came just before.

Silence costs nothing this way, and most of a call is our own voice or somebody looking for their card.
"""

from __future__ import annotations

from collections import deque

from channels.media.ports import Ears, Heard, Listener
from channels.speech import audio
from dialogs.line import Expect

BEFORE_MS = 400
"""Audio from before the first sound that is fed with it: soft beginnings of words."""
AFTER_MS = 2_400
"""Quiet after which the recogniser rests until the next sound. Longer than any turn is waited for."""
BATCH_FRAMES = 3
"""Frames given to the recogniser at once: calling it costs as much as listening."""


class Ear:
    """Listens for the answer to one question at a time."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._expect: Expect | None = None
        self._listener: Listener | None = None
        self._before: deque[bytes] = deque(maxlen=BEFORE_MS // audio.FRAME_MS)
        self._batch: list[bytes] = []
        self._awake_ms = 0.0
        self.words = ""

    def listen(self, expect: Expect | None) -> None:
        """Forget what was heard, and listen for this."""
        self._expect = expect
        self.rest()

    def rest(self) -> None:
        """Forget what was heard and go on listening for the same."""
        self._listener = None
        self._batch.clear()
        self._awake_ms = 0.0
        self.words = ""

    def feed(self, frame: bytes, *, voiced: bool) -> str | None:
        """One frame; the words so far when they changed."""
        if voiced:
            self._awake_ms = AFTER_MS
        elif self._awake_ms <= 0:
            self._before.append(frame)
            return None
        else:
            self._awake_ms -= audio.FRAME_MS
        if self._listener is None:
            # Made at the first sound: its grammar takes megabytes, and most of a call nobody speaks.
            self._listener = self._ears.listen(self._expect)
        self._batch += [*self._before, frame]
        self._before.clear()
        if len(self._batch) < BATCH_FRAMES:
            return None
        words = self._listener.feed(b"".join(self._batch))
        self._batch.clear()
        if words is None or words == self.words:
            return None
        self.words = words
        return words

    def finish(self) -> Heard | None:
        """The turn is over: what it was, or None when nobody spoke. Ready for the next one afterwards."""
        listener, self._listener = self._listener, None
        if listener is None:
            return None
        if self._batch:
            listener.feed(b"".join(self._batch))
        self.rest()
        return listener.finish()
