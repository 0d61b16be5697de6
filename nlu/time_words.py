"""What a message says about when, piece by piece: days of the week, parts of the day, clock limits, stretches of dates.

`pieces` returns them in order; `nlu.times` puts them together into windows. Words: `lexicons/times.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any, Literal, TypeAlias

from nlu.clock import Clock, clock_at, joins, span
from nlu.date_ranges import ORDER
from nlu.numbers import Atom, atoms
from nlu.relative_dates import TABLE, WEEKDAYS, stretches
from nlu.repairs import words_pattern

Part: TypeAlias = Literal["morning", "midday", "afternoon", "evening", "any"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing said about when."""

    kind: Literal["days", "part", "clock", "dates", "any"]
    start: int
    end: int
    days: tuple[str, ...] = ()
    part: Part = "any"
    after: str | None = None
    before: str | None = None
    first: date | None = None
    last: date | None = None
    negated: bool = False
    """"not mornings", "except fridays", "mondays don't work"."""
    weak: bool = False
    """A bare number that is a time only beside something surer."""
    plural: bool = False
    """"tuesdays", "mornings": habitual, so a wish and no history."""


def _words(words: Sequence[str]) -> str:
    return r"(?<![\w'])" + words_pattern(words) + r"(?![\w'])"


_DAY = re.compile(_words(list(WEEKDAYS)))
_DAY_RANGE = re.compile(
    rf"(?<![\w'])(?:from\s+|de\s+)?(?P<from>{words_pattern(WEEKDAYS)})\s*(?:-|to|thru|through|until|till|a|al|hasta)\s*(?:the\s+|el\s+)?(?P<to>{words_pattern(WEEKDAYS)})(?![\w'])"
)
_GROUPS: dict[str, tuple[str, ...]] = {phrase: tuple(days.split()) for days, phrases in TABLE["groups"].items() for phrase in phrases}
_GROUP = re.compile(_words(list(_GROUPS)))
_PARTS: dict[str, Part] = {phrase: part for part, phrases in TABLE["parts"].items() for phrase in phrases}
_PART = re.compile(_words(list(_PARTS)))
_ANY_DAY, _ANY_TIME = re.compile(_words(TABLE["any"]["days"])), re.compile(_words(TABLE["any"]["times"]))
_LIMITS: dict[str, Any] = TABLE["limits"]
_LEAD = r"(?:\s+(?:about|around|like|las?|el|the|say|maybe|a|probably))*\s*$"
_AFTER = re.compile(r"(?<![\w'])" + words_pattern(_LIMITS["after"]) + _LEAD)
_BEFORE = re.compile(r"(?<![\w'])" + words_pattern(_LIMITS["before"]) + _LEAD)
_AT = re.compile(r"(?:^|(?<![\w'])|(?<=@))" + words_pattern(_LIMITS["around"]) + _LEAD)
_ENDS_TIME = re.compile(r"\s*(?:$|[,.;!?)|]|" + words_pattern([*_LIMITS["ends"], *WEEKDAYS]) + r"\b)")
_UNITS = words_pattern(_LIMITS["counts"])
_COUNT = re.compile(rf"\s*(?:%|/\s*10|{_UNITS}\b|(?:or|to|-|and)\s*\w+\s+{_UNITS}\b)")
_NOT_AFTER = re.compile(
    r"(?<![\w'])(?:no|not|nothing|never|can't|cant|no despues de)\s+(?:(?!un?till?\b|til\b|before\b)\w+\s+)?(?:later than|after|past)\s*$"
)
_NOT_BEFORE = re.compile(
    r"(?<![\w'])(?:no|not|nothing|never|can't|cant|won't|wont|can not|cannot)\s+(?:\w+\s+){0,2}(?:earlier than|before|till|until|b4)" + _LEAD
)
_LATER = re.compile(r"^\s*(?:" + words_pattern(_LIMITS["later"]) + r"(?![\w'])|on(?=\s*(?:$|[,.;!|]|please|is|would|works?)))")
_EARLIER = re.compile(r"^\s*" + words_pattern(_LIMITS["earlier"]) + r"(?![\w'])")
_EXCLUDED = re.compile(
    r"(?<![\w'])" + words_pattern(TABLE["exclude"]["before"]) + r"(?:\s+(?:on|the|any|in|el|los|las|la|en|for|por|during|at|del?))*\s*$"
)
_EXCLUDED_AFTER = re.compile(r"^\s*(?:\w+\s+)?" + words_pattern(TABLE["exclude"]["after"]) + r"(?![\w'])")
_FROM_DATE = re.compile(r"(?<![\w'])" + words_pattern(_LIMITS["from_date"]) + r"(?:\s+(?:the|el|on|la|del))*\s*$")
_TO_DATE = re.compile(r"(?<![\w'])" + words_pattern(_LIMITS["to_date"]) + r"(?:\s+(?:the|el|la|del))*\s*$")
_IS_PLURAL = re.compile(words_pattern(TABLE["plural"]["endings"]) + "$")
_ONE_OF = re.compile(r"\b(?:either|which|that|this|any|each|every|no|the|another|only|last|first|new|other)\s*$")
_POINTED = re.compile(r"\W*(?:so|y)\W+(?:any ?time\W+|sometime\W+|cualquier hora\W+)?(before|after|antes de|despues de)\W+(?:that|then|eso)\b")
"""A time said first and limited behind: "my shift starts at six so before that"."""
_LIMITED_BY = re.compile(
    r"\b(?P<side>before|after|antes de|despues de) (?:my|the|his|her|our|mi|el|la|su) (?:\w+ ){1,3}?(?:(?:which|that|que) )?"
    r"(?:starts?|begins?|is|ends?|finishes|gets out|lets out|empieza|termina|es|sale)(?: at| around| about| a las?)? $"
)
"""What limits and when it is: "before my shift, which starts at one"."""
_LETTER = r"(?:th|tu|sa|su|[mtwrf])"
_LETTERED = re.compile(rf"(?<![\w'/]){_LETTER}(?:\s?(?:/|,|&|-)\s?(?:(?:or|and) )?{_LETTER}|\s(?:or|and)\s{_LETTER}){{1,5}}(?![\w'/])")
"""Days by their letters in a list: "T or Th", "M, W, F"."""
_LETTERS = {"m": "mon", "t": "tue", "tu": "tue", "w": "wed", "r": "thu", "th": "thu", "f": "fri", "sa": "sat", "su": "sun"}
_BEFORE_AM = re.compile(r"(?:\b(?:in the|any|prefers?|needs?|wants?|likes?|best|only|early|late|or|mwf|m-f|days?|week)|[,/;|])\s*$")
"""Before "am" where it is a part of the day and no verb."""
_MOST = 40
"""Pieces read of one message: nobody says more, and reading time stays bounded."""
_LONG_PAST = timedelta(days=366)
"""Dates before this are births and injuries."""


