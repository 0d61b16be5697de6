"""An article as the shelf keeps it: what it is about, what it names, and its words, read once and kept for as long as the article stands.

Answers are long and most are never looked into, so their topics are read when a question first comes near; the words are listed at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Literal

from knowledge.articles import Article
from knowledge.reading import stem, telling
from knowledge.topics import Read, Topics
from nlu.message import Message
from nlu.wording import Words

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "price": re.compile(r"\$\s?\d|\bfree\b|no (?:extra )?(?:charge|cost|fee)|\b\d+ dollars|\bfees?\b", re.IGNORECASE),
    "duration": re.compile(r"\b(?:minute|hour|day|week|month|year)s?\b", re.IGNORECASE),
}
Role = Literal["head", "tag", "body"]


class Shelved:
    """One article, read. Compared by identity: the same article is shelved once."""

    def __init__(self, article: Article, shelver: Shelver) -> None:
        self.article = article
        self._shelver = shelver
        head = shelver.words(f"{article.question}\n{article.title}")
        tags = [shelver.tag(tag) for tag in article.tags]
        read = shelver.topics.read(head)
        low = (*head.low, *(word for words, _ in tags for word in words.low))
        self.focus = frozenset(read.topics)
        """Topics of question and title."""
        self.main = shelver.topics.widened(topic for one in (read, *(tagged for _, tagged in tags)) for topic in one.topics)
        """Those and the tags'."""
        self.guards = frozenset(guard for one in (read, *(tagged for _, tagged in tags)) for guard in one.guards)
        self.title = {stem(word): max(telling(word), 0.05) for word in low if telling(word) > 0}
        """Stems of question, title and tags, with how telling each is."""
        self.text = " ".join(stem(word) for word in head.low if telling(word) > 0)
        self._body = shelver.words(article.answer)
        self.words = frozenset(stem(word) for word in self._body.low)
        """Stems of the answer."""
        self.vocabulary = frozenset((*low, *self._body.low))
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
        self._read: dict[Article, Shelved] = {}

    def shelve(self, articles: Iterable[Article]) -> tuple[Shelved, ...]:
        """One entry per article, in order. Entries of articles no longer given are forgotten."""
        before = self._read
        self._read = {article: before.get(article) or Shelved(article, self) for article in articles}
        return tuple(self._read.values())

    @staticmethod
    def words(text: str) -> Words:
        """A clinic's own text: contractions opened, nothing mended, since it is right as written."""
        return Words.of(Message.of(text.replace("-", " ")))

    def _tag(self, tag: str) -> tuple[Words, Read]:
        words = self.words(tag)
        return words, self.topics.read(words)
