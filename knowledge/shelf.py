"""The clinic's articles on a shelf: found by topic and by word, and weighed by how much of the question each one covers.

The score is a calibrated probability that the article answers the question: a logistic function of a dozen measures, most of them about
what the article lacks, since an article about something near is the answer one must not give. Weights: `lexicon/calibration.toml`,
fitted by `bench/calibrate.py`; one threshold decides between answering and abstaining.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import fuzz

from knowledge.articles import Article
from knowledge.reading import Reader, lexicon, stem, telling
from knowledge.topics import Read, Topics
from nlu.wording import Words

CANDIDATES = 16
"""Articles weighed in full per question; the rest share too little to win."""
_BODY = 0.6
"""What a topic or word is worth that stands in the answer alone, against 1 in the question, title or tags."""
_TAGGED = 0.75
"""What being about a topic of the tags is worth, against one of question or title."""
_SHAPES = {
    "price": re.compile(r"\$\s?\d|\bfree\b|no (?:extra )?(?:charge|cost|fee)|\b\d+ dollars|\bfees?\b", re.IGNORECASE),
    "duration": re.compile(r"\b(?:minute|hour|day|week|month|year)s?\b", re.IGNORECASE),
}
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
    "margin",
)
"""What is measured of an article beside a question; `_measures` gives all but the last, in this order."""
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
class _Shelved:
    article: Article
    focus: frozenset[str]
    """Topics of question and title."""
    main: frozenset[str]
    """Those and the tags'."""
    body: frozenset[str]
    guards: frozenset[str]
    title: Mapping[str, float]
    words: frozenset[str]
    text: str
    shapes: frozenset[str]


class Shelf:
    """Articles indexed once; thousands are searched in milliseconds."""

    def __init__(self, articles: Sequence[Article], reader: Reader, topics: Topics) -> None:
        self._topics = topics
        self._reader = reader
        self._shelved = tuple(self._shelve(article) for article in articles)
        size = max(2, len(articles))
        self._by_topic = _postings([(shelved.main, shelved.body) for shelved in self._shelved])
        self._by_word = _postings([(frozenset(shelved.title), shelved.words) for shelved in self._shelved])
        self._rarity = {topic: 0.5 + 0.5 * math.log(size / len(main)) / math.log(size) for topic, (main, _) in self._by_topic.items() if len(main)}
        table = lexicon("calibration")
        self._weights = tuple(float(table["weights"].get(name, 0.0)) for name in MEASURES)

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

    def find(self, query: Query, usable: Sequence[bool] | None = None) -> tuple[Found, ...]:
        """The likeliest articles, best first."""
        places = self._candidates(query)
        weighed = [(place, self._measures(query, self._shelved[place])) for place in places if usable is None or usable[place]]
        raw = [(self._sum((*measures, 0.0)), place, measures) for place, measures in weighed]
        raw.sort(key=lambda item: (-item[0], item[1]))
        found = []
        for total, place, measures in raw:
            focus = self._shelved[place].focus
            others = (other for other, elsewhere, _ in raw if elsewhere != place and (not focus or self._shelved[elsewhere].focus != focus))
            rival = next(others, -6.0)
            margin = max(-1.0, min(1.0, (total - rival) / 4))
            complete = (*measures, margin)
            found.append(Found(self._shelved[place].article, complete, _logistic(self._sum(complete))))
        return tuple(found)

    def siblings(self, best: Found, query: Query, found: Sequence[Found]) -> tuple[Article, ...]:
        """Articles about the very same thing for another place or kind, when the question names none: "what are your hours" at two clinics.

        In the order of the clinic's file, `best` included.
        """
        shelved = {one.article.id: one for one in self._shelved}
        own = shelved[best.article.id]
        said = {*query.words, *query.around}
        same = [
            one.article
            for one in found
            if own.focus and shelved[one.article.id].focus == own.focus and one.score > best.score - _CLOSE
            and not said & (set(own.title) ^ set(shelved[one.article.id].title))
        ]  # fmt: skip
        return tuple(sorted(same, key=lambda article: list(shelved).index(article.id))) if len(same) > 1 else (best.article,)

    def usable(self, keep: Mapping[str, bool]) -> tuple[bool, ...]:
        """By place, which articles may be used."""
        return tuple(keep[shelved.article.id] for shelved in self._shelved)

    def _shelve(self, article: Article) -> _Shelved:
        heads = [self._reader.read(text).words for text in (article.question, article.title, ". ".join(article.tags))]
        reads = [self._topics.read(words) for words in heads]
        body = self._reader.read(article.answer).words
        title = {stem(word): max(telling(word), 0.05) for words in heads for word in words.low if telling(word) > 0}
        text = f"{article.question} {article.title} {article.answer}"
        return _Shelved(
            article=article,
            focus=frozenset(topic for read in reads[:2] for topic in read.topics),
            main=self._topics.widened(topic for read in reads for topic in read.topics),
            body=self._topics.widened(self._topics.read(body).topics),
            guards=frozenset(guard for read in reads for guard in read.guards),
            title=title,
            words=frozenset(stem(word) for word in body.low),
            text=" ".join(stem(word) for words in heads[:2] for word in words.low if telling(word) > 0),
            shapes=frozenset(name for name, shape in _SHAPES.items() if shape.search(text)),
        )

    def _candidates(self, query: Query) -> list[int]:
        scores = np.zeros(len(self._shelved))
        for topics, weight in ((query.subjects, 2.0), (query.context, 1.0), (query.details | query.aspects, 0.5)):
            for topic in topics:
                main, body = self._by_topic.get(topic, _NOWHERE)
                scores[main] += weight * self._rarity.get(topic, 0.5)
                scores[body] += weight * 0.4 * self._rarity.get(topic, 0.5)
        for word, weight in query.words.items():
            main, body = self._by_word.get(word, _NOWHERE)
            scores[main] += weight
            scores[body] += weight * 0.5
        hits = np.flatnonzero(scores)
        if len(hits) > CANDIDATES:
            hits = hits[np.argpartition(-scores[hits], CANDIDATES)[:CANDIDATES]]
        return [int(place) for place in hits]

    def _measures(self, query: Query, shelved: _Shelved) -> tuple[float, ...]:
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
            share(query.context) * (1.0 if query.thin or query.subjects else _STRAYED),
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

    def _sum(self, measures: Sequence[float]) -> float:
        return sum(weight * measure for weight, measure in zip(self._weights, measures, strict=True))


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


def _logistic(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
