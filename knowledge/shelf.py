"""The clinic's articles on a shelf: found by topic and by word, and weighed by how much of the question each one covers.

The score is a calibrated probability that the article answers the question: a logistic function of a dozen measures, most of them about
what the article lacks, since an article about something near is the answer one must not give. Weights: `lexicon/calibration.toml`,
fitted by `bench/calibrate.py`; one threshold decides between answering and abstaining.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from rapidfuzz import fuzz

from knowledge.articles import Article
from knowledge.examples import NOTHING, standard_examples
from knowledge.queries import Queries, Query
from knowledge.reading import lexicon
from knowledge.shelving import Shelved
from knowledge.topics import Topics

CANDIDATES = 16
"""Articles weighed in full per question; the rest share too little to win."""
_BODY = 0.6
"""What a topic or word is worth that stands in the answer alone, against 1 in the question, title or tags."""
_TAGGED = 0.75
"""What being about a topic of the tags is worth, against one of question or title."""
GUARDS = ("clinical", "personal", "amount", "specific_slot", "elsewhere", "staff", "service")
MEASURES = (
    "one",
    "topic_hit",
    "topic_miss",
    "blocked",
    "context_hit",
    "about",
    "detail_hit",
    "detail_miss",
    "aspect_hit",
    "aspect_miss",
    "word_hit",
    "word_miss",
    "around_hit",
    "similar",
    "title_hit",
    "no_topic",
    "own_word",
    "place_hit",
    "place_clash",
    "like",
    "like_margin",
    "like_nothing",
    *GUARDS,
    "margin",
)
"""What is measured of an article beside a question, in this order; the last compares it with the next best about something else."""
_LOOKED = 0.3
"""What a word counts for in the looking that a topic accounts for already."""
_LINES = frozenset(("medicare", "medicaid"))
_UNKNOWN = 0.95
"""How telling a word beside "Medicaid" must be to be some payer's name: "Mayfair Medicaid" is not answered from what is said of Medicaid."""
_LIKELY = 4
"""Topics by example that articles are looked for by."""
_OWN = 2
"""Articles a word may be in and still point at one of them."""
_CLOSE = 0.35
"""Difference of confidence between articles that are the same but for the place they are about."""
_STRAYED = 0.3
"""What the words around count for when the clause has matter of its own that is no known topic."""


@dataclass(frozen=True, slots=True)
class Found:
    """An article and what speaks for it."""

    article: Article
    measures: tuple[float, ...]
    """By `MEASURES`."""
    score: float
    """Probability that it answers."""


