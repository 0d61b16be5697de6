"""Which questions ask the same: grouped for the coordinator, so that one answer serves everybody who asked it.

Careful by design: an answer is texted to everyone in a group, so questions join only when they share their subject and almost every telling word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from knowledge.reading import Reader, cut, stem, telling
from knowledge.spanish import in_english, is_spanish
from knowledge.topics import Topics, standard_topics

_ALIKE = 0.7
"""Share of the weight of two questions that both have, from which they ask the same."""
_TOPIC = 1.0
_GENERAL = 0.3
_SAYS_NOTHING = 0.35
"""Weight under which a question says too little to be like any other."""


@dataclass(frozen=True, slots=True)
class Gist:
    """What a question is about: topics and telling words, each with its weight."""

    weights: Mapping[str, float]

    def like(self, other: Gist) -> bool:
        """Whether both ask the same."""
        mine, theirs = self.weights, other.weights
        total = sum(max(mine.get(key, 0.0), theirs.get(key, 0.0)) for key in {*mine, *theirs})
        if total < _SAYS_NOTHING:
            return False
        return sum(min(weight, theirs.get(key, 0.0)) for key, weight in mine.items()) / total >= _ALIKE


class Likeness:
    """Compares questions."""

    def __init__(self, topics: Topics | None = None) -> None:
        self._topics = topics or standard_topics()

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._topics.words())

    def gist(self, text: str) -> Gist:
        """What one question is about."""
        heard = self._reader.read(text, in_english if is_spanish(cut(text)) else None)
        read = self._topics.read(heard.words)
        known = self._topics.all
        weights = {f"topic {topic}": _GENERAL if known[topic].general else _TOPIC for topic in read.topics}
        for place, word in enumerate(heard.words.low):
            if place not in read.taken and telling(word) > 0.2:
                weights[stem(word)] = telling(word)
        return Gist(weights)

    def groups(self, texts: Sequence[str]) -> list[list[int]]:
        """Places of texts that ask the same, largest group first. Each is like the first of its group."""
        found: list[tuple[Gist, list[int]]] = []
        for place, text in enumerate(texts):
            gist = self.gist(text)
            group = next((group for first, group in found if first.like(gist)), None)
            if group is None:
                found.append((gist, [place]))
            else:
                group.append(place)
        return sorted((group for _, group in found), key=lambda group: (-len(group), group[0]))
