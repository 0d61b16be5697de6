"""The clinic's articles on a shelf: found by topic and by word, and weighed by how much of the question each one covers.

The score is a calibrated probability that the article answers the question: a logistic function of a dozen measures, most of them about
what the article lacks, since an article about something near is the answer one must not give. Weights: `lexicon/calibration.toml`,
fitted by `bench/calibrate.py`; one threshold decides between answering and abstaining.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz

from knowledge.articles import Article
from knowledge.meaning import Meaning
from knowledge.reading import lexicon, stem, telling
from knowledge.shelving import Shelved
from knowledge.topics import Read, Topics
from nlu.wording import Words

CANDIDATES = 16
"""Articles weighed in full per question; the rest share too little to win."""
_BODY = 0.6
"""What a topic or word is worth that stands in the answer alone, against 1 in the question, title or tags."""
_TAGGED = 0.75
"""What being about a topic of the tags is worth, against one of question or title."""
GUARDS = ("clinical", "personal", "amount", "specific_slot", "elsewhere", "staff")
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
    *GUARDS,
    "meaning",
    "meaning_alone",
    "margin",
    "meaning_margin",
)
"""What is measured of an article beside a question, in this order; the last two compare it with the next best about something else."""
LEXICAL = tuple(name for name in MEASURES if not name.startswith("meaning"))
_SURE = 0.8
"""Confidence by topics and words from which nobody asks for the meaning: it would cost more than it could change."""
_NEAREST = 5
"""Articles added to the candidates for their meaning."""
_SMALL = 300
"""Articles up to which the meaning of all is known beforehand; of more, only that of the likeliest is looked at, when it is needed."""
_LATE = 6
"""How many of the likeliest those are."""
PAYER_TOPICS = frozenset(("medicare", "medicaid", "work_comp", "auto", "self_pay"))
"""Topics that are the name of a payer as well."""


@dataclass(frozen=True, slots=True)
class Query:
    """One clause of a message, read."""

    subjects: frozenset[str]
    """Topics it must be answered about."""
    context: frozenset[str]
    """Topics of the words around it."""
    details: frozenset[str]
    aspects: frozenset[str]
    guards: frozenset[str]
    words: Mapping[str, float]
    """Stems no topic accounts for, with how telling each is."""
    around: Mapping[str, float]
    """The same of the words around it."""
    text: str
    """All its stems."""
    said: str = ""
    """The words whose meaning is compared; empty: none is."""

    @property
    def thin(self) -> bool:
        """Nothing in it says what it is about."""
        return not self.subjects and sum(self.words.values()) < _THIN


_CLOSE = 0.35
"""Difference of confidence between articles that are the same but for the place they are about."""
_STRAYED = 0.3
"""What the words around count for when the clause has matter of its own that is no known topic."""
_THIN = 0.55
"""Words as telling as this, summed, name a subject even where no topic is known."""


@dataclass(frozen=True, slots=True)
class Found:
    """An article and what speaks for it."""

    article: Article
    measures: tuple[float, ...]
    """By `MEASURES`."""
    score: float
    """Probability that it answers."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An article being weighed, before it is compared with the others."""

    place: int
    measures: tuple[float, ...]
    near: float
    """Nearness of meaning, -1 to 1."""


