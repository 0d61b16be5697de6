"""Is a word a name? Census frequencies, everyday words and what surrounds them; and how a spelled-out name divides in two.

Sources: US Census 1990 first and last names (public domain), most frequent first, in `lexicons/names_first.txt` and
`names_last.txt`; given names from elsewhere that the census of 1990 had few of, put together by hand, in `names_world.txt`;
everyday English in `lexicons/everyday.txt`; everything else in `lexicons/names.toml`.
"""

from __future__ import annotations

import tomllib
from enum import IntEnum
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

_LEXICONS = Path(__file__).parent / "lexicons"
LEXICON: dict[str, Any] = tomllib.loads((_LEXICONS / "names.toml").read_text(encoding="utf-8"))


def _ranked(file: str) -> dict[str, int]:
    return {name: rank for rank, name in enumerate((_LEXICONS / file).read_text(encoding="utf-8").split())}


FIRST = _ranked("names_first.txt")
LAST = _ranked("names_last.txt")
FIRST |= {name: len(FIRST) + rank for name, rank in _ranked("names_world.txt").items() if name not in FIRST}
_EVERYDAY = frozenset((_LEXICONS / "everyday.txt").read_text(encoding="utf-8").split())
_DOUBTFUL = frozenset(LEXICON["words"]["doubtful"].split())
STOPS = frozenset(LEXICON["words"]["stops"].split())
PARTICLES = frozenset(LEXICON["words"]["particles"].split())
SUFFIXES: dict[str, str] = LEXICON["words"]["suffixes"]
_COMMON = 400
"""A first name among this many most frequent is a name although everyday talk mentions it ("john")."""

_COMMON_LAST = 120
"""The same of last names ("smith")."""
_SLIP = 76.0
"""Least similarity (rapidfuzz ratio) of a slip to an everyday word."""
_SURE = 1.05
"""Least score of a division: one part known, and long."""


class Kind(IntEnum):
    """How much a word looks like a name, from never to surely."""

    STOP = 0
    WORD = 1
    """An everyday word that is no name."""
    DOUBTFUL = 2
    """A name that is also a word: Young, Price, Will."""
    UNKNOWN = 3
    """Neither a known name nor a known word."""
    NAME = 4


def kind(word: str) -> Kind:
    """Class of a folded word; a hyphenated or apostrophed name is as good as its best part."""
    if word in STOPS:
        return Kind.DOUBTFUL if word in FIRST and word in _DOUBTFUL and len(word) > 3 else Kind.STOP
    known = word in FIRST or word in LAST
    if known:
        if word in _DOUBTFUL:
            return Kind.DOUBTFUL
        common = FIRST.get(word, _COMMON) < _COMMON or LAST.get(word, _COMMON) < _COMMON_LAST
        return Kind.DOUBTFUL if word in _EVERYDAY and not common else Kind.NAME
    if "-" in word or "'" in word:
        return _compound(word)
    if (
        word in _EVERYDAY
        or (len(word) > 5 and word.endswith(("ing", "ment", "tion", "ally", "able", "ness")))
        or (len(word) > 6 and word.endswith("ed"))
        or not any(c in "aeiouy" for c in word)
    ):
        return Kind.WORD
    return Kind.UNKNOWN


def is_everyday(word: str) -> bool:
    """Is it a word of everyday talk?"""
    return word in _EVERYDAY or word in STOPS


def _compound(word: str) -> Kind:
    parts = word.replace("'", "-").split("-")
    if word.endswith(("n't", "'s", "'re", "'ve", "'ll", "'m", "'d")) and parts[0] not in ("d", "o"):
        return Kind.WORD
    if any(len(part) == 1 for part in parts) and "'" not in word:
        return Kind.WORD
    return max((kind(part) for part in parts if len(part) > 1), default=Kind.WORD)


def is_slip(word: str) -> bool:
    """Is an unknown word a slip of the keyboard ("feelin", "sholder") and no foreign name?"""
    return process.extractOne(word, _EVERYDAY, scorer=fuzz.ratio, score_cutoff=_SLIP) is not None


def is_first(word: str) -> bool:
    """Is it more likely a first name than a last?"""
    word = word.split("-", maxsplit=1)[0]
    return word in FIRST and FIRST[word] <= LAST.get(word, 10**6) * 2


def divide(letters: str) -> tuple[str, ...]:
    """Cut letters spelled without a pause ("connorward") into first and last name; one part when nothing fits."""
    if letters in FIRST or letters in LAST:
        return (letters,)
    best: tuple[float, tuple[str, ...]] = (0.0, (letters,))
    for cut in range(2, len(letters) - 1):
        head, tail = letters[:cut], letters[cut:]
        first, last = FIRST.get(head, LAST.get(head)), LAST.get(tail)
        if first is None and last is None:
            continue
        score = (1.0 if first is not None else 0.0) + (1.0 if last is not None else 0.0)
        score += len(head) / 100 * (first is not None) + len(tail) / 100 * (last is not None) - (first or 0) / 10**5 - (last or 0) / 10**5
        if score > max(best[0], _SURE):
            best = (score, (head, tail))
    return best[1]
