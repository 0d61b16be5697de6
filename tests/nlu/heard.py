"""One reader, one sentence: shared by the tests of the readers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from nlu.message import Message
from nlu.parse import Context, Reading, TimeWindow, Value

TODAY = date(2026, 11, 20)
"""A Friday."""


def context(asked: str | None = None, confirming: bool = False, **known: Value) -> Context:
    """The moment a message arrives in; `known` takes slot names with `__` for the dot."""
    return Context(TODAY, asked, confirming, known={slot.replace("__", "."): value for slot, value in known.items()})


def value(read: Callable[[Message, Context], list[Reading]], text: str, moment: Context) -> Value | None:
    """The value of the first reading, or None."""
    readings = read(Message.of(text), moment)
    return readings[0].value if readings else None


def window(
    days: str = "", part: str = "any", after: str | None = None, before: str | None = None, first: str | None = None, last: str | None = None
) -> TimeWindow:
    """A window written short: `window("mon tue", after="15:00")`."""
    return TimeWindow(tuple(days.split()), part, after, before, first, last)  # type: ignore[arg-type]