class Shelf:
    """Articles indexed once; thousands are searched in milliseconds."""

    def __init__(self, shelved: Sequence[Shelved], topics: Topics, meaning: Meaning | None = None) -> None:
        self._topics = topics
        self._shelved = tuple(shelved)
        self._place = {one.article.id: place for place, one in enumerate(self._shelved)}
        size = max(2, len(self._shelved))
        self._by_topic = _postings([(one.main, frozenset()) for one in self._shelved])
        self._by_word = _postings([(frozenset(one.title), one.words) for one in self._shelved])
        self._rarity = {topic: 0.5 + 0.5 * math.log(size / len(main)) / math.log(size) for topic, (main, _) in self._by_topic.items() if len(main)}
        self._meaning = meaning
        self._vectors = meaning.vectors(self._questions()) if meaning and len(self._shelved) <= _SMALL else None
        self.lexical, self.semantic = _weights("weights"), _weights("weights_with_meaning")

    def query(self, words: Words, around: Sequence[Words] = (), named: frozenset[str] = frozenset()) -> Query:
        """Read a clause and the words around it. `named`: words that are names of payers, which are looked up elsewhere."""
        words = _wanted(words)
        read = self._topics.read(words)
        if named:
            masked = self._topics.read(replace(words, low=tuple("-" if word in named else word for word in words.low)))
            read = Read(masked.topics | (read.topics & PAYER_TOPICS), masked.guards, masked.taken)
        kinds = self._topics.all
        topics = self._topics.widened(read.topics)
        nearby = frozenset(topic for other in around for topic in self._topics.widened(self._topics.read(other).topics))
        telling_words = {
            stem(word): telling(word) for index, word in enumerate(words.low) if index not in read.taken and word not in named and telling(word) > 0
        }
        return Query(
            subjects=frozenset(topic for topic in topics if kinds[topic].kind == "subject"),
            context=frozenset(topic for topic in nearby - topics if kinds[topic].kind == "subject"),
            details=frozenset(topic for topic in topics if kinds[topic].kind == "detail"),
            aspects=frozenset(topic for topic in topics if kinds[topic].kind == "aspect"),
            guards=read.guards,
            words=telling_words,
            around={stem(word): telling(word) for other in around for word in other.low if telling(word) > 0},
            text=" ".join(stem(word) for word in words.low if telling(word) > 0),
        )

    def following(self, query: Query, id: str) -> Query | None:
        """The question again, as one about what an article said; None where there is no such article."""
        place = self._place.get(id)
        if place is None:
            return None
        about = self._shelved[place]
        return replace(query, context=query.context | (about.focus - query.subjects), around={**about.title, **query.around}, said="")

    def find(self, query: Query, usable: Sequence[bool] | None = None) -> tuple[Found, ...]:
        """The likeliest articles, best first."""
        by_words = self.weigh(self.candidates(query, usable), query, self.lexical)
        if self._meaning is None or not query.said or query.guards or (by_words and by_words[0].score >= _SURE):
            return by_words
        return self.weigh(self.candidates(query, usable, by_words), query, self.semantic)

    def weigh(self, candidates: Sequence[_Candidate], query: Query, weights: Sequence[float]) -> tuple[Found, ...]:
        """Candidates with their confidence by the given weights, best first."""
        totals = [(_sum(weights, (*one.measures, 0.0, 0.0)), one) for one in candidates]
        totals.sort(key=lambda item: (-item[0], item[1].place))
        found = []
        for total, one in totals:
            focus = self._shelved[one.place].focus
            others = [(other, rival) for other, rival in totals if rival is not one and (not focus or self._shelved[rival.place].focus != focus)]
            margin = _bounded((total - (others[0][0] if others else -6.0)) / 4)
            nearer = _bounded((one.near - max((rival.near for _, rival in others), default=0.2)) / 0.2)
            complete = (*one.measures, margin, nearer)
            found.append(Found(self._shelved[one.place].article, complete, _logistic(_sum(weights, complete))))
        return tuple(sorted(found, key=lambda one: -one.score))

    def candidates(self, query: Query, usable: Sequence[bool] | None = None, by_words: Sequence[Found] | None = None) -> list[_Candidate]:
        """Articles that share topics or words with a question; given those found so far, also the nearest in meaning."""
        places = [place for place in self._sharing(query) if usable is None or usable[place]]
        near: Mapping[int, float] = {}
        if by_words is not None:
            near = self._nearness(query, usable, by_words)
            nearest = sorted(near, key=lambda place: -near[place])[:_NEAREST]
            places = sorted({*places, *nearest})
        alone = float(not query.subjects and not query.context)
        out = []
        for place in places:
            close = near.get(place, 0.0)
            strength = max(0.0, (close - 0.25) / 0.5)
            out.append(_Candidate(place, (*self._measures(query, self._shelved[place]), strength, alone * strength), close))
        return out

    def _nearness(self, query: Query, usable: Sequence[bool] | None, by_words: Sequence[Found]) -> dict[int, float]:
        assert self._meaning is not None
        asked = self._meaning.vector(query.said)
        if self._vectors is not None:
            near = self._vectors @ asked
            return {place: float(value) for place, value in enumerate(near) if usable is None or usable[place]}
        likely = [self._place[one.article.id] for one in by_words[:_LATE]]
        return {place: float(self._meaning.vector(self._shelved[place].article.question) @ asked) for place in likely}

    def _questions(self) -> list[str]:
        return [one.article.question for one in self._shelved]

    def together(self, some: frozenset[str], others: frozenset[str]) -> bool:
        """Whether one article is about a topic of each."""
        places = {int(place) for topic in some for place in self._by_topic.get(topic, _NOWHERE)[0]}
        return any(not self._shelved[place].main.isdisjoint(others) for place in places)

    def siblings(self, best: Found, query: Query, found: Sequence[Found]) -> tuple[Article, ...]:
        """Articles about the very same thing for another place or kind, when the question names none: "what are your hours" at two clinics.

        In the order of the clinic's file, `best` included.
        """
        own = self._shelved[self._place[best.article.id]]
        said = {*query.words, *query.around}
        same = [
            one.article
            for one, kept in ((one, self._shelved[self._place[one.article.id]]) for one in found)
            if own.focus and kept.focus == own.focus and one.score > best.score - _CLOSE and not said & (set(own.title) ^ set(kept.title))
        ]
        return tuple(sorted(same, key=lambda article: self._place[article.id])) if len(same) > 1 else (best.article,)

    def _sharing(self, query: Query) -> list[int]:
        scores = np.zeros(len(self._shelved))
        for topics, weight in ((query.subjects, 2.0), (query.context, 1.0), (query.details | query.aspects, 0.5)):
            for topic in topics:
                main, _ = self._by_topic.get(topic, _NOWHERE)
                scores[main] += weight * self._rarity.get(topic, 0.5)
        for word, weight in query.words.items():
            main, body = self._by_word.get(word, _NOWHERE)
            scores[main] += weight
            scores[body] += weight * 0.5
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

        said = query.subjects | query.context | query.details | query.aspects
        about = max(self._about(shelved.focus, said), _TAGGED * self._about(shelved.main, said))
        missing = [topic for topic in query.subjects if not covered(topic) and not self._topics.all[topic].free]
        hit = {word: 1.0 if word in shelved.title else 0.8 if word in shelved.words else 0.0 for word in query.words}
        total = sum(query.words.values())
        title_total = sum(shelved.title.values())
        nearby = max(1.0, sum(query.around.values()))
        shown = [aspect in shelved.shapes for aspect in query.aspects]
        guarded = [float(guard in query.guards and guard not in shelved.guards) for guard in GUARDS]
        return (
            1.0,
            0.5 * share(query.subjects) + 0.5 * max((covered(topic) * self._bearing(topic) ** 0.5 for topic in query.subjects), default=0.0),
            min(1.0, sum(self._weight(topic) * self._bearing(topic) for topic in missing)),
            float(any(self._topics.all[topic].strict and not covered(topic) for topic in query.subjects | query.details)),
            share(query.context) * (1.0 if query.thin or any(covered(topic) for topic in query.subjects) else _STRAYED),
            about,
            share(query.details),
            float(any(not covered(topic) for topic in query.details)),
            float(any(shown)),
            float(not all(shown)),
            sum(weight * hit[word] for word, weight in query.words.items()) / max(0.6, total),
            min(2.5, sum(weight * (1 - hit[word]) for word, weight in query.words.items())),
            sum(weight for word, weight in query.around.items() if word in shelved.title or word in shelved.words) / nearby,
            fuzz.token_set_ratio(query.text, shelved.text) / 100 if query.text else 0.0,
            sum(weight for word, weight in shelved.title.items() if word in query.words) / max(0.5, title_total),
            float(not query.subjects and not query.context),
            *guarded,
        )

    def _about(self, topics: frozenset[str], said: frozenset[str]) -> float:
        """How much of what an article is about was asked."""
        total = sum(self._weight(topic) * self._bearing(topic) for topic in topics)
        return sum(self._weight(topic) * self._bearing(topic) for topic in topics & said) / total if total else 0.0

    def _weight(self, topic: str) -> float:
        return self._rarity.get(topic, 0.8)

    def _bearing(self, topic: str) -> float:
        known = self._topics.all[topic]
        return 0.3 if known.general or known.kind != "subject" else 0.5 if known.free else 1.0


