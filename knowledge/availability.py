"""When a new patient can get in, as the clinic itself has stated it. A stale statement gives no date."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from knowledge.articles import KnowledgeError

STALE_AFTER_DAYS = 14
"""A lead time older than this is not said: schedules of a clinic turn over in about two weeks."""


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How long a new patient waits, at one location for one kind of visit."""

    days: int
    """Business days from today to the first appointment."""
    days_most: int | None = None
    """Upper end where the clinic gives a range."""
    location: str = ""
    """Empty: every location."""
    specialty: str = ""
    """Empty: every kind of visit."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One free appointment from `openings.csv`."""

    day: date
    time: str
    """Local clock time `HH:MM`."""
    location: str = ""
    specialty: str = ""


@dataclass(frozen=True, slots=True)
class Availability:
    """What the clinic has stated about its schedule."""

    as_of: date | None = None
    """The day the lead times were stated; None never goes stale."""
    lead_times: tuple[LeadTime, ...] = ()
    openings: tuple[Opening, ...] = ()
    stale_after_days: int = STALE_AFTER_DAYS

    @property
    def stated(self) -> bool:
        """Whether there is anything to say at all."""
        return bool(self.lead_times or self.openings)

    def fresh(self, today: date) -> bool:
        """Whether it may still be said on `today`."""
        return self.as_of is None or timedelta(0) <= today - self.as_of <= timedelta(days=self.stale_after_days)

    def lead_time(self, words: frozenset[str]) -> LeadTime | None:
        """The lead time of the location and specialty named in `words` (lower case), else the clinic's general one."""
        fitting = [lead for lead in self.lead_times if _named(lead.location, words) and _named(lead.specialty, words)]
        return max(fitting, key=lambda lead: (bool(lead.specialty), bool(lead.location)), default=None)

    def next_openings(self, today: date, words: frozenset[str], most: int = 2) -> tuple[Opening, ...]:
        """The earliest openings after `today` that fit the location and specialty named in `words`."""
        places = {opening.location for opening in self.openings if opening.location and _named(opening.location, words)}
        kinds = {opening.specialty for opening in self.openings if opening.specialty and _named(opening.specialty, words)}
        fitting = [
            opening
            for opening in self.openings
            if opening.day > today and (not places or opening.location in places) and (opening.specialty in kinds if kinds else not opening.specialty)
        ]
        return tuple(sorted(fitting, key=lambda opening: (opening.day, opening.time))[:most])


def _named(name: str, words: frozenset[str]) -> bool:
    return not name or any(word in words for word in name.lower().split() if len(word) > 3)


def load_openings(path: Path) -> tuple[Opening, ...]:
    """Read `openings.csv` with columns date (YYYY-MM-DD), time (HH:MM), location, specialty; the last two may be left out.

    Raises KnowledgeError naming the line that cannot be read.
    """
    openings = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"date", "time"} <= set(reader.fieldnames or ()):
            raise KnowledgeError(path, 1, "the header must have date and time (and may have location, specialty)")
        for cells in reader:
            try:
                day = date.fromisoformat((cells["date"] or "").strip())
                hour, minute = (int(piece) for piece in (cells["time"] or "").strip().split(":"))
            except ValueError as error:
                raise KnowledgeError(path, reader.line_num, "write the date as YYYY-MM-DD and the time as HH:MM") from error
            if not (0 <= hour < 24 and 0 <= minute < 60):
                raise KnowledgeError(path, reader.line_num, f'"{cells["time"]}" is no time of day; write HH:MM')
            openings.append(Opening(day, f"{hour:02}:{minute:02}", (cells.get("location") or "").strip(), (cells.get("specialty") or "").strip()))
    return tuple(openings)