def pieces(low: str, today: date, asked: bool) -> list[Piece]:
    """Every piece in order; `asked` lets bare numbers be times."""
    found: list[Piece] = []
    _add(found, _dates(low, today))
    _add(found, _day_pieces(low))
    _add(found, (piece for piece in _part_pieces(low) if piece.part == "midday" and not _limits(low, piece)))
    clocks = list(islice(_clock_pieces(low, found, asked), _MOST))
    _add(found, (piece for piece in clocks if not piece.weak))
    _add(found, _part_pieces(low))
    _add(found, _anys(low))
    _add(found, (piece for piece in clocks if piece.weak and (asked or any(_touches(low, piece, other) for other in found))))
    return _carried(low, sorted((_judged(low, piece) for piece in found), key=lambda piece: piece.start))


def _carried(low: str, found: list[Piece]) -> list[Piece]:
    """ "except tuesday and thursday" excludes both."""
    out: list[Piece] = []
    for piece in found:
        if (
            out
            and out[-1].negated
            and out[-1].kind == piece.kind == "days"
            and re.fullmatch(r"[\s,/&]*(?:and|or|y|o|ni|nor)?\s*(?:on\s+|the\s+|los\s+|el\s+)?", low[out[-1].end : piece.start])
        ):
            piece = replace(piece, negated=True)
        out.append(_of_same_week(low, out[-1], piece) if out else piece)
    return out


