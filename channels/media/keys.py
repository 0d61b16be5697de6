"""The keypad during a stream: keys come one by one and are put together the way a <Gather> would."""

from __future__ import annotations

from channels.hints import Keypad, keyed
from channels.wording import Words

GAP_MS = 3_000
"""Without another key, that was all."""
LONGEST = 40


class Keys:
    """Keys pressed in answer to one question."""

    def __init__(self) -> None:
        self._pressed = ""
        self._since = 0.0
        self._pad = Keypad(1)
        self._form = "text"

    def expect(self, form: str, pad: Keypad) -> None:
        """What was asked, and how its keys end."""
        self._pressed, self._form, self._pad = "", form, pad

    def press(self, key: str, now: float) -> bool:
        """One key; whether that was all."""
        self._since = now
        if key == self._pad.ends:
            return bool(self._pressed)
        self._pressed += key
        return len(self._pressed) >= min(self._pad.most or LONGEST, LONGEST)

    def over(self, now: float) -> bool:
        """Whether somebody who pressed keys has stopped."""
        return bool(self._pressed) and now - self._since >= GAP_MS

    def take(self, words: Words) -> tuple[str, str]:
        """The keys, and what they stand for."""
        pressed, self._pressed = self._pressed, ""
        return pressed, keyed(pressed, self._form, words)

    @property
    def pending(self) -> bool:
        """Some were pressed."""
        return bool(self._pressed)
