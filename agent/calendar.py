"""The clinic's own time: when somebody is at the desk, and on which day a promise falls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

_OBSERVED = " (observed)"
_FURTHEST = 60
"""Days looked ahead for a business day; a clinic shut for longer has no callback to promise."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One stretch of a day, local clock time; `closes` is exclusive."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """Which public holidays the clinic keeps, by the names the `holidays` library gives them."""

    country: str = "US"
    subdivision: str | None = None
    kept: frozenset[str] = frozenset()
    """Empty: every public holiday."""
    days_after: frozenset[str] = frozenset()
    """Holidays whose next day is kept as well."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a coordinator works. Moments are aware; dates are the clinic's own."""

    timezone: ZoneInfo
    week: tuple[tuple[Hours, ...], ...]
    """Seven entries, Monday first; an empty one is a day off."""
    rule: HolidayRule = HolidayRule()
    special: Mapping[str, tuple[Hours, ...]] = field(default_factory=dict)
    """Other hours by `YYYY-MM-DD` or, every year, `MM-DD`; none: closed."""
    lead: timedelta = timedelta(hours=2)
    """What comes in later than this before closing is promised for the next business day."""

    def today(self, now: datetime) -> date:
        """The clinic's date."""
        return now.astimezone(self.timezone).date()

    def hours(self, day: date) -> tuple[Hours, ...]:
        """When the desk is staffed on that day; empty when it is not."""
        for key in (day.isoformat(), day.strftime("%m-%d")):
            if key in self.special:
                return self.special[key]
        return () if self._holiday(day) else self.week[day.weekday()]

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is at the desk now."""
        local = now.astimezone(self.timezone)
        return any(hours.opens <= local.time() < hours.closes for hours in self.hours(local.date()))

    def is_business_day(self, day: date) -> bool:
        """Whether a coordinator works on that day at all."""
        return bool(self.hours(day))

    def add_business_days(self, day: date, count: int) -> date:
        """The `count`-th business day after `day`."""
        for _ in range(count):
            day = self._next(day)
        return day

    def callback_day(self, now: datetime) -> date:
        """The business day on which a coordinator will be in touch about what came in now: today while there is time for it."""
        local = now.astimezone(self.timezone)
        for hours in self.hours(local.date()):
            closing = datetime.combine(local.date(), hours.closes, self.timezone)
            if local <= closing - self.lead:
                return local.date()
        return self._next(local.date())

    def _next(self, day: date) -> date:
        for ahead in range(1, _FURTHEST):
            if self.is_business_day(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        return day + timedelta(days=1)

    def _holiday(self, day: date) -> bool:
        if self._names(day) & self.rule.kept or (not self.rule.kept and self._names(day)):
            return True
        return bool(self._names(day - timedelta(days=1), observed=False) & self.rule.days_after)

    def _names(self, day: date, *, observed: bool = True) -> frozenset[str]:
        return _names(self.rule.country, self.rule.subdivision, day, observed)


_known: dict[tuple[str, str | None], holidays.HolidayBase] = {}


@lru_cache(maxsize=1024)  # every turn asks about today
def _names(country: str, subdivision: str | None, day: date, observed: bool) -> frozenset[str]:
    names = _public(country, subdivision).get_list(day)
    return frozenset(name.removesuffix(_OBSERVED) for name in names if observed or not name.endswith(_OBSERVED))


def _public(country: str, subdivision: str | None) -> holidays.HolidayBase:
    """One table per place for the life of the process: it computes each year once, when first asked."""
    if (country, subdivision) not in _known:
        _known[country, subdivision] = holidays.country_holidays(country, subdiv=subdivision)
    return _known[country, subdivision]
