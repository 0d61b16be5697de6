"""The words of a message as name material: each with its kind, and letters spelled out joined to the word they spell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from nlu.message import Message
from nlu.name_words import Kind, divide, kind
from nlu.numbers import Atom, atoms
from nlu.spelling import Spelled, letters

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_NO_NAME = re.compile(
    r"\bthe (?:second|third|fourth)\b|\b[wc]/o?|\b(?:with|con|has) (?:(?:an?|una?|two|2|one|1|dos|double) )?(?:[a-z]\b(?!')\s?){1,2}(?![a-z]\b)"
    r"|\b(?:all )?(?:one|two|1|2) words?\b|\bin[ -]laws?\b"
    r"|\b(?:no|con|with an?|sin) (?:hyphen|dash|space|apostrophe|guion|espacio)\b|\b(?:like|as in) (?:in )?(?:an?|the) [a-z]+\b"
)
"""Ordinals behind a name, the shorthand for "with", the letter of "with a c", how it is written ("one word") and what it is like ("like a deer")."""
_EXPLAINED = re.compile(r"\b([a-z])\s+(?:as in|as with|like in|like|for)\s+\1[a-z]+\s+(?=\1[a-z])")
"""The letter of the name behind it: "Wilhelmina, b as in boy, Brandt"."""
_INITIAL = re.compile(r"(?<=[a-z] )([a-z]) (?:as in|as with|like in|like|for) \1[a-z]+(?= (?!\1)[a-z]{2})(?! [a-z] )")
"""An initial explained: "Elijah, b as in bravo, Turnbull"."""
_INSTRUCTING = frozenset({"not", "with", "an", "no", "con"})
"""Words of "with an e, not an o": the letters beside them spell no name."""
_ALIKE = 62.0
"""Least similarity (rapidfuzz ratio) of a heard word to the letters that spell it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One word."""

    text: str
    """As written, or as spelled."""
    low: str
    start: int
    end: int
    kind: Kind
    capital: bool
    """Begins with a capital letter."""
    spelled: bool = False


def items_of(message: Message) -> list[Item]:
    """Words in order; a word and its spelling become one item, letters that spell no word of the message an item of their own."""
    parts = atoms(message.low)
    numerals = [match.span() for match in _NO_NAME.finditer(message.low)]
    runs = _chunked(message.low, parts) or [run for run in letters(message.low, parts) if len(run.text) > 2 and run.digits == 0]
    runs = [run for run in runs if not any(start <= run.start < end and message.low[start] in "wch" for start, end in numerals)]
    items: list[Item] = []
    items += [Item(message.text[start:end], message.low[start:end], start, end, Kind.STOP, False) for start, end in numerals]
    for match in _WORD.finditer(message.text):
        start, end = match.span()
        if any(first <= start < last for first, last in numerals):
            continue
        if not any(run.start < end and start < run.end for run in runs):
            low = message.low[start:end]
            items.append(Item(match.group(), low, start, end, kind(low), match.group()[0].isupper()))
    items.sort(key=lambda item: item.start)
    for explained in _EXPLAINED.finditer(message.low):
        items = _without_letter(items, *explained.span())
    for initial in _INITIAL.finditer(message.low):
        items = [
            item if item.start != initial.start() else replace(item, end=initial.end())
            for item in items
            if not initial.start() < item.start < initial.end()
        ]
    for run in runs:
        items = _joined(items, run)
    return sorted(items, key=lambda item: item.start)


def _without_letter(items: list[Item], start: int, end: int) -> list[Item]:
    """The items without those of an explained first letter; the one before it reaches up to the name."""
    kept = [item for item in items if item.end <= start or item.start >= end]
    before = max((index for index, item in enumerate(kept) if item.end <= start), default=-1)
    if before >= 0 and kept[before].kind >= Kind.DOUBTFUL:
        kept[before] = replace(kept[before], end=end - 1)
    return kept


def _chunked(low: str, parts: Sequence[Atom]) -> list[Spelled]:
    """ "c o nn o r w ar d": letters a recogniser glued together here and there, when nearly the whole answer is such pieces."""
    tail = [index for index, part in enumerate(parts) if len(part.text) > 3]
    first = tail[-1] + 1 if tail else 0
    if first < len(parts) and len(parts[first].text) == 3 and kind(parts[first].text) == Kind.NAME:
        first += 1
    pieces = parts[first:]
    if all(len(part.text) == 1 for part in pieces[1:]) or any(part.text in _INSTRUCTING for part in pieces):
        return []
    single = sum(len(part.text) == 1 for part in pieces)
    if len(pieces) < 5 or single < 3 or single == len(pieces) or single * 2 < len(pieces) - 1 or any(part.text.isdigit() for part in pieces):
        return []
    if sum(kind(part.text) == Kind.STOP for part in pieces if len(part.text) > 1) > 1 or len(low[pieces[0].start :].split(",")) > 1:
        return []
    return [Spelled("".join(part.text for part in pieces), pieces[0].start, pieces[-1].end, ())]


def _joined(items: list[Item], run: Spelled) -> list[Item]:
    pair = _pair(items, run)
    if pair is not None:
        return pair
    best, score = -1, _ALIKE
    for index, item in enumerate(items):
        if item.kind >= Kind.DOUBTFUL and item.low[0] == run.text[0]:
            if item.low.startswith(run.text) and len(run.text) < len(item.low):
                return items
            beside = 0 <= run.start - item.end < 4
            alike = fuzz.ratio(item.low, run.text) + (15.0 if beside else 0.0)
            if alike >= score:
                best, score = index, alike
    if best >= 0:
        same = [index for index, item in enumerate(items) if item.low == items[best].low]
        joined = [_spelled(item, run.text) if index in same else item for index, item in enumerate(items)]
        if 0 <= run.start - items[best].end < 4:
            joined[best] = replace(joined[best], end=run.end)
        return joined
    found = list(items)
    at = run.start
    for part in divide(run.text):
        found.append(Item(part, part, at, run.end if at > run.start or part == run.text else at + 1, Kind.NAME, False, spelled=True))
        at += 1
    return found


def _pair(items: Sequence[Item], run: Spelled) -> list[Item] | None:
    """ "dale horvat d a l e h o r v a t": one spelling for two words."""
    for index in range(len(items) - 1):
        one, two = items[index], items[index + 1]
        if min(one.kind, two.kind) < Kind.DOUBTFUL or one.low[0] != run.text[0]:
            continue
        if fuzz.ratio(one.low + two.low, run.text) >= 80 and len(run.text) > len(one.low) + 1:
            cut = len(one.low) + (len(run.text) - len(one.low) - len(two.low)) * (run.text[len(one.low) : len(one.low) + 1] != two.low[0])
            out = list(items)
            out[index], out[index + 1] = _spelled(one, run.text[:cut]), _spelled(two, run.text[cut:])
            return out
    return None


def _spelled(item: Item, text: str) -> Item:
    return replace(item, text=text.capitalize() if item.capital else text, low=text, kind=Kind.NAME, spelled=True)
