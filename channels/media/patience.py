"""Nobody answers. People look for their card, so the first question comes after ten seconds; and every silence has an end."""

from __future__ import annotations

from enum import Enum

FIRST_MS = 10_000
NEXT_MS = 8_000


class Rung(Enum):
    """What is done next about a silence."""

    AGAIN = "again"
    """The question once more, with the keypad as another way to answer it."""
    TEXT = "text"
    """Offer to go on by text message."""
    VOICEMAIL = "voicemail"
    """Offer to take a message; after that, goodbye."""


class Patience:
    """Climbs one rung for each stretch of quiet; a word or a key brings it back down."""

    def __init__(self) -> None:
        self.textable = False
        """A text can be sent to where this caller calls from."""
        self.offered = False
        """The text message was offered and not yet answered."""
        self.asked_again = False
        self._quiet_ms = 0.0
        self._climbed = 0

    def begin(self) -> None:
        """A question was put; the quiet after it counts from the end of our own speech."""
        self._quiet_ms = 0.0

    def reset(self) -> None:
        """Somebody is there."""
        self._quiet_ms, self._climbed, self.asked_again = 0.0, 0, False

    def wait(self, milliseconds: float) -> Rung | None:
        """This much more quiet; what to do about it, if anything."""
        self._quiet_ms += milliseconds
        if self._quiet_ms < (NEXT_MS if self._climbed else FIRST_MS):
            return None
        self._quiet_ms = 0.0
        rungs = [Rung.AGAIN, *([Rung.TEXT] if self.textable else []), Rung.VOICEMAIL]
        rung = rungs[min(self._climbed, len(rungs) - 1)]
        self._climbed += 1
        self.asked_again = self.asked_again or rung is Rung.AGAIN
        self.offered = rung is Rung.TEXT
        return rung