def _of_same_week(low: str, before: Piece, piece: Piece) -> Piece:
    """ "next thursday or friday": the second day belongs to the week of the first."""
    single = piece.kind == "days" and len(piece.days) == 1 and not piece.plural and not piece.negated
    if before.kind != "dates" or before.first is None or before.first != before.last or not single:
        return piece
    if not re.fullmatch(r"[\s,/&]*(?:or|and|o|y)?\s*(?:on\s+|el\s+)?", low[before.end : piece.start]):
        return piece
    day = before.first + timedelta(days=(ORDER.index(piece.days[0]) - before.first.weekday()) % 7)
    return replace(piece, kind="dates", first=day, last=day)


def _touches(low: str, piece: Piece, other: Piece) -> bool:
    """Only small words stand between a bare number and a surer sign of time."""
    gap = low[piece.end : other.start] if piece.end <= other.start else low[other.end : piece.start]
    return (
        len(gap) < 14
        and re.fullmatch(r"[\s,/@&-]*(?:(?:at|on|or|and|around|about|like|a|las|los|el|the|for|from|in|by|maybe|say|o|y)[\s,/@&-]*)*", gap)
        is not None
    )


def _add(found: list[Piece], more: Iterator[Piece]) -> None:
    for piece in more:
        if len(found) >= _MOST:
            return
        if not any(piece.start < other.end and other.start < piece.end for other in found):
            found.append(piece)


def _limits(low: str, piece: Piece) -> bool:
    before = low[max(0, piece.start - 24) : piece.start]
    return _AFTER.search(before) is not None or _BEFORE.search(before) is not None


def _dates(low: str, today: date) -> Iterator[Piece]:
    for stretch in stretches(low, today):
        before = low[max(0, stretch.start - 28) : stretch.start]
        first, last, days = stretch.first, stretch.last, stretch.days
        if last is not None and today - last > _LONG_PAST:
            continue
        pointed = _POINTED.match(low[stretch.end : stretch.end + 28]) if stretch.first == stretch.last else None
        if pointed is not None and stretch.first is not None:
            days = ()
            if pointed[1] in ("before", "antes de"):
                first, last = today, stretch.first - timedelta(days=1)
            else:
                first, last = stretch.first + timedelta(days=1), None
        elif stretch.first == stretch.last and _FROM_DATE.search(before):
            last, days = None, ()
        elif stretch.first == stretch.last and _TO_DATE.search(before):
            first, days = today, ()
        yield Piece("dates", stretch.start, stretch.end, days=days, first=first, last=last)


def _day_pieces(low: str) -> Iterator[Piece]:
    for match in _DAY_RANGE.finditer(low):
        first, last = ORDER.index(WEEKDAYS[match["from"]]), ORDER.index(WEEKDAYS[match["to"]])
        days = tuple(ORDER[first : last + 1]) if first < last else (*ORDER[first:], *ORDER[: last + 1])
        yield Piece("days", match.start(), match.end(), days=days, plural=True)
    for match in _GROUP.finditer(low):
        phrase = " ".join(match.group().split())
        if len(phrase) > 4 or phrase in ("mwf", "tth") or "/" in phrase or "-" in phrase or _is_list(low, match):
            yield Piece("days", match.start(), match.end(), days=_GROUPS.get(phrase, ()), plural=phrase not in ("every day", "everyday"))
    for match in _LETTERED.finditer(low):
        listed = {_LETTERS[letter] for letter in re.findall(_LETTER, re.sub(r"\b(?:or|and)\b", " ", match.group()))}
        if listed & {"tue", "wed", "thu"} and "-" not in match.group():  # "M/F" is a sex
            yield Piece("days", match.start(), match.end(), days=tuple(day for day in ORDER if day in listed), plural=True)
    for match in _DAY.finditer(low):
        if match.group() in ("sun", "sat", "mon", "wed", "mie", "lun") and not _is_list(low, match):
            continue
        yield Piece(
            "days",
            match.start(),
            match.end(),
            days=(WEEKDAYS[match.group()],),
            plural=_IS_PLURAL.search(match.group()) is not None or bool(re.search(r"\b(?:any|los|every|todos los|cada)\s+$", low[: match.start()])),
        )


