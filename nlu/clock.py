"""Clock times: "3:30", "330", "half past three", "quarter to five", "nine", "3 in the afternoon", "las tres y media".

A time without am or pm is one at which a clinic is awake: 1 to 6 is the afternoon, 7 to 11 the morning, 12 noon.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.numbers import TEENS, TENS, UNITS, Atom, digits_at

_HOURS = {**{word: value for word, value in UNITS.items() if value}, **{word: value for word, value in TEENS.items() if value <= 12}}
_FRACTIONS = {"half": 30, "quarter": 15, "media": 30, "cuarto": 15, "thirty": 30, "fifteen": 15, "ten": 10, "twenty": 20, "five": 5}
_PAST = frozenset(("past", "after"))
_TO = frozenset(("to", "till", "til", "of", "before"))
_NOON = ("noon", "mediodia", "midday")
_MIDNIGHT = ("midnight", "medianoche")
_PARTS = {
    "morning": "am",
    "manana": "am",
    "madrugada": "am",
    "afternoon": "pm",
    "evening": "pm",
    "night": "pm",
    "tarde": "pm",
    "noche": "pm",
    "tonight": "pm",
    "tardes": "pm",
    "noches": "pm",
}
_YEARS = (1900, 2099)
"""Four digits that are a year before they are a time."""
_GLUE = frozenset(("in", "the", "at", "de", "en", "la", "por", "of"))


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day at a place in the message."""

    hour: int
    minute: int
    start: int
    end: int
    half: str = ""
    """`am` or `pm` where said."""
    sure: bool = False
    """It can be nothing but a time: it has minutes, am or pm, o'clock, or a name."""

    @property
    def text(self) -> str:
        """`HH:MM` with the clinic's waking hours."""
        return at_hour(self.hour, self.minute, self.half)


def at_hour(hour: int, minute: int, half: str = "") -> str:
    """`HH:MM` of an hour as said; without `am` or `pm` the waking hours decide."""
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif not half and 1 <= hour <= 6:
        hour += 12
    return f"{hour % 24:02d}:{minute:02d}"


def clock_at(low: str, parts: Sequence[Atom], index: int) -> tuple[Clock | None, int]:
    """The time said from the word at `index` on, and the index after it; (None, index) where there is none."""
    word = parts[index].text
    if not (word.isdigit() or word in _HOURS or word in _FRACTIONS or word in _NOON or word in _MIDNIGHT or word == "medio"):
        return None, index
    for form in (_named, _fraction_first, _written, _worded):
        clock, after = form(low, parts, index)
        if clock is not None:
            return _with_half(low, parts, clock, after)
    return None, index


def _named(low: str, parts: Sequence[Atom], index: int) -> tuple[Clock | None, int]:
    word = parts[index].text
    start = parts[index].start
    if word in ("twelve", "12") and index + 1 < len(parts) and parts[index + 1].text in ("noon", "midnight"):
        return _named(low, parts, index + 1)
    if word in _NOON:
        return Clock(12, 0, start, parts[index].end, "pm", sure=True), index + 1
    if word == "medio" and index + 1 < len(parts) and parts[index + 1].text == "dia":
        return Clock(12, 0, start, parts[index + 1].end, "pm", sure=True), index + 2
    if word in _MIDNIGHT:
        return Clock(12, 0, start, parts[index].end, "am", sure=True), index + 1
    return None, index


def _fraction_first(low: str, parts: Sequence[Atom], index: int) -> tuple[Clock | None, int]:
    """ "half past three", "a quarter to five", "ten past two", "half 3"."""
    word = parts[index].text
    at, minutes = index + 1, _FRACTIONS.get(word, 0)
    if word.isdigit() and len(word) <= 2 and 0 < int(word) < 30:
        minutes = int(word)
    if not minutes or at + 1 >= len(parts) + (word == "half"):
        return None, index
    if at < len(parts) and parts[at].text in ("minutes", "min"):
        at += 1
    if at + 1 < len(parts) and parts[at].text in _PAST | _TO:
        hour = _hour(parts[at + 1].text)
        if hour is None or (word not in ("half", "quarter") and parts[at].text not in ("past", "to")):
            return None, index
        if word not in ("half", "quarter") and parts[at].text == "to" and minutes < 20 and at == index + 1:
            return None, index
        if parts[at].text in _TO:
            hour, minutes = (hour - 2) % 12 + 1, 60 - minutes
        return Clock(hour, minutes, parts[index].start, parts[at + 1].end, sure=True), at + 2
    if word == "half" and at < len(parts) and _hour(parts[at].text) is not None:
        return Clock(_hour(parts[at].text) or 0, 30, parts[index].start, parts[at].end, sure=True), at + 1
    return None, index


