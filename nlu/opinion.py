"""A second opinion on one yes-or-no matter: a linear model over words, pieces of words, and pairs of lexicon classes that stand near each other.

Rules say why and are written by hand; they know the wordings somebody thought of. A model trained on sentences leans on everything in the message,
so it sees wordings nobody wrote a rule for, and doubts rules that fired on an idiom. Training and its card: `bench/second_opinion`. Reading is a sum
of small integers: deterministic, linear in the message.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from nlu.phrasebook import Match, Scan
from nlu.wording import LEXICONS, Words

BUCKETS = 1 << 16
"""Features are hashed into this many weights: 64 kB a question."""
NEAR = 6
"""Words from one lexicon class to another that still make a pair."""
MOST_WORDS = 160
"""Words looked at: longer messages are repetition, and reading time must stay bounded."""
MOST_SYMBOLS = 6
"""Lexicon classes looked at per word."""

_MIX, _PLACES = 0x9E3779B1, BUCKETS - 1
_PIECES = range(3, 6)
"""Letters in a piece of a word."""


@dataclass(frozen=True, slots=True)
class Question:
    """The weights of one yes-or-no matter."""

    weights: np.ndarray
    """int8, one per bucket."""
    scale: float
    """What one step of a weight is worth."""
    bias: float


class Opinion:
    """The questions of one reader, from `lexicons/<name>.npz`."""

    def __init__(self, questions: Mapping[str, Question], trained_on: str = "") -> None:
        self.questions = questions
        self.trained_on = trained_on
        """Digest of the sentences it was trained on."""

    @classmethod
    def load(cls, name: str) -> Opinion:
        """Read a model file. Raises OSError or KeyError on a missing or malformed one: a start must fail, not a call."""
        with np.load(LEXICONS / f"{name}.npz") as file:
            return cls.of(dict(file))

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Opinion:
        """From the arrays of a model file."""
        names = [key.removeprefix("weights.") for key in arrays if key.startswith("weights.")]
        questions = {n: Question(arrays[f"weights.{n}"], *(float(x) for x in arrays[f"scale_bias.{n}"])) for n in names}
        return cls(questions, str(arrays.get("trained_on", "")))

    def on(self, question: str, features: np.ndarray) -> float:
        """How likely the answer is yes, 0 to 1."""
        asked = self.questions[question]
        total = float(asked.weights[features].sum(dtype=np.int64)) * asked.scale / math.sqrt(max(1, len(features))) + asked.bias
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def likeliest(self, questions: Iterable[str], features: np.ndarray) -> str:
        """The question most likely answered yes."""
        return max(questions, key=lambda question: self.on(question, features))


def features_of(scan: Scan, matches: Iterable[Match]) -> np.ndarray:
    """Buckets of what a message holds, each once, in ascending order: words alone and in a row, their pieces, classes near each other, marks."""
    found = set(_worded(scan.words))
    found.update(_hash(f"mark {match.rule.tags['mark']}") for match in matches if "mark" in match.rule.tags)
    placed: dict[int, list[int]] = {}
    for symbol, starts in scan.starts.items():
        if symbol[0] == "<":
            number = _hash(symbol)
            found.add(number)
            for start in starts:
                placed.setdefault(start, []).append(number)
    places = sorted(placed)[:MOST_WORDS]
    for n, first in enumerate(places):
        ones = placed[first][:MOST_SYMBOLS]
        for second in places[n + 1 : n + 1 + NEAR]:
            if second - first > NEAR:
                break
            found.update([((one * _MIX) ^ other) & _PLACES for one in ones for other in placed[second][:MOST_SYMBOLS]])
    return np.fromiter(sorted(found), dtype=np.int64, count=len(found))


@lru_cache(maxsize=16)
def _worded(words: Words) -> frozenset[int]:
    low = words.low[:MOST_WORDS]
    found: set[int] = set()
    for word in low:
        found.update(_pieces(word))
    numbers = [_hash("^"), *map(_hash, low), _hash("$")]
    for n, number in enumerate(numbers):
        found.add(number)
        for step, later in enumerate(numbers[n + 1 : n + 3]):
            found.add(((number * _MIX) ^ (later + step + 1)) & _PLACES)
        if n + 2 < len(numbers):
            found.add((((number * _MIX) ^ numbers[n + 1]) * _MIX ^ numbers[n + 2]) & _PLACES)
    return frozenset(found)


@lru_cache(maxsize=16384)
def _pieces(word: str) -> tuple[int, ...]:
    framed = f"<{word[:24]}>"
    return tuple({_hash(f"piece {framed[at : at + size]}") for size in _PIECES for at in range(len(framed) - size + 1)})


@lru_cache(maxsize=16384)
def _hash(text: str) -> int:
    return crc32(text.encode()) & _PLACES
