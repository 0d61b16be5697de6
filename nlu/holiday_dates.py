"""US holidays by name, for "after christmas" and "the week of thanksgiving".

Federal holidays are those of 5 U.S.C. 6103; the common others stand beside them in `lexicons/times.toml`. Easter and the
nth weekday of a month are reckoned by `dateutil`.
"""

from __future__ import annotations

import calendar
import tomllib
from datetime import date
from pathlib import Path

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta, weekday

_RULES: dict[str, list[int]] = tomllib.loads((Path(__file__).parent / "lexicons" / "times.toml").read_text(encoding="utf-8"))["holidays"]
_EASTER = ("easter", "pascua")
HOLIDAYS = (*_RULES, *_EASTER)
"""Every name, folded."""


def holiday(name: str, today: date) -> date:
    """The next such holiday from `today` on."""
    name = " ".join(name.split())
    for year in (today.year, today.year + 1):
        day = _holiday_in(name, year)
        if day >= today:
            return day
    return day


def _holiday_in(name: str, year: int) -> date:
    if name in _EASTER:
        return easter(year)
    rule = _RULES[name]
    if len(rule) == 2:
        return date(year, rule[0], rule[1])
    base = date(year, rule[0], 1 if rule[2] > 0 else calendar.monthrange(year, rule[0])[1])
    return base + relativedelta(weekday=weekday(rule[1], rule[2]))
