from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from workers import windows

RULES = windows.load()
OHIO = ZoneInfo("America/New_York")
CALIFORNIA, TEXAS, FLORIDA, KENTUCKY, TOLL_FREE = "+14155550101", "+12145550101", "+13055550101", "+15025550101", "+18005550101"


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("number", "now", "home", "opens"),
    [
        (TEXAS, local("2026-06-14T11:59", "America/Chicago"), "America/Chicago", local("2026-06-14T12:00", "America/Chicago")),
        (FLORIDA, local("2026-06-15T20:01", "America/New_York"), "America/New_York", local("2026-06-16T09:00", "America/New_York")),
        (FLORIDA, local("2026-06-15T19:59", "America/New_York"), "America/New_York", local("2026-06-15T19:59", "America/New_York")),
        (KENTUCKY, local("2026-06-16T09:30", "America/New_York"), "America/New_York", local("2026-06-16T10:00", "America/New_York")),
    ],
)
def test_a_text_we_begin_waits_for_the_window_of_the_number(number: str, now: datetime, home: str, opens: datetime) -> None:
    """A24: Texas Sunday at 11:59, Florida at 20:01, and Kentucky's later morning."""
    assert RULES.opens(number, now, ZoneInfo(home)) == opens


def test_both_the_clinics_zone_and_the_numbers_zone_must_agree() -> None:
    """A24: nine in Ohio is six in California; seven in the evening in California is ten in Ohio."""
    assert RULES.opens(CALIFORNIA, local("2026-06-16T09:00", "America/New_York"), OHIO) == local("2026-06-16T09:00", "America/Los_Angeles")
    assert RULES.opens(CALIFORNIA, local("2026-06-16T19:00", "America/Los_Angeles"), OHIO) == local("2026-06-17T09:00", "America/Los_Angeles")


def test_the_clinics_own_state_narrows_the_window_as_well() -> None:
    """A24: a Louisiana clinic does not text on a Sunday whatever the number."""
    sunday = local("2026-06-14T15:00", "America/Chicago")
    assert RULES.opens(TEXAS, sunday, ZoneInfo("America/Chicago"), "LA") == local("2026-06-15T09:00", "America/Chicago")


@pytest.mark.parametrize("instant", ["2026-03-08T07:30", "2026-11-01T05:30", "2026-11-01T06:30"])
def test_the_window_opens_at_noon_on_the_days_the_clock_changes(instant: str) -> None:
    """A24, A35: the missing and the doubled hour of 2026 move nothing."""
    now = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    opens = RULES.opens("+12125550101", now, OHIO).astimezone(OHIO)
    assert (opens.hour, opens.minute, opens.date()) == (12, 0, now.date())


def test_a_number_without_a_place_waits_until_the_whole_mainland_is_awake() -> None:
    """A24: a toll-free number may ring anywhere."""
    assert RULES.opens(TOLL_FREE, local("2026-06-16T09:30", "America/New_York"), OHIO) == local("2026-06-16T09:00", "America/Los_Angeles")


def test_an_unreadable_number_is_held_by_the_clinics_hours() -> None:
    assert RULES.opens("nobody", local("2026-06-16T22:00", "America/New_York"), OHIO) == local("2026-06-17T09:00", "America/New_York")