_NOWHERE = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def _postings(entries: Sequence[tuple[frozenset[str], frozenset[str]]]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    lists: dict[str, tuple[list[int], list[int]]] = {}
    for place, (main, body) in enumerate(entries):
        for key in main:
            lists.setdefault(key, ([], []))[0].append(place)
        for key in body - main:
            lists.setdefault(key, ([], []))[1].append(place)
    return {key: (np.array(main, dtype=np.int64), np.array(body, dtype=np.int64)) for key, (main, body) in lists.items()}


def _wanted(words: Words) -> Words:
    """Without what the speaker says they do not want: "just a massage, I do not really want the exercises"."""
    for at, word in enumerate(words.low):
        if word == "not" and any(unwanted in words.low[at + 1 : at + 3] for unwanted in ("want", "care")):
            first = max(0, at - 2)
            return Words(words.low[:first], words.starts[:first], words.ends[:first], words.breaks[:first], words.asked) if first > 2 else words
    return words


def _sum(weights: Sequence[float], measures: Sequence[float]) -> float:
    return sum(weight * measure for weight, measure in zip(weights, measures, strict=True))


def _bounded(value: float) -> float:
    return max(-1.0, min(1.0, value))


@lru_cache(maxsize=2)
def _weights(table: str) -> tuple[float, ...]:
    given = lexicon("calibration")[table]
    return tuple(float(given.get(name, 0.0)) for name in MEASURES)


def _logistic(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
