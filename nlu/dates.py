"""Calendar dates as people say them, and dates of birth.

Accepts "3/4/61", "1990-05-17", "june ninth nineteen fifty eight", "the thirtieth of september 1944", "oh eight twenty two
fifty five", "25th of the 6th 1992", "el tres de mayo de mil novecientos setenta". Numbers alone are month first, as
written in the United States, unless only day first is a date. Two-digit years of birth resolve to the past. Words:
`lexicons/dates.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from nlu.numbers import NUMBER_WORDS, ORDINALS, TEENS, TENS, UNITS, Atom, Digits, atoms, cardinal_at, digit_runs, digits_at

_LEXICON = tomllib.loads((Path(__file__).parent / "lexicons" / "dates.toml").read_text(encoding="utf-8"))
MONTHS: dict[str, int] = _LEXICON["months"]
_JOINTS = frozenset(_LEXICON["words"]["joints"])
_SUFFIXES = frozenset(_LEXICON["words"]["suffixes"])
_SLASHES = re.compile(r"\b(?:" + "|".join(_LEXICON["words"]["slashes"]) + r")\b")
_SEP = r"\s?[-/.]\s?"
_ISO = re.compile(rf"(?<!\d)(?<!\d-)((?:19|20)\d\d){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})(?!\d)(?!-\d)")
_NUMERIC = re.compile(rf"(?<![\d/.-])(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}'?(\d{{4}}|\d{{2}})(?![\d/]|-\d)")
_SHORT = re.compile(r"(?<![\d/.$])(\d{1,2})(?:/| / )(\d{1,2})(?![\d/%])")
_ORDINAL_NOUNS = frozenset(
    "street st ave avenue floor grade grader time times visit appt appointment rib vertebra toe finger opinion choice session"
    " degree place one two half hand person name".split()
)
_STARTERS = NUMBER_WORDS | MONTHS.keys()
_YEAR_JOINTS = frozenset("and its it's is in on the of y el de".split())
_DAY_LEADS = frozenset(
    "the on el dia by for until till after before of week through thru or and to from is its it's y o a"
    " del al between at be not any around about".split()
)
_DAY_FOLLOWERS = frozenset("at in or and would works is please around if".split())
EARLIEST = 1900


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date, or the parts of one, at a place in the message."""

    start: int
    end: int
    month: int | None = None
    day: int | None = None
    year: int | None = None
    """As said: four digits, or 0 to 99 where only two were."""
    named: bool = False
    """True where the month was named."""
    spoken: bool = False
    """True where it was pieced together from a bare run of numbers."""

    @property
    def full(self) -> bool:
        """Day, month and year are all there."""
        return None not in (self.month, self.day, self.year)


@lru_cache(maxsize=16)
def find(low: str, bare: bool = False, day_first: bool = False) -> tuple[DateMention, ...]:
    """Every date in folded text, in order. `bare` also reads runs of numbers ("three four sixty one") as dates."""
    parts = atoms(low)
    if not any(part.text in _STARTERS or part.text.isdigit() for part in parts):
        return ()
    found = [DateMention(match.start(), match.end(), int(match[2]), int(match[3]), int(match[1])) for match in _ISO.finditer(low)]
    for pattern in (_NUMERIC, _SHORT):
        for match in pattern.finditer(low):
            if not _taken(found, match.start(), match.end()):
                year = int(match[3]) if pattern is _NUMERIC else None
                found.extend(_ordered(int(match[1]), int(match[2]), year, match.start(), match.end(), day_first))
    for mention in _named(low, parts):
        if not _taken(found, mention.start, mention.end):
            found.append(mention)
    if bare:
        found.extend(m for m in _bare(low, day_first) if not _taken(found, m.start, m.end))
    return tuple(sorted((m for m in found if _possible(m)), key=lambda m: m.start))


def without_numeric(low: str) -> str:
    """Folded text with "3/4/61" and "2018-05-08" blanked out, offsets unchanged: their digits are no other number's."""
    for pattern in (_ISO, _NUMERIC):
        low = pattern.sub(lambda match: "|" + " " * (len(match.group()) - 2) + "|", low)
    return low


def _ordered(first: int, second: int, year: int | None, start: int, end: int, day_first: bool) -> list[DateMention]:
    orders = ((second, first), (first, second)) if day_first else ((first, second), (second, first))
    for month, day in orders:
        if 1 <= month <= 12 and 1 <= day <= 31:
            return [DateMention(start, end, month, day, year)]
    return []


