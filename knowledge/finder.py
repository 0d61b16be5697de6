"""The finder: splits a message into the things it asks and answers each from what the clinic has stated, or abstains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from knowledge import insurance
from knowledge.answer import Answer, Asker, Part
from knowledge.articles import Article
from knowledge.availability import Availability
from knowledge.clauses import Clause, clauses, joined, joints, says_nothing, small_talk
from knowledge.payerbook import Mention, PayerBook, plans
from knowledge.payers import PayerRow
from knowledge.phrasing import Phrasing
from knowledge.queries import PAYER_TOPICS, Query
from knowledge.reading import Heard, Reader, cut, lexicon
from knowledge.shelf import Shelf
from knowledge.shelving import Shelver
from knowledge.spanish import in_english, is_spanish
from knowledge.topics import standard_topics
from nlu.wording import Words, spell_out

_PAYER_TOPICS = frozenset({"need_referral", "authorization", "medicare", "medicaid", "insurances", "verify_benefits", "out_of_network", "booking"})
"""Topics a payer's row answers as well as an article does."""
_IMPLIED = 0.6
"""Confidence from which a message without any sign of a question is answered; below it, it asks nothing."""

_TOLD_WHOLE = 30
"""Words of a message with one question up to which all of it is compared with the examples: "i work till six, can i come after"."""
_FOLLOWS = (("what", "about"), ("how", "about"), ("what", "if"), ("same", "for"), ("and", "for"))
"""Beginnings of a question that goes on from the answer before it."""
_PLAIN = frozenset(("who", "where", "when", "which", "why"))
"""Question words that ask about more than whether a payer is taken."""
_OPEN = frozenset(("what", "how", "when", "who", "where", "which"))
"""First words of a question that no "yes, we take it" answers."""
_NO_PAYER = frozenset(("personal", "clinical", "elsewhere"))
"""Guards that no row of the payer table answers either: "has Humana written to you about me?"."""
_LEANING = frozenset(("for", "at", "in", "on", "with"))
"""First words of what is no sentence by itself: "and at the other office?"."""


def build(
    articles: Sequence[Article],
    payers: Sequence[PayerRow],
    availability: Availability | None = None,
    vocabulary_extra: Iterable[str] = (),
) -> ClinicFinder:
    """A finder over one clinic's knowledge.

    `vocabulary_extra`: words of the clinic (names of places, people, programs) that are right as written. Building reads every article once,
    a third of a millisecond each; after a change, `ClinicFinder.refreshed` reads only what is new.
    """
    given = (tuple(articles), tuple(payers), availability or Availability(), frozenset(vocabulary_extra))
    return ClinicFinder(*given, Shelver(standard_topics()))


@dataclass(frozen=True, slots=True)
class _Ask:
    """One clause that asks, with what stands around it."""

    clause: Clause
    query: Query
    around: tuple[Words, ...]
    mentions: tuple[Mention, ...]
    """Payers named in the clause itself."""
    low: tuple[str, ...]
    plan_words: tuple[str, ...]
    """Where the plan may be named: the message, or what is said of one payer of several."""


