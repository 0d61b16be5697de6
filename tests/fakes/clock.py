"""A clock that stands where a test puts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

THURSDAY_NIGHT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""Thursday, 22:00 in New York: the clinic is closed, tomorrow is a business day."""


@dataclass
class FakeClock:
    """Call it for the moment; set `now`, or let time pass."""

    now: datetime = THURSDAY_NIGHT

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **units: float) -> None:
        """`clock.passes(hours=24)`."""
        self.now += timedelta(**units)