class Shelf:
    """Articles indexed once; thousands are searched in milliseconds."""

    def __init__(self, shelved: Sequence[Shelved], topics: Topics, places: Mapping[str, int]) -> None:
        self.queries = Queries(topics, places)
        """Reads questions for it."""
        self._topics = topics
        self._shelved = tuple(shelved)
        self._place = {one.article.id: place for place, one in enumerate(self._shelved)}
        size = max(2, len(self._shelved))
        self._by_topic = _postings([(one.main, one.body) for one in self._shelved])
        self._by_word = _postings([(frozenset(one.title), one.words) for one in self._shelved])
        self._rarity = {topic: 0.5 + 0.5 * math.log(size / len(main)) / math.log(size) for topic, (main, _) in self._by_topic.items() if len(main)}
        self.weights = _weights()
        """By `MEASURES`; another set may be put here to try it."""

    def following(self, query: Query, id: str) -> Query | None:
        """The question again, as one about what an article said; None where there is no such article."""
        place = self._place.get(id)
        if place is None:
            return None
        about = self._shelved[place]
        return replace(query, context=query.context | (about.focus - query.subjects), around={**about.title, **query.around})

    def find(self, query: Query, usable: Sequence[bool] | None = None) -> tuple[Found, ...]:
        """The likeliest articles, best first."""
        weighed = [(place, self._measures(query, self._shelved[place])) for place in self._sharing(query) if usable is None or usable[place]]
        totals = [(_sum(self.weights, (*measures, 0.0)), place, measures) for place, measures in weighed]
        totals.sort(key=lambda item: (-item[0], item[1]))
        found = []
        for total, place, measures in totals:
            focus = self._shelved[place].focus
            rival = next((other for other, at, _ in totals if at != place and (not focus or self._shelved[at].focus != focus)), -6.0)
            complete = (*measures, _bounded((total - rival) / 4))
            found.append(Found(self._shelved[place].article, complete, _logistic(_sum(self.weights, complete))))
        return tuple(sorted(found, key=lambda one: -one.score))

    def together(self, some: frozenset[str], others: frozenset[str]) -> bool:
        """Whether one article is about a topic of each, and about all of them that are things of their own."""
        own = frozenset(topic for topic in some | others if self._topics.all[topic].strict)
        places = {int(place) for topic in some for place in self._by_topic.get(topic, _NOWHERE)[0]}
        return any(
            not self._shelved[place].main.isdisjoint(others) and own <= self._shelved[place].main | self._shelved[place].body for place in places
        )

    def siblings(self, best: Found, query: Query, found: Sequence[Found]) -> tuple[Article, ...]:
        """Articles about the very same thing for another place or kind, when the question names none: "what are your hours" at two clinics.

        In the order of the clinic's file, `best` included.
        """
        own = self._shelved[self._place[best.article.id]]
        said = {*query.words, *query.around}
        same = [
            one.article
            for one, kept in ((one, self._shelved[self._place[one.article.id]]) for one in found)
            if own.focus
            and kept.focus == own.focus
            and one.score > best.score - _CLOSE
            and not said & (set(own.title) ^ set(kept.title))
            and (not query.places or kept is own)
        ]
        return tuple(sorted(same, key=lambda article: self._place[article.id])) if len(same) > 1 else (best.article,)

    def _sharing(self, query: Query) -> list[int]:
        scores = np.zeros(len(self._shelved))
        for topics, weight in ((query.subjects, 2.0), (query.context, 1.0), (query.details | query.aspects, 0.5)):
            for topic in topics:
                main, body = self._by_topic.get(topic, _NOWHERE)
                scores[main] += weight * self._rarity.get(topic, 0.5)
                scores[body] += weight * self._rarity.get(topic, 0.5) * 0.4
        for word, weight in query.words.items():
            main, body = self._by_word.get(word, _NOWHERE)
            scores[main] += weight
            scores[body] += weight * 0.5
        for word in query.stems - query.words.keys():
            for places in self._by_word.get(word, _NOWHERE):
                scores[places] += _LOOKED
        for topic, near in itertools.islice(query.like.items(), _LIKELY):
            main, body = self._by_topic.get(topic, _NOWHERE)
            scores[main] += near
            scores[body] += near * 0.4
        hits = np.flatnonzero(scores)
        if len(hits) > CANDIDATES:
            hits = hits[np.argpartition(-scores[hits], CANDIDATES)[:CANDIDATES]]
        return [int(place) for place in hits]

    def _measures(self, query: Query, shelved: Shelved) -> tuple[float, ...]:
        def covered(topic: str) -> float:
            return 1.0 if topic in shelved.main else _BODY if topic in shelved.body else 0.0

        def share(topics: frozenset[str]) -> float:
            total = sum(self._weight(topic) * self._bearing(topic) for topic in topics)
            return sum(self._weight(topic) * self._bearing(topic) * covered(topic) for topic in topics) / total if total else 0.0

        own = any(covered(topic) for topic in query.subjects)
        strayed = not query.thin and not own
        said = query.subjects | query.details | query.aspects | (frozenset() if strayed else query.context)
        about = max(self._about(shelved.focus, said), _TAGGED * self._about(shelved.main, said))
        missing = [topic for topic in query.subjects if not covered(topic) and not self._topics.all[topic].free]
        hit = {word: 1.0 if word in shelved.title else 0.8 if word in shelved.words else 0.0 for word in query.words}
        examples = standard_examples().words
        accounted = frozenset(
            word
            for word, found in hit.items()
            if not found and any(covered(topic) and not self._topics.all[topic].lists and word in examples.get(topic, ()) for topic in query.subjects)
        )
        total = sum(weight for word, weight in query.words.items() if word not in accounted)
        title_total = sum(shelved.title.values())
        nearby = max(1.0, sum(query.around.values()))
        shown = [aspect in shelved.shapes for aspect in query.aspects]
        like = max((near * covered(topic) for topic, near in query.like.items() if not topic.startswith(NOTHING)), default=0.0)
        unlike = max((near for topic, near in query.like.items() if topic.startswith(NOTHING) or not covered(topic)), default=0.0)
        guarded = [float(guard in query.guards and guard not in shelved.guards) for guard in GUARDS]
        return (
            1.0,
            0.5 * share(query.subjects) + 0.5 * max((covered(topic) * self._bearing(topic) ** 0.5 for topic in query.subjects), default=0.0),
            min(1.0, sum(self._weight(topic) * self._bearing(topic) for topic in missing)),
            float(
                any(
                    self._topics.all[topic].strict and not covered(topic)
                    for topic in query.subjects | query.details | (query.context if query.thin else frozenset())
                )
                or (not query.subjects.isdisjoint(_LINES) and any(weight >= _UNKNOWN and not hit[word] for word, weight in query.words.items()))
            ),
            share(query.context) * (_STRAYED if strayed else 1.0),
            about,
            share(query.details),
            float(any(not covered(topic) for topic in query.details)),
            float(any(shown)),
            float(not all(shown)),
            sum(weight * hit[word] for word, weight in query.words.items()) / max(0.6, total),
            min(2.5, sum(weight * (1 - hit[word]) for word, weight in query.words.items() if word not in accounted)),
            sum(weight for word, weight in query.around.items() if word in shelved.title or word in shelved.words)
            / nearby
            * (_STRAYED if strayed else 1.0),
            fuzz.token_set_ratio(query.text, shelved.text) / 100 if query.text else 0.0,
            sum(weight for word, weight in shelved.title.items() if word in query.words) / max(0.5, title_total),
            float(not query.subjects and not query.context),
            max((weight * self._rare(word) for word, weight in query.words.items() if hit[word]), default=0.0),
            1.0 if query.places & shelved.places else 0.4 if query.places & shelved.body_places else 0.0,
            float(bool(query.places and shelved.places) and query.places.isdisjoint(shelved.places | shelved.body_places)),
            like,
            _bounded(2 * (like - unlike)) if query.like else 0.0,
            max((near for topic, near in query.like.items() if topic.startswith(NOTHING)), default=0.0),
            *guarded,
        )

    def _rare(self, word: str) -> float:
        """1 for a word only this article has, 0 for one that many have."""
        main, body = self._by_word.get(word, _NOWHERE)
        return 1.0 if len(main) + len(body) <= _OWN else 0.0

    def _about(self, topics: frozenset[str], said: frozenset[str]) -> float:
        """How much of what an article is about was asked."""
        total = sum(self._weight(topic) * self._bearing(topic) for topic in topics)
        return sum(self._weight(topic) * self._bearing(topic) for topic in topics & said) / total if total else 0.0

    def _weight(self, topic: str) -> float:
        return self._rarity.get(topic, 0.8)

    def _bearing(self, topic: str) -> float:
        known = self._topics.all[topic]
        return 0.3 if known.general or known.kind != "subject" else 0.5 if known.free or known.lists else 1.0


_NOWHERE = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def _postings(entries: Sequence[tuple[frozenset[str], frozenset[str]]]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    lists: dict[str, tuple[list[int], list[int]]] = {}
    for place, (main, body) in enumerate(entries):
        for key in main:
            lists.setdefault(key, ([], []))[0].append(place)
        for key in body - main:
            lists.setdefault(key, ([], []))[1].append(place)
    return {key: (np.array(main, dtype=np.int64), np.array(body, dtype=np.int64)) for key, (main, body) in lists.items()}


def _sum(weights: Sequence[float], measures: Sequence[float]) -> float:
    return sum(weight * measure for weight, measure in zip(weights, measures, strict=True))


def _bounded(value: float) -> float:
    return max(-1.0, min(1.0, value))


@cache
def _weights() -> tuple[float, ...]:
    given = lexicon("calibration")["weights"]
    return tuple(float(given.get(name, 0.0)) for name in MEASURES)


def _logistic(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