class ClinicFinder:
    """See `build`. `reader`, `shelf`, `asks` and `usable` are for those who calibrate it."""

    def __init__(
        self,
        articles: tuple[Article, ...],
        payers: tuple[PayerRow, ...],
        availability: Availability,
        extra: frozenset[str],
        shelver: Shelver,
    ) -> None:
        self._given = (articles, payers, availability, extra)
        self._shelver = shelver
        self._topics = topics = shelver.topics
        self._book = PayerBook(payers)
        shelved = shelver.shelve(articles)
        own = frozenset(word for one in shelved for word in one.vocabulary)
        self.reader = Reader(topics.words() | self._book.words() | own | {word for text in extra for word in spell_out(text)})
        self.shelf = Shelf(shelved, topics, shelver.places)
        self._availability = availability
        self._threshold = float(lexicon("calibration")["threshold"])
        self.usable = lru_cache(maxsize=4)(self._usable_on)

    def refreshed(
        self,
        articles: Sequence[Article] | None = None,
        payers: Sequence[PayerRow] | None = None,
        availability: Availability | None = None,
        vocabulary_extra: Iterable[str] | None = None,
    ) -> ClinicFinder:
        """The same finder over what the clinic knows now; what is left out stays as it was.

        For whoever holds the finder of a process and sees that the stored articles have a new version: articles that did not change are
        not read again, so that a change among hundreds takes a few hundredths of a second. This finder stays usable meanwhile and afterwards.
        """
        before = self._given
        return ClinicFinder(
            before[0] if articles is None else tuple(articles),
            before[1] if payers is None else tuple(payers),
            availability or before[2],
            before[3] if vocabulary_extra is None else frozenset(vocabulary_extra),
            self._shelver,
        )

    def find(self, text: str, asker: Asker) -> tuple[Part, ...]:
        """Split `text` into the things it asks and answer each, or abstain. Never raises."""
        spanish = is_spanish(cut(text))
        heard = self.reader.read(text, in_english if spanish else None)
        if not heard.words.low:
            return ()
        if small_talk(heard.words):
            return (Part(heard.text.strip(), None, small_talk=True),)
        phrasing = Phrasing("es" if spanish or asker.language == "es" else "en")
        parts: list[Part] = []
        for ask in self.asks(heard):
            if not ask.clause.asks:
                return self._implied(ask, heard, asker, phrasing) if asker.implied else ()
            part = Part(heard.written(ask.clause.first, ask.clause.last), self._answer(ask, heard, asker, phrasing))
            self._add(parts, part, ask)
        return tuple(parts)

    def _implied(self, ask: _Ask, heard: Heard, asker: Asker, phrasing: Phrasing) -> tuple[Part, ...]:
        """A message without any sign of a question, from somebody who was invited to ask: "my card says choice plus"."""
        if ask.mentions:
            answer = insurance.answer(self._book, ask.mentions, ask.plan_words, frozenset({"status"}), phrasing)
            return (Part(heard.text.strip(), answer),)
        answer = self._article(ask.query, asker, phrasing, _IMPLIED)
        return (Part(heard.text.strip(), answer),) if answer is not None else ()

    def asks(self, heard: Heard) -> list[_Ask]:
        """The clauses that ask, in order."""
        found: Sequence[Clause] = clauses(heard)
        words = heard.words
        asks = []
        if not any(clause.asks for clause in found):
            whole = Clause(0, len(words.low), asks=False, anaphoric=False)
            return [
                _Ask(
                    whole,
                    replace(self.shelf.queries.read(words), places=self.shelf.queries.places(words.low)),
                    (),
                    self._book.mentions(words.low),
                    words.low,
                    words.low,
                )
            ]
        found = [piece for clause in found for piece in self._pieces(clause, words)]
        if len(found) == 2 and found[1].asks and says_nothing(_cut(words, found[1]).low):
            found = self._stated(found[0], words) or found
        single = sum(clause.asks for clause in found) == 1 and len(found) > 1
        for index, clause in enumerate(found):
            if not clause.asks:
                continue
            own = _cut(words, clause)
            around = tuple(_cut(words, other) for other in _neighbours(found, index))
            if clause.anaphoric and not around and index:
                around = (_cut(words, found[index - 1]),)
            if single:
                around = (*around, words)
            mentions = self._named(own, words)
            named = frozenset(word for mention in mentions for word in own.low[mention.first : mention.last])
            query = self.shelf.queries.read(own, around, named)
            if query.thin:
                around = tuple(_cut(words, other) for other in found if other is not clause and other.first < clause.first) or around
                query = self.shelf.queries.read(own, around, named)
            query = replace(query, places=self.shelf.queries.places(own.low, words.low[: clause.first], words.low))
            if single or not (query.thin and (clause.anaphoric or says_nothing(own.low))):
                told = words.low if single and len(words.low) <= _TOLD_WHOLE else own.low
                elsewhere = self._named(words, words) if query.thin else ()
                names = frozenset(word for mention in elsewhere for word in words.low[mention.first : mention.last])
                query = self.shelf.queries.exemplified(query, told, named | names)
            asks += _each_payer(_Ask(clause, query, around, mentions, own.low, words.low))
        return asks

    def _stated(self, clause: Clause, words: Words) -> list[Clause]:
        """The parts of "I am late and I forgot my card", of which "is that okay?" asks each; none where it states one thing."""
        for at in joints(words, clause):
            pieces = [replace(clause, last=at, asks=True), replace(clause, first=joined(words, at), asks=True)]
            if not any(self.shelf.queries.read(_cut(words, piece)).thin for piece in pieces):
                return pieces
        return []

    def _named(self, own: Words, words: Words) -> tuple[Mention, ...]:
        """Payers named in a clause; an unlisted one whose name is part of what is asked ("Apple Pay") is none."""
        found = self._book.mentions(own.low, words.low)
        if all(mention.payer for mention in found):
            return found
        taken = self._topics.read(own).taken
        return tuple(mention for mention in found if mention.payer or not taken.issuperset(range(mention.first, mention.last)))

    def _pieces(self, clause: Clause, words: Words) -> list[Clause]:
        """A clause that asks of two things ("do you have parking and an elevator"), as two, unless one article is about both."""
        if not clause.asks:
            return [clause]
        for at in joints(words, clause):
            before, after = replace(clause, last=at), replace(clause, first=joined(words, at))
            left, right = (self._particular(_cut(words, piece)) for piece in (before, after))
            apart = (left - right, right - left) if any(self._topics.all[topic].strict for topic in left ^ right) else (left, right)
            if all(apart) and (not left & right or apart != (left, right)) and not self.shelf.together(*apart):
                return [before, *self._pieces(replace(after, anaphoric=False), words)]
        return [clause]

    def _particular(self, words: Words) -> frozenset[str]:
        known = self._topics.all
        return frozenset(
            topic
            for topic in self._topics.read(words).topics
            if known[topic].kind == "subject" and not known[topic].general and not known[topic].free
        )

    def _answer(self, ask: _Ask, heard: Heard, asker: Asker, phrasing: Phrasing) -> Answer | None:
        if "wait_new" in ask.query.subjects and self._availability.stated:
            return self._soonest(ask, asker, phrasing)
        followed = self._followed(ask, asker, phrasing) if _follows(ask) and not ask.query.subjects else None
        article = followed or self._article(ask.query, asker, phrasing) or self._followed(ask, asker, phrasing)
        wanted = insurance.asked(ask.low)
        leans = (
            wanted.fields
            or wanted.mine
            or plans(ask.low).features
            or (ask.query.thin and not (ask.query.aspects | ask.query.details) and _PLAIN.isdisjoint(ask.low[:4]))
        )
        mentions = ask.mentions or (self._mentioned(ask, heard, asker, bool(wanted.fields)) if leans else ())
        subjects = {topic for topic in ask.query.subjects - _PAYER_TOPICS if not self._topics.all[topic].general}
        rules = bool(ask.mentions) and bool(wanted.fields & {"referral", "authorization"})
        if mentions and ask.query.guards & _NO_PAYER:
            return None
        if mentions and wanted.extent:
            # Only the insurer knows how much; but what the clinic has written of Medicare or Medicaid as such may say it.
            return article if (ask.query.subjects | ask.query.context) & PAYER_TOPICS else None
        if not mentions or (subjects and not rules and (article is not None or not ask.mentions)):
            return article
        if article is not None and not wanted.fields and not wanted.mine and ask.low[0] in _OPEN and not _follows(ask):
            return article  # "what does Medicare want signed?" is no question whether it is taken
        plan_words = ask.plan_words if ask.mentions or plans(ask.plan_words).features else (*ask.plan_words, *_plan_of(asker.topic))
        return insurance.answer(self._book, mentions, plan_words, wanted.fields, phrasing)

    def _followed(self, ask: _Ask, asker: Asker, phrasing: Phrasing) -> Answer | None:
        """ "And for my daughter?", "what about the other office?": about what was answered last, where the words alone say too little."""
        kind, _, name = (asker.topic or "").partition(":")
        if kind != "article" or ask.mentions or not (ask.query.thin or _follows(ask)):
            return None
        followed = self.shelf.following(ask.query, name)
        return self._article(followed, asker, phrasing) if followed is not None else None

    def _mentioned(self, ask: _Ask, heard: Heard, asker: Asker, later: bool) -> tuple[Mention, ...]:
        """Payers named before in the message (or after it, if `later`), else the one on record."""
        elsewhere = self._book.mentions(heard.words.low)
        elsewhere = tuple(mention for mention in elsewhere if mention.first < ask.clause.first) or (elsewhere if later else ())
        if elsewhere:
            return elsewhere
        kind, _, payer = (asker.topic or "").partition(":")
        if kind == "payer":
            return self._book.mentions(spell_out(payer.partition(":")[0]))
        return self._book.mentions(spell_out(f"{asker.carrier} {asker.plan or ''}")) if asker.carrier else ()

    def _article(self, query: Query, asker: Asker, phrasing: Phrasing, least: float = 0.0) -> Answer | None:
        found = self.shelf.find(query, self.usable(asker.today))
        if not found or found[0].score < max(least, self._threshold):
            return None
        best = found[0]
        alike = self.shelf.siblings(best, query, found)
        worded = phrasing.articles(alike)
        return Answer(f"article:{alike[0].id}", worded.text, worded.spoken, alike[0].source, alike[0].effective, best.score)

    def _soonest(self, ask: _Ask, asker: Asker, phrasing: Phrasing) -> Answer | None:
        words = frozenset(ask.low)
        stated = self._availability
        openings = stated.next_openings(asker.today, words)
        lead = stated.lead_time(words) if stated.fresh(asker.today) else None
        if "specific_slot" in ask.query.guards and not openings:
            return None
        worded = phrasing.openings(openings) if openings else phrasing.lead_time(lead) if lead else None
        if worded is None:
            article = self._article(ask.query, asker, phrasing)
            if article is not None:
                return article
            worded = phrasing.stale()
        source, since = ("openings", stated.openings_as_of or stated.as_of) if openings else ("clinic profile", stated.as_of)
        return Answer("availability", worded.text, worded.spoken, source, since, insurance.SURE)

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the articles, in order."""
        return tuple(article.id for article in self._given[0])

    def _usable_on(self, today: date) -> tuple[bool, ...]:
        return tuple(article.current(today) for article in self._given[0])

    @staticmethod
    def _add(parts: list[Part], part: Part, ask: _Ask) -> None:
        """One part per answer; a clause that says nothing of its own ("is that right") is no part beside another."""
        if part.answer is None:
            if not (parts and says_nothing(ask.low)):
                parts.append(part)
            return
        if parts and parts[-1].answer is None and ask.query.thin:
            parts.pop()
        if all(other.answer is None or other.answer.id != part.answer.id for other in parts):
            parts.append(part)


def _follows(ask: _Ask) -> bool:
    return ask.low[:2] in _FOLLOWS or ask.low[0] in _LEANING


def _plan_of(topic: str | None) -> tuple[str, ...]:
    """The plan of the payer answered last: "and do i need a referral?"."""
    kind, _, rest = (topic or "").partition(":")
    return spell_out(rest.partition(":")[2]) if kind == "payer" else ()


def _each_payer(ask: _Ask) -> list[_Ask]:
    """ "Do you take Aetna or Humana HMO": one ask per payer the clinic lists, each with the plan named after it."""
    listed = [mention for mention in ask.mentions if mention.payer]
    if len({mention.payer for mention in listed}) < 2 or len(listed) < len(ask.mentions):
        return [ask]
    ends = [mention.first for mention in listed[1:]] + [len(ask.low)]
    starts = [0] + [mention.first for mention in listed[1:]]
    begin = ask.clause.first
    return [
        replace(ask, clause=replace(ask.clause, first=begin + start, last=begin + end), mentions=(mention,), plan_words=ask.low[mention.first : end])
        for mention, start, end in zip(listed, starts, ends, strict=True)
    ]


def _cut(words: Words, clause: Clause) -> Words:
    return Words(
        words.low[clause.first : clause.last],
        words.starts[clause.first : clause.last],
        words.ends[clause.first : clause.last],
        (2, *words.breaks[clause.first + 1 : clause.last]),
        words.asked,
    )


def _neighbours(found: Sequence[Clause], index: int) -> list[Clause]:
    """The statements before a question back to the question before it, and those after it up to the next."""
    before = []
    for other in reversed(found[:index]):
        if other.asks:
            break
        before.append(other)
    after = []
    for other in found[index + 1 :]:
        if other.asks:
            break
        after.append(other)
    return [*reversed(before), *after]
