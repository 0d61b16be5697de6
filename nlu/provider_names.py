"""Everything in a message that could be a provider: a title, letters or a trade beside a name, or a doctor called one.

"Dr. Alan Smith", "Carol Finch MD", "nurse practitioner Amy Chen", "my doctor's name is wexler". Who of them sends the patient is settled in
`nlu/providers.py`. Words: `lexicons/providers.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlu import practices, specialties
from nlu.gazetteer import Hit, PhraseIndex, Word, index_at, lexicon, words_of
from nlu.lettering import person
from nlu.message import Message, fold
from nlu.name_words import FIRST, LAST, Kind, kind

_TABLE = lexicon("providers")
_PIECE = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+|\n|[^\w\s]")
TITLES = frozenset(_TABLE["titles"]) - {"md", "dc"}
_CREDENTIALS: PhraseIndex[str] = PhraseIndex((phrase, kind) for kind, phrases in _TABLE["credentials"].items() for phrase in phrases)
_RARE = 10**6
STOP = frozenset(_TABLE["names"]["stop"])
_PARTICLES = frozenset(_TABLE["names"]["particles"])
_BELONGINGS = frozenset({"office", "ofc", "pt", "pts", "patient", "patients", "clinic", "practice", "ma", "nurse", "assistant"})
"""Behind a name without an apostrophe: "dr hales office"."""
_IS_CALLED = re.compile(
    r"\b(?:doctor|dr|doc|surgeon|physician|pcp|specialist|provider)(?:'s)?(?: name)?(?:'s)? (?:is|was|named|called)\s+(?:uh |um )?"
    r"|\b(?:doctor|doc|surgeon|physician|specialist)\b[^.;!?]{0,30}\b(?:his|her|their) name (?:is|was)\s+"
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider named in the message."""

    value: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A word with its hyphens and apostrophes, a number, or a sign."""

    text: str
    low: str
    start: int
    end: int


@lru_cache(maxsize=64)
def candidates(text: str, low: str) -> tuple[Provider, ...]:
    """Everything in a message that could be a provider, before the clinic's own sources are asked."""
    pieces = [Piece(m.group(), fold(m.group()), *m.span()) for m in _PIECE.finditer(text)]
    found = words_of(low)
    hits = _CREDENTIALS.find(found)
    every = [*_titled(text, found, pieces), *_credentialed(text, hits, pieces), *_announced(text, hits, pieces), *_called(text, low, pieces)]
    return tuple(sorted(every, key=lambda p: (p.start, -p.end)))


def _titled(text: str, found: Sequence[Word], pieces: Sequence[Piece]) -> Iterator[Provider]:
    """Such as "Dr. Alan Smith", "doctor haverford", "DR A HALE"."""
    low = [p.low for p in pieces]
    places = {p.start for p in practices.find(Message.of(text)) if p.known} if any(title in TITLES for title in low) else set()
    for i, title in enumerate(low):
        if title not in TITLES:
            continue
        at = i + 1
        if at < len(low) and low[at] == ".":
            at += 1
        last = _name_end(text, pieces, low, at)
        last = next((k for k in range(at + 1, last) if pieces[k].start in places), last)
        if last == at:
            continue
        start, end = pieces[i].start, pieces[last - 1].end
        trade, end = _credential_after(found, end)
        name = _spell(low, pieces, at, last)
        if (
            last < len(low)
            and low[last] in _BELONGINGS
            and low[last - 1].endswith("s")
            and LAST.get(low[last - 1][:-1], _RARE) < LAST.get(low[last - 1], _RARE)
        ):
            name = name[:-1]
        value = f"{name}, {trade}" if trade else f"Dr. {name}"
        yield Provider(value, start, end, 0.9)


def _name_end(text: str, pieces: Sequence[Piece], low: Sequence[str], at: int) -> int:
    """Where the name that begins at piece `at` ends; `at` itself when there is none."""
    last, taken = at, 0
    while last < len(low) and taken < 4:
        word = low[last]
        if not word[0].isalpha() or (len(word) > 1 and word in STOP and word not in _PARTICLES):
            break
        if len(word) == 1:
            if word in ("i", "y") and pieces[last].text.islower() and low[last + 1 : last + 2] != ["."]:
                break  # "a telehealth doctor, I don't know"
            following = low[last + 1 : last + 3]
            dotted = following[:1] == ["."]
            after = following[1:2] if dotted else following[:1]
            if (taken and not dotted) or not after or not after[0][0].isalpha() or len(after[0]) == 1 or after[0] in STOP:
                break
            taken += 1
            last += 2 if dotted else 1
            continue
        if "-" in word and all(len(part) == 1 for part in word.split("-")):
            break
        if word in _PARTICLES:
            if last + 1 >= len(low) or not low[last + 1][0].isalpha() or low[last + 1] in STOP - _PARTICLES:
                break
            if taken and word in ("de", "del") and low[last + 1] not in LAST and low[last + 1] not in _PARTICLES:
                break  # "el doctor Ruiz de Northgate": where he works
        elif (taken and not _surname(text, pieces[last], word)) or _contracted(word) or (taken and _next_person(low, at, last)):
            break
        taken += 1
        last += 1
        if word.endswith("'s"):
            break
    return last


