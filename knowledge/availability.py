"""When a new patient can get in, as the clinic itself has stated it. A stale statement gives no date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

STALE_AFTER_DAYS = 14
"""A lead time older than this is not said: schedules of a clinic turn over in about two weeks."""
OPENINGS_STALE_AFTER_DAYS = 3
"""A list of openings older than this is not said: single appointments are taken within days."""


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
    """One free appointment, from `openings.csv` or the clinic's calendar."""

    day: date
    time: str
    """Local clock time `HH:MM`; empty: some time that day."""
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
    openings_as_of: date | None = None
    """The day the openings were listed; None: the day the lead times were stated."""
    openings_stale_after_days: int = OPENINGS_STALE_AFTER_DAYS

    @property
    def stated(self) -> bool:
        """Whether there is anything to say at all."""
        return bool(self.lead_times or self.openings)

    def fresh(self, today: date) -> bool:
        """Whether it may still be said on `today`."""
        return self.as_of is None or timedelta(0) <= today - self.as_of <= timedelta(days=self.stale_after_days)

    def openings_fresh(self, today: date) -> bool:
        """The same of the openings."""
        if self.openings_as_of is None:
            return self.fresh(today)
        return today - self.openings_as_of <= timedelta(days=self.openings_stale_after_days)

    def lead_time(self, words: frozenset[str]) -> LeadTime | None:
        """The lead time of the location and specialty named in `words` (lower case), else the clinic's general one."""
        fitting = [lead for lead in self.lead_times if _named(lead.location, words) and _named(lead.specialty, words)]
        return max(fitting, key=lambda lead: (bool(lead.specialty), bool(lead.location)), default=None)

    def next_openings(self, today: date, words: frozenset[str], most: int = 2) -> tuple[Opening, ...]:
        """The earliest openings after `today` that fit the location and specialty named in `words`; none from a stale list."""
        if not self.openings_fresh(today):
            return ()
        known = {*(opening.location for opening in self.openings), *(lead.location for lead in self.lead_times)} - {""}
        places = {location for location in known if _named(location, words)}
        kinds = {opening.specialty for opening in self.openings if opening.specialty and _named(opening.specialty, words)}
        fitting = [
            opening
            for opening in self.openings
            if opening.day > today and (not places or opening.location in places) and (opening.specialty in kinds if kinds else not opening.specialty)
        ]
        return tuple(sorted(fitting, key=lambda opening: (opening.day, opening.time))[:most])


def _named(name: str, words: frozenset[str]) -> bool:
    return not name or any(word in words for word in name.lower().split() if len(word) > 3)
