"""Slips of the thumb and of speech recognition, read as the lexicon word that was meant.

A word of five letters or more that the lexicon has no use for, that no English dictionary knows and that is no name is read as the lexicon's
nearest: one slip away (two in words of eight letters or more), same first letter (optimal string alignment distance, rapidfuzz). Another last
letter is an ending, not a slip ("me lastime" is no "me lastimo"). Two words in a row that together make a long lexicon word ("in continent")
are read as that word too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.wording import LEXICONS

_LONG = 8
"""Letters from which a word is forgiven two slips, and two words may be one."""
_LONGEST = 24


_WORD = re.compile(r"[a-z]{4,}")


class Slips:
    """The words of one lexicon, to find the nearest to what was written."""

    def __init__(self, vocabulary: Iterable[str], known: Callable[[str], bool], shortest: int) -> None:
        self.known = known
        """Whether the lexicon has a use for a word as it is."""
        self.shortest = shortest
        """Letters a word must have to be read as a misspelling."""
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(w for w in vocabulary if len(w) >= 4):
            self._by_letter.setdefault(word[0], []).append(word)
        self._long = {w for words in self._by_letter.values() for w in words if len(w) >= _LONG}

    def nearest(self, word: str) -> str:
        """The lexicon word meant by `word`; `word` itself where it is a word, or near to none."""
        if not self.shortest <= len(word) <= _LONGEST or not word.isalpha() or word in ENGLISH or self.known(word):
            return word
        return self._near(word) or word

    def joined(self, first: str, second: str) -> str | None:
        """The long lexicon word that two written words make; None where they make none."""
        whole = first + second
        if not _LONG <= len(whole) <= _LONGEST or not whole.isalpha():
            return None
        if whole in self._long:
            return whole
        if whole in ENGLISH or len(first) < 3 or len(second) < 3 or (first in ENGLISH and second in ENGLISH):
            return None
        near = self._near(whole)
        return near if near in self._long else None

    def _near(self, word: str) -> str | None:
        slips = 1 if len(word) < _LONG else 2
        best = process.extractOne(word, self._by_letter.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips)
        return None if best is None or (len(best[0]) == len(word) and best[0][:-1] == word[:-1]) else best[0]


def _english() -> frozenset[str]:
    lists = ("everyday", "english", "names_first", "names_last")
    words = {word for name in lists for word in (LEXICONS / f"{name}.txt").read_text("utf-8").split()}
    return frozenset(words | set(_WORD.findall((LEXICONS / "carriers.csv").read_text("utf-8").lower())))


ENGLISH = _english()
"""Words that are no slip: everyday English, a dictionary's words of three letters or more, names of people and of payers ("Humana")."""
