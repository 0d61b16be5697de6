"""Promises fall on days somebody works: holidays, half days, weekends and both changes of the clock included."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from agent.calendar import Calendar
from tests.builders import a_clinic

HOURS = """
timezone = "America/New_York"
state = "OH"
[hours]
mon = ["07:30-17:30"]
tue = ["07:30-12:00", "13:00-17:30"]
wed = ["07:30-17:30"]
thu = ["07:30-17:30"]
fri = ["07:30-17:30"]
[holidays]
kept = ["Thanksgiving Day", "Independence Day", "Christmas Day", "New Year's Day"]
days_after = ["Thanksgiving Day"]
[special_hours]
"12-24" = ["07:30-12:00"]
"2026-08-05" = []
"""


@pytest.fixture
def calendar(tmp_path: Path) -> Calendar:
    return a_clinic(tmp_path / "clinic", HOURS).calendar


@pytest.mark.parametrize(
    ("heard", "callback"),
    [
        ("2026-11-19T22:00-05:00", "2026-11-20"),  # Thursday night: Friday
        ("2026-11-20T06:00-05:00", "2026-11-20"),  # before opening: the same day
        ("2026-11-20T10:00-05:00", "2026-11-20"),
        ("2026-11-20T15:30-05:00", "2026-11-20"),  # two hours before closing: still the same day
        ("2026-11-20T15:31-05:00", "2026-11-23"),  # later: after the weekend
        ("2026-11-21T10:00-05:00", "2026-11-23"),
        ("2026-11-25T20:00-05:00", "2026-11-30"),  # Thanksgiving, and the day after
        ("2026-12-24T09:00-05:00", "2026-12-24"),
        ("2026-12-24T10:30-05:00", "2026-12-28"),  # half day, then Christmas on a Friday
        ("2026-07-02T20:00-04:00", "2026-07-06"),  # Independence Day falls on a Saturday and is kept on Friday
        ("2026-12-31T20:00-05:00", "2027-01-04"),  # year end
        ("2026-08-04T20:00-04:00", "2026-08-06"),  # closed for a day of its own
        ("2028-02-28T20:00-05:00", "2028-02-29"),  # leap day
        ("2026-11-24T10:30-05:00", "2026-11-24"),  # before the second stretch of a day in two parts
    ],
)
def test_the_day_of_the_callback(calendar: Calendar, heard: str, callback: str) -> None:
    assert calendar.callback_day(datetime.fromisoformat(heard)) == date.fromisoformat(callback)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-20T12:29+00:00", False),
        ("2026-11-20T12:30+00:00", True),
        ("2026-11-20T22:29+00:00", True),
        ("2026-11-20T22:30+00:00", False),
        ("2026-11-24T17:30+00:00", False),  # lunch on Tuesday
        ("2026-11-26T15:00+00:00", False),  # Thanksgiving
        ("2026-03-09T11:30+00:00", True),  # Monday after the clocks went forward
        ("2026-03-06T11:30+00:00", False),  # Friday before
        ("2026-11-02T12:30+00:00", True),  # Monday after the clocks went back
        ("2026-11-22T15:00+00:00", False),
    ],
)
def test_when_somebody_is_at_the_desk(calendar: Calendar, moment: str, is_open: bool) -> None:
    assert calendar.is_open(datetime.fromisoformat(moment)) is is_open


def test_the_clinics_date_is_its_own(calendar: Calendar) -> None:
    assert calendar.today(datetime.fromisoformat("2026-11-21T04:59+00:00")) == date(2026, 11, 20)
    assert calendar.today(datetime.fromisoformat("2026-11-21T05:00+00:00")) == date(2026, 11, 21)


def test_business_days_are_counted_over_weekends_and_holidays(calendar: Calendar) -> None:
    assert calendar.add_business_days(date(2026, 11, 24), 3) == date(2026, 12, 1)
    assert calendar.add_business_days(date(2026, 11, 24), 0) == date(2026, 11, 24)


def test_a_clinic_that_is_never_open_still_has_an_answer(tmp_path: Path) -> None:
    shut = "[hours]\n" + "".join(f"{day} = []\n" for day in ("mon", "tue", "wed", "thu", "fri"))
    closed = a_clinic(tmp_path / "clinic", shut).calendar
    assert closed.callback_day(datetime.fromisoformat("2026-11-20T12:00-05:00")) == date(2026, 11, 21)
