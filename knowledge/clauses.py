"""Cuts a message into the things it asks, each with the words around it that tell what it is about."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from knowledge.reading import Heard, lexicon
from nlu.wording import COMMA, SENTENCE, Words

_LONGEST_CUE = 4
_FRAGMENT = 4
"""Words of what may be asked without a verb."""
_PLAIN_AUXILIARIES = frozenset(("do", "does", "did", "is", "are"))
"""After a comma these begin a question whatever their subject: "Dear office, does Aetna need a referral"."""
_ADDED = frozenset(("also", "additionally", "secondly", "lastly", "finally"))
"""After a comma these begin what is asked besides."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a message, first word and one past last."""

    first: int
    last: int
    asks: bool
    """It asks, or at least hopes for an answer."""
    anaphoric: bool
    """It leans on what was said before: "and how much is it?"."""


@dataclass(frozen=True, slots=True)
class _Cues:
    opens: frozenset[tuple[str, ...]]
    inside: frozenset[tuple[str, ...]]
    restarts: frozenset[tuple[str, ...]]
    binds: frozenset[str]
    joins: frozenset[str]
    anaphors: frozenset[str]
    auxiliaries: frozenset[str]
    subjects: frozenset[str]
    question_words: frozenset[str]
    empty: frozenset[str]
    small_talk: frozenset[str]


@cache
def _cues() -> _Cues:
    table = lexicon("guards")["ask_cues"]
    phrases = {name: frozenset(tuple(entry.split()) for entry in table[name]) for name in ("opens", "inside", "restarts")}
    return _Cues(
        opens=phrases["opens"],
        inside=phrases["inside"],
        restarts=phrases["restarts"],
        binds=frozenset(table["binds"]),
        joins=frozenset(table["joins"]),
        anaphors=frozenset(table["anaphors"]),
        auxiliaries=frozenset(table["auxiliaries"]),
        subjects=frozenset(table["subjects"]),
        question_words=frozenset(table["question_words"]),
        empty=frozenset(table["empty"].split()),
        small_talk=frozenset(lexicon("guards")["small_talk"]["words"].split()),
    )


def small_talk(words: Words) -> bool:
    """Whether the message is courtesy and nothing else."""
    return all(word in _cues().small_talk for word in words.low)


def says_nothing(low: Sequence[str]) -> bool:
    """Whether a clause has no matter of its own: "is that right", "can you help me"."""
    return all(word in _cues().empty for word in low)


def clauses(heard: Heard) -> tuple[Clause, ...]:
    """In order of appearance, together covering the message."""
    words = heard.words
    numbered = _numbered(heard)
    edges = sorted({*_edges(words), *numbered})
    ends = _question_ends(heard)
    found = []
    for first, last in itertools.pairwise(edges):
        start = _skip_joins(words, first + (first in numbered), last)
        while last in numbered and last > start and words.low[last - 1] in _cues().joins:
            last -= 1
        if start < last:
            asks = first in numbered or last in ends or _asks(words.low[start:last])
            found.append(Clause(start, last, asks, _anaphoric(words.low[start:last])))
    return tuple(
        replace(clause, asks=True) if not clause.asks and after is not None and after.asks and _fragment(words, clause, after) else clause
        for clause, after in itertools.zip_longest(found, found[1:])
    )


def _fragment(words: Words, clause: Clause, after: Clause) -> bool:
    """ "Main street address | and do you take walk-ins": a few words that state nothing, joined to a question, are one."""
    low = words.low[clause.first : clause.last]
    return len(low) <= _FRAGMENT and clause.last < after.first and _cues().subjects.isdisjoint(low) and not _cues().auxiliaries.intersection(low)


def _numbered(heard: Heard) -> frozenset[int]:
    """Places of "1)", "(2)" or "3." in a message that numbers what it asks."""
    expected, found = 1, []
    for at, word in enumerate(heard.words.low):
        if word == str(expected) and heard.text[heard.places[at][1] :][:1] in (")", ".", ":"):
            found.append(at)
            expected += 1
    return frozenset(found) if len(found) > 1 else frozenset()


