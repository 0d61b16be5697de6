"""Calendar dates as stretches of days: "dec 1", "dec 1-5", "from 13 to 15 july", "between 10/1 and 11/7", "dec 7 or 8"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from nlu.dates import DateMention, coming

ORDER = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TO = re.compile(r"\s*(?:-|to|through|thru|until|till|and|al?|hasta|y)\s*(?:the\s+|el\s+)?")
_OPENING = re.compile(
    r"(?:\b(?:between|from|entre|del?)\s+)?(?<![\w/:])(?P<day>\d{1,2})(?:st|nd|rd|th)?\s*(?:-|to|through|thru|and|al?|y)\s*(?:the\s+|el\s+)?\Z"
)
_BETWEEN = re.compile(r"\b(?:between|entre|from|desde|del?)\s+(?:the\s+|el\s+)?$")
_TAIL = re.compile(r"\s*(?:-|to|through|thru|al?)\s*(\d{1,2})(?:st|nd|rd|th)?(?![\w:/])(?!\s*(?:am|pm|[ap]\.))")
_OTHER_DAY = re.compile(
    r"\s*(?:or|and|&|o|y)\s+(?:the\s+|el\s+)?(\d{1,2})(?:st|nd|rd|th)?(?![\w:/])(?!\s*(?:am|pm|[ap]\.|in the|o'?clock|people|guests))"
)
_BACK = 32
"""Characters looked back for the opening of a range."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days a visit may fall on."""

    start: int
    end: int
    first: date | None
    last: date | None
    days: tuple[str, ...] = ()
    """Days of the week inside it, where it is single days or a weekend."""


def named(low: str, mentions: Sequence[DateMention], today: date) -> Iterator[Stretch]:
    """Calendar dates as stretches: two with "to" between them, or with "and" after "between", are one."""
    until = 0
    for index, mention in enumerate(mentions):
        following = mentions[index + 1] if index + 1 < len(mentions) else None
        lent = _lent(low, mention, following)
        day = coming(lent, today) if mention.start >= until else None
        if day is None:
            continue
        stretch = _opened(low, lent, day) or _joined(low, lent, following, day) or _tailed(low, lent, day)
        if stretch is not None:
            until = stretch.end
            yield stretch
            continue
        yield Stretch(mention.start, mention.end, day, day, (ORDER[day.weekday()],))
        if mention.named and following is None:
            yield from _also(low, mention, day)


def _opened(low: str, mention: DateMention, day: date) -> Stretch | None:
    """ "from 13 to 15 july"."""
    if not mention.named or mention.month is None:
        return None
    left = max(0, mention.start - _BACK)
    opening = _OPENING.search(low[left : mention.start])
    if opening is None or not 1 <= int(opening["day"]) < day.day:
        return None
    first = moved(day, int(opening["day"]))
    return Stretch(left + opening.start(), mention.end, first, day) if first is not None else None


def _joined(low: str, mention: DateMention, following: DateMention | None, day: date) -> Stretch | None:
    """ "between dec 1 and dec 5", "10/1 to 11/7"."""
    if following is None or not _TO.fullmatch(low[mention.end : following.start]):
        return None
    last = _closing(following, day)
    opened = _BETWEEN.search(low[: mention.start])
    if last is None or last <= day or (opened is None and re.search(r"\b(?:and|y)\b", low[mention.end : following.start])):
        return None
    return Stretch(opened.start() if opened else mention.start, following.end, day, last)


def _tailed(low: str, mention: DateMention, day: date) -> Stretch | None:
    """ "dec 1-5"."""
    tail = _TAIL.match(low[mention.end :])
    if tail is None or not mention.named or int(tail[1]) <= day.day:
        return None
    last = moved(day, int(tail[1]))
    return Stretch(mention.start, mention.end + tail.end(), day, last) if last is not None else None


def _lent(low: str, mention: DateMention, following: DateMention | None) -> DateMention:
    """ "the 23rd to the 26th of october", "june 26 to june 28 in 2020": the second date lends the first its month and year."""
    if following is None or not _TO.fullmatch(low[mention.end : following.start]):
        return mention
    month = mention.month if mention.month is not None else following.month
    year = mention.year if mention.year is not None or following.month is None else following.year
    return replace(mention, month=month, year=year)


def _also(low: str, mention: DateMention, day: date) -> Iterator[Stretch]:
    """ "dec 7 or 8": a number after a named date is another day of that month."""
    other = _OTHER_DAY.match(low[mention.end :])
    second = moved(day, int(other[1])) if other is not None and mention.month is not None and 1 <= int(other[1]) <= 31 else None
    if other is not None and second is not None and second > day:
        yield Stretch(mention.end + other.start(1), mention.end + other.end(), second, second, (ORDER[second.weekday()],))


def _closing(following: DateMention, day: date) -> date | None:
    if following.month is None and following.day is not None:
        return moved(day, following.day)
    return coming(following, day)


def moved(day: date, number: int) -> date | None:
    """Another day of the same month; None where the month has no such day."""
    try:
        return day.replace(day=number)
    except ValueError:
        return None
