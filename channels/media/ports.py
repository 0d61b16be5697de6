"""What a streamed call needs from speech recognition: small enough that a test can be the ears."""

from __future__ import annotations

from typing import Protocol

from dialogs.line import Expect


class Heard(Protocol):
    """What one turn of speech was."""

    @property
    def text(self) -> str:
        """The words as the readers know them; empty when nothing was understood."""

    @property
    def confidence(self) -> float:
        """0 to 1."""


class Listener(Protocol):
    """Ears for one turn of one caller."""

    def feed(self, mulaw: bytes) -> str | None:
        """Some audio at 8 kHz. The words so far when they changed, else None."""

    def finish(self) -> Heard:
        """The turn is over; the listener is used up."""


class Ears(Protocol):
    """Makes listeners. Thread-safe; one per process."""

    def listen(self, expect: Expect | None) -> Listener:
        """Ears for the answer to one question."""