def _possible(mention: DateMention) -> bool:
    if mention.day is None or mention.month is None:
        return True
    return mention.day <= (29 if mention.month == 2 else 30 if mention.month in (4, 6, 9, 11) else 31)


def _taken(found: Sequence[DateMention], start: int, end: int) -> bool:
    return any(m.start < end and start < m.end for m in found)


def _named(low: str, parts: Sequence[Atom]) -> Iterator[DateMention]:
    """Dates with a named month, an ordinal month ("25th of the 6th"), or a day alone ("the 24th")."""
    index = 0
    while index < len(parts):
        if parts[index].text not in _STARTERS and not parts[index].text.isdigit():
            index += 1
            continue
        mention, after = _year_first(low, parts, index)
        if mention is None:
            mention, after = _month_first(low, parts, index)
        if mention is None:
            mention, after = _day_first(low, parts, index)
        if mention is not None:
            yield mention
        index = max(after, index + 1)


def _year_first(low: str, parts: Sequence[Atom], index: int) -> tuple[DateMention | None, int]:
    """ "1960 march 5", "nineteen fifty two, september twelfth"."""
    year, after = year_at(parts, index)
    if year is None or year < EARLIEST:
        return None, index
    at = after
    while at < len(parts) and parts[at].text in _YEAR_JOINTS and at - after < 3:
        at += 1
    if at >= len(parts) or parts[at].text not in MONTHS or _broken(low, parts, after - 1, at):
        return None, index
    mention, end = _month_first(low, parts, at)
    if mention is None or mention.day is None or mention.year is not None:
        return None, index
    return replace(mention, start=parts[index].start, year=year), end


def _month_first(low: str, parts: Sequence[Atom], index: int) -> tuple[DateMention | None, int]:
    month = MONTHS.get(parts[index].text)
    if month is None:
        return None, index
    at = _skip(parts, index + 1)
    day, after, _ = day_at(low, parts, at)
    if day is None or _broken(low, parts, index, at):
        return _month_alone(low, parts, index, month)
    year, end = _year_after(low, parts, after)
    return DateMention(parts[index].start, parts[end - 1].end, month, day, year, named=True), end


def _month_alone(low: str, parts: Sequence[Atom], index: int, month: int) -> tuple[DateMention | None, int]:
    at = _skip(parts, index + 1)
    if at < len(parts) and parts[at].text.isdigit() and len(parts[at].text) == 4 and not _broken(low, parts, index, at):
        year, after = year_at(parts, at)
        if year is not None and year >= EARLIEST:
            return DateMention(parts[index].start, parts[after - 1].end, month, None, year, named=True), after
    return None, index


def _day_first(low: str, parts: Sequence[Atom], index: int) -> tuple[DateMention | None, int]:
    day, after, ordinal = day_at(low, parts, index)
    if day is None:
        return None, index
    at = _skip(parts, after)
    start = parts[index].start
    if at < len(parts) and not _broken(low, parts, after - 1, at):
        month = MONTHS.get(parts[at].text)
        if month is not None and "," in low[parts[after - 1].end : parts[at].start] and day_at(low, parts, _skip(parts, at + 1))[0] is not None:
            return None, index  # "in thirty eight, december fifth": the month has a day of its own
        if month is not None and not (parts[at].text in ("may", "mar") and not ordinal and at > after and parts[at - 1].text not in _JOINTS):
            year, end = _year_after(low, parts, at + 1)
            return DateMention(start, parts[end - 1].end, month, day, year, named=True), end
        second, following, also = day_at(low, parts, at)
        if ordinal and also and second is not None and second <= 12 and at > after:
            year, end = _year_after(low, parts, following)
            if year is not None:
                return DateMention(start, parts[end - 1].end, second, day, year), end
    if ordinal and _stands_alone(low, parts, index, after):
        return DateMention(start, parts[after - 1].end, day=day), after
    return None, index


def _stands_alone(low: str, parts: Sequence[Atom], index: int, after: int) -> bool:
    """ "the 24th" and "on the second" are days; "a second" and "the first time" are not."""
    before = [part.text for part in parts[max(0, index - 2) : index]]
    following = parts[after].text if after < len(parts) else ""
    if parts[index].text.isdigit():
        return following not in _ORDINAL_NOUNS and (index == 0 or before[-1] in _DAY_LEADS)
    led = before[-1:] == ["the"] and before[:1] in (["on"], ["by"], ["after"], ["before"], ["until"], ["of"], ["for"])
    ends = after >= len(parts) or low[parts[after - 1].end : parts[after].start].strip() != ""
    return led and (ends or following in _DAY_FOLLOWERS)


