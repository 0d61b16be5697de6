"""A caller's message as words the finder can compare: shorthand opened, slips of the keyboard mended, telling words weighed.

How telling a word is comes from how rare it is in English (`spellchecker`): an article that lacks "orthotics" does not answer a question
about orthotics, but need not hold "husband" to answer one that mentions him.
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from nlu.message import Message, clean, fold
from nlu.wording import Words

_PIECE = re.compile(r"[\w/'’-]+|[^\w\s]")
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", ""))
_TITLES = frozenset(("dr", "mr", "mrs", "ms", "st", "ave", "blvd", "ext"))
_CLOCK = frozenset(("at", "around", "by", "til", "till", "until", "@", "about", "after", "before", "level", "than"))
"""Words before a time or number: "thursday at 2 open" is no "to open"."""
_SHORTEST_STEM = 3
_LONGEST_SPELLED = 5
"""Letters of the longest name read letter by letter."""
_FREQUENT, _RARE = 6.3, 3.1
"""Decimal logarithms of counts in the frequency list: at or above the first a word says nothing, at or below the second it says all."""
_COMMON_COUNT = {3: 2_000_000, 4: 150_000, 5: 4_000}
"""By length of a misspelled word, how common its meaning must be; the last holds for longer ones."""
_ESTABLISHED = 400
"""Counts below which an English word may still be a slip for a far more usual one: "parkin", "blu"."""
_OWN_WORD = 1_000_000
"""A word of the clinic or of its callers' questions counts as this much more common."""


