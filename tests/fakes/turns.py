"""A stand-in for the turns: says what it is told to say, and shows what it heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.messages import Inbound, Reply
from agent.turns import TurnFailed
from dialogs.line import Expect, Line


def line(text: str, *, uninterruptible: bool = False) -> Line:
    """Something to say."""
    return Line("test", text, text, uninterruptible)


def reply(*texts: str, expect: Expect | None = None, end: bool = False, person: bool = False) -> Reply:
    """A reply of plain lines that listens for anything."""
    return Reply(tuple(line(text) for text in texts), expect or (None if end else Expect(None)), end, person)


@dataclass
class FakeTurns:
    """Hears and replies. The same message is replied to in the same words, as the real ones do."""

    answer: Callable[[Inbound], Reply] = lambda inbound: reply(f"heard {inbound.text or inbound.kind.value}")
    heard: list[Inbound] = field(default_factory=list)
    failures: int = 0
    """How many of the next turns fail."""
    crash: Exception | None = None
    """What the next turns raise: a fault nobody foresaw."""
    _recorded: dict[tuple[str, str], Reply] = field(default_factory=dict)

    def hear(self, inbound: Inbound) -> Reply:
        """See `agent.turns.Turns.hear`."""
        if self.crash is not None:
            raise self.crash
        if self.failures:
            self.failures -= 1
            raise TurnFailed(reply("sorry"))
        key = (inbound.door, inbound.message_id)
        if key not in self._recorded:
            self.heard.append(inbound)
            self._recorded[key] = self.answer(inbound)
        return self._recorded[key]