def day_at(low: str, parts: Sequence[Atom], index: int) -> tuple[int | None, int, bool]:
    """A day of the month at `index`, the index after it, and whether it was an ordinal."""
    if index >= len(parts):
        return None, index, False
    word = parts[index].text
    if word.isdigit():
        if len(word) > 2 or not 1 <= int(word) <= 31:
            return None, index, False
        after = index + 1
        if after < len(parts) and parts[after].text in _SUFFIXES and low[parts[index].end : parts[after].start] in ("", " "):
            return int(word), after + 1, True
        return int(word), after, False
    if word in TENS and TENS[word] <= 30 and index + 1 < len(parts) and 1 <= ORDINALS.get(parts[index + 1].text, 0) <= 9:
        day = TENS[word] + ORDINALS[parts[index + 1].text]
        return (day, index + 2, True) if day <= 31 else (None, index, False)
    if word in ORDINALS:
        return ORDINALS[word], index + 1, True
    if word in UNITS or word in TEENS or word in TENS:
        said, after = digits_at(parts, index)
        if said == "0" and after < len(parts) and UNITS.get(parts[after].text):
            return UNITS[parts[after].text], after + 1, False
        if said is not None and 1 <= int(said) <= 31:
            return int(said), after, False
    return None, index, False


def _skip(parts: Sequence[Atom], index: int) -> int:
    while index < len(parts) and parts[index].text in _JOINTS:
        index += 1
    return index


def _broken(low: str, parts: Sequence[Atom], left: int, right: int) -> bool:
    """A full stop or another sign between two parts means they are not one date."""
    return any(char in "!?;:\n$%" for char in low[parts[left].end : parts[right].start]) or right - left > 4


def _year_after(low: str, parts: Sequence[Atom], index: int) -> tuple[int | None, int]:
    at = _skip(parts, index)
    if at >= len(parts) or _broken(low, parts, index - 1, at):
        return None, index
    gap = low[parts[at - 1].end : parts[at].start]
    if gap.strip() == "-" and len(parts[at].text) < 4:
        return None, index
    year, after = year_at(parts, at)
    if year is None or (year < 100 and after < len(parts) and low[parts[after - 1].end : parts[after].start] == ":"):
        return None, index
    if year < 100 and "." in gap and " " in gap and len(parts[index - 1].text) > 4:
        return None, index
    if year < 100 and after < len(parts) and parts[after].text in ("am", "pm", "a", "p", "o'clock", "oclock", "in", "or", "ish"):
        return None, index
    return year, after


def year_at(parts: Sequence[Atom], index: int) -> tuple[int | None, int]:
    """A year at `index`: 1961, "61", "nineteen sixty one", "twenty oh five", "two thousand and five", "mil novecientos ochenta"."""
    word = parts[index].text
    if word.isdigit() and len(word) == 4:
        return _four_digit(parts, index, int(word))
    if word.isdigit() and len(word) > 2:
        return None, index
    said, after = digits_at(parts, index)
    if said is not None and said in ("19", "20", "18") and after < len(parts):
        rest, end = _two_digits(parts, after)
        if rest is not None:
            return int(said) * 100 + rest, end
        if parts[after].text == "hundred":
            return int(said) * 100, after + 1
    whole, end = cardinal_at(parts, index)
    if whole is not None and EARLIEST <= whole <= 2100:
        return whole, end
    if said is not None and len(said) == 4 and EARLIEST <= int(said) <= 2100:
        return int(said), after
    return _two_digits(parts, index)


def _four_digit(parts: Sequence[Atom], index: int, year: int) -> tuple[int | None, int]:
    """Recognisers split "1984" into "1980 4" and "2005" into "2000 and 5"."""
    if not 1850 <= year <= 2100:
        return None, index
    at = index + 1
    if year == 2000 and at < len(parts) and parts[at].text == "and":
        at += 1
    if year % 10 == 0 and at < len(parts):
        unit = int(parts[at].text) if parts[at].text in "123456789" and len(parts[at].text) == 1 else UNITS.get(parts[at].text, 0)
        if unit and (at + 1 >= len(parts) or not (parts[at + 1].text.isdigit() or parts[at + 1].text in UNITS)):
            return year + unit, at + 1
    return year, index + 1


def _two_digits(parts: Sequence[Atom], index: int) -> tuple[int | None, int]:
    word = parts[index].text
    if word.isdigit():
        return (int(word), index + 1) if len(word) == 2 else (None, index)
    said, after = digits_at(parts, index)
    if said == "0" and after < len(parts):
        unit = UNITS.get(parts[after].text)
        return (unit, after + 1) if unit is not None else (None, index)
    if said is not None and len(said) == 2:
        return int(said), after
    return None, index


