"""When a text that we begin may be sent: inside the hours of the clinic and of the number, wherever their owner may be.

An area code is not a place (numbers move with people), so the clinic's zone and the number's zone must both agree.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as zones_of

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AHEAD = 9
"""Days looked ahead: more than the longest stretch without a window, a week."""
_CONTINENT = tuple(ZoneInfo(name) for name in ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"))
_PLACELESS = len(_CONTINENT)
"""A number of more zones than these (toll-free and the like) has no place; all zones of the mainland must agree."""

Week: TypeAlias = tuple[tuple[time, time] | None, ...]
"""Seven entries, Monday first: from, until (exclusive), or None for a day without texts."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The rules of `sending_windows.toml`."""

    default: Week
    states: Mapping[str, Week]
    """Narrower states by their two letters."""
    area_codes: Mapping[str, str]
    """Area code to the two letters of a narrower state."""
    at_once: frozenset[str]
    """Kinds of outbox rows that no window holds."""

    def opens(self, number: str, now: datetime, home: ZoneInfo, state: str | None = None) -> datetime:
        """The first UTC moment from `now` on at which a text to `number` may go out.

        `home` and `state` are the clinic's. A number that cannot be read is held by the clinic's hours alone.
        """
        rules = self._rules(number, home, state)
        now = now.astimezone(UTC)
        moments = (now, *sorted(moment for zone, week in rules for moment in _openings(zone, week, now)))
        return next((moment for moment in moments if all(_inside(zone, week, moment) for zone, week in rules)), now + timedelta(days=_AHEAD))

    def _rules(self, number: str, home: ZoneInfo, state: str | None) -> tuple[tuple[ZoneInfo, Week], ...]:
        narrow = (self.states.get(name or "") for name in (state, self.area_codes.get(number[2:5])))
        weeks = [week for week in narrow if week] or [self.default]
        return tuple((zone, week) for zone in {home, *_zones(number)} for week in weeks)


def load(path: Path | None = None) -> Windows:
    """Read the rules; ours unless another file is named."""
    table = tomllib.loads((path or Path(__file__).with_name("sending_windows.toml")).read_text("utf-8"))
    default = _week(table["default"], (None,) * len(_DAYS))
    states = {name: _week(rows, default) for name, rows in table["states"].items()}
    area_codes = {code: name for name, rows in table["states"].items() for code in rows["area_codes"]}
    return Windows(default, states, area_codes, frozenset(table["at_once"]))


def _week(rows: Mapping[str, Any], otherwise: Week) -> Week:
    return tuple(_day(rows[day]) if day in rows else otherwise[index] for index, day in enumerate(_DAYS))


def _day(hours: list[str]) -> tuple[time, time] | None:
    return (time.fromisoformat(hours[0]), time.fromisoformat(hours[1])) if hours else None


def _zones(number: str) -> Iterable[ZoneInfo]:
    try:
        names = zones_of.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    if names == (zones_of.UNKNOWN_TIMEZONE,):
        return ()
    return _CONTINENT if len(names) > _PLACELESS else tuple(ZoneInfo(name) for name in names)


def _inside(zone: ZoneInfo, week: Week, moment: datetime) -> bool:
    local = moment.astimezone(zone)
    hours = week[local.weekday()]
    return hours is not None and hours[0] <= local.time() < hours[1]


def _openings(zone: ZoneInfo, week: Week, now: datetime) -> Iterable[datetime]:
    today: date = now.astimezone(zone).date()
    for ahead in range(_AHEAD):
        day = today + timedelta(days=ahead)
        if hours := week[day.weekday()]:
            opening = datetime.combine(day, hours[0], zone).astimezone(UTC)
            if opening > now:
                yield opening
