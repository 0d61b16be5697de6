"""Which words of a clinic's articles name one of its places: found in what sets articles about the same thing apart.

"Main clinic hours" and "Lakeview hours" are one thing said of two places. A place is no matter of its own: naming it makes no article an answer, and
an article about one place does not answer for another.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.articles import Article
from knowledge.reading import stem, telling
from knowledge.topics import Read
from nlu.wording import Words

_SITED = ("address", "hours", "parking", "contact")
"""Topics of which a clinic with several places says something for each."""
_LEAST_TELLING = 0.1


@dataclass(frozen=True, slots=True)
class Head:
    """Question and title of one article, read."""

    words: Words
    read: Read
    named: frozenset[str]
    """Words written with a capital inside a sentence: names."""


def named(article: Article) -> frozenset[str]:
    """Words of question and title that only a name has a capital for."""
    inside = (word.strip(".,?!:;()'\"") for text in (article.question, article.title) for word in text.split()[1:])
    return frozenset(word.lower() for word in inside if word[:1].isupper() and word[1:].islower())


def places(heads: Sequence[Head]) -> Mapping[str, int]:
    """Word stem to number of the place it names; empty where articles speak of one place only."""
    sited = [
        (number, frozenset(_SITED).intersection(head.read.topics), _candidates(head))
        for number, head in enumerate(heads)
        if not head.read.topics.isdisjoint(_SITED)
    ]
    seen: dict[str, set[int]] = {}
    for number, _, words in sited:
        for word in words:
            seen.setdefault(word, set()).add(number)
    names = {stem(word) for head in heads for word in head.named}
    likely = {word for word, at in seen.items() if (len(at) > 1 or word in names) and _sets_apart(word, sited)}
    return _numbered(likely, sited)


def _candidates(head: Head) -> frozenset[str]:
    low = head.words.low
    return frozenset(stem(word) for at, word in enumerate(low) if at not in head.read.taken and word.isalpha() and telling(word) >= _LEAST_TELLING)


_Sited = Sequence[tuple[int, frozenset[str], frozenset[str]]]


def _sets_apart(word: str, sited: _Sited) -> bool:
    """Whether of one topic some articles have the word and some have not."""
    return any({word in words for _, topics, words in sited if topic in topics} == {True, False} for topic in _SITED)


def _numbered(likely: Iterable[str], sited: _Sited) -> Mapping[str, int]:
    """Words that stand in the same headings, and never apart in headings about the same thing, name the same place: "main", "Millbrook"."""
    number = {word: at for at, word in enumerate(sorted(likely))}
    headings = {(topic, frozenset(words & number.keys())) for _, topics, words in sited for topic in topics}
    together = {pair for _, words in headings for pair in itertools.combinations(sorted(words), 2)}
    for one, other in sorted(together):
        apart = any(
            {one, other} & words == {one} and any(again == topic and {one, other} & rest == {other} for again, rest in headings)
            for topic, words in headings
        )
        if not apart:
            old, new = number[other], number[one]
            number = {word: new if at == old else at for word, at in number.items()}
    return number if len(set(number.values())) > 1 else {}
