"""Which events of a calendar are openings, and when, in the clinic's own time."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from knowledge.documents import bounded, calendar_feed
from knowledge.documents.document import Unreadable

PACIFIC, TODAY = ZoneInfo("America/Los_Angeles"), date(2026, 11, 21)


def _event(start: str, summary: str, *more: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{hash((start, summary))}", f"DTSTART{start}", f"SUMMARY:{summary}", *more, "END:VEVENT"))


def _calendar(path: Path, *parts: str) -> Path:
    path.write_text("\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *parts, "END:VCALENDAR", "")))
    return path


def _read(path: Path, *parts: str) -> list[tuple[str, ...]]:
    return list(calendar_feed.read(_calendar(path, *parts), PACIFIC, TODAY).blocks[0].rows[1:])


def test_times_come_out_in_the_clinics_zone_and_a_whole_day_has_none(tmp_path: Path) -> None:
    rows = _read(
        tmp_path / "a.ics",
        _event(":20261124T170000Z", "Open"),
        _event(";TZID=America/New_York:20261125T120000", "Open"),
        _event(":20261126T090000", "Open"),
        _event(";VALUE=DATE:20261127", "Open"),
    )
    assert [row[:2] for row in rows] == [("2026-11-24", "09:00"), ("2026-11-25", "09:00"), ("2026-11-26", "09:00"), ("2026-11-27", "")]


def test_repeated_events_keep_their_exceptions_and_moves(tmp_path: Path) -> None:
    series = ("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20261202T090000")
    moved = "BEGIN:VEVENT\r\nUID:s\r\nRECURRENCE-ID:20261209T090000\r\nDTSTART:20261209T110000\r\nSUMMARY:Open\r\nEND:VEVENT"
    first = _event(":20261125T090000", "Open", *series).replace(f"UID:{hash((':20261125T090000', 'Open'))}", "UID:s")
    assert [row[:2] for row in _read(tmp_path / "b.ics", first, moved)] == [
        ("2026-11-25", "09:00"), ("2026-12-09", "11:00"), ("2026-12-16", "09:00"),
    ]  # fmt: skip


def test_cancelled_busy_past_and_far_events_are_none(tmp_path: Path) -> None:
    assert not _read(
        tmp_path / "c.ics",
        _event(":20261124T090000", "Open", "STATUS:CANCELLED"),
        _event(":20261124T100000", "Open", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"),
        _event(":20261124T110000", "Open, on hold"),
        _event(":20261101T090000", "Open"),
        _event(":20270801T090000", "Open"),
    )


def test_appointments_among_openings_are_left_out_and_nobodys_name_comes_through(tmp_path: Path) -> None:
    path = _calendar(
        tmp_path / "d.ics",
        _event(":20261124T090000", "OPEN pelvic floor eval", "LOCATION:Mesa\\, 1 Main St"),
        _event(":20261124T100000", "Jane Doe eval"),
    )
    read = calendar_feed.read(path, PACIFIC, TODAY)
    assert read.blocks[0].rows[1:] == (("2026-11-24", "09:00", "Mesa", "pelvic health"),)
    assert "Doe" not in str(read)
    assert read.skipped[0].what.startswith("1 event")


def test_a_calendar_of_openings_need_not_say_so_at_each(tmp_path: Path) -> None:
    assert len(_read(tmp_path / "e.ics", _event(":20261124T090000", "New patient"), _event(":20261125T090000", "New patient"))) == 2


def test_free_periods_are_openings(tmp_path: Path) -> None:
    free = "BEGIN:VFREEBUSY\r\nUID:f\r\nFREEBUSY;FBTYPE=FREE:20261124T170000Z/PT1H\r\nFREEBUSY:20261124T190000Z/PT1H\r\nEND:VFREEBUSY"
    assert [row[:2] for row in _read(tmp_path / "f.ics", free)] == [("2026-11-24", "09:00")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html>Please log in</html>", "BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:never\n", "damaged|gave up"),
        (f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{_event(':20200101T000000Z', 'open', 'RRULE:FREQ=SECONDLY')}\nEND:VCALENDAR\n", "gave up"),
    ],
)
def test_what_is_no_calendar_or_a_bomb_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "g.ics"
    path.write_text(text)
    with pytest.raises(Unreadable, match=said):
        bounded.read_calendar(path, PACIFIC, TODAY)
