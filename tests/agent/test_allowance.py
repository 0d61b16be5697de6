"""A flood of texts ends before the clinic's money does (A56)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from agent.allowance import Allowance

NOON = datetime(2026, 11, 20, 12, 10, tzinfo=UTC)


def test_a_day_has_so_many_replies_and_no_more() -> None:
    """A56: globally, whoever they go to."""
    allowance = Allowance(3)
    assert [allowance.spend(NOON + timedelta(hours=hour)) for hour in range(4)] == [True, True, True, False]


def test_what_is_a_day_old_no_longer_counts() -> None:
    allowance = Allowance(2)
    assert allowance.spend(NOON)
    assert allowance.spend(NOON + timedelta(hours=5))
    assert not allowance.spend(NOON + timedelta(hours=23))
    assert allowance.spend(NOON + timedelta(hours=24))
    assert not allowance.spend(NOON + timedelta(hours=24))


def test_running_out_is_logged_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    allowance = Allowance(1)
    with caplog.at_level(logging.ERROR):
        for minutes in (0, 1, 2, 70):
            allowance.spend(NOON + timedelta(minutes=minutes))
    assert len(caplog.records) == 2