def _next_person(low: Sequence[str], at: int, last: int) -> bool:
    """Does another person's name begin here? "dr hale ann wu" is a family name and then two names."""
    return low[at] not in FIRST and low[last] in FIRST and last + 1 < len(low) and low[last + 1] in LAST


def _contracted(word: str) -> bool:
    """Is it a word with a contraction ("don't", "he's"), where "ramsey's" and "o'brien" are names?"""
    head, _, tail = word.partition("'")
    return tail in ("t", "re", "ve", "ll", "m", "d") or (tail == "s" and (head in STOP or kind(head) <= Kind.WORD))


def _surname(text: str, piece: Piece, word: str) -> bool:
    """May this word follow a first name? Capitals say so; otherwise it must not be an everyday word."""
    if word in specialties.INDEX or _CREDENTIALS.get(word) is not None:
        return False
    written = piece.text
    if written[0].isupper() and not written.isupper():
        return word not in STOP
    if not text.islower() and not text.isupper() and written.islower():
        return False
    return kind(word) > Kind.WORD


def _spell(low: Sequence[str], pieces: Sequence[Piece], at: int, last: int) -> str:
    parts = [p.text.removesuffix("'s") for p in pieces[at:last] if p.text != "."]
    return person(" ".join(f"{p.upper()}." if len(p) == 1 else p for p in parts))


def _credential_after(found: Sequence[Word], end: int) -> tuple[str, int]:
    """NP or PA behind the name, if any, and where it ends."""
    i = index_at(found, end)
    if i == len(found) or found[i].start - end > 3:
        return "", end
    hit = _CREDENTIALS.at(found, i)
    return (hit.entry, hit.end) if hit else ("", end)


def _credentialed(text: str, hits: Sequence[Hit[str]], pieces: Sequence[Piece]) -> Iterator[Provider]:
    """Such as "Carol Finch MD", "carol finch n p": a name right before the letters."""
    low = [p.low for p in pieces]
    for hit in hits:
        if hit.start == 0 or (not text[hit.start - 1].isspace() and text[hit.start - 1] not in ",(-"):
            continue
        i = index_at(pieces, hit.start)
        if text[hit.start : hit.end] == "do" and not (i and kind(low[i - 1]) is Kind.NAME and i + 1 == len(pieces)):
            continue  # "do you folks do aquatic therapy": the letters of an osteopath are capitals, or end the answer
        if i and low[i - 1] == ",":
            i -= 1
        first = i
        while first > 0 and i - first < 3 and _name_piece(text, pieces[first - 1]):
            first -= 1
        if first == i or low[first] in TITLES or (first and low[first - 1] in TITLES):
            continue
        if first > 1 and low[first - 1] == "." and len(low[first - 2]) == 1 and low[first - 2].isalpha():
            first -= 2
        name = _spell(low, pieces, first, i)
        yield Provider(f"{name}, {hit.entry}" if hit.entry else f"Dr. {name}", pieces[first].start, hit.end, 0.85)


def _announced(text: str, hits: Sequence[Hit[str]], pieces: Sequence[Piece]) -> Iterator[Provider]:
    """Such as "nurse practitioner Amy Chen", "a PA named Rick Dunn": the trade stands before the name."""
    low = [p.low for p in pieces]
    for hit in hits:
        if not hit.entry:
            continue
        at = index_at(pieces, hit.end)
        while at < len(pieces) and low[at] in ("named", "called", ",", "is", "name"):
            at += 1
        last = _name_end(text, pieces, low, at) if at < len(pieces) else at
        if last > at and _surname(text, pieces[at], low[at]):
            yield Provider(f"{_spell(low, pieces, at, last)}, {hit.entry}", hit.start, pieces[last - 1].end, 0.8)


def _called(text: str, low: str, pieces: Sequence[Piece]) -> Iterator[Provider]:
    """Such as "my doctor's name is wexler", "the surgeon is Kim Tran": called one without the title."""
    for match in _IS_CALLED.finditer(low):
        at = index_at(pieces, match.end())
        words_ = [p.low for p in pieces]
        last = _name_end(text, pieces, words_, at) if at < len(pieces) and words_[at] not in TITLES and kind(words_[at]) > Kind.WORD else at
        if last > at:
            yield Provider(f"Dr. {_spell(words_, pieces, at, last)}", pieces[at].start, pieces[last - 1].end, 0.75)


def _name_piece(text: str, piece: Piece) -> bool:
    word = piece.low
    if not word[0].isalpha() or word in STOP or word in specialties.INDEX or practices.is_trade(word):
        return False
    written = piece.text
    if text.islower() or text.isupper():
        return kind(word) > Kind.WORD and len(word) > 1
    return written[0].isupper()
