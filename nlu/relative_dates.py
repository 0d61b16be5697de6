"""Stretches of days named against today: "tomorrow", "next week", "the week after thanksgiving", "in 13 days", "week of the 30th".

A stretch is the first and last day it may fall on; either may be open. Weeks are Monday to Friday unless a weekend is named.
Words: `lexicons/times.toml`.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta

from nlu.date_ranges import ORDER, Stretch, moved, named
from nlu.dates import MONTHS, DateMention, coming, find
from nlu.holiday_dates import HOLIDAYS, holiday
from nlu.numbers import ORDINALS, atoms, cardinal_at
from nlu.repairs import words_pattern

_LEXICONS = Path(__file__).parent / "lexicons"
TABLE = tomllib.loads((_LEXICONS / "times.toml").read_text(encoding="utf-8"))
_PHRASES: dict[str, dict[str, str]] = tomllib.loads((_LEXICONS / "relative_dates.toml").read_text(encoding="utf-8"))
WEEKDAYS: dict[str, str] = {word: day for day, words in TABLE["weekdays"].items() for word in words}
_PARTS = {
    "DAY": words_pattern(WEEKDAYS),
    "MONTH": words_pattern(MONTHS),
    "HOLIDAY": r"(?P<holiday>" + words_pattern(HOLIDAYS) + r")(?!\w)",
    **{name.upper(): words_pattern(words) for name, words in TABLE["relative"].items()},
    **_PHRASES["parts"],
}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<([A-Z]+)>", lambda match: str(_PARTS[match[1]]), text))


_PATTERNS = tuple((name, _pattern(text)) for name, text in _PHRASES["patterns"].items())
_GATE = re.compile(r"\b(?:" + "|".join(TABLE["gate"]["stems"]) + ")")
"""Without one of these stems there is nothing relative to look for."""


def stretches(low: str, today: date) -> list[Stretch]:
    """Every stretch of days in folded text, in order, none inside another."""
    found: list[Stretch] = []
    mentions = find(low)
    if _GATE.search(low):
        for name, pattern in _PATTERNS:
            for match in pattern.finditer(low):
                if not any(s.start < match.end() and match.start() < s.end for s in found):
                    stretch = _resolve(name, match, today, mentions)
                    if stretch is not None:
                        found.append(stretch)
    free = [m for m in mentions if m.day is not None and not any(s.start < m.end and m.start < s.end for s in found)]
    found.extend(named(low, free, today))
    return sorted(found, key=lambda s: s.start)


def _resolve(name: str, match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    resolver = _RESOLVERS[name]
    return resolver(match, today, mentions)


def _one(match: re.Match[str], day: date) -> Stretch:
    return Stretch(match.start(), match.end(), day, day, (ORDER[day.weekday()],))


def _week(match: re.Match[str], monday: date, end: int | None = None) -> Stretch:
    return Stretch(match.start(), end or match.end(), monday, monday + timedelta(days=4))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _overmorrow(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    return _one(match, today + timedelta(days=2))


def _day_of_month(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    first = today.replace(day=1) + relativedelta(months=match["which"] in ("next", "following", "proximo"))
    day = moved(first, int(match["day"])) if 1 <= int(match["day"]) <= 31 else None
    return _one(match, day) if day is not None else None


def _from_anchor(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    count = _count(match["count"])
    if match["holiday"]:
        anchor: date | None = holiday(match["holiday"], today)
        end = match.end()
    else:
        mention = next((m for m in mentions if m.start == match.end()), None)
        anchor, end = (coming(mention, today), mention.end) if mention is not None else (None, match.end())
    if anchor is None or count is None:
        return None
    day = _later(anchor, -count if match["side"] in ("before", "antes de") else count, match["unit"])
    return Stretch(match.start(), end, day, day, (ORDER[day.weekday()],))


def _around_month(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    first = _month_first(MONTHS[match["month"]], today)
    if match["side"] in ("after", "despues de"):
        return Stretch(match.start(), match.end(), first + relativedelta(months=1), None)
    return Stretch(match.start(), match.end(), None, first - timedelta(days=1))


def _tomorrow(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    return _one(match, today + timedelta(days=1))


def _today(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    return _one(match, today)


def _weekday_week(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    which = match.groupdict().get("which") or "next"
    shift = 0 if which in ("this", "de esta") else 7
    return _one(match, _monday(today) + timedelta(days=shift + ORDER.index(WEEKDAYS[match["day"]])))


def _week_of(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    for mention in mentions:
        if mention.start == match.end():
            day = coming(mention, today)
            return _week(match, _monday(day), mention.end) if day is not None else None
    return None


def _week_after(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    if match["holiday"]:
        anchor: date | None = holiday(match["holiday"], today)
        end = match.end()
    elif match.group().endswith(("next", "that")):
        return _week(match, _monday(today) + timedelta(days=14))
    else:
        mention = next((m for m in mentions if m.start == match.end()), None)
        anchor, end = (coming(mention, today), mention.end) if mention is not None else (None, match.end())
    if anchor is None:
        return None
    shift = -7 if match["side"] in ("before", "antes de") else 7
    return _week(match, _monday(anchor) + timedelta(days=shift), end)


def _around_holiday(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    day = holiday(match["holiday"], today)
    if "after" in match["side"] or "despues" in match["side"]:
        return Stretch(match.start(), match.end(), day + timedelta(days=1), None)
    return Stretch(match.start(), match.end(), None, day - timedelta(days=1))


def _on_holiday(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    return _one(match, holiday(match["holiday"], today))


def _in(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    count = _count(match["count"])
    if count is None or match["lead"] in ("for", "about"):
        return None
    unit = match["unit"]
    if match["lead"] == "within":
        return Stretch(match.start(), match.end(), today, _later(today, count, unit))
    day = _later(today, count, unit)
    if match["lead"] == "after":
        return Stretch(match.start(), match.end(), day, None)
    return _one(match, day)


def _from_now(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    count = _count(match["count"])
    if count is None:
        return None
    start = today
    if match["day"]:
        start = _coming_weekday(today, WEEKDAYS[match["day"]])
    elif "tomorrow" in match.group():
        start = today + timedelta(days=1)
    return _one(match, _later(start, count, match["unit"]))


def _week_part(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    monday = _monday(today) + timedelta(days=0 if match["which"] in ("this", "current") else 7)
    begin, length, days = (
        (0, 1, ("mon", "tue"))
        if match["part"] in ("beginning", "start", "early")
        else (1, 2, ("tue", "wed", "thu"))
        if match["part"] == "middle"
        else (3, 1, ("thu", "fri"))
    )
    return Stretch(match.start(), match.end(), monday + timedelta(days=begin), monday + timedelta(days=begin + length), days)


def _next_count(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    count = _count(match["count"])
    return Stretch(match.start(), match.end(), today, _later(today, count, match["unit"])) if count is not None else None


def _next_unit(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    return _unit(match, today, 1)


def _this_unit(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    return _unit(match, today, 0)


def _unit(match: re.Match[str], today: date, shift: int) -> Stretch | None:
    unit, monday = match["unit"], _monday(today)
    if unit in ("week", "semana"):
        return (
            _week(match, monday + timedelta(days=7)) if shift else Stretch(match.start(), match.end(), today, max(today, monday + timedelta(days=4)))
        )
    if unit in ("weekend", "week-end", "fin de semana"):
        saturday = monday + timedelta(days=5 + 7 * shift)
        return Stretch(match.start(), match.end(), saturday, saturday + timedelta(days=1), ("sat", "sun"))
    if unit in ("month", "mes"):
        return _month(match, today.replace(day=1) + relativedelta(months=shift), today)
    return Stretch(match.start(), match.end(), date(today.year + shift, 1, 1), date(today.year + shift, 12, 31))


def _month(match: re.Match[str], first: date, today: date) -> Stretch:
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return Stretch(match.start(), match.end(), max(first, today), last)


def _next_day(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    """ "this tuesday" is the coming one; "next tuesday" the one of next week."""
    if "next" in (match.groupdict().get("which") or ""):
        return _one(match, _monday(today) + timedelta(days=7 + ORDER.index(WEEKDAYS[match["day"]])))
    return _one(match, _coming_weekday(today, WEEKDAYS[match["day"]]))


def _coming_weekday(today: date, day: str) -> date:
    return today + timedelta(days=(ORDER.index(day) - today.weekday() - 1) % 7 + 1)


def _month_part(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    part, of = match["part"].removeprefix("the "), match["month"]
    if of in ("the year", "the week"):
        return None
    first = today.replace(day=1) + relativedelta(months=of == "next month") if of not in MONTHS else _month_first(MONTHS[of], today)
    last = calendar.monthrange(first.year, first.month)[1]
    if part.endswith("week") and not part.startswith("last"):
        monday = _monday(first + timedelta(days=3)) + timedelta(weeks={"first": 0, "1st": 0, "second": 1, "2nd": 1}.get(part.split()[0], 2))
        return _week(match, monday)
    if part.startswith(("early", "begin", "start", "a princ")):
        return Stretch(match.start(), match.end(), max(first, today), first.replace(day=10))
    if part.startswith(("mid", "a med")):
        return Stretch(match.start(), match.end(), first.replace(day=11), first.replace(day=20))
    return Stretch(match.start(), match.end(), first.replace(day=21 if not part.startswith("last") else last - 6), first.replace(day=last))


def _month_first(month: int, today: date) -> date:
    return date(today.year + (month < today.month), month, 1)


def _in_month(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    if match["month"] in ("mar", "sep", "may") and not match.group().startswith(("in ", "during", "until", "en ")):
        return None
    return _month(match, _month_first(MONTHS[match["month"]], today), today)


def _eom(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
    ends = {"eod": today, "eow": _monday(today) + timedelta(days=4), "eoy": date(today.year, 12, 31)}
    last = ends.get(match["what"], today.replace(day=calendar.monthrange(today.year, today.month)[1]))
    return Stretch(match.start(), match.end(), today, last)


_RESOLVERS = {
    "day_of_month": _day_of_month,
    "from_anchor": _from_anchor,
    "around_month": _around_month,
    "overmorrow": _overmorrow,
    "weekday_week": _weekday_week,
    "week_weekday": _weekday_week,
    "week_of": _week_of,
    "week_after": _week_after,
    "around_holiday": _around_holiday,
    "on_holiday": _on_holiday,
    "in": _in,
    "from_now": _from_now,
    "week_part": _week_part,
    "next_count": _next_count,
    "next_unit": _next_unit,
    "this_unit": _this_unit,
    "que_viene": _next_unit,
    "day_que_viene": _next_day,
    "next_day": _next_day,
    "month_part": _month_part,
    "in_month": _in_month,
    "eom": _eom,
    "tomorrow": _tomorrow,
    "manana": _tomorrow,
    "today": _today,
}


def _count(said: str) -> int | None:
    if said in ("a", "an", "un", "una"):
        return 1
    if "couple" in said:
        return 2
    if "few" in said:
        return 3
    parts = atoms(said)
    count, after = cardinal_at(parts, 0)
    return count if count is not None and after == len(parts) and said not in ORDINALS else None


def _later(day: date, count: int, unit: str) -> date:
    if unit.startswith("fort"):
        return day + timedelta(weeks=2 * count)
    if unit.startswith(("w", "sem")):
        return day + timedelta(weeks=count)
    if unit.startswith(("month", "mes")):
        return day + relativedelta(months=count)
    if unit.startswith("y"):
        return day + relativedelta(years=min(count, 100))
    return day + timedelta(days=count)
