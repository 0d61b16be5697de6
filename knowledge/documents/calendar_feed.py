"""An iCalendar (RFC 5545) of openings: which of its events are free appointments for a new patient, in the clinic's own time.

The calendar is one the clinic keeps for openings. Cancelled events, those marked busy and those whose words say so are none; where some events
say that they are open, those that do not are taken for appointments. Free periods of a VFREEBUSY are openings too. An all-day event is an
opening at some time that day. Names of events leave this module only as the specialty they tell, since they may hold a patient's.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from knowledge.documents.document import Document, Skipped, Unreadable, table
from knowledge.drafting.cells import plain
from knowledge.reading import lexicon

LARGEST = 4_000_000
AHEAD = timedelta(days=60)
_MOST = 500
_LONGEST_PLACE = 60
HEADER = ("date", "time", "location", "specialty")


@dataclass(frozen=True, slots=True)
class _Event:
    start: date | datetime
    said: str
    location: str
    open: bool


def read(path: Path, zone: ZoneInfo, today: date) -> Document:
    """A table of openings after `today`, earliest first, with `HEADER` above. Raises Unreadable for what is no calendar."""
    raw = path.read_bytes()
    if len(raw) > LARGEST:
        raise Unreadable(f"the calendar has more than {LARGEST // 1_000_000} MB; let it hold openings only")
    if b"BEGIN:VCALENDAR" not in raw[:4096].upper():
        raise Unreadable("the calendar is none: it does not begin with BEGIN:VCALENDAR")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calendar = icalendar.Calendar.from_ical(raw)
            events = list(_events(calendar, zone, today))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        raise Unreadable("the calendar is damaged") from error
    free = [event for event in events if event.open] if any(event.open for event in events) else [event for event in events if not _taken(event.said)]
    rows = sorted({_row(event, zone) for event in free})
    left = len(events) - len(free)
    skipped = (Skipped(0, f"{left} events that are appointments or closures, not openings"),) if left else ()
    made = table([HEADER, *rows[:_MOST]])
    assert made is not None, "the header is never empty"
    return Document((made,), skipped=skipped)


def _events(calendar: icalendar.Calendar, zone: ZoneInfo, today: date) -> Iterator[_Event]:
    """Each occurrence in the coming weeks that is not cancelled or busy."""
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (today + timedelta(days=1), today + AHEAD))
    for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(begins, ends):
        start = event.get("DTSTART").dt
        if not begins <= _local(start, zone) < ends or _marked_busy(event):
            continue
        said = plain(f"{event.get('SUMMARY', '')} {_categories(event)} {event.get('DESCRIPTION', '')[:200]}")
        is_free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
        open_ = (is_free or bool(_said(said, lexicon("openings")["open"]))) and not _taken(said)
        yield _Event(start, said, _place(event), open_)
    for busy in calendar.walk("VFREEBUSY"):
        for period in _periods(busy):
            if begins <= _local(period, zone) < ends:
                yield _Event(period, "", "", open=True)


def _periods(busy: Any) -> Iterator[datetime]:
    found = busy.get("FREEBUSY", [])
    for one in found if isinstance(found, list) else [found]:
        if str(one.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            yield one.start


def _marked_busy(event: Any) -> bool:
    status, busy = str(event.get("STATUS", "")).upper(), str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    return status == "CANCELLED" or busy in ("BUSY", "OOF", "WORKINGELSEWHERE")


def _categories(event: Any) -> str:
    found = event.get("CATEGORIES")
    return " ".join(str(category) for one in (found if isinstance(found, list) else [found] if found else []) for category in one.cats)


def _place(event: Any) -> str:
    """The first line of the location, which many programs follow by an address."""
    return " ".join(str(event.get("LOCATION", "")).replace("\n", ",").split(",")[0].split())[:_LONGEST_PLACE]


def _taken(said: str) -> bool:
    return bool(_said(said, lexicon("openings")["taken"]))


def _said(text: str, words: Sequence[str]) -> str:
    return next((word for word in words if f" {word} " in f" {text} "), "")


def _row(event: _Event, zone: ZoneInfo) -> tuple[str, str, str, str]:
    local = _local(event.start, zone)
    time = f"{local:%H:%M}" if isinstance(event.start, datetime) else ""
    specialty = next((name for name, words in lexicon("openings")["specialty"].items() if _said(event.said, words)), "")
    return (local.date().isoformat(), time, event.location, specialty)


def _local(start: date | datetime, zone: ZoneInfo) -> datetime:
    """In the clinic's time; a time without a zone is the clinic's own already."""
    if not isinstance(start, datetime):
        return datetime(start.year, start.month, start.day, tzinfo=zone)
    return start.astimezone(zone) if start.tzinfo else start.replace(tzinfo=zone)
