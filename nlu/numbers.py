"""Numbers as people say them, in English and Spanish: digit by digit, in pairs, doubled, or as a quantity.

Accepts "four one five", "double five", "triple two", "oh", "one sixty" (1, 60), "eight hundred" (800), "cuatro quince"
(4, 15), "sesenta y siete" (67) and digits already written. The words are data: `lexicons/numbers.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_LEXICON = tomllib.loads((Path(__file__).parent / "lexicons" / "numbers.toml").read_text(encoding="utf-8"))
UNITS: dict[str, int] = _LEXICON["units"]
TEENS: dict[str, int] = _LEXICON["teens"]
TENS: dict[str, int] = _LEXICON["tens"]
HUNDREDS: dict[str, int] = _LEXICON["hundreds"]
SCALES: dict[str, int] = _LEXICON["scales"]
REPEATS: dict[str, int] = _LEXICON["repeats"]
ORDINALS: dict[str, int] = _LEXICON["ordinals"]
FILLERS = frozenset(_LEXICON["words"]["fillers"])
WEAK = frozenset(_LEXICON["words"]["weak"])

_ATOM = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+")
NUMBER_WORDS = frozenset((*UNITS, *TEENS, *TENS, *HUNDREDS, *SCALES, *ORDINALS, *REPEATS))
"""Every word that can be part of a number."""
_FIRST_WORDS = frozenset((*UNITS, *(f"{unit}s" for unit in UNITS), *TEENS, *TENS, *HUNDREDS, *REPEATS, "o"))
"""Every word that can begin one."""
_BREAK = re.compile(r"[^\s\-.()/,+#]|\n")


@dataclass(frozen=True, slots=True)
class Atom:
    """A word or a group of digits: the grain numbers are read at."""

    text: str
    """Folded to lower-case ASCII."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Digits:
    """A stretch of a message that says digits one after another."""

    text: str
    """The digits."""
    start: int
    end: int
    groups: tuple[str, ...] = ()
    """The same digits as they were grouped by the speaker."""


@lru_cache(maxsize=16)
def atoms(low: str) -> tuple[Atom, ...]:
    """Cut folded text into words and digit groups. Cached: every reader of a message asks for the same ones."""
    return tuple(Atom(m.group(), m.start(), m.end()) for m in _ATOM.finditer(low))


def digit_runs(low: str, cut: Sequence[Atom] | None = None) -> list[Digits]:
    """Every maximal run of spoken or written digits, fillers inside it skipped."""
    parts = atoms(low) if cut is None else cut
    runs: list[Digits] = []
    index = 0
    while index < len(parts):
        groups: list[str] = []
        start, end, last = parts[index].start, parts[index].end, index
        heard = end
        while index < len(parts):
            if groups and _BREAK.search(low, heard, parts[index].start):
                break
            heard = parts[index].end
            said, after = digits_at(parts, index)
            if said is None:
                if groups and parts[index].text in FILLERS and parts[index].start - end < 12:
                    index += 1
                    continue
                break
            groups.append(said)
            end = heard = parts[after - 1].end
            index = last = after
        if groups:
            runs.append(Digits("".join(groups), start, end, tuple(groups)))
            index = last
        else:
            index += 1
    return runs


def digits_at(parts: Sequence[Atom], index: int) -> tuple[str | None, int]:
    """The digits said by the words at `index`, and the index after them; (None, index) where none are."""
    word = parts[index].text
    if word.isdigit():
        return _scaled(parts, index, word)
    if word not in _FIRST_WORDS:
        return None, index
    if word in REPEATS and index + 1 < len(parts):
        single = _single(parts[index + 1].text)
        return (single * REPEATS[word], index + 2) if single is not None else (None, index)
    if word in TEENS:
        return str(TEENS[word]), index + 1
    if word in TENS:
        return _tens(parts, index)
    if word in HUNDREDS:
        return _hundreds(parts, index)
    single = _single(word) if len(word) > 1 or word == "o" else None
    return _scaled(parts, index, single) if single is not None else (None, index)


def _single(word: str) -> str | None:
    if word == "o":
        return "0"
    if len(word) > 1 and word.endswith("s") and word[:-1] in UNITS:
        word = word[:-1]
    if word in UNITS:
        return str(UNITS[word])
    return word if len(word) == 1 and word.isdigit() else None


def _tens(parts: Sequence[Atom], index: int) -> tuple[str, int]:
    tens = TENS[parts[index].text]
    after = index + 1
    if after < len(parts) and parts[after].text == "y":
        after += 1
    if after < len(parts) and 0 < UNITS.get(parts[after].text, 0) < 10:
        return str(tens + UNITS[parts[after].text]), after + 1
    return str(tens), index + 1


def _hundreds(parts: Sequence[Atom], index: int) -> tuple[str, int]:
    value, after = HUNDREDS[parts[index].text], index + 1
    if after < len(parts):
        word = parts[after].text
        if word in TENS:
            rest, after = _tens(parts, after)
            return str(value + int(rest)), after
        if word in TEENS or UNITS.get(word, 0) > 0:
            return str(value + TEENS.get(word, UNITS.get(word, 0))), after + 1
    return str(value), after


def _scaled(parts: Sequence[Atom], index: int, said: str) -> tuple[str, int]:
    """ "eight hundred" is 800 and "five thousand" 5000; a zero before a scale stays a zero."""
    if index + 1 < len(parts) and len(said) == 1 and said != "0":
        scale = SCALES.get(parts[index + 1].text)
        if scale is not None:
            return str(int(said) * scale), index + 2
    return said, index + 1


def cardinal_at(parts: Sequence[Atom], index: int) -> tuple[int | None, int]:
    """A quantity: 22, "twenty two", "two thousand and five", "mil novecientos ochenta y uno"; (None, index) where none is."""
    total, current, after, seen = 0, 0, index, False
    while after < len(parts) and after - index < 9:
        word = parts[after].text
        if word.isdigit() and not seen and len(word) <= 9:
            current, seen = int(word), True
        elif word in SCALES and (seen or word == "mil"):
            if SCALES[word] == 1000:
                total, current = (total + max(current, 1)) * 1000, 0
            else:
                current = max(current, 1) * 100
            seen = True
        elif word in HUNDREDS and current == 0:
            current, seen = HUNDREDS[word], True
        elif word in TENS and current % 100 == 0:
            current, seen = current + TENS[word], True
        elif word in TEENS and current % 100 == 0:
            current, seen = current + TEENS[word], True
        elif (
            word in UNITS
            and UNITS[word]
            and (current % 100 == 0 or (current % 10 == 0 and current % 100 >= 20))
            and not (seen and current == 0 and total == 0)
        ):
            current, seen = current + UNITS[word], True
        elif word in ("and", "y") and seen and after + 1 < len(parts) and _is_small(parts[after + 1].text) and (current % 100 == 0 or word == "y"):
            pass
        else:
            break
        after += 1
    return (total + current, after) if seen else (None, index)


def _is_small(word: str) -> bool:
    return word in UNITS or word in TEENS or word in TENS
