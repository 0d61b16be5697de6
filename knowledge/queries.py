"""One clause of a message as the shelf is asked it: topics, words, places, and what examples tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from knowledge.examples import NOTHING, standard_examples
from knowledge.reading import stem, telling
from knowledge.shelving import PLACE, without
from knowledge.topics import Read, Topics
from nlu.wording import Words

PAYER_TOPICS = frozenset(("medicare", "medicaid", "work_comp", "auto", "self_pay"))
"""Topics that are the name of a payer as well."""
_THIN = 0.55
"""Words as telling as this, summed, name a subject even where no topic is known."""
_MANNER = 0.4
"""What an adverb counts for, beside other words: "privately", "exactly"."""
_WORTH_LOOKING = 0.4
"""How telling a word must be for articles that have it to be looked at, though a topic accounts for it."""
_FAMILIAR = 0.5
"""Part of the telling words, by weight."""
_NO_SERVICE = f"{NOTHING}service"
_NEAR, _LEAD, _SURELY = 0.5, 0.15, 0.6
"""Nearness to a topic's examples, and lead before the next topic, from which they decide: on six clinics' questions 96 of 100 such were right. From
`_SURELY` on nothing answers what is nearest to questions that nothing answers."""


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
    like: Mapping[str, float] = field(default_factory=dict)
    """How near it is to the examples of each topic."""
    stems: frozenset[str] = frozenset()
    """Every telling word, also those a topic accounts for: where to look for articles."""
    places: frozenset[int] = frozenset()
    """Places of the clinic it names, else those named elsewhere in the message."""

    @property
    def thin(self) -> bool:
        """Nothing in it says what it is about."""
        return not self.subjects and sum(self.words.values()) < _THIN


class Queries:
    """Reads questions to one clinic. `places`: word stem to the place it names (`knowledge.places`)."""

    def __init__(self, topics: Topics, places: Mapping[str, int]) -> None:
        self._topics = topics
        self._places = places

    def read(self, words: Words, around: Sequence[Words] = (), named: frozenset[str] = frozenset()) -> Query:
        """Read a clause and the words around it. `named`: words that are names of payers, which are looked up elsewhere."""
        words = without(_wanted(words), self._places)
        read = self._topics.read(words)
        if named:
            masked = self._topics.read(replace(words, low=tuple("-" if word in named else word for word in words.low)))
            read = Read(masked.topics | (read.topics & PAYER_TOPICS), masked.guards, masked.taken)
        kinds = self._topics.all
        topics = self._topics.widened(read.topics)
        around = [without(other, self._places) for other in around]
        nearby = frozenset(topic for other in around for topic in self._topics.widened(self._topics.read(other).topics))
        telling_words = {
            stem(word): _weight(word)
            for index, word in enumerate(words.low)
            if index not in read.taken and word not in named and word != PLACE and telling(word) > 0
        }
        return Query(
            subjects=frozenset(topic for topic in topics if kinds[topic].kind == "subject"),
            context=frozenset(topic for topic in nearby - topics if kinds[topic].kind == "subject"),
            details=frozenset(topic for topic in topics if kinds[topic].kind == "detail"),
            aspects=frozenset(topic for topic in topics if kinds[topic].kind == "aspect"),
            guards=read.guards,
            words=telling_words,
            around={stem(word): telling(word) for other in around for word in other.low if word != PLACE and telling(word) > 0},
            text=" ".join(stem(word) for word in words.low if word != PLACE and telling(word) > 0),
            stems=frozenset(stem(word) for word in words.low if word != PLACE and telling(word) > _WORTH_LOOKING),
        )

    def exemplified(self, query: Query, low: Sequence[str], named: frozenset[str] = frozenset()) -> Query:
        """The question again, with what examples tell of it: a topic no pattern saw, one that a pattern saw where it is not, or that nothing answers.

        `named`: words that are names of payers; a question about a payer is about nothing else, but may be one that nothing answers.
        """
        masked = tuple(PLACE if stem(word) in self._places else "payername" if word in named else word for word in low)
        like = self._like(query, masked)
        first = next(iter(like), "")
        lead = like.get(first, 0.0) - max((near for topic, near in like.items() if not self._related(first, topic)), default=0.0)
        if lead < _LEAD or like[first] < _NEAR:
            return query if named else replace(query, like=like)
        if first.startswith(NOTHING):
            sure = like[first] >= _SURELY and not (query.places and query.subjects)
            return replace(query, like={} if named else like, guards=query.guards | {first.removeprefix(NOTHING)} if sure else query.guards)
        if named or not self._familiar(query, first):
            return query if named else replace(query, like=like)
        kinds = self._topics.all
        mistaken = frozenset(
            topic
            for topic in query.subjects
            if kinds[topic].strict and topic in standard_examples().words and topic not in like and not self._related(first, topic)
        )
        meant = frozenset(topic for topic in self._topics.widened((first,)) if kinds[topic].kind == "subject")
        return replace(query, like=like, subjects=(query.subjects - mistaken) | meant, context=(query.context | mistaken) - meant)

    @staticmethod
    def _like(query: Query, low: tuple[str, ...]) -> Mapping[str, float]:
        """Nearness to the examples. What asks for a known topic and no more is not like a service nobody has because both say "do you offer"."""
        near = standard_examples().nearness(low)
        if not query.subjects or query.words:
            return near
        if query.stems.isdisjoint(standard_examples().words[_NO_SERVICE]):
            return {topic: value for topic, value in near.items() if topic != _NO_SERVICE}
        return near

    @staticmethod
    def _familiar(query: Query, topic: str) -> bool:
        """Whether most of what the question says is said in a topic's examples too: "should I change the oil" is not about changing clothes."""
        known = standard_examples().words[topic]
        return sum(weight for word, weight in query.words.items() if word in known) >= _FAMILIAR * sum(query.words.values())

    def _related(self, topic: str, other: str) -> bool:
        if topic == other or NOTHING in topic or NOTHING in other:
            return topic == other
        known = self._topics.all
        return topic in known[other].implies or other in known[topic].implies

    def places(self, *stretches: Sequence[str]) -> frozenset[int]:
        """Places named in the first stretch of words that names any."""
        for low in stretches:
            found = frozenset(self._places[stem(word)] for word in low if stem(word) in self._places)
            if found:
                return found
        return frozenset()


def _wanted(words: Words) -> Words:
    """Without what the speaker says they do not want: "just a massage, I do not really want the exercises"."""
    for at, word in enumerate(words.low):
        if word == "not" and any(unwanted in words.low[at + 1 : at + 3] for unwanted in ("want", "care")):
            first = max(0, at - 2)
            return Words(words.low[:first], words.starts[:first], words.ends[:first], words.breaks[:first], words.asked) if first > 2 else words
    return words


def _weight(word: str) -> float:
    """How telling a word of a question is; how something is done says less than what."""
    return telling(word) * (_MANNER if word.endswith("ly") else 1.0)
