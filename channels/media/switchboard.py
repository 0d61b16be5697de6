"""What all streamed calls of a process share: one pair of ears, one mouth, a number of seats. Made once, filled in the background.

Until the speech model is loaded, or when every seat is taken, calls are heard by Twilio's own recogniser instead.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from flask import current_app

from agent.bootstrap import Agent
from agent.clinic import Clinic
from agent.messages import Inbound, Reply
from agent.stream_tokens import Ticket
from channels.media.ports import Ears
from channels.metrics import Metrics
from channels.speech.playing import Mouth
from nlu.parse import Language, Understander

EXTENSION = "referline_switchboard"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Speech:
    """Hearing and speaking, once they are loaded."""

    ears: Ears
    mouth: Mouth
    languages: frozenset[Language] = frozenset({"en"})
    """What the ears understand."""
    voices: frozenset[Language] = frozenset({"en", "es"})
    """What the mouth speaks."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one process. Whoever is on the other side of a socket, nobody else's call suffers."""

    streams: int = 40
    """Calls at once."""
    start_s: float = 8.0
    """From the handshake to `start`."""
    quiet_s: float = 15.0
    """Without any message: the other side is gone, and has not said so."""
    call_s: float = 600.0
    ahead_s: float = 12.0
    """Audio may arrive faster than time passes by this much: a network that stalled and caught up."""
    waiting_bytes: int = 1_000_000
    """Received and not yet read; Twilio sends 15,000 a second."""
    garbage: int = 100
    """Unreadable messages."""
    messages_s: float = 120.0
    """Messages a second, on average after the first ten seconds' worth; Twilio sends 50."""


class Hearing(Protocol):
    """`agent.turns.Turns`, as far as a call needs it."""

    def hear(self, inbound: Inbound) -> Reply:
        """Take one turn. Raises TurnFailed."""


class Switchboard:
    """Knows whether one more call can be taken, and gives calls what they need."""

    def __init__(self, agent: Agent, metrics: Metrics, limits: Limits, texting: Texting) -> None:
        self.turns: Hearing = agent.turns
        self.clinic: Clinic = agent.clinic
        self.understander: Understander = agent.understander
        self.locales = frozenset(agent.script.locales)
        self.metrics = metrics
        self.limits = limits
        self._clock = agent.clock
        self._texting = texting
        self._speech: Speech | None = None
        self._lock = threading.Lock()
        self._open = 0
        self._closing = False

    def install(self, speech: Speech) -> None:
        """Hearing and speaking are there."""
        self._speech = speech
        self.metrics.speech.set(1)

    def load(self, load: Callable[[], Speech]) -> threading.Thread:
        """The same in the background. When it fails the line says so in the log, and calls go on without."""

        def run() -> None:
            try:
                self.install(load())
            except Exception:
                # A boundary: whatever is wrong with a model or a library, the line answers, in the other mode.
                log.exception("calls are heard by Twilio: speech did not load")

        loader = threading.Thread(target=run, name="speech", daemon=True)
        loader.start()
        return loader

    @property
    def speech(self) -> Speech:
        """Only to be asked for by a call that has a seat."""
        assert self._speech is not None, "there are no seats before speech is loaded"
        return self._speech

    @property
    def closing(self) -> bool:
        """The process stops: calls hand themselves back."""
        return self._closing

    def close(self) -> None:
        """Take no more calls and let those under way recover elsewhere. May be called from a signal handler."""
        self._closing = True

    def has_room(self, language: str | None) -> bool:
        """Whether a call in this language can be streamed now."""
        speech = self._speech
        return speech is not None and not self._closing and (language or "en") in speech.languages and self._open < self.limits.streams

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """Hold a seat; False when there is none."""
        with self._lock:
            taken = self._speech is not None and not self._closing and self._open < self.limits.streams
            self._open += taken
        self.metrics.streams.set(self._open)
        try:
            yield taken
        finally:
            if taken:
                with self._lock:
                    self._open -= 1
                self.metrics.streams.set(self._open)

    def today(self) -> date:
        """The clinic's date."""
        return self.clinic.calendar.today(self._clock())

    def may_text(self, ticket: Ticket) -> bool:
        """Whether this caller can be sent a text to go on with."""
        return self._texting.possible(ticket)

    def send_text(self, ticket: Ticket) -> bool:
        """Send it; False when it could not be queued."""
        return self._texting.send(ticket)


class Texting(Protocol):
    """Going on by text message."""

    def possible(self, ticket: Ticket) -> bool:
        """Whether one may be sent to where the caller calls from."""

    def send(self, ticket: Ticket) -> bool:
        """Queue it; False when it could not be."""


def switchboard() -> Switchboard:
    """The one of the application that serves this request."""
    board: Switchboard = current_app.extensions[EXTENSION]
    return board