def _hour(word: str) -> int | None:
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 and len(word) <= 2 else None
    return _HOURS.get(word)


def _written(low: str, parts: Sequence[Atom], index: int) -> tuple[Clock | None, int]:
    word, start = parts[index].text, parts[index].start
    if (
        not word.isdigit()
        or (start and low[start - 1] in "$/#")
        or (start > 1 and low[start - 1] in ".:-" and low[start - 2].isdigit() and low[start - 1] != "-")
    ):
        return None, index
    end = parts[index].end
    if low[end : end + 1] in ("%", "/") and low[end + 1 : end + 2].strip() != "":
        return None, index
    if len(word) <= 2 and int(word) <= 24:
        if index + 1 < len(parts):
            minute = parts[index + 1]
            gap = low[end : minute.start]
            if (
                minute.text.isdigit()
                and len(minute.text) == 2
                and int(minute.text) < 60
                and (gap.strip() in (":", ".") and len(gap) <= 3)
                and not low[minute.end : minute.end + 2].strip().startswith("%")
            ):
                return Clock(_civil(int(word)), int(minute.text), start, minute.end, _half(int(word)), sure=gap.strip() == ":"), index + 2
            if (
                minute.text == "h"
                and gap == ""
                and index + 2 < len(parts)
                and parts[index + 2].text.isdigit()
                and low[minute.end : parts[index + 2].start] == ""
            ):
                return Clock(_civil(int(word)), int(parts[index + 2].text) % 60, start, parts[index + 2].end, _half(int(word)), sure=True), index + 3
            if (
                minute.text.isdigit()
                and len(minute.text) == 2
                and gap == " "
                and minute.text in ("00", "15", "30", "45", "10", "20", "40", "50")
                and 1 <= int(word) <= 12
            ):
                return Clock(int(word), int(minute.text), start, minute.end), index + 2
        return (Clock(_civil(int(word)), 0, start, end, _half(int(word))), index + 1) if int(word) else (None, index)
    if len(word) == 4 and _YEARS[0] <= int(word) <= _YEARS[1] and not low[end:].lstrip().startswith(("am", "pm", "a.m", "p.m", "hrs", "hours")):
        return None, index
    if len(word) in (3, 4) and int(word[-2:]) < 60 and int(word[:-2]) <= 24 and int(word[:-2]):
        hour = int(word[:-2])
        return Clock(_civil(hour), int(word[-2:]), start, end, _half(hour)), index + 1
    return None, index


def _civil(hour: int) -> int:
    return hour - 12 if hour > 12 else hour


def _half(hour: int) -> str:
    return "pm" if 12 < hour < 24 else "am" if hour in (0, 24) else ""


