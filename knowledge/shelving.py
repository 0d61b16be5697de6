"""An article as the shelf keeps it: what it is about, what it names, and its words, read once and kept for as long as the article stands.

Answers are long and most are never looked into, so their topics are read when a question first comes near; the words are listed at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache

from knowledge.articles import Article
from knowledge.places import Head, named, places
from knowledge.reading import stem, telling
from knowledge.topics import Read, Topics
from nlu.message import Message
from nlu.wording import Words

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "price": re.compile(r"\$\s?\d|\bfree\b|no (?:extra )?(?:charge|cost|fee)|\b\d+ dollars|\bfees?\b", re.IGNORECASE),
    "duration": re.compile(r"\b(?:minute|hour|day|week|month|year)s?\b", re.IGNORECASE),
}
PLACE = "placename"
"""Stands for any place of the clinic in the lexicon's patterns."""


class Shelved:
    """One article, read. Compared by identity: the same article is shelved once."""

    def __init__(self, article: Article, head: Head, place_words: Mapping[str, int], shelver: Shelver) -> None:
        self.article = article
        self._shelver = shelver
        masked = without(head.words, place_words)
        tags = [shelver.tag(tag) for tag in article.tags]
        read = head.read if masked is head.words else shelver.topics.read(masked)
        low = (*masked.low, *(word for words, _ in tags for word in words.low if stem(word) not in place_words))
        self.focus = frozenset(read.topics)
        """Topics of question and title."""
        self.main = shelver.topics.widened(topic for one in (read, *(tagged for _, tagged in tags)) for topic in one.topics)
        """Those and the tags'."""
        self.guards = frozenset(guard for one in (read, *(tagged for _, tagged in tags)) for guard in one.guards)
        self.title = {stem(word): max(telling(word), 0.05) for word in low if word != PLACE and telling(word) > 0}
        """Stems of question, title and tags, with how telling each is."""
        self.text = " ".join(stem(word) for word in masked.low if word != PLACE and telling(word) > 0)
        self._body = shelver.words(article.answer)
        self.words = frozenset(stem(word) for word in self._body.low)
        """Stems of the answer."""
        self.places = frozenset(place_words[stem(word)] for word in head.words.low if stem(word) in place_words)
        """Places named in question or title."""
        self.body_places = frozenset(place_words[word] for word in self.words if word in place_words)
        self.vocabulary = frozenset((*head.words.low, *low, *self._body.low))
        """Every word of it: right as written."""

    @cached_property
    def body(self) -> frozenset[str]:
        """Topics of the answer."""
        return self._shelver.topics.widened(self._shelver.topics.read(self._body).topics)

    @cached_property
    def shapes(self) -> frozenset[str]:
        """Whether it states a price, a duration."""
        article = self.article
        text = f"{article.question} {article.title} {article.answer}"
        return frozenset(name for name, shape in _SHAPES.items() if shape.search(text))


class Shelver:
    """Reads articles; those it has read before are not read again."""

    def __init__(self, topics: Topics) -> None:
        self.topics = topics
        self.tag = lru_cache(maxsize=4096)(self._tag)
        self.places: Mapping[str, int] = {}
        """Word stem to place, of the articles shelved last."""
        self._heads: dict[Article, Head] = {}
        self._read: dict[Article, Shelved] = {}

    def shelve(self, articles: Iterable[Article]) -> tuple[Shelved, ...]:
        """One entry per article, in order. Entries of articles no longer given are forgotten."""
        heads = {article: self._heads.get(article) or self._head(article) for article in articles}
        found = places(list(heads.values()))
        before = self._read if found == self.places else {}
        self._heads, self.places = heads, found
        self._read = {article: before.get(article) or Shelved(article, head, found, self) for article, head in heads.items()}
        return tuple(self._read.values())

    def _head(self, article: Article) -> Head:
        words = self.words(f"{article.question}\n{article.title}")
        return Head(words, self.topics.read(words), named(article))

    @staticmethod
    def words(text: str) -> Words:
        """A clinic's own text: contractions opened, nothing mended, since it is right as written."""
        return Words.of(Message.of(text.replace("-", " ")))

    def _tag(self, tag: str) -> tuple[Words, Read]:
        words = self.words(tag)
        return words, self.topics.read(words)


def without(words: Words, place_words: Mapping[str, int]) -> Words:
    """The words with names of places made one and the same, so that they are read as no topic."""
    if not place_words or all(stem(word) not in place_words for word in words.low):
        return words
    return replace(words, low=tuple(PLACE if stem(word) in place_words else word for word in words.low))
