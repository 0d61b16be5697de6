"""What the line says and what it listens for next."""

from __future__ import annotations

from dataclasses import dataclass


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
    """`text`, `name`, `phone`, `email`, `date`, `id`, `payer`, `times`, `choice`, `yes_no`."""
    confirming: bool = False
    """True when what was read back is to be confirmed."""