def _is_list(low: str, match: re.Match[str]) -> bool:
    """Short day words count beside another sign of time, alone, or with a list sign; "I sat down" and "in the sun" do not."""
    around = low[: match.start()] + " " + low[match.end() :]
    if not re.search(r"[a-z]{4}", around) or re.search(r"[,/&;]\s*$", low[: match.start()]) or re.match(r"\s*[,/&;-]", low[match.end() :]):
        return True
    return match.group() not in ("sun", "sat") or not re.search(r"\b(?:the|i|was|in)\s+$", low[: match.start()])


def _part_pieces(low: str) -> Iterator[Piece]:
    for match in _PART.finditer(low):
        phrase = " ".join(re.sub(r"[\s,]+", " ", match.group()).split())
        part = _PARTS.get(phrase)
        if part is None or (phrase in ("early", "late", "am", "eve", "aft", "night", "tarde", "lunch") and not _is_part(low, match, phrase)):
            continue
        yield Piece("part", match.start(), match.end(), part=part, plural=_IS_PLURAL.search(phrase) is not None)


def _is_part(low: str, match: re.Match[str], phrase: str) -> bool:
    before, after = low[: match.start()], low[match.end() :]
    if phrase == "am":
        alone = (
            re.fullmatch(r"\W*(?:any|either|in the|yes|yeah|prefer|the|ok)?\W*", before) is not None
            and re.match(r"\W*(?:$|or\b|/|please|appt|slot|best|works|if|is|only|pls|for)", after) is not None
        )
        return (
            alone
            or _DAY.search(before[-14:]) is not None
            or _BEFORE_AM.search(before) is not None
        )
    if phrase == "early":
        return not re.search(r"\btoo\s+$", before) and not re.match(
            r"\s*(?:in the|enough|onset|stage|afternoon|evening|next|december|january|this)", after
        )
    if phrase == "late":
        return not re.match(
            r"\s*(?:in the|morning|afternoon|next|for|to|december|november|january|father|mother|husband|wife|this)", after
        ) and not re.search(r"\b(?:how|too|i'm|running|be|am|was|so|it's|its|of)\s+$", before)
    if phrase == "tarde":
        return not re.search(r"\b(?:mas|es|muy)\s+$", before)
    return True


def _anys(low: str) -> Iterator[Piece]:
    for match in _ANY_DAY.finditer(low):
        yield Piece("any", match.start(), match.end())
    for match in _ANY_TIME.finditer(low):
        yield Piece("any", match.start(), match.end())


def _clock_pieces(low: str, found: Sequence[Piece], asked: bool) -> Iterator[Piece]:
    parts = [part for part in atoms(low) if not any(piece.start < part.end and part.start < piece.end for piece in found)]
    index = 0
    while index < len(parts):
        clock, after = clock_at(low, parts, index)
        if clock is None or not _contiguous(low, parts, index, after):
            index += 1
            continue
        piece, index = _limited(low, parts, clock, after, asked)
        if piece is not None:
            yield piece


def _contiguous(low: str, parts: Sequence[Atom], index: int, after: int) -> bool:
    return all(not re.search(r"[;|\n!?]|, ", low[parts[i].end : parts[i + 1].start]) for i in range(index, after - 1))


