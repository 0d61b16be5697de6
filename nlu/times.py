"""When a person could come in: days, parts of the day, clock limits, dates, exclusions and alternatives.

"tues or thurs after 3 but not before 330 on thurs" is two windows. `days` empty means no day was named; "except fridays" is
Monday to Friday without it; "at 9" is from nine on, in the part of the day nine belongs to; "not mornings" is after noon.
Dates of surgery, injury and visits past, questions about opening hours and greetings are not wishes. Words:
`lexicons/times.toml`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from nlu.date_ranges import ORDER
from nlu.message import Message
from nlu.parse import Context, Reading, TimeWindow
from nlu.relative_dates import TABLE
from nlu.repairs import corrects, words_pattern
from nlu.time_words import Part, Piece, pieces

SLOT = "preferred_times"

_WEEK = ORDER[:5]


def _words(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w'])" + words_pattern(words) + r"(?![\w'])")


_STRONG, _HOURS, _GREETING, _PAST, _SYMPTOM = (_words(TABLE["unwanted"][name]) for name in ("strong", "hours", "greetings", "past", "symptoms"))
_WISH = _words(TABLE["unwanted"]["wishes"])
_OR = _words(TABLE["alternatives"]["words"])
_SHORT = 7
"""Words of a message that is hardly about anything else than the day it names."""
_NEARLY_ALL = 0.75
"""Share of the letters that name a time from which a message is about nothing else, whatever was asked."""
_SMALL = re.compile(
    r"\b(?:after|before|at|around|or|and|on|by|about|only|the|in|please|pls|thanks|works|best|y|o|las?|los|el|por|en|despues de|antes de)\b"
)
_NOT_THIS = re.compile(r"\b(?:not|instead of|no)\s+(?:at\s+|a las\s+)?$")
"""Right before a time: another one is meant."""
_BETWEEN_LUNCH = re.compile(r"(?<=\bbetween )lunch(?:time)?\b")
_LED = re.compile(r"\s*(?:on|el|los|the)?\s*")
_ASKS_HOURS = re.compile(r"\b(?:what time|when (?:do|are|will|r)|how (?:late|early|soon)|a que hora|call|you sa(?:y|id)|you mean)\b")
_B4 = re.compile(r"\bb4\b")
"""Texting for "before"; "by" is as long."""
_HAIL = re.compile(r"^\W*(?:(?:good|gd|happy)\s+\w{3,9}\b|(?:morning|afternoon|evening|eve|mornin)(?=\s*!|\s*[,.-]\s+[a-z]))")
_EVENT = re.compile(r"\b(?:my|our|his|her)\s+(?:\w+(?:'s)?\s+){1,3}(?:is|'s)\s+(?:on\s+)?$")
_OWN_DAY = re.compile(r"\b(?:best|free|off|preference|choice|availability|schedule|open|good|only|favorite|time)\b")
_FAR = timedelta(days=120)
"""A whole month beyond this is no wish unless times were asked: "a stroke in august"."""
_CLAUSE = re.compile(r"[.;!?\n|]+(?=\s|$)|\s-\s|,?\s\b(?:but|pero|although|however)\b|,\s*(?=(?:only|except|not)\b)")
_NEGATED_PARTS: dict[str, tuple[str | None, str | None]] = {
    "morning": ("12:00", None),
    "afternoon": (None, "12:00"),
    "evening": (None, "17:00"),
    "midday": (None, None),
}


@dataclass(slots=True)
class _Draft:
    """A window being put together."""

    days: tuple[str, ...] = ()
    part: Part = "any"
    after: str | None = None
    before: str | None = None
    first: date | None = None
    last: date | None = None
    override: bool = False
    limited: bool = False
    """A part or a clock limit was given."""
    excluded: set[str] = field(default_factory=set)


def read(message: Message, context: Context) -> list[Reading]:
    """At most one reading: a tuple of `TimeWindow`."""
    low = _GREETING.sub(lambda match: " " * len(match.group()), _B4.sub("by", message.low))
    low = _BETWEEN_LUNCH.sub(lambda match: "noon".ljust(len(match.group())), low)
    low = _HAIL.sub(lambda match: " " * len(match.group()), low)
    asked = context.asked == SLOT
    found = [piece for piece in pieces(low, context.today, asked) if _is_wish(low, piece, asked)]
    found = _after_reasons(low, _after_corrections(low, found))
    if context.confirming:
        found = _replacing(low, found)
    clocks = [piece for piece in found if piece.kind == "clock"]
    if len(clocks) > 1:
        found = [piece for piece in found if piece.kind != "clock" or not _NOT_THIS.search(low[: piece.start])]
    if any(piece.kind in ("part", "clock") and not piece.negated for piece in found):
        found = [piece for piece in found if not (piece.negated and piece.kind == "part")]
    if not any(not piece.weak for piece in found) and not (asked and found):
        return []
    if not asked:
        found = [piece for piece in found if not _is_month_past(piece, context)]
    if not asked and not _wanted(low, found, elsewhere=context.asked is not None):
        return []
    if not asked:
        found = [piece for piece in found if piece.kind != "any" or any(p.kind in ("days", "dates", "clock") for p in found)]
    if context.asked == "patient.phone" and all(piece.kind in ("clock", "any") for piece in found):
        return []  # when to ring up
    windows = _windows(low, found)
    if not windows:
        return []
    start, end = min(piece.start for piece in found), max(piece.end for piece in found)
    confidence = 0.9 if asked else 0.75
    return [Reading(SLOT, tuple(windows), message.text[start:end], start, end, confidence)]


def _is_month_past(piece: Piece, context: Context) -> bool:
    """A whole month named where something else was asked, or far ahead, is the one gone by: "a stroke in august"."""
    if piece.first is None or piece.last is None or piece.last - piece.first <= timedelta(days=26):
        return False
    return context.asked is not None or piece.first - context.today > _FAR


def _is_wish(low: str, piece: Piece, asked: bool) -> bool:
    """No date of surgery, no visit past, no hours the clinic keeps."""
    left, right = _bounds(low, piece)
    clause = low[left:right]
    before = low[max(left, piece.start - 40) : piece.start]
    if _HOURS.search(clause) and not (asked and piece.kind in ("days", "part") and not _ASKS_HOURS.search(clause)):
        return False
    if piece.kind == "any":
        return True
    if piece.kind == "part" and _SYMPTOM.search(before):
        return False
    event = _EVENT.search(before)
    if event is not None and not _OWN_DAY.search(event.group()):
        return False
    if _STRONG.search(before) or _STRONG.match(low[piece.end : piece.end + 30].lstrip(" ,")):
        return piece.plural and (asked or "," in before)
    return asked or piece.plural or not (_STRONG.search(clause) or _PAST.search(before))


def _bounds(low: str, piece: Piece) -> tuple[int, int]:
    left = max((m.end() for m in _CLAUSE.finditer(low, 0, piece.start)), default=0)
    following = _CLAUSE.search(low, piece.end)
    return left, following.start() if following else len(low)


def _clause(low: str, piece: Piece) -> str:
    left, right = _bounds(low, piece)
    return low[left:right]


def _after_corrections(low: str, found: Sequence[Piece]) -> list[Piece]:
    """ "mondays, no wait, tuesdays": what was said before the correction goes, where the same kind is said again."""
    kept: list[Piece] = []
    for piece in found:
        if (
            kept
            and not piece.negated
            and corrects(low[kept[-1].end : piece.start])
            and not kept[-1].negated
            and re.search(r"\b(?:wait|sorry|mean|make (?:that|it)|actually|rather|oops|digo|perdon|scratch)\b", low[kept[-1].end : piece.start])
        ):
            kept = [other for other in kept if other.kind != piece.kind and not (piece.kind == "dates" and other.kind == "days")]
        kept.append(piece)
    return kept


def _replacing(low: str, found: Sequence[Piece]) -> list[Piece]:
    """ "no, not tuesday, thursday" about what was read back: the second day stands for the first."""
    out = list(found)
    for index, (one, other) in enumerate(itertools.pairwise(found)):
        lone = one.negated and other.negated and one.kind == other.kind == "days" and (index == 0 or not found[index - 1].negated)
        if lone and not low[one.end : other.start].strip(" ,") and re.search(r"\bnot?\s+(?:on\s+)?$", low[: one.start]):
            out[index + 1] = replace(other, negated=False)
            out.remove(one)
            break
    return out


def _after_reasons(low: str, found: Sequence[Piece]) -> list[Piece]:
    """ "i get off at three, so three thirty or later": the clock time before the "so" only explains the one behind it."""
    clocks = [piece for piece in found if piece.kind == "clock"]
    dropped = [one for one, other in itertools.pairwise(clocks) if re.match(r"\W*so\b", low[one.end : other.start])]
    return [piece for piece in found if piece not in dropped]


def _wanted(low: str, found: Sequence[Piece], elsewhere: bool) -> bool:
    """Times were not asked: is it a wish for a visit? `elsewhere`: the answer to something else was expected."""
    solid = [piece for piece in found if not piece.weak]
    if any(piece.plural for piece in solid if piece.kind in ("days", "part")):
        return True
    if not any(piece.kind in ("days", "part", "dates", "clock") for piece in solid):
        return False
    if any(_WISH.search(_clause(low, piece)) for piece in solid):
        return True
    covered = sum(piece.end - piece.start for piece in found)
    words = len(re.sub(r"\W+", "", _SMALL.sub("", low)))
    if elsewhere:
        return covered >= words * _NEARLY_ALL and any(piece.kind in ("days", "part") for piece in solid)
    short = len(low.split()) <= _SHORT
    if any(piece.kind == "clock" or (short and piece.kind in ("days", "dates")) for piece in solid) and not _SYMPTOM.search(low):
        return True
    if covered >= words * 0.6:
        return True
    return any(
        re.search(r"(?:^|[,.;|\n])\s*(?:on\s+)?$", low[: p.start]) and re.match(r"\s*(?:$|[,.;|\n?!]|or\b|and\b|after\b|before\b|at\b)", low[p.end :])
        for p in solid
        if p.kind in ("days", "dates", "part")
    )


def _windows(low: str, found: Sequence[Piece]) -> list[TimeWindow]:
    drafts: list[_Draft] = []
    current: _Draft | None = None
    previous: Piece | None = None
    for index, piece in enumerate(found):
        gap = low[previous.end : piece.start] if previous is not None else ""
        if piece.negated:
            current = _exclude(drafts, current, piece)
        else:
            following = found[index + 1] if index + 1 < len(found) else None
            own_day = following is not None and following.kind in ("days", "dates") and _LED.fullmatch(low, piece.end, following.start) is not None
            current = _include(drafts, current, piece, gap, previous, following, own_day)
        previous = piece
    return _finished(_split_overrides(drafts), found)


def _exclude(drafts: list[_Draft], current: _Draft | None, piece: Piece) -> _Draft | None:
    """Take days, a part or dates away from what was said so far."""
    if piece.kind == "dates" and not (piece.first == piece.last and piece.days):
        return current
    draft = current or (drafts[-1] if drafts else _Draft())
    if piece.kind == "part":
        after, before = _NEGATED_PARTS[piece.part]
        if draft.part == "any" and not draft.limited and (after or before):
            draft.after, draft.before, draft.limited = after, before, True
    else:
        draft.excluded |= set(piece.days)
    if draft not in drafts:
        drafts.append(draft)
    return draft


def _include(
    drafts: list[_Draft], current: _Draft | None, piece: Piece, gap: str, previous: Piece | None, following: Piece | None, own_day: bool
) -> _Draft:
    """`own_day`: the day of a part or a time stands right behind it ("or first thing thursday")."""
    broken = _CLAUSE.search(gap) is not None
    override = broken and re.search(r"\b(?:but|pero|only|except|although|however)\b", gap) is not None
    alternative = _OR.search(gap) is not None
    if current is None:
        current = _Draft()
        drafts.append(current)
    elif _starts_new(current, piece, alternative, broken, previous, following):
        current = _next(current, piece, alternative and not broken and not own_day)
        current.override = override
        drafts.append(current)
    _fill(current, piece)
    return current


def _starts_new(current: _Draft, piece: Piece, alternative: bool, broken: bool, previous: Piece | None, following: Piece | None) -> bool:
    last_kind = previous.kind if previous is not None else ""
    if piece.kind in ("days", "dates") and piece.days:
        if not current.days and not current.excluded and not (piece.kind == "dates" and current.first and current.first != piece.first):
            return broken and current.limited
        if last_kind == "days" and piece.kind == "days" and not current.limited:
            return broken
        if last_kind == "days" and piece.kind == "days" and current.limited and not broken:
            return following is not None and following.kind in ("part", "clock", "any") and not following.negated
        if piece.kind == "dates" and set(piece.days) == set(current.days) and current.first is None:
            return False
        return not (last_kind == "dates" and piece.kind == "days" and set(piece.days) <= set(current.days))
    if piece.kind == "dates":
        return current.first is not None or current.last is not None
    if piece.kind == "part":
        return (
            (current.part != "any" and (last_kind != "clock" or alternative) and current.part != piece.part)
            or (current.limited and alternative)
            or (current.limited and broken)
        )
    if piece.kind == "clock":
        if current.after is None and current.before is None:
            return current.limited and (alternative or broken)
        complement = (
            (piece.after is None) != (piece.before is None)
            and ((current.after is None) == (piece.before is None))
            and not (current.after and current.before)
        )
        return not complement or broken or (alternative and not (current.after and piece.before))
    return broken and current.limited


def _next(current: _Draft, piece: Piece, keeps: bool) -> _Draft:
    """A further window; "tuesday mornings or after 4" keeps its day."""
    if piece.kind in ("part", "clock") and keeps:
        return _Draft(days=current.days, first=current.first, last=current.last)
    if piece.kind == "days" and current.first is not None and not current.days:
        return _Draft(first=current.first, last=current.last)
    return _Draft()


def _fill(draft: _Draft, piece: Piece) -> None:
    if piece.kind == "days":
        draft.days = tuple(day for day in ORDER if day in (*draft.days, *piece.days))
    elif piece.kind == "dates":
        draft.first, draft.last = piece.first or draft.first, piece.last or draft.last
        if piece.days and not draft.days:
            draft.days = piece.days
    elif piece.kind == "part":
        draft.limited = True
        if draft.after and not draft.before and piece.part in ("afternoon", "evening") and draft.after < "12:00" and draft.part != "any":
            hour = int(draft.after[:2]) + 12
            draft.after = f"{hour:02d}{draft.after[2:]}"
        draft.part = piece.part
    elif piece.kind == "clock":
        _limit(draft, piece)
    else:
        draft.limited = True


def _limit(draft: _Draft, piece: Piece) -> None:
    """A clock limit; in the evening or afternoon, "after 7" is 19:00."""
    after, before = piece.after or draft.after, piece.before or draft.before
    if draft.part in ("evening", "afternoon"):
        after, before = _in_half(after, piece.after), _in_half(before, piece.before)
    if after and before and before <= after and before < "12:00":
        before = f"{int(before[:2]) + 12:02d}{before[2:]}"
    draft.after, draft.before, draft.limited = after, before, True
    if piece.part != "any" and draft.part == "any":
        draft.part = piece.part


def _in_half(text: str | None, own: str | None) -> str | None:
    if text is not None and text == own and "07:00" <= text < "12:00":
        return f"{int(text[:2]) + 12:02d}{text[2:]}"
    return text


def _split_overrides(drafts: list[_Draft]) -> list[_Draft]:
    """ "tues or thurs after 3 but not before 330 on thurs": the later window takes its days out of the earlier one."""
    for index, draft in enumerate(drafts):
        if not draft.override or not draft.days:
            continue
        for earlier in drafts[:index]:
            if not earlier.days and earlier.limited and draft.limited:
                earlier.days = tuple(day for day in _WEEK if day not in draft.days)
            elif set(draft.days) < set(earlier.days):
                earlier.days = tuple(day for day in earlier.days if day not in draft.days)
                if draft.before is None:
                    draft.before = earlier.before
                if draft.after is None:
                    draft.after = earlier.after
                if draft.part == "any":
                    draft.part = earlier.part
    return drafts


def _finished(drafts: Sequence[_Draft], found: Sequence[Piece]) -> list[TimeWindow]:
    windows: list[TimeWindow] = []
    for draft in drafts:
        days = draft.days
        if draft.excluded:
            days = tuple(day for day in (days or _WEEK) if day not in draft.excluded)
        window = TimeWindow(
            days,
            draft.part,
            draft.after,
            draft.before,
            draft.first.isoformat() if draft.first else None,
            draft.last.isoformat() if draft.last else None,
        )
        if window not in windows:
            windows.append(window)
    return _without_empty(windows, found)


def _without_empty(windows: list[TimeWindow], found: Sequence[Piece]) -> list[TimeWindow]:
    blank = TimeWindow()
    if len(windows) > 1:
        windows = [window for window in windows if window != blank]
    if windows == [blank] and not any(piece.kind == "any" for piece in found):
        return []
    return [replace(window, part="any") if window.after and window.before else window for window in windows]
