"""Patients' names in an office's dense text: "CHEN, AI-HUA", "pt tom lee / 3-4-71", "Wm. Garcia 2/3/64".

A run of name-like words is a patient when a label, a date of birth or a telephone number stands beside it; a doctor, a
contact ("mom Elena"), staff ("Trish here") or a signature is not. Words: `lexicons/office.toml`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nlu.gazetteer import PhraseSet, Word, index_at, lexicon, words
from nlu.lettering import person
from nlu.message import Message, fold
from nlu.name_words import FIRST, LAST, Kind, kind

Span = tuple[int, int]

_TABLE = lexicon("office")["names"]
_LABELS, _OTHERS, _STAFF, _STAFF_OF, _FOLLOW = (PhraseSet(_TABLE[name]) for name in ("labels", "others", "staff", "staff_of", "follow"))
_STOP = frozenset(_TABLE["stop"])
_SUFFIXES: dict[str, str] = _TABLE["suffixes"]
_SHORT: dict[str, str] = _TABLE["short"]
_PARTICLES = frozenset(_TABLE["particles"])
_FAMILY_FIRST = frozenset(_TABLE["family_first"])
_PIECE = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d[\d/.:-]*|\n|[^\w\s]")
_GAP = re.compile(r"^[\s:=.#,*(/-]*$")
_AGE = re.compile(r"[\s,(-]*\d{1,3}\s?(?:yo|y/o|yr|years?|yrs|mo|m\b|f\b)")
_SIDED = re.compile(r" (?:[LR]|[LlRr]t|left|right|bil(?:at)?|s/p|post|c/o|w/) ")
"""A name with a complaint right behind it: "Sofia Marchetti L plantar fasc"."""
_TITLE = re.compile(r"\b[^\W\d_a-z][a-z]{2,}")
_GREETINGS = frozenset({"hi", "hello", "hey", "thanks", "thx", "ty", "from", "by", "with", "w"})
_WORD_NAMES = frozenset({"june", "april", "may", "august", "mark", "will", "grant"})
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mister", "senora", "senor", "sra"})
_ENOUGH = 3
_WHOLE = 2
_ANCHORED = 4
"""Least score beside a name that is certain."""


@dataclass(frozen=True, slots=True)
class Named:
    """A patient's name."""

    name: str
    """Given Family, as people write themselves."""
    start: int
    end: int
    score: int
    labelled: bool = False
    """A word before it says that it is a patient's."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    low: str
    start: int
    end: int


def find(message: Message, taken: Sequence[Span], anchors: Sequence[Span], sources: Sequence[Span], certain: bool = False) -> list[Named]:
    """Patients in order. `taken`: spans that are something else; `anchors`: telephone numbers and dates with a year;
    `sources`: providers and practices. `certain`: an office surely wrote it, so that a whole name is enough where nothing else is one."""
    pieces = [_Piece(m.group(), fold(m.group()), *m.span()) for m in _PIECE.finditer(message.text)]
    found = words(message)
    mixed = has_titles(message.text)
    named: list[Named] = []
    taken, anchors = _merged(taken), sorted(anchors)
    i = 0
    while i < len(pieces):
        last = _run(pieces, i, mixed, taken)
        if last == i:
            i += 1
            continue
        name, last = _reordered(pieces, i, last, mixed, taken)
        twin = _twin(pieces, i, last, mixed, taken)
        if twin:
            then = _run(pieces, last + 1, mixed, taken)
            score = _score(message, found, pieces[last + 1 : then], anchors, sources)
            score = max(score, _score(message, found, pieces[i:last], anchors, sources) + 4)
            named.append(Named(twin, pieces[i].start, pieces[last - 1].end, score, True))
            named.append(Named(_written(pieces[last + 1 : then]), pieces[last + 1].start, pieces[then - 1].end, score, True))
            i = then
            continue
        if name:
            score = _score(message, found, pieces[i:last], anchors, sources)
            named.append(Named(name, pieces[i].start, pieces[last - 1].end, score, _is_labelled(message, found, pieces[i].start)))
        i = last
    return _patients(message, named) or (_foremost(message, named) if certain else [])


def has_titles(text: str) -> bool:
    """Are names written with capitals here? An abbreviation or two in small letters does not count."""
    return _TITLE.search(text) is not None


def _run(pieces: Sequence[_Piece], i: int, mixed: bool, taken: Sequence[Span]) -> int:
    """Where the run of name words from piece `i` ends; `i` itself when none begins there."""
    last, count = i, 0
    while last < len(pieces) and count < 5:
        piece = pieces[last]
        if last > i and _apart(pieces, last):
            break
        if (piece.low in _SUFFIXES and count and piece.low != "sr") or (piece.low == "sr" and count > 1):
            last = (
                last + 2
                if last + 1 < len(pieces) and pieces[last + 1].text == "." and piece.low in ("jr", "sr") and last + 2 < len(pieces)
                else last + 1
            )
            break
        if _initial(pieces, last, count, mixed, taken) or (piece.low in _SHORT and last + 1 < len(pieces)):
            last += 2 if last + 1 < len(pieces) and pieces[last + 1].text == "." else 1
            count += 1
            continue
        if piece.low == "st" and count and last + 2 < len(pieces) and pieces[last + 1].text == "." and _is_name(pieces, last + 2, mixed, taken, True):
            last += 2
            continue
        particle = piece.low in _PARTICLES and _before_name(pieces, last + 1, mixed, taken)
        if not particle and not _is_name(pieces, last, mixed, taken, count == 1 or (count > 0 and pieces[last - 1].low in FIRST)):
            break
        count += 1
        last += 1
        if piece.low.endswith("'s"):
            break
    return last


def _before_name(pieces: Sequence[_Piece], i: int, mixed: bool, taken: Sequence[Span]) -> bool:
    """Does a name follow, with further particles at most between ("de la Torre")?"""
    while i < len(pieces) and pieces[i].low in _PARTICLES and not _apart(pieces, i):
        i += 1
    return i < len(pieces) and not _apart(pieces, i) and _is_name(pieces, i, mixed, taken, True)


def _apart(pieces: Sequence[_Piece], i: int) -> bool:
    """More than a space between a piece and the one before."""
    return pieces[i].start - pieces[i - 1].end > 1


def _initial(pieces: Sequence[_Piece], i: int, count: int, mixed: bool, taken: Sequence[Span]) -> bool:
    if len(pieces[i].low) != 1 or not pieces[i].low.isalpha() or _inside(pieces[i], taken):
        return False
    if not count and pieces[i].low in "lr":
        return False  # a side: "sprain L. Ann Wu"
    following = i + 2 if i + 1 < len(pieces) and pieces[i + 1].text == "." else i + 1
    if following >= len(pieces) or (following == i + 1 and not count):
        return False
    return len(pieces[following].low) > 1 and _is_name(pieces, following, mixed, taken, False)


def _is_name(pieces: Sequence[_Piece], i: int, mixed: bool, taken: Sequence[Span], after_first: bool) -> bool:
    piece = pieces[i]
    if not piece.text[0].isalpha() or len(piece.low) < 2 or (piece.low in _STOP and not _month_name(pieces, i, mixed)) or _inside(piece, taken):
        return False
    if piece.low in _STOP:
        return True
    if "-" in piece.low and all(len(part) == 1 for part in piece.low.split("-")):
        return False
    rank = kind(piece.low.removesuffix("'s"))
    if mixed and not piece.text[0].isupper():
        closed = i + 1 == len(pieces) or not pieces[i + 1].text[0].isalpha() or pieces[i + 1].low in _STOP
        second = after_first and (i < 2 or not pieces[i - 2].text[0].isupper())
        return (rank is Kind.NAME and len(piece.low) > 2) or (second and closed and rank is Kind.UNKNOWN and len(piece.low) > 3)
    if rank in (Kind.NAME, Kind.DOUBTFUL):
        return True
    if mixed and not piece.text.isupper() and piece.low in FIRST and i + 1 < len(pieces) and not _apart(pieces, i + 1):
        return pieces[i + 1].text[0].isupper() and pieces[i + 1].low in LAST  # "Don Jarrett", "May Platt"
    if i and mixed and piece.low in _PARTICLES and piece.low in LAST and piece.text[0].isupper() and pieces[i - 1].low in LAST:
        return not piece.text.isupper()  # "Bao Tran Le"
    if rank is Kind.UNKNOWN:
        return len(piece.low) > 2 or (mixed and not piece.text.isupper()) or after_first
    return after_first and mixed and not piece.text.isupper() and len(piece.low) > 2


def _month_name(pieces: Sequence[_Piece], i: int, mixed: bool) -> bool:
    """ "June Lark": a word of the calendar in capitals before a family name in capitals is a given name."""
    if not mixed or pieces[i].low not in _WORD_NAMES or not pieces[i].text.istitle() or i + 1 == len(pieces) or _apart(pieces, i + 1):
        return False
    behind = pieces[i + 1]
    return behind.text.istitle() and behind.low not in _STOP and kind(behind.low) >= Kind.DOUBTFUL


def _inside(piece: _Piece, spans: Sequence[Span]) -> bool:
    """`spans` are merged and in order."""
    i = bisect_right(spans, (piece.end - 1, len(spans) + piece.end)) - 1
    return i >= 0 and piece.start < spans[i][1]


def _merged(spans: Iterable[Span]) -> list[Span]:
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _reordered(pieces: Sequence[_Piece], first: int, last: int, mixed: bool, taken: Sequence[Span]) -> tuple[str, int]:
    """The name in Given Family order and where it ends: "CHEN, AI-HUA" and "Park Min-Ho" are turned round."""
    run = pieces[first:last]
    surname = len(run) == 1 or all(p.low in _PARTICLES for p in run[:-1])
    if (
        surname
        and last + 1 < len(pieces)
        and pieces[last].text == ","
        and (run[-1].low in LAST or "-" in run[-1].low or kind(run[-1].low) is Kind.UNKNOWN)
    ):
        then = _with_initial(pieces, _run(pieces, last + 1, mixed, taken))
        given = [p for k, p in enumerate(pieces[last + 1 : then], last + 1) if not _is_sex(pieces, k)]
        real = [p for p in given if len(p.low) > 1]
        if 0 < len(real) <= 2 and given[0].low not in _SUFFIXES and (len(real) == 1 or real[0].low in FIRST):
            return _written([*given, *run]), then
    if len(run) == 1 and run[0].low in FIRST and last + 2 < len(pieces) and pieces[last + 1].text == "." and not pieces[last + 2].text[0].isalpha():
        ended = _with_initial(pieces, last)
        return _written(pieces[first:ended]), ended
    if len(run) == 2 and run[0].low in _FAMILY_FIRST and run[1].low.count("-") == 1 and len(run[1].low) < 11 and run[1].low not in LAST:
        return _written([run[1], run[0]]), last
    return _written(run), last


def _twin(pieces: Sequence[_Piece], first: int, last: int, mixed: bool, taken: Sequence[Span]) -> str:
    """Such as "Mona & Rima Saleh": the first of two who share a family name; empty when that is not so."""
    if last - first != 1 or pieces[first].low not in FIRST or last + 2 >= len(pieces) or pieces[last].low not in ("&", "and", "y", "+"):
        return ""
    then = _run(pieces, last + 1, mixed, taken)
    if then - last < 3 or pieces[last + 1].low not in FIRST:
        return ""
    return _written([pieces[first], pieces[then - 1]])


def _is_sex(pieces: Sequence[_Piece], i: int) -> bool:
    """ "Nguyen, Kim-Ly F 7/7/77": the letter before a date or an age is no initial."""
    return pieces[i].low in ("m", "f") and i + 1 < len(pieces) and pieces[i + 1].text[0].isdigit()


def _with_initial(pieces: Sequence[_Piece], last: int) -> int:
    """Such as "GUTIERREZ, ALMA R | DOB": a middle initial behind the given name; a side ("R knee") is none."""
    if last < len(pieces) and len(pieces[last].low) == 1 and pieces[last].low.isalpha() and not _apart(pieces, last):
        behind = pieces[last + 1] if last + 1 < len(pieces) else None
        dotted = behind is not None and behind.text == "."
        labelled = behind is not None and behind.low in _STOP and pieces[last].low not in "lr"
        if behind is None or dotted or labelled or not behind.text[0].isalpha():
            return last + 2 if dotted else last + 1
    return last


def _written(run: Sequence[_Piece]) -> str:
    parts: list[str] = []
    suffix = ""
    for piece in run:
        if not piece.low[0].isalpha():
            continue
        if piece.low in _SUFFIXES and parts:
            suffix = _SUFFIXES[piece.low]
        elif len(piece.low) == 1:
            parts.append(piece.text.upper() + ".")
        else:
            parts.append(_SHORT.get(piece.low, piece.text.removesuffix("'s").removesuffix("'S")))
    name = person(" ".join(parts))
    return f"{name} {suffix}" if suffix else name


def _score(message: Message, found: Sequence[Word], run: Sequence[_Piece], anchors: Sequence[Span], sources: Sequence[Span]) -> int:
    start, end = run[0].start, run[-1].end
    real = [p for p in run if len(p.low) > 1 and p.low[0].isalpha() and p.low not in _SUFFIXES]
    names = sum(kind(p.low) is Kind.NAME or p.low in FIRST or p.low in LAST for p in real)
    score = 2 if len(real) > 1 and names == len(real) else 1 if names and len(real) > 1 else 0
    if len(real) == 1:
        score -= 2
    if has_titles(message.text):
        score += 1
    i = index_at(found, start)
    j = index_at(found, end)
    if i == 0 or _GAP.match(message.text[found[i - 1].end : start]):
        label, other = _LABELS.ends(found, i), _OTHERS.ends(found, i)
        titled = label == 1 and found[i - 1].text in _TITLES
        if titled and _OTHERS.ends(found, i - 1):
            other = label + 1
        if other and not label and "," in message.text[found[i - 1].end : start] and found[i - 1].text in _GREETINGS:
            other = 0
        score += (4 if titled and len(real) == 1 else 3) if label > other else -6 if other else 0
    if message.text[:start].rstrip(" -*•(").endswith("\n") or start == 0:
        score += 1
    score += _followed(message, found, j, end, anchors)
    if (j < len(found) and (taken := _STAFF_OF.starts(found, j)) and any(0 <= s - found[j + taken - 1].end <= 5 for s, _ in sources)) or (
        _STAFF.starts(found, j) and found[j].start - end <= 2
    ):
        score -= 6
    return score


def _is_labelled(message: Message, found: Sequence[Word], start: int) -> bool:
    i = index_at(found, start)
    return i > 0 and _LABELS.ends(found, i) > _OTHERS.ends(found, i) and _GAP.match(message.text[found[i - 1].end : start]) is not None


def _followed(message: Message, found: Sequence[Word], j: int, end: int, anchors: Sequence[Span]) -> int:
    """What stands behind the name: a date of birth, a telephone number, an age, or their labels."""
    following = bisect_left(anchors, (end, 0))
    near = anchors[following][0] - end if following < len(anchors) else 999
    if near < 60 and not re.search(r"[^\W\d_]", message.text[end : end + near].replace("(", "").split(")")[-1]):
        return 3
    if _AGE.match(message.low, end):
        return 3
    if j < len(found) and _FOLLOW.starts(found, j) and found[j].start - end <= 4:
        return 3
    if _SIDED.match(message.text, end):
        return 2
    return 1 if near <= 60 else 0


def _patients(message: Message, named: Sequence[Named]) -> list[Named]:
    """The candidates that are patients: each once, signatures left out."""
    if not named:
        return []
    best = max(n.score for n in named)
    kept: list[Named] = []
    for name in named:
        if name.score < _ENOUGH or (best > _ENOUGH and name.score < _ANCHORED) or _signature(message, name, named):
            continue
        again = next((k for k, old in enumerate(kept) if _same(old.name, name.name)), None)
        if again is None:
            kept.append(name)
        elif len(name.name) > len(kept[again].name):
            kept[again] = replace(kept[again], name=name.name)
    return kept


def _foremost(message: Message, named: Sequence[Named]) -> list[Named]:
    """The likeliest whole name of a text in which no name is labelled or stands beside a figure."""
    whole = [n for n in named if n.score >= _WHOLE and " " in n.name and not _signature(message, n, named)]
    return [max(whole, key=lambda n: n.score)] if whole else []


def _same(one: str, other: str) -> bool:
    a, b = fold(one).split(), fold(other).split()
    return a == b or ((len(a) == 1 or len(b) == 1) and (a[0] == b[0] or a[-1] == b[-1]))


def _signature(message: Message, name: Named, named: Sequence[Named]) -> bool:
    """The last words of the message, behind a dash or on a line of their own, beside other names."""
    rest = message.text[name.end :].strip(" .\n!")
    before = message.text[: name.start].rstrip(" ")
    return not rest and len(named) > 1 and before.endswith(("-", "\n", "~")) and name.score < 5