def _bare(low: str, day_first: bool) -> Iterator[DateMention]:
    """Runs of numbers that can only be read as a date."""
    quiet = _SLASHES.sub(lambda match: " " * len(match.group()), low)
    quiet = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "  ", quiet)
    quiet = re.sub(r"(?<=thousand )and\b", "   ", quiet.replace(":", " "))
    for run in digit_runs(quiet):
        mention = _fields(run, day_first)
        if mention is not None:
            yield mention


def _fields(run: Digits, day_first: bool) -> DateMention | None:
    """Cut the groups of a run into two fields and a year; four-digit years are tried first."""
    options: list[tuple[int, int, int, int]] = []
    for first, rest in _field(run.groups, 31):
        for second, tail in _field(rest, 31):
            year = _year_of(tail)
            if year is not None:
                options.append((0 if year > 99 else 1, first, second, year))
    orders = (day_first, not day_first)
    for length in (0, 1):
        for by_day in orders:
            for kind, first, second, year in options:
                month, day = (second, first) if by_day else (first, second)
                if kind == length and 1 <= month <= 12 and 1 <= day <= 31:
                    return DateMention(run.start, run.end, month, day, year, spoken=True)
    return _squashed(run, day_first)


def _field(groups: tuple[str, ...], most: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    if not groups:
        return
    head = groups[0]
    if len(head) <= 2 and 1 <= int(head) <= most:
        yield int(head), groups[1:]
    if len(head) == 1 and len(groups) > 1 and len(groups[1]) == 1 and 1 <= int(head + groups[1]) <= most:
        yield int(head + groups[1]), groups[2:]
    if len(head) in (6, 8, 4) and 1 <= int(head[:2]) <= most:
        yield int(head[:2]), (head[2:], *groups[1:])


def _year_of(groups: tuple[str, ...]) -> int | None:
    text = "".join(groups)
    if len(groups) == 2 and len(groups[0]) == 4 and groups[0].endswith("0") and len(groups[1]) == 1:
        text = groups[0][:3] + groups[1]
    elif len(groups) == 2 and len(groups[0]) == 4 and groups[0].endswith("00") and len(groups[1]) == 2:
        text = groups[0][:2] + groups[1]  # "two thousand ten"
    if len(text) == 4 and 1850 <= int(text) <= 2100:
        return int(text)
    return int(text) if len(text) == 2 else None


def _squashed(run: Digits, day_first: bool) -> DateMention | None:
    """ "30041 969": eight digits in all, whatever the recogniser's grouping."""
    if len(run.text) != 8:
        return None
    if len(run.groups) == 1 and EARLIEST <= int(run.text[:4]) <= 2100 and 1 <= int(run.text[4:6]) <= 12 and 1 <= int(run.text[6:]) <= 31:
        return DateMention(run.start, run.end, int(run.text[4:6]), int(run.text[6:]), int(run.text[:4]), spoken=True)
    first, second, year = int(run.text[:2]), int(run.text[2:4]), int(run.text[4:])
    if not EARLIEST <= year <= 2100:
        return None
    mentions = _ordered(first, second, year, run.start, run.end, day_first)
    return replace(mentions[0], spoken=True) if mentions else None


def past(mention: DateMention, today: date) -> date | None:
    """The mention as a day gone by, two-digit years resolved to the most recent such year; None where there is none."""
    if mention.day is None or mention.month is None or mention.year is None:
        return None
    years = [mention.year] if mention.year > 99 else [today.year // 100 * 100 + mention.year, today.year // 100 * 100 - 100 + mention.year]
    for year in years:
        try:
            day = date(year, mention.month, mention.day)
        except ValueError:
            continue
        if day <= today and year >= EARLIEST - 20:
            return day
    return None


def coming(mention: DateMention, today: date) -> date | None:
    """The mention as the next such day from `today` on, for appointments; None where there is none."""
    if mention.day is None:
        return None
    if mention.month is not None:
        years = [mention.year + (2000 if mention.year < 100 else 0)] if mention.year is not None else [today.year, today.year + 1]
        candidates = [(year, mention.month) for year in years]
    else:
        candidates = [
            ((today.replace(day=1) + timedelta(days=31 * step)).year, (today.replace(day=1) + timedelta(days=31 * step)).month) for step in range(3)
        ]
    for year, month in candidates:
        try:
            day = date(year, month, mention.day)
        except ValueError:
            continue
        if day >= today or mention.year is not None:
            return day
    return None
