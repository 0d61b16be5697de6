from __future__ import annotations

import pytest

from nlu.clock import clock_at
from nlu.numbers import atoms


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("8:15", "08:15"),
        ("130", "13:30"),
        ("half past four", "16:30"),
        ("quarter to eleven", "10:45"),
        ("two", "14:00"),
        ("seven in the evening", "19:00"),
        ("noon", "12:00"),
        ("9 a.m.", "09:00"),
        ("las cuatro y cuarto".removeprefix("las "), "16:15"),
        ("15:45", "15:45"),
    ],
)
def test_clock_times(said: str, time: str) -> None:
    clock, _ = clock_at(said, atoms(said), 0)
    assert clock is not None
    assert clock.text == time


@pytest.mark.parametrize("said", ["2018", "knee", "$30", "40%"])
def test_what_is_no_time(said: str) -> None:
    assert all(clock_at(said, atoms(said), index)[0] is None for index in range(len(atoms(said))))
