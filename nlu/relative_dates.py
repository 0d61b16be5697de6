"""Stretches of days named against today: "tomorrow", "next week", "the week after thanksgiving", "in 13 days", "week of the 30th".

A stretch is the first and last day it may fall on; either may be open. Weeks are Monday to Friday unless a weekend is named.
Holidays: 5 U.S.C. 6103 and the common others, in `lexicons/times.toml`; moving ones by `dateutil`.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta, weekday

from nlu.dates import MONTHS, DateMention, coming, find
from nlu.numbers import ORDINALS, atoms, cardinal_at
from nlu.repairs import words_pattern

TABLE = tomllib.loads((Path(__file__).parent / "lexicons" / "times.toml").read_text(encoding="utf-8"))
WEEKDAYS: dict[str, str] = {word: day for day, words in TABLE["weekdays"].items() for word in words}
ORDER = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOLIDAYS: dict[str, list[int]] = TABLE["holidays"]
_HOLIDAY = r"(?P<holiday>" + words_pattern([*_HOLIDAYS, "easter", "pascua"]) + r")(?!\w)"
_DAY = words_pattern(WEEKDAYS)
_MONTH = words_pattern(MONTHS)
_UNIT = r"(?P<unit>days?|weeks?|wks?|months?|years?|dias?|semanas?|mes(?:es)?|fortnights?)"
_COUNT = r"(?P<count>\d{1,3}|an?|una?|(?:a )?couple(?: of)?|(?:a )?few|[a-z]+(?:[ -][a-z]+)?)"
_NEXT = r"(?:next|the next|the following|following|upcoming|la proxima|el proximo|proxima|proximo|la siguiente|el siguiente)"
_THIS = r"(?:this|this coming|coming|the coming|current|the current|later this|esta|este|rest of (?:this|the)|the rest of (?:this|the))"
_ENTRIES: tuple[tuple[str, str], ...] = (
    ("overmorrow", r"\b" + words_pattern(TABLE["relative"]["overmorrow"]) + r"(?!\w)"),
    ("weekday_week", rf"\b(?P<day>{_DAY})\s+(?:of\s+)?(?P<which>next|this|following|la proxima|de la proxima|de esta)\s+(?:week|semana)(?!\w)"),
    ("week_weekday", rf"\b(?:next|the following)\s+week\s+(?:on\s+)?(?P<day>{_DAY})(?!\w)"),
    ("week_of", r"\b(?:the\s+)?(?:week|semana)\s+(?:of|beginning|starting|del?|que empieza el)\s+(?:the\s+|el\s+)?(?=\w)"),
    ("week_after", r"\b(?:the\s+|la\s+)?(?:week|semana)\s+(?P<side>after|following|before|despues de|antes de)\s+(?:next(?!\w)|that(?!\w)|" + _HOLIDAY + r"|(?:the\s+)?(?=\d|" + _MONTH + r"))"),
    ("around_holiday", r"\b(?P<side>after|before|until after|despues de|antes de|hasta despues de)\s+(?:the\s+|el\s+|la\s+)?" + _HOLIDAY),
    ("on_holiday", r"\b(?:on\s+|this\s+|el\s+dia\s+de\s+|next\s+)?(?:the\s+)?" + _HOLIDAY),
    ("in", rf"\b(?P<lead>in|within|en|dentro de|after|about|for)\s+(?:about\s+|like\s+|the next\s+)?{_COUNT}\s+(?:more\s+)?{_UNIT}(?:'?\s*time)?(?!\w)(?!\s+(?:ago|post|old|of|out|after))"),
    ("from_now", rf"(?<![\w-]){_COUNT}\s+{_UNIT}\s+(?:from\s+(?:now|today|tomorrow)|hence|from\s+(?P<day>{_DAY})|out)(?!\w)"),
    ("next_count", rf"\b(?:the\s+)?(?:next|coming|upcoming|following|proximos|proximas)\s+(?P<count>\d{{1,2}}|two|three|four|five|six|seven|ten|couple(?: of)?|few|dos|tres)\s+{_UNIT}(?!\w)"),
    ("next_unit", rf"\b{_NEXT}\s+(?P<unit>week|weekend|month|year|semana|fin de semana|mes|ano)(?!\w)"),
    ("this_unit", rf"\b{_THIS}\s+(?P<unit>week|weekend|month|year|semana|fin de semana|mes|ano)(?!\w)"),
    ("que_viene", r"\b(?:la|el)\s+(?P<unit>semana|mes|fin de semana)\s+(?:que viene|proxima|proximo|siguiente|entrante)(?!\w)"),
    ("day_que_viene", rf"\b(?:el\s+)?(?P<day>{_DAY})\s+(?:que viene|proximo)(?!\w)"),
    ("next_day", rf"\b(?P<which>{_NEXT}|this|this coming|coming|este|el proximo)\s+(?P<day>{_DAY})(?!\w)"),
    ("month_part", rf"\b(?P<part>(?:the\s+)?(?:first|second|third|last|1st|2nd|3rd)\s+week|early|late|mid|middle|(?:the\s+)?(?:beginning|start|end|middle)|a principios|a finales|a mediados)\s+(?:of|in|de)?\s*(?P<month>{_MONTH}|next month|this month|the month|the year|the week)(?!\w)"),
    ("in_month", rf"\b(?:in|during|for|sometime in|en|until|till|this|next)\s+(?P<month>{_MONTH})(?!\w)(?!\s*(?:the\s+)?\d)"),
    ("eom", r"\b(?:by\s+|at\s+)?(?:the\s+)?(?P<what>eom|eoy|eod|eow)\b"),
    ("tomorrow", r"(?<![\w'])" + words_pattern(TABLE["relative"]["tomorrow"]) + r"(?!\w)"),
    ("manana", r"(?<!la )(?<!las )(?<!pasado )(?<!de )(?<!esta )(?<!por )(?<!en )\bmanana\b(?!\s+temprano\s+los)"),
    ("today", r"(?<![\w'])" + words_pattern(TABLE["relative"]["today"]) + r"(?!\w)"),
)
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _ENTRIES)
_GATE = re.compile(r"\b(?:today|tomor|tomm|tmr|2mor|tomo|hoy|manana|next|this|coming|upcoming|following|week|semana|mes|month|day|dia|in|en|within|dentro|from|hence|proxim|viene|entrante|siguiente|holiday|eo[mdyw]|early|late|mid|end|beginning|start|tonight|esta|este|fall|until|till|during|xmas|easter|pascua|navidad|halloween|juneteenth|mlk|july|columbus|a finales|a mediados|a principios|christmas|thanksgiving|new year|nochebuena|ano nuevo|accion|labor|memorial|fourth|4th|independence|martin|president|valentine|veteran|mother|father|st patrick|black)")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days a visit may fall on."""

    start: int
    end: int
    first: date | None
    last: date | None
    days: tuple[str, ...] = ()
    """Days of the week inside it, where it is single days or a weekend."""


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
    found.extend(_explicit(low, mentions, found, today))
    return sorted(found, key=lambda s: s.start)


