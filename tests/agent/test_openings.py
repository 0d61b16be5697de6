"""The schedule is kept up: a replaced list is read, a calendar is loaded, and one that fails leaves the last until it is stale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.clinic import Clinic
from agent.fetching import Fetched, Refused, Wanted
from agent.openings import EVERY, LiveOpenings
from knowledge.availability import Opening

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
TODAY = date(2026, 11, 21)
CALENDAR = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTART:20261124T090000\nSUMMARY:Open\nLOCATION:Mesa\nEND:VEVENT\nEND:VCALENDAR\n"
)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Server:
    """Gives the calendar, or fails."""

    def __init__(self) -> None:
        self.text: str | None = CALENDAR
        self.asked: list[tuple[str, Wanted]] = []

    def __call__(self, url: str, folder: Path, wanted: Wanted) -> Fetched:
        self.asked.append((url, wanted))
        if self.text is None:
            raise Refused("the server answered 503")
        path = folder / "download.ics"
        path.write_text(self.text)
        return Fetched(path, url)


@pytest.fixture
def fed(clinic: Clinic) -> Clinic:
    """The clinic with a calendar."""
    return replace(clinic, feed="webcal://calendar.example/openings.ics")


def _times(live: LiveOpenings) -> list[str]:
    stated = live.now()
    return [f"{opening.day} {opening.time}" for opening in stated.openings]


def test_a_calendar_is_loaded_once_in_a_while(fed: Clinic, tmp_path: Path) -> None:
    server, clock = Server(), Clock()
    live = LiveOpenings(fed, tmp_path, within=("cal.lan",), fetch=server, clock=clock)
    for _ in range(3):
        live.load_if_due()
    assert _times(live) == ["2026-11-24 09:00"]
    assert [(url, wanted.within) for url, wanted in server.asked] == [("https://calendar.example/openings.ics", {"cal.lan"})]
    clock.now += EVERY
    live.load_if_due()
    assert len(server.asked) == 2


@pytest.mark.parametrize("broken", [None, "<html>log in</html>"])
def test_one_that_fails_leaves_the_last_until_that_is_stale(fed: Clinic, tmp_path: Path, broken: str | None) -> None:
    server, clock = Server(), Clock()
    live = LiveOpenings(fed, tmp_path, fetch=server, clock=clock)
    live.load()
    server.text = broken
    clock.now += timedelta(days=1)
    live.load_if_due()
    assert live.loaded.problem
    assert live.now().next_openings(TODAY + timedelta(days=1), frozenset()) == (Opening(date(2026, 11, 24), "09:00", "Mesa"),)
    assert live.now().next_openings(TODAY + timedelta(days=4), frozenset()) == ()


def test_what_was_loaded_is_there_for_other_processes_and_the_next_start(fed: Clinic, tmp_path: Path) -> None:
    server, clock = Server(), Clock()
    beside = LiveOpenings(fed, tmp_path, fetch=server, clock=clock)
    LiveOpenings(fed, tmp_path, fetch=server, clock=clock).load()
    assert _times(beside) == ["2026-11-24 09:00"]
    beside.load_if_due()
    assert len(server.asked) == 1


def test_a_damaged_keepsake_is_no_calendar(fed: Clinic, tmp_path: Path) -> None:
    live = LiveOpenings(fed, tmp_path, fetch=Server(), clock=Clock())
    live.load()
    (kept,) = (tmp_path / "openings").iterdir()
    kept.write_text('{"openings": 7}')
    assert _times(LiveOpenings(fed, tmp_path, fetch=Server(), clock=Clock())) == []


def _with_list(clinic: Clinic, folder: Path) -> Callable[[str], None]:
    def write(text: str) -> None:
        (folder / "openings.csv").write_text(text)

    return write


def test_a_replaced_list_is_read_and_a_broken_one_leaves_the_last(clinic: Clinic, tmp_path: Path) -> None:
    write = _with_list(clinic, tmp_path)
    live = LiveOpenings(replace(clinic, folder=tmp_path), None)
    assert _times(live) == []
    write("date,time\n2026-11-24,9:00\n")
    assert _times(live) == ["2026-11-24 09:00"]
    write("date,time\nsoon,9:00 or so\n")
    assert _times(live) == ["2026-11-24 09:00"]


def test_a_calendar_may_be_a_file_in_the_folder(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / "openings.ics").write_text(CALENDAR)
    live = LiveOpenings(replace(clinic, folder=tmp_path, feed="openings.ics"), None, clock=Clock())
    live.load_if_due()
    assert _times(live) == ["2026-11-24 09:00"]
    live = LiveOpenings(replace(clinic, folder=tmp_path, feed="nothing.ics"), None, clock=Clock())
    live.load_if_due()
    assert live.loaded.problem == "the file cannot be read"