def _limited(low: str, parts: Sequence[Atom], clock: Clock, after: int, asked: bool) -> tuple[Piece | None, int]:
    """A time with what limits it: a range, "after", "before", "or later", "at"."""
    before = low[max(0, clock.start - 30) : clock.start]
    if after < len(parts):
        other, end = clock_at(low, parts, after)
        skip = after
        while (
            other is None
            and skip < len(parts)
            and parts[skip].text in ("to", "and", "a", "y", "until", "till", "til", "through", "thru", "hasta", "las", "la", "about", "around")
            and skip - after < 3
        ):
            skip += 1
            if skip < len(parts):
                other, end = clock_at(low, parts, skip)
        opened = re.search(r"\b(?:between|entre|from|de|desde|btwn|btw|bet)(?:\s+las?)?\s*$", before) is not None
        if (
            other is not None
            and joins(low, clock, other, opened)
            and (clock.sure or other.sure or opened or asked or _near(low, clock.start, other.end))
        ):
            start, finish = span(clock, other)
            return Piece("clock", clock.start, other.end, after=start, before=finish, weak=not (clock.sure or other.sure or opened)), end
    text, tail = clock.text, low[clock.end : clock.end + 24]
    if _NOT_AFTER.search(before) or _EARLIER.match(tail):
        return Piece("clock", clock.start, clock.end, before=text), after
    onward = _LATER.match(tail)
    if onward is not None or _NOT_BEFORE.search(before):
        return Piece("clock", clock.start, clock.end + (onward.end() if onward else 0), after=text), after
    if not clock.sure and (_is_count(tail) or (_ONE_OF.search(before) and low[clock.start : clock.end] == "one")):
        return None, after
    pointed = _POINTED.match(tail)
    if pointed is not None:
        earlier_than = pointed[1] in ("before", "antes de")
        return Piece("clock", clock.start, clock.end, after=None if earlier_than else text, before=text if earlier_than else None), after
    bounded = _LIMITED_BY.search(low[max(0, clock.start - 60) : clock.start])
    if bounded is not None:
        earliest = bounded["side"] in ("after", "despues de")
        return Piece("clock", clock.start, clock.end, after=text if earliest else None, before=None if earliest else text), after
    later, earlier = _AFTER.search(before), _BEFORE.search(before)
    if earlier is not None and (later is None or earlier.start() <= later.start()):
        return Piece("clock", clock.start, clock.end, before=text), after
    if later is not None:
        return Piece("clock", clock.start, clock.end, after=text), after
    led = _AT.search(before) is not None and _ENDS_TIME.match(tail) is not None
    lone = asked and len(before.split()) < 3 and _ENDS_TIME.match(tail) is not None
    return Piece("clock", clock.start, clock.end, part=_part_of(text), after=text, weak=not (clock.sure or led or lone)), after


def _near(low: str, start: int, end: int) -> bool:
    return _DAY.search(low, max(0, start - 24), end + 24) is not None or _PART.search(low, max(0, start - 12), end + 16) is not None


def _is_count(tail: str) -> bool:
    """ "at 3 weeks", "after 2 visits", "about 5 miles" are no times."""
    return _COUNT.match(tail) is not None


def _part_of(text: str) -> Part:
    hour = int(text[:2])
    return "morning" if hour < 12 else "midday" if text == "12:00" else "afternoon" if hour < 17 else "evening"


def _judged(low: str, piece: Piece) -> Piece:
    """Mark what is excluded: "not mornings", "except fridays", "mondays don't work"."""
    if piece.kind == "any" or piece.kind == "clock":
        return piece
    before, after = low[max(0, piece.start - 30) : piece.start], low[piece.end : piece.end + 28]
    hit = _EXCLUDED.search(before)
    if (
        hit is not None
        and hit.group().split()[0] in ("in", "no", "but", "out", "away", "gone", "on")
        and not re.match(r"(?:not?|no|but|out|away|gone)\b(?!\s+in the$)", hit.group().strip())
    ):
        hit = None
    if hit is not None and hit.group().strip() in ("in the", "no", "but", "menos") and hit.group().strip() != "menos":
        word = hit.group().strip()
        hit = (
            hit
            if (
                word == "no"
                and piece.plural
                and re.search(r"(?:^|[.;|\n(-])\s*no$", before.rstrip()) is not None
                and "," not in before
                and not re.match(r"\s*(?:is|are|would|works?|,?\s*not)\b", after)
            )
            or (word == "no" and not re.search(r"\bno,?\s*$", before[:-1] + ",") and before.strip() != "no")
            or (word == "but" and re.search(r"\b(?:any|every|all|day|days|anytime|time)\b[^,]*but\s*(?:on\s*)?$", before))
            else None
        )
    if hit is not None or (piece.kind in ("days", "part") and _EXCLUDED_AFTER.match(after)):
        return replace(piece, negated=True)
    return piece