def _explicit(low: str, mentions: Sequence[DateMention], found: Sequence[Stretch], today: date) -> Iterator[Stretch]:
    """Calendar dates; two with "to" or "and" between them after "between" are one stretch."""
    free = [m for m in mentions if m.day is not None and not any(s.start < m.end and m.start < s.end for s in found)]
    skip = False
    for index, mention in enumerate(free):
        if skip:
            skip = False
            continue
        day = coming(mention, today)
        if day is None:
            continue
        following = free[index + 1] if index + 1 < len(free) else None
        if following is not None and re.fullmatch(r"\s*(?:-|to|through|thru|until|till|and|al?|hasta|y)\s*(?:the\s+|el\s+)?", low[mention.end : following.start]):
            gap = low[mention.end : following.start]
            last = _closing(mention, following, day, today)
            opened = re.search(r"\b(?:between|entre|from|desde|del?)\s+(?:the\s+|el\s+)?$", low[: mention.start])
            if last is not None and last > day and (opened or not re.search(r"\b(?:and|y)\b", gap)):
                yield Stretch(opened.start() if opened else mention.start, following.end, day, last)
                skip = True
                continue
        tail = re.match(r"\s*(?:-|to|through|thru|al?)\s*(\d{1,2})(?:st|nd|rd|th)?(?![\w:/])", low[mention.end :])
        if tail is not None and mention.named and int(tail[1]) > day.day and not re.match(r"\s*(?:am|pm|[ap]\.)", low[mention.end + tail.end() :]):
            last = _changed(day, int(tail[1]))
            if last is not None:
                yield Stretch(mention.start, mention.end + tail.end(), day, last)
                continue
        yield Stretch(mention.start, mention.end, day, day, (ORDER[day.weekday()],))
        if mention.named and following is None:
            yield from _also(low, mention, day)