def joints(words: Words, clause: Clause) -> tuple[int, ...]:
    """Places inside a clause where "and", "or" and the like, or a comma, may part two things asked: the first word left out, or a comma's next."""
    inside = range(clause.first + 1, clause.last - 1)
    return tuple(at for at in inside if words.low[at] in _cues().joins or (words.breaks[at] >= COMMA and words.low[at - 1] not in _cues().joins))


def joined(words: Words, at: int) -> int:
    """Where what follows a joint begins."""
    return at + 1 if words.low[at] in _cues().joins else at


def _edges(words: Words) -> list[int]:
    size = len(words.low)
    edges = [0]
    for at in range(1, size):
        if words.breaks[at] >= SENTENCE or _otherwise(words.low, at):
            edges.append(at)
        elif words.breaks[at] >= COMMA:
            after = _skip_joins(words, at, size - 1)
            if _begins_ask(words.low, after) or words.low[after] in _PLAIN_AUXILIARIES or _ADDED.intersection(words.low[at:after]):
                edges.append(at)
        elif words.low[at - 1] in _cues().joins:
            if _begins_ask(words.low, at):
                edges.append(at - 1 if at - 1 > edges[-1] else at)
        elif _restarts(words.low, edges[-1], at):
            edges.append(at)
    return [*sorted(set(edges)), size]


def _otherwise(low: Sequence[str], at: int) -> bool:
    """ "... | if not, who does": what follows an answer that is not known yet."""
    return (
        low[at] == "if" and low[at + 1 : at + 2] in (("not",), ("so",)) and (_begins_ask(low, at + 2) or low[at + 2 : at + 3] in (("can",), ("do",)))
    )


def _begins_ask(low: Sequence[str], at: int) -> bool:
    """A new ask after a comma or "and": a question word, or an auxiliary with its subject."""
    cues = _cues()
    if at >= len(low):
        return False
    if low[at] in cues.auxiliaries:
        return at + 1 < len(low) and low[at + 1] in cues.subjects
    return _starts(low, at, cues.opens) or _starts(low, at, cues.restarts)


def _restarts(low: Sequence[str], first: int, at: int) -> bool:
    """A new ask in the middle of unpunctuated speech: not inside a question that still waits for its verb ("how much weight | can i put")."""
    cues = _cues()
    while first < at and low[first] in cues.joins:
        first += 1
    if at - first < 2 or low[at - 1] in cues.binds or not _starts(low, at, cues.restarts):
        return False
    if at - first < 3 and low[first] not in cues.question_words:
        return False
    opened = next((place for place in range(first, min(at, first + 3)) if low[place] in cues.question_words), None)
    return opened is None or any(word in cues.auxiliaries for word in low[opened:at])


def _question_ends(heard: Heard) -> frozenset[int]:
    """Word positions directly before a question mark."""
    places = heard.places
    return frozenset(
        index + 1
        for index, (_, end) in enumerate(places)
        if "?" in heard.text[end : places[index + 1][0] if index + 1 < len(places) else len(heard.text)]
    )


def _skip_joins(words: Words, first: int, last: int) -> int:
    while first < last and (words.low[first] in _cues().joins or words.low[first] in ("um", "uh", "so", "well", "okay", "hi", "hello")):
        first += 1
    return first


def _asks(low: Sequence[str]) -> bool:
    cues = _cues()
    if tuple(low[:2]) in (("if", "not"), ("if", "so")):
        low = low[2:]
    return _starts(low, 0, cues.opens) or any(
        _starts(low, at, cues.inside) or (_starts(low, at, cues.restarts) and _turned(low, at)) for at in range(len(low))
    )


def _turned(low: Sequence[str], at: int) -> bool:
    """Whether the auxiliary at a place stands before its subject, as in a question: not "it | is my left knee"."""
    return at == 0 or low[at] not in _cues().auxiliaries or low[at - 1] not in _cues().subjects


def _anaphoric(low: Sequence[str]) -> bool:
    return any(word in _cues().anaphors for word in low)


def _starts(low: Sequence[str], at: int, phrases: frozenset[tuple[str, ...]]) -> bool:
    return any(tuple(low[at : at + length]) in phrases for length in range(1, min(_LONGEST_CUE, len(low) - at) + 1))
