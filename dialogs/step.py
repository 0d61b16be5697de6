"""What one step of a conversation gives: lines to say, what to listen for, and what happened."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.events import Event
from dialogs.state import State


@dataclass(frozen=True, slots=True)
class Line:
    """One thing the line says."""

    key: str
    """The locale entry it was worded from, or `answer` for the clinic's own knowledge."""
    text: str
    """As written, for a screen."""
    spoken: str
    """As said, for the ear."""
    uninterruptible: bool = False
    """Safety instructions are heard to the end."""
    source: str = ""
    """Answer id, source and date, for the coordinator's transcript; empty for our own words."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What we listen for next: the doors turn it into hints, keypad lengths and end-of-turn rules."""

    slot: str | None
    """The slot asked for; None when anything goes."""
    form: str = "text"
    """`text`, `name`, `phone`, `email`, `date`, `id`, `payer`, `times`, `yes_no`."""
    confirming: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of thinking about one message."""

    state: State
    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    expect: Expect | None
    end: bool = False
    person: bool = False
