"""A call without a socket: the caller's ear and mouth at one end of a `StreamedCall`, in the call's own time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from agent.clinic import Clinic
from agent.messages import Inbound, Reply
from agent.stream_tokens import Ticket
from channels.media.call import StreamedCall
from channels.media.switchboard import Limits, Speech, Switchboard, Texting
from channels.metrics import Metrics
from channels.speech import audio
from dialogs.line import Expect, Line
from nlu.parse import Understander
from tests.builders import NUMBER
from tests.fakes.clock import FakeClock
from tests.fakes.ears import FakeEars, FakeMouth, quiet, spoken, what
from tests.fakes.turns import FakeTurns

TICKET = Ticket("CA1", "AC1", NUMBER, "+16145550142")
QUESTION = "What is the best phone number to call?"


@dataclass
class Ear:
    """Twilio's buffer and the caller's ear: plays what was sent, gives marks back, obeys `clear`."""

    heard: list[str] = field(default_factory=list)
    """Sentences that began to be heard."""
    cleared_at: list[float] = field(default_factory=list)
    received: int = 0
    """Bytes of audio."""
    held_marks: list[str] | None = None
    """When a list, marks do not come back but are kept here: a slow network."""
    now: float = 0.0
    back: Callable[[str], None] = lambda name: None
    _buffer: deque[bytes | str] = field(default_factory=deque)

    def media(self, mulaw: bytes) -> None:
        self.received += len(mulaw)
        self._buffer += [mulaw[at : at + audio.FRAME_BYTES] for at in range(0, len(mulaw), audio.FRAME_BYTES)]

    def mark(self, name: str) -> None:
        self._buffer.append(name)

    def clear(self) -> None:
        self.cleared_at.append(self.now)
        marks = [item for item in self._buffer if isinstance(item, str)]
        self._buffer.clear()
        for name in marks:
            self._return(name)

    @property
    def playing(self) -> bool:
        return any(isinstance(item, bytes) for item in self._buffer)

    def tick(self) -> None:
        """20 ms pass."""
        self.now += audio.FRAME_MS
        if self._buffer and isinstance(frame := self._buffer[0], bytes):
            self._buffer.popleft()
            if (sentence := what(frame)) is not None:
                self.heard.append(sentence)
        while self._buffer and isinstance(name := self._buffer[0], str):
            self._buffer.popleft()
            self._return(name)

    def _return(self, name: str) -> None:
        if self.held_marks is None:
            self.back(name)
        else:
            self.held_marks.append(name)


def question(text: str = QUESTION, slot: str | None = "patient.phone", form: str = "phone", *, confirming: bool = False) -> Reply:
    """A reply that asks."""
    return Reply((Line("ask", text, text),), Expect(slot, form, confirming))


class NoTexts:
    """Texts cannot be sent."""

    def possible(self, _ticket: Ticket) -> bool:
        return False

    def send(self, _ticket: Ticket) -> bool:
        return False


@dataclass
class Conversation:
    """One call under way."""

    clinic: Clinic
    understander: Understander
    answer: Callable[[Inbound], Reply] = lambda inbound: question()
    texting: Texting | None = None
    ticket: Ticket = TICKET
    turns: FakeTurns = field(init=False)
    ears: FakeEars = field(default_factory=FakeEars)
    mouth: FakeMouth = field(default_factory=FakeMouth)
    ear: Ear = field(default_factory=Ear)
    board: Switchboard = field(init=False)
    call: StreamedCall = field(init=False)

    def __post_init__(self) -> None:
        self.turns = FakeTurns(self.answer)
        script = SimpleNamespace(locales={"en": None, "es": None})
        agent: Any = SimpleNamespace(turns=self.turns, clinic=self.clinic, understander=self.understander, script=script, clock=FakeClock())
        self.board = Switchboard(agent, Metrics(), Limits(), self.texting or NoTexts())
        self.board.install(Speech(self.ears, self.mouth))
        self.call = StreamedCall(self.board, self.ticket, self.ear)
        self.ear.back = self.call.mark
        self.call.begin()

    def frames(self, frames: Iterable[bytes]) -> Conversation:
        for frame in frames:
            self.ear.tick()
            self.call.media(frame)
        return self

    def says(self, text: str) -> Conversation:
        """The caller says this, over whatever is being said."""
        return self.frames(spoken(text))

    def waits(self, milliseconds: float) -> Conversation:
        return self.frames(quiet(milliseconds))

    def listens(self) -> Conversation:
        """The caller hears us out."""
        for _ in range(60_000 // audio.FRAME_MS):
            if not (self.call._playing.busy or self.call._barge.pausing):
                break
            self.frames(quiet(audio.FRAME_MS))
        return self

    def presses(self, keys: str) -> Conversation:
        for key in keys:
            self.call.key(key)
            self.waits(200)
        return self

    @property
    def heard(self) -> list[str]:
        """What the line took for a turn of the caller's, the opening and preface left out."""
        return [inbound.text or inbound.kind.value for inbound in self.turns.heard[1:]]

    def until_heard(self, most_ms: int = 10_000) -> int:
        """Milliseconds of quiet until the line takes the turn."""
        before = len(self.turns.heard)
        for waited in range(0, most_ms, audio.FRAME_MS):
            if len(self.turns.heard) > before:
                return waited
            self.waits(audio.FRAME_MS)
        raise AssertionError("the turn never ended")
