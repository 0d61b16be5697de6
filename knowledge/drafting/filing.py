"""Under which question a passage is filed: by the topics of its label, its heading and its own words, and by the shape of what it states."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from knowledge.reading import Reader, lexicon
from knowledge.topics import Topics, standard_topics

_MOST_ASKED = 5
_REACHING = "contact"
"""What gives a number and an address is there to be reached by, whatever else it mentions."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A shape that answers a question whatever the words around it."""

    topic: str
    """Empty: it says how long or how much, and is about nothing by itself."""
    ask: str
    shape: re.Pattern[str]


class Filing:
    """Reads passages as the finder reads articles."""

    def __init__(self, topics: Topics | None = None) -> None:
        self._common: Counter[str] = Counter()
        self._topics = topics or standard_topics()
        table = lexicon("questions")
        self._questions: Mapping[str, str] = table["ask"]
        self._facets = tuple(Facet(row.get("topic", ""), row["ask"], re.compile(row["shape"])) for row in table["facet"])
        self._read = lru_cache(maxsize=2048)(self._read_once)

    def learn(self, texts: Iterable[str]) -> None:
        """Count what a document is about: of two subjects of a passage, it is filed under the one the rest of the document has less of."""
        self._common = Counter(topic for text in texts for topic in self.subjects(text))

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._topics.words())

    def subjects(self, text: str) -> frozenset[str]:
        """What a text is about, without what is only about the front desk in general."""
        known = self._topics.all
        return frozenset(topic for topic in self._read(text) if not known[topic].general)

    def questions(self, label: str, heading: str, sentences: Sequence[str], *, alone: bool) -> list[str]:
        """What a caller would ask for it, best first; empty when no topic shows. `alone`: the heading is about nothing else."""
        order = (heading, *sentences) if alone else (*sentences, heading)
        shaped = [facet for sentence in sentences for facet in self._facets if facet.shape.search(sentence)]
        # A shape in the first sentence says what the passage is for; one of the front desk's general matters only helps to find it.
        stated = [facet.ask for facet in self._facets if self._states(facet, sentences[0])]
        labelled = [self._questions[topic] for topic in self._ranked(label) or self._ranked(label, general=True)]
        told = [self._questions[topic] for words in order for topic in self._ranked(words)]
        own = [self._questions[topic] for sentence in sentences for topic in self._ranked(sentence)]
        general = [self._questions[topic] for words in (label, heading, *sentences) for topic in self._ranked(words, general=True)]
        if len([facet for facet in shaped if facet.topic == _REACHING]) > 1:
            stated = [self._questions[_REACHING], *stated]
        asked = [*labelled[:1], *stated[:1], *told[:1], *(facet.ask for facet in shaped), *general]
        first = asked[:1]
        return list(dict.fromkeys([*first, *(facet.ask for facet in shaped), *labelled, *own, *general]))[:_MOST_ASKED]

    def _states(self, facet: Facet, sentence: str) -> bool:
        return (not facet.topic or not self._topics.all[facet.topic].general) and bool(facet.shape.search(sentence))

    def _ranked(self, text: str, *, general: bool = False) -> list[str]:
        """Topics of a text that have a question, those of a thing of their own first, then by where they show."""
        known = self._topics.all
        found = [topic for topic in self._read(text) if topic in self._questions and known[topic].general is general]
        if len(found) < 2:
            return found
        return sorted(found, key=lambda topic: (known[topic].free, not known[topic].strict, self._common[topic], self._first(topic, text), topic))

    def _first(self, topic: str, text: str) -> int:
        """After how many words the topic shows."""
        words = text.split()
        return next((size for size in range(2, len(words), 2) if topic in self._read(" ".join(words[:size]))), len(words))

    def _read_once(self, text: str) -> frozenset[str]:
        if not text:
            return frozenset()
        known = self._topics.all
        read = {topic for topic in self._topics.read(self._reader.read(text).words).topics if known[topic].kind == "subject"}
        return frozenset(read | {facet.topic for facet in self._facets if facet.topic and facet.shape.search(text)})
