from __future__ import annotations

from datetime import date

import pytest

from nlu.holiday_dates import holiday


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("thanksgiving", date(2026, 11, 26)),
        ("memorial day", date(2027, 5, 31)),
        ("easter", date(2027, 3, 28)),
        ("navidad", date(2026, 12, 25)),
        ("mlk day", date(2027, 1, 18)),
    ],
)
def test_the_next_such_holiday(name: str, day: date) -> None:
    assert holiday(name, date(2026, 11, 20)) == day
