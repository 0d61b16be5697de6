from __future__ import annotations

import pytest

from nlu.relative_dates import stretches
from tests.nlu.heard import TODAY


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("tomorrow", "2026-11-21", "2026-11-21"),
        ("next week", "2026-11-23", "2026-11-27"),
        ("next wednesday", "2026-11-25", "2026-11-25"),
        ("in ten days", "2026-11-30", "2026-11-30"),
        ("week of the 30th", "2026-11-30", "2026-12-04"),
        ("after christmas", "2026-12-26", "None"),
        ("two days after thanksgiving", "2026-11-28", "2026-11-28"),
        ("the 8th of next month", "2026-12-08", "2026-12-08"),
        ("first week of december", "2026-11-30", "2026-12-04"),
        ("in january", "2027-01-01", "2027-01-31"),
        ("between dec 1 and dec 4", "2026-12-01", "2026-12-04"),
        ("from 14 to 18 december", "2026-12-14", "2026-12-18"),
        ("pasado mañana".replace("ñ", "n"), "2026-11-22", "2026-11-22"),
        ("la proxima semana", "2026-11-23", "2026-11-27"),
    ],
)
def test_stretches_of_days(said: str, first: str, last: str) -> None:
    assert [(str(s.first), str(s.last)) for s in stretches(said, TODAY)] == [(first, last)]
