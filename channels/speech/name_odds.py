"""How likely a name is before anything was heard: by how many people bear it, and for one on no list by its letters.

The lists hold six of ten Americans. A name on none of them is still more likely "novotny" than "cddrs": letters follow each other in it as
they do in the names that are listed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from channels.speech.letters import CLASS, Spelling

HEAD = 20
"""Ranks at the head of a list that are about equally common; after them a name is as common as one over its rank."""
_UNLISTED = -1.8
"""Log of the share of people whose name is on no list."""
_BLUNT = 0.5
"""Exponent of a name's weight when letters are learnt: rare names show more kinds of letters than common ones."""
_WIDTH = 24
"""Spellings kept while one is put together."""
_NEAREST = 40
_BEGIN, _END = "^^", "$"


class Odds:
    """The names of one kind, most frequent first. Thread-safe."""

    def __init__(self, names: Iterable[str]) -> None:
        ranked = list(dict.fromkeys(names))
        total = math.log(sum(1 / (rank + HEAD) for rank in range(len(ranked))))
        self._listed = {name: -math.log(rank + HEAD) - total for rank, name in enumerate(ranked)}
        self._classed = {name: classed(name) for name in ranked}
        self._letters = _Letters({name: math.exp(_BLUNT * odds) for name, odds in self._listed.items()})

    def __contains__(self, name: str) -> bool:
        return name in self._listed

    def __call__(self, name: str) -> float:
        """Log probability."""
        unlisted = _UNLISTED + self._letters.whole(name)
        return max(self._listed.get(name, unlisted), unlisted)

    def candidates(self, spelling: Spelling) -> set[str]:
        """Names that a spelling may be: what its letters make, likeliest first, and listed names near those."""
        made = self._made(spelling)
        found = set(made)
        for letters in dict.fromkeys((spelling.best, *made[:3])):
            if len(letters) > 1:
                most = max(1, len(letters) // 3 + 1)
                near = process.extract(classed(letters), self._classed, scorer=Levenshtein.distance, score_cutoff=most, limit=_NEAREST)
                found.update(name for _, _, name in near)
        return {name for name in found if len(name) > 1}

    def _made(self, spelling: Spelling) -> list[str]:
        kept = {"": (0.0, 0.0)}
        for place in spelling.places:
            longer: dict[str, tuple[float, float]] = {}
            for begun, (heard, odds) in kept.items():
                for letter, score in place.heard.items():
                    made = begun + letter
                    if made not in longer or longer[made][0] < heard + score:
                        longer[made] = (heard + score, odds + (self._letters.after(_BEGIN + begun, letter) if letter else 0.0))
            kept = dict(sorted(longer.items(), key=lambda item: -sum(item[1]))[:_WIDTH])
        return [spelling.best, *kept]


class _Letters:
    """Which letter follows which two: counts of three, two and one, each leaning on the next."""

    def __init__(self, weights: dict[str, float]) -> None:
        self._counts: Sequence[defaultdict[str, float]] = [defaultdict(float) for _ in range(3)]
        self._totals: Sequence[defaultdict[str, float]] = [defaultdict(float) for _ in range(3)]
        self._kinds: Sequence[defaultdict[str, int]] = [defaultdict(int) for _ in range(3)]
        for name, weight in weights.items():
            text = _BEGIN + name + _END
            for at in range(2, len(text)):
                for order in range(3):
                    before = text[at - order : at]
                    self._kinds[order][before] += before + text[at] not in self._counts[order]
                    self._counts[order][before + text[at]] += weight
                    self._totals[order][before] += weight
        self._least = 0.02
        self._known: dict[str, float] = {}

    def after(self, before: str, letter: str) -> float:
        """Log probability of a letter after the last two of `before`."""
        key = before[-2:] + letter
        if key not in self._known:
            share = 1 / 27
            for order in range(3):
                context = key[2 - order : 2]
                lean = self._least * self._kinds[order][context] if context in self._kinds[order] else 0.0
                if context in self._totals[order]:
                    share = (self._counts[order].get(context + letter, 0.0) + lean * share) / (self._totals[order][context] + lean)
            self._known[key] = math.log(share)
        return self._known[key]

    def whole(self, name: str) -> float:
        text = _BEGIN + name + _END
        return sum(self.after(text[at - 2 : at], text[at]) for at in range(2, len(text)))


def classed(name: str) -> str:
    """A name with letters that sound alike made one."""
    return "".join(CLASS.get(char, char) for char in name)