@cache
def lexicon(name: str) -> Mapping[str, Any]:
    """One data file of `knowledge/lexicon`."""
    return tomllib.loads(files("knowledge").joinpath("lexicon", f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _frequencies() -> Mapping[str, int]:
    counts: Mapping[str, int] = SpellChecker(language="en", distance=1).word_frequency.dictionary
    return counts


@cache
def _common_words(length: int) -> tuple[str, ...]:
    """Words a misspelled one of this length may have meant: the shorter it is, the more usual they must be."""
    least = _COMMON_COUNT.get(length, _COMMON_COUNT[5])
    return tuple(word for word, count in _frequencies().items() if count >= least and word.isalpha() and abs(len(word) - length) <= 2)


@cache
def _chatter() -> frozenset[str]:
    return frozenset(lexicon("chatter")["words"].split())


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its inflection: `copays` and `copay`, `parking` and `park` are one."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            base = word[: len(word) - len(ending)] + instead
            if ending == "s" and word.endswith(("ss", "us", "is")):
                return word
            if ending in ("ing", "ed") and len(base) > _SHORTEST_STEM and base[-1] == base[-2] and base[-1] not in "sl":
                base = base[:-1]
            return base.rstrip("e") if len(base) > _SHORTEST_STEM else base
    return word.rstrip("e") if len(word) > _SHORTEST_STEM else word


@lru_cache(maxsize=20_000)
def telling(word: str) -> float:
    """0 for a word that says nothing of the subject, 1 for one that is the subject."""
    if word in _chatter() or len(word) < 2 or word.isdigit():
        return 0.0
    count = _frequencies().get(word, 0)
    if not count:
        return 1.0
    return min(1.0, max(0.0, (_FREQUENT - math.log10(count)) / (_FREQUENT - _RARE)))


def is_english(word: str) -> bool:
    """Whether the word is in the frequency list, thus no slip."""
    return word in _frequencies()


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or sign of a message, folded."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A message and its words."""

    text: str
    words: Words
    places: tuple[tuple[int, int], ...]
    """Where in `text` each word was written."""

    def written(self, first: int, last: int) -> str:
        """The message between two words, as written."""
        return self.text[self.places[first][0] : self.places[last - 1][1]] if first < last else ""


class Reader:
    """Turns messages into words, with the clinic's own words known as right."""

    def __init__(self, known: Iterable[str]) -> None:
        texting = lexicon("texting")
        self._whole: Mapping[str, str] = texting["whole"]
        self._before: Mapping[str, Mapping[str, Any]] = texting["before"]
        self._digits: Mapping[str, Any] = texting["digits"]
        self._known = frozenset(known)
        self._targets = tuple(sorted(word for word in self._known if len(word) >= 4 and word.isalpha()))
        self._mend = lru_cache(maxsize=8192)(self._nearest)

    def read(self, text: str, translate: Callable[[Sequence[Piece]], Sequence[Piece]] | None = None) -> Heard:
        """One message's words, mended. `translate` puts the pieces of another language into English. Never raises."""
        written = clean(text)
        pieces: Sequence[Piece] = _untitled(cut(written))
        pieces = self._joined(translate(pieces) if translate else [self._opened(pieces, index) for index in range(len(pieces))])
        begins = list(itertools.accumulate((len(piece.text) + 1 for piece in pieces), initial=0))
        words = Words.of(Message.of(" ".join(piece.text for piece in pieces)))
        places = tuple((piece.start, piece.end) for piece in (pieces[bisect_right(begins, start) - 1] for start in words.starts))
        return Heard(written, replace(words, low=tuple(self._mend(word) for word in words.low)), places)

    def _opened(self, pieces: Sequence[Piece], index: int) -> Piece:
        piece = pieces[index]
        after = pieces[index + 1].text if index + 1 < len(pieces) else ""
        rule = self._before.get(piece.text)
        if rule is not None and (not rule["words"] or after in rule["words"]):
            return replace(piece, text=str(rule["means"]))
        before = pieces[index - 1].text if index else ""
        if piece.text in ("2", "4") and after.isalpha() and after not in self._digits["units"] and before not in _CLOCK:
            return replace(piece, text=str(self._digits[piece.text]))
        return replace(piece, text=self._whole[piece.text]) if piece.text in self._whole else piece

    def _joined(self, pieces: Sequence[Piece]) -> list[Piece]:
        """With names spelled letter by letter made one piece: "p p o", "h s a"."""
        out: list[Piece] = []
        at = 0
        while at < len(pieces):
            run = at
            while run < len(pieces) and len(pieces[run].text) == 1 and pieces[run].text.isalpha():
                run += 1
            sizes = range(min(run - at, _LONGEST_SPELLED), 1, -1)
            size = next((size for size in sizes if "".join(piece.text for piece in pieces[at : at + size]) in self._known), 1)
            out.append(Piece("".join(piece.text for piece in pieces[at : at + size]), pieces[at].start, pieces[at + size - 1].end))
            at += size
        return out

    def _nearest(self, word: str) -> str:
        """The word meant by one that neither English nor the clinic knows: fewest slips, then same beginning, then a letter left out rather than
        one too many, then most usual."""
        if not 3 <= len(word) <= 24 or not word.isalpha() or word in self._known or _frequencies().get(word, 0) >= _ESTABLISHED:
            return word
        slips = 1 if len(word) < 7 or is_english(word) else 2
        own = process.extract(word, self._targets, scorer=OSA.distance, score_cutoff=slips, limit=8)
        common = process.extract(word, _common_words(len(word)), scorer=OSA.distance, score_cutoff=slips, limit=8)
        near = [
            (slip, name[0] != word[0], len(name) < len(word), -(_frequencies().get(name, 0) + bonus), name)
            for found, bonus in ((own, _OWN_WORD), (common, 0))
            for name, slip, _ in found
        ]
        if not near:
            return word
        slip, elsewhere, _, _, name = min(near)
        return name if not elsewhere or (slip == 1 and len(word) >= 6 and not is_english(word)) else word


def _untitled(pieces: Sequence[Piece]) -> list[Piece]:
    """Without the full stop of "Dr.", which ends no sentence."""
    return [
        piece for before, piece in zip((None, *pieces), pieces, strict=False) if piece.text != "." or before is None or before.text not in _TITLES
    ]


def cut(written: str) -> list[Piece]:
    """A message as words and signs, before anything is made of them."""
    return [Piece(found.group(), *found.span()) for found in _PIECE.finditer(fold(written))]
