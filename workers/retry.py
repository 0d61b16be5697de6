"""When to try again, and when to stop: exponential backoff with full jitter.

Full jitter (a uniformly random part of the exponential step) spreads a backlog best when a server comes back; see
"Exponential Backoff And Jitter", AWS Architecture Blog. Times are UTC instants, so a change to or from summer time
neither skips nor doubles an attempt.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """How patient we are with one kind of failure."""

    base: timedelta
    """The longest first wait."""
    cap: timedelta
    """The longest wait there is."""
    attempts: int
    """After this many a person takes over."""

    def next(self, attempt: int, now: datetime, uniform: Callable[[float, float], float] = random.uniform) -> datetime | None:
        """When to make the attempt after number `attempt` (from 1), or None when that was the last."""
        if attempt >= self.attempts:
            return None
        # 2.0 ** 1024 overflows; the cap is reached long before.
        step = min(self.cap.total_seconds(), self.base.total_seconds() * 2.0 ** min(attempt - 1, 32))
        return now + timedelta(seconds=max(1.0, uniform(0.0, step)))


ROUTINE = Backoff(timedelta(seconds=20), timedelta(hours=1), attempts=64)
"""About a day and a half: a mail server may be down for a weekend night, and the thank-you is promised within a day."""
URGENT = Backoff(timedelta(seconds=5), timedelta(minutes=2), attempts=90)
"""About an hour and a half, seldom more than a minute apart: by then a person must have been told another way."""
AMBIGUOUS = Backoff(timedelta(minutes=2), timedelta(hours=1), attempts=12)
"""Every attempt may reach the reader, so there are few, far apart."""
LISTENING = Backoff(timedelta(seconds=20), timedelta(minutes=5), attempts=5)
"""A message nobody could make out in a quarter of an hour waits for a person's ears, who is told so."""
PAUSE = timedelta(minutes=5)
"""How long a channel rests after it refused our credentials, before one message tries again."""
