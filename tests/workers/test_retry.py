from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workers.retry import AMBIGUOUS, ROUTINE, URGENT, Backoff

NOON = datetime(2026, 6, 16, 12, tzinfo=UTC)


def longest(_low: float, high: float) -> float:
    return high


def shortest(low: float, _high: float) -> float:
    return low


def test_the_wait_doubles_up_to_its_cap() -> None:
    backoff = Backoff(timedelta(seconds=10), timedelta(minutes=1), attempts=9)
    waits = [backoff.next(attempt, NOON, longest) for attempt in range(1, 6)]
    assert [(wait - NOON).total_seconds() for wait in waits if wait] == [10, 20, 40, 60, 60]


def test_jitter_never_makes_it_immediate() -> None:
    assert ROUTINE.next(5, NOON, shortest) == NOON + timedelta(seconds=1)


@pytest.mark.parametrize("backoff", [ROUTINE, URGENT, AMBIGUOUS])
def test_every_retry_has_an_end(backoff: Backoff) -> None:
    assert backoff.next(backoff.attempts - 1, NOON) is not None
    assert backoff.next(backoff.attempts, NOON) is None


def test_a_change_of_the_clock_moves_no_attempt() -> None:
    """A35: waits are between instants, so the doubled hour in November is simply two hours."""
    before = datetime(2026, 11, 1, 1, 59, 50, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    again = Backoff(timedelta(seconds=30), timedelta(hours=1), 5).next(1, before, longest)
    assert again == before + timedelta(seconds=30)