def _worded(low: str, parts: Sequence[Atom], index: int) -> tuple[Clock | None, int]:
    """ "nine", "three thirty", "ten oh five", "tres y media", "tres menos cuarto"."""
    hour = _HOURS.get(parts[index].text)
    if hour is None:
        return None, index
    start, after = parts[index].start, index + 1
    if after < len(parts) and parts[after].text in ("y", "menos") and after + 1 < len(parts):
        minutes = (
            _FRACTIONS.get(parts[after + 1].text)
            or TENS.get(parts[after + 1].text)
            or TEENS.get(parts[after + 1].text)
            or UNITS.get(parts[after + 1].text)
        )
        if minutes and (parts[after + 1].text in ("media", "cuarto") or parts[after].text == "menos" or minutes % 5 == 0) and minutes > 4:
            if parts[after].text == "menos":
                return Clock((hour - 2) % 12 + 1, 60 - minutes, start, parts[after + 1].end, sure=True), after + 2
            return Clock(hour, minutes, start, parts[after + 1].end, sure=True), after + 2
    if after < len(parts):
        said, end = digits_at(parts, after)
        gap = low[parts[index].end : parts[after].start]
        if said is not None and gap.strip(" -") == "" and parts[after].text not in ("once", "o"):
            if (
                len(said) == 2
                and 10 <= int(said) < 60
                and int(said) % 5 == 0
                and not (parts[after].text in TEENS and int(said) <= 12 and int(said) != 10)
            ):
                return Clock(hour, int(said), start, parts[end - 1].end), end
            if said == "0" and end < len(parts) and UNITS.get(parts[end].text):
                return Clock(hour, UNITS[parts[end].text], start, parts[end].end), end + 1
    return Clock(hour, 0, start, parts[index].end), after


def _with_half(low: str, parts: Sequence[Atom], clock: Clock, after: int) -> tuple[Clock, int]:
    """Take up "pm", "p m", "o'clock", "in the morning" behind a time."""
    half, end, sure, at = clock.half, clock.end, clock.sure, after
    if at < len(parts) and parts[at].text in ("o'clock", "oclock", "clock") and low[end : parts[at].start].strip(" '") in ("", "o"):
        end, sure, at = parts[at].end, True, at + 1
    elif at + 1 < len(parts) and parts[at].text == "o" and parts[at + 1].text == "clock":
        end, sure, at = parts[at + 1].end, True, at + 2
    if at < len(parts) and low[end : parts[at].start].strip(" -.") == "":
        word = parts[at].text
        if word in ("am", "pm", "ampm"):
            return Clock(clock.hour, clock.minute, clock.start, parts[at].end, half or word, sure=True), at + 1
        if word in ("a", "p") and at + 1 < len(parts) and parts[at + 1].text == "m" and len(low[parts[at].end : parts[at + 1].start]) <= 3:
            return Clock(clock.hour, clock.minute, clock.start, parts[at + 1].end, half or word + "m", sure=True), at + 2
        if word in ("a", "p") and low[end : parts[at].start] == "" and not low[parts[at].end : parts[at].end + 1].isalnum():
            return Clock(clock.hour, clock.minute, clock.start, parts[at].end, half or word + "m", sure=True), at + 1
        ahead = at
        while ahead < len(parts) and parts[ahead].text in _GLUE and ahead - at < 3:
            ahead += 1
        if ahead < len(parts) and parts[ahead].text in _PARTS and (ahead > at or parts[ahead].text == "tonight"):
            said = _PARTS[parts[ahead].text]
            half = half or ("am" if parts[ahead].text == "night" and clock.hour in (12, 1, 2, 3, 4) and clock.hour != 12 else said)
            return Clock(clock.hour, clock.minute, clock.start, parts[ahead].end, half, sure=True), ahead + 1
    return Clock(clock.hour, clock.minute, clock.start, end, half, sure), at


_RANGE = re.compile(r"\s*(?:-|to|till?|until|through|thru|and|a|y|hasta|'til)(?:\s+(?:las?|about|around))?\s*\Z")


def joins(low: str, left: Clock, right: Clock, between: bool) -> bool:
    """Do two times make a range: "9-11", "from three to five", "between 7 and 9"?"""
    gap = _RANGE.match(low[left.end : right.start])
    if gap is None:
        return False
    word = gap.group().split()
    return between or not word or word[0] not in ("and", "y")


def span(left: Clock, right: Clock) -> tuple[str, str]:
    """Start and end of a range; one half of the day said holds for both, and the end comes after the start."""
    end = at_hour(right.hour, right.minute, right.half)
    start = at_hour(left.hour, left.minute, left.half)
    if not left.half and right.half:
        same = at_hour(left.hour, left.minute, right.half)
        other = at_hour(left.hour, left.minute, "am" if right.half == "pm" else "pm")
        start = same if same < end else other if other < end else same
    elif end <= start and not right.half:
        later = at_hour(right.hour, right.minute, "pm")
        end = later if later > start else end
    return start, end
