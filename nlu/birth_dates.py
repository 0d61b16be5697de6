"""The patient's date of birth: a past date that was asked for, or stands by "dob", "born", "birthday".

ISO dates. A year alone, a day and month alone, or an age ("i'm 42") is not a date of birth. With one on record, "the year
is 1962" and "the 14th, not the 4th" repair it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from nlu.dates import MONTHS, DateMention, find, past, year_at
from nlu.holiday_dates import HOLIDAYS, holiday
from nlu.message import Message
from nlu.numbers import atoms, cardinal_at
from nlu.parse import Context, Reading
from nlu.repairs import corrects, settle, words_pattern

SLOT = "patient.date_of_birth"

_LEXICON: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "lexicons" / "dates.toml").read_text(encoding="utf-8"))["birth"]
_CUE = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["cues"]) + r"(?![a-z])")
_OTHER = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["others"]) + r"(?![a-z])")
_MINE = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["mine"]) + r"(?![a-z])")
_THEIRS = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["theirs"]) + r"(?![a-z])")
_TURNED = re.compile(r"(?<![a-z'])" + words_pattern(_LEXICON["turned"]) + r"(?![a-z])")
_NEARBY = {"yesterday": -1, "today": 0, "tomorrow": 1, "ayer": -1, "hoy": 0, "manana": 1}
_HOLIDAY = re.compile(r"\b" + words_pattern(HOLIDAYS) + r"\b")
_WILL = re.compile(r"\b(?:will|'ll|ill|turning|going to|gonna|voy a|cumplo)\b|i'll")
_NEARBY_WORD = re.compile(r"\b(?:" + "|".join(_NEARBY) + r")\b")
_YEAR = re.compile(r"\b(?:year|ano|wrong|incorrect|mal|no)\b")
_WINDOW = 40
_FEW = 8
"""Words looked through for the year behind a day."""


_HAPPENED = re.compile(
    r"\b(?:accident|surgery|operation|injury|appointment|visit|procedure|wreck|fall|mri|cirugia|accidente|cita)"
    r"\s+(?:was|is|happened|fue|es)\s+(?:on\s+|el\s+)?$"
)
"""What else is asked to have a date: not the birth, though the date of birth was asked."""


def read(message: Message, context: Context) -> list[Reading]:
    """At most one reading."""
    low = message.low
    asked = context.asked == SLOT
    cued = _CUE.search(low) is not None
    mentions = list(find(low, bare=asked or cued))
    if asked:
        mentions = _with_year_behind(low, mentions)
    dated = [(m, day) for m in mentions if (day := _past(m, context.today)) is not None and _is_birth(low, m, day, context, asked, cued)]
    dated = _of_patient(low, dated)
    if not dated:
        return _turned(message, context, mentions) or _repaired(message, context, mentions)
    settled = settle([m for m, _ in dated], low)
    kept = settled.kept or (dated[-1][0],)
    chosen = kept[-1] if settled.corrected else kept[0]
    chosen = _amended(low, chosen)
    day = _past(chosen, context.today)
    if day is None:
        return []
    values = tuple(dict.fromkeys(d.isoformat() for m in kept if (d := _past(m, context.today)) is not None))
    value: str | tuple[str, ...] = values if settled.alternatives and len(values) > 1 else day.isoformat()
    confidence = 0.95 if chosen.named or not chosen.spoken else 0.85
    other = _swapped(chosen, context.today)
    return [Reading(SLOT, value, message.text[chosen.start : chosen.end], chosen.start, chosen.end, confidence if asked or cued else 0.7, other)]


def _with_year_behind(low: str, mentions: list[DateMention]) -> list[DateMention]:
    """ "april first, no fooling, nineteen eighty": a whole year said a few words behind the day belongs to it."""
    if any(m.full for m in mentions):
        return mentions
    out = []
    for mention in mentions:
        if mention.month is not None and mention.day is not None and mention.year is None:
            parts = [part for part in atoms(low) if part.start >= mention.end][:_FEW]
            for index in range(len(parts)):
                year, after = year_at(parts, index)
                if year is not None and year > 1000:
                    mention = replace(mention, year=year, end=parts[after - 1].end)
                    break
            else:
                mention = _with_year_before(low, mention)
        out.append(mention)
    return out


def _with_year_before(low: str, mention: DateMention) -> DateMention:
    """ "born in seventy nine on the fourth of july"."""
    parts = [part for part in atoms(low) if part.end <= mention.start]
    for index in range(max(1, len(parts) - _FEW), len(parts)):
        year, _after = year_at(parts, index)
        if year is not None and parts[index - 1].text in ("in", "en", "year", "ano", "del"):
            return replace(mention, year=year, start=parts[index].start)
    return mention


def _past(mention: DateMention, today: date) -> date | None:
    """A day gone by; numbers that are a day to come one way round are read the other way."""
    day = past(mention, today)
    if day is None and not mention.named and mention.year is not None and mention.day is not None and mention.day <= 12:
        return past(replace(mention, month=mention.day, day=mention.month), today)
    return day


def _is_birth(low: str, mention: DateMention, day: date, context: Context, asked: bool, cued: bool) -> bool:
    before = low[max(0, mention.start - _WINDOW) : mention.start]
    cues, others = list(_CUE.finditer(before)), list(_OTHER.finditer(before))
    if others and (not cues or others[-1].end() > cues[-1].end()) and (not asked or _HAPPENED.search(before)):
        return False
    if cues or (asked and not mention.spoken) or _CUE.match(low[mention.end :].lstrip(" ,.)")):
        return True
    if asked:
        return mention.spoken
    return (
        not mention.spoken
        and context.today - day > timedelta(days=3 * 365)
        and (mention.named or low[mention.start : mention.end].count("/") == 2 or low[mention.start : mention.end].count("-") == 2)
    )


def _of_patient(low: str, dated: list[tuple[DateMention, date]]) -> list[tuple[DateMention, date]]:
    """ "his is 10/1/2009, mine is 4/4/78": the other person's is the patient's."""
    if len(dated) < 2:
        return dated
    owner: list[str] = []
    previous = 0
    for mention, _ in dated:
        gap = low[previous : mention.start]
        theirs, mine = [m.end() for m in _THEIRS.finditer(gap)], [m.end() for m in _MINE.finditer(gap)]
        owner.append("theirs" if max(theirs, default=-1) > max(mine, default=-1) else "mine" if mine else "")
        previous = mention.end
    if "theirs" in owner and "mine" in owner:
        return [pair for pair, who in zip(dated, owner, strict=True) if who == "theirs"]
    return dated


def _amended(low: str, mention: DateMention) -> DateMention:
    """ "march fourth sixty one, no sixty two": a year after a correction replaces the year."""
    parts = [part for part in atoms(low) if part.start >= mention.end]
    for index, part in enumerate(parts[:6]):
        year, after = year_at(parts, index)
        if year is not None:
            gap = low[mention.end : part.start]
            if corrects(gap) and len(gap) < 24 and (after >= len(parts) or parts[after].text not in MONTHS):
                return DateMention(mention.start, parts[after - 1].end, mention.month, mention.day, year, mention.named, mention.spoken)
            break
    return mention


def _swapped(mention: DateMention, today: date) -> tuple[str, ...]:
    """The other reading of 3/4: offered when the person says the date is wrong."""
    if mention.named or mention.day is None or mention.day > 12 or mention.day == mention.month:
        return ()
    other = past(DateMention(mention.start, mention.end, mention.day, mention.month, mention.year), today)
    return (other.isoformat(),) if other is not None else ()


def _turned(message: Message, context: Context, mentions: list[DateMention]) -> list[Reading]:
    """ "my birthday was sunday, i turned forty", "i'll be 40 on march third"."""
    low, today = message.low, context.today
    age, said = _age(low)
    if age is None:
        return []
    mentions = [m for m in mentions if not m.start < said[1] or not said[0] < m.end]
    near = _NEARBY_WORD.search(low)
    if near is not None and _CUE.search(low):
        birthday, start = today + timedelta(days=_NEARBY[near.group()]), near.start()
    else:
        feast = next((match for match in _HOLIDAY.finditer(low)), None)
        if feast is not None:
            feast_day = holiday(feast.group(), today)
            mentions = [*mentions, DateMention(feast.start(), feast.end(), feast_day.month, feast_day.day)]
        mention = next((m for m in mentions if m.month is not None and m.day is not None and m.year is None), None)
        if mention is None or mention.month is None or mention.day is None:
            return []
        future = _WILL.search(low) is not None
        years = (today.year, today.year + 1) if future else (today.year, today.year - 1)
        days = [day for year in years if (day := _day(year, mention.month, mention.day)) is not None and (day > today if future else day <= today)]
        if not days:
            return []
        birthday, start = days[0], mention.start
    born = _day(birthday.year - age, birthday.month, birthday.day)
    return [Reading(SLOT, born.isoformat(), message.text[start:].strip(), start, len(message.text), 0.7)] if born is not None else []


def _age(low: str) -> tuple[int | None, tuple[int, int]]:
    """The age turned, and where it was said."""
    parts = atoms(low)
    for match in _TURNED.finditer(low):
        index = next((i for i, part in enumerate(parts) if part.start >= match.end()), None)
        if index is not None:
            age, after = cardinal_at(parts, index)
            if age is not None and 0 < age < 115:
                return age, (parts[index].start, parts[after - 1].end)
    return None, (0, 0)


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _repaired(message: Message, context: Context, mentions: list[DateMention]) -> list[Reading]:
    """A part of the date on record, said again."""
    known = context.known.get(SLOT)
    if not isinstance(known, str) or not (context.asked == SLOT or (context.confirming and _CUE.search(message.low))):
        return []
    try:
        day = date.fromisoformat(known)
    except ValueError:
        return []
    if any(m.full for m in mentions) or re.search(r"\d/\d", message.low):
        return []
    settled = settle(mentions, message.low)
    if settled.kept:
        part = settled.kept[-1]
        changed = _changed(day, part.month, part.day, part.year)
        return [_reading(message, changed, part.start, part.end)] if changed is not None else []
    parts = atoms(message.low)
    years: list[DateMention] = []
    index = 0
    while index < len(parts):
        year, after = year_at(parts, index)
        if year is not None:
            years.append(DateMention(parts[index].start, parts[after - 1].end, year=year))
        index = max(after, index + 1)
    standing = settle(years, message.low).kept
    certain = len(standing) < len(years) or _YEAR.search(message.low) is not None
    for mention in standing:
        if not certain and (mention.year or 0) < 1000:
            continue
        resolved = past(DateMention(mention.start, mention.end, day.month, day.day, mention.year), context.today)
        if resolved is not None:
            return [_reading(message, resolved, mention.start, mention.end)]
    months = [part for part in parts if part.text in MONTHS]
    if months:
        changed = _changed(day, MONTHS[months[0].text], None, None)
        return [_reading(message, changed, months[0].start, months[0].end)] if changed is not None else []
    return []


def _changed(day: date, month: int | None, number: int | None, year: int | None) -> date | None:
    try:
        return date(year if year and year > 99 else day.year, month or day.month, number or day.day)
    except ValueError:
        return None


def _reading(message: Message, day: date, start: int, end: int) -> Reading:
    return Reading(SLOT, day.isoformat(), message.text[start:end], start, end, 0.8)
