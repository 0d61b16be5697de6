"""Nearness of a question to examples of what callers ask, topic by topic: for the many ways of asking that no pattern knows.

A question and an example are compared by their words, pairs of words and letters, each weighed by how rare it is among the examples; a topic
is as near as its three nearest examples are on average. What no article answers has examples as well, and draws away from topics what only
looks like them.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import numpy as np

from knowledge.reading import lexicon, stem
from nlu.wording import spell_out

_NEAREST = 3
"""Examples of a topic that count."""
_LIKELY = 10
"""Topics told."""
_LETTERS = 4
_SKIPPED, _LETTERED = 0.5, 0.4
"""What two words with one between them, and a run of letters, count beside a word."""
_FLOOR = 0.3
"""What even the most usual word counts."""
_FULL = 0.3
"""Mean nearness from which a question is as near to a topic as can be told."""
NOTHING = "nothing "
"""Begins the names of what no article answers."""


class Examples:
    """All examples, ready to be compared with."""

    def __init__(self, given: Mapping[str, str], nothing: Mapping[str, str]) -> None:
        self.topics = (*given, *(f"{NOTHING}{name}" for name in nothing))
        lines = [text.strip().splitlines() for text in (*given.values(), *nothing.values())]
        parts = [(row, column, _parts(spell_out(line))) for row, some in enumerate(lines) for column, line in enumerate(some)]
        seen = Counter(part for _, _, found in parts for part in found)
        self._rarity = {part: math.log((len(parts) + 1) / (count + 1)) + _FLOOR for part, count in seen.items()}
        self._unseen = math.log(len(parts) + 1) + _FLOOR
        self.words = {
            topic: frozenset(stem(word) for line in some for word in spell_out(line)) for topic, some in zip(self.topics, lines, strict=True)
        }
        """Stems of each topic's examples."""
        self._width = max(_NEAREST, *(len(some) for some in lines))
        postings: dict[str, tuple[list[int], list[float]]] = {}
        for row, column, found in parts:
            for part, weight in self._weighed(found).items():
                places, weights = postings.setdefault(part, ([], []))
                places.append(row * self._width + column)
                weights.append(weight)
        self._postings = {part: (np.array(places), np.array(weights)) for part, (places, weights) in postings.items()}
        self.nearness = lru_cache(maxsize=2048)(self._nearness)

    def _nearness(self, low: tuple[str, ...]) -> Mapping[str, float]:
        """The nearest topics to some words, nearest first, each with its nearness, 0 to 1. Called as `nearness`."""
        near = np.zeros(len(self.topics) * self._width)
        for part, weight in self._weighed(_parts(low)).items():
            if part in self._postings:
                places, weights = self._postings[part]
                near[places] += weight * weights
        best = np.partition(near.reshape(len(self.topics), self._width), -_NEAREST, axis=1)[:, -_NEAREST:].mean(axis=1)
        likely = np.argsort(-best, kind="stable")[:_LIKELY]
        return {self.topics[at]: min(1.0, float(best[at]) / _FULL) for at in likely if best[at] > 0}

    def _weighed(self, found: Mapping[str, float]) -> dict[str, float]:
        weighed = {part: count * self._rarity.get(part, self._unseen) for part, count in found.items()}
        length = math.sqrt(sum(weight * weight for weight in weighed.values())) or 1.0
        return {part: weight / length for part, weight in weighed.items()}


def _parts(low: Sequence[str]) -> dict[str, float]:
    stems = [stem(word) for word in low]
    found: Counter[str] = Counter(stems)
    found.update(f"{one} {other}" for one, other in itertools.pairwise(stems))
    counts: dict[str, float] = dict(found)
    for one, other in zip(stems, stems[2:], strict=False):
        counts[f"{one} . {other}"] = counts.get(f"{one} . {other}", 0.0) + _SKIPPED
    for word in low:
        if len(word) > _LETTERS:
            padded = f"^{word}$"
            for at in range(len(padded) - _LETTERS + 1):
                run = f"~{padded[at : at + _LETTERS]}"
                counts[run] = counts.get(run, 0.0) + _LETTERED
    return counts


@cache
def standard_examples() -> Examples:
    """Those that ship."""
    table = lexicon("examples")
    return Examples(table["examples"], table["nothing"])