def _also(low: str, mention: DateMention, day: date) -> Iterator[Stretch]:
    """"dec 7 or 8": a number after a named date is another day of that month."""
    other = re.match(r"\s*(?:or|and|&|o|y)\s+(?:the\s+|el\s+)?(\d{1,2})(?:st|nd|rd|th)?(?![\w:/])(?!\s*(?:am|pm|[ap]\.|in the|o'?clock|people|guests))", low[mention.end :])
    second = _changed(day, int(other[1])) if other is not None and mention.month is not None and 1 <= int(other[1]) <= 31 else None
    if other is not None and second is not None and second > day:
        yield Stretch(mention.end + other.start(1), mention.end + other.end(), second, second, (ORDER[second.weekday()],))


def _closing(mention: DateMention, following: DateMention, day: date, today: date) -> date | None:
    if following.month is None and following.day is not None:
        return _changed(day, following.day)
    return coming(following, day)


def _changed(day: date, number: int) -> date | None:
    try:
        return day.replace(day=number)
    except ValueError:
        return None


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
        return _week(match, monday + timedelta(days=7)) if shift else Stretch(match.start(), match.end(), today, max(today, monday + timedelta(days=4)))
    if unit in ("weekend", "fin de semana"):
        saturday = monday + timedelta(days=5 + 7 * shift)
        return Stretch(match.start(), match.end(), saturday, saturday + timedelta(days=1), ("sat", "sun"))
    if unit in ("month", "mes"):
        return _month(match, today.replace(day=1) + relativedelta(months=shift), today)
    return Stretch(match.start(), match.end(), date(today.year + shift, 1, 1), date(today.year + shift, 12, 31))


def _month(match: re.Match[str], first: date, today: date) -> Stretch:
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return Stretch(match.start(), match.end(), max(first, today), last)


def _next_day(match: re.Match[str], today: date, mentions: Sequence[DateMention]) -> Stretch | None:
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
    "overmorrow": _overmorrow,
    "weekday_week": _weekday_week,
    "week_weekday": _weekday_week,
    "week_of": _week_of,
    "week_after": _week_after,
    "around_holiday": _around_holiday,
    "on_holiday": _on_holiday,
    "in": _in,
    "from_now": _from_now,
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


def holiday(name: str, today: date) -> date:
    """The next such holiday from `today` on."""
    name = " ".join(name.split())
    for year in (today.year, today.year + 1):
        day = _holiday_in(name, year)
        if day >= today:
            return day
    return day


def _holiday_in(name: str, year: int) -> date:
    if name in ("easter", "pascua"):
        return easter(year)
    rule = _HOLIDAYS[name]
    if len(rule) == 2:
        return date(year, rule[0], rule[1])
    base = date(year, rule[0], 1 if rule[2] > 0 else calendar.monthrange(year, rule[0])[1])
    return base + relativedelta(weekday=weekday(rule[1], rule[2]))


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
