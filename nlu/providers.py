"""Who sends the patient: the provider, the practice and the specialty.

Accepts "Dr. Smith at the ortho center", "doctor nguyen n g u y e n", "Dana Moss PA-C", "Lee DPM", a bare name when the
provider was asked, "no referral" (`none`), two names nobody chose between (both). A known referral source is written the
way the clinic writes it. Values: `Dr. First Last`, `Dr. Last`, `First Last, NP`. Words: `lexicons/providers.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from nlu import payers, practices, specialties
from nlu.gazetteer import LEXICONS, Hit, PhraseIndex, PhraseSet, Word, index_at, lexicon, words, words_of
from nlu.lettering import person, place
from nlu.message import Message, fold
from nlu.name_words import FIRST, LAST, Kind, kind
from nlu.parse import Context, Reading
from nlu.repairs import settle
from nlu.vocabulary import ReferralSource, Vocabulary

PROVIDER = "referral.provider"

_TABLE = lexicon("providers")
_PIECE = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+|\n|[^\w\s]")
_TITLES = frozenset(_TABLE["titles"]) - {"md", "dc"}
_CREDENTIALS: PhraseIndex[str] = PhraseIndex((phrase, kind) for kind, phrases in _TABLE["credentials"].items() for phrase in phrases)
_STOP = frozenset(_TABLE["names"]["stop"])
_PARTICLES = frozenset(_TABLE["names"]["particles"])
_EVERYDAY = frozenset((LEXICONS / "everyday.txt").read_text(encoding="utf-8").split())
_RARE = 10**6
_BELONGINGS = frozenset({"office", "ofc", "pt", "pts", "patient", "patients", "clinic", "practice", "ma", "nurse", "assistant"})
"""Behind a name without an apostrophe: "dr hales office"."""
_NONE = PhraseSet(_TABLE["none"]["phrases"])
_NONE_ASKED = PhraseSet(_TABLE["none"]["asked"])
_NOT = {name: PhraseSet(phrases) for name, phrases in _TABLE["not_provider"].items()}
_LEAD = PhraseSet(_TABLE["bare"]["lead"])
_TAIL = PhraseSet(_TABLE["bare"]["tail"])
_PLACE = PhraseSet(_TABLE["bare"]["place"])


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider named in the message."""

    value: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A word with its hyphens and apostrophes, a number, or a sign."""

    text: str
    low: str
    start: int
    end: int


class ProviderReader:
    """Reads the three referral-source slots; built once per clinic."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._sources = vocabulary.sources
        self._surnames: dict[str, list[ReferralSource]] = {}
        for source in vocabulary.sources:
            self._surnames.setdefault((_bare_name(source.provider) or [""])[-1], []).append(source)
        self._aliases: PhraseIndex[ReferralSource] = PhraseIndex((alias, s) for s in vocabulary.sources for alias in (s.provider, *s.aliases))

    def read(self, message: Message, context: Context) -> list[Reading]:
        """At most one reading of each slot."""
        found = words(message)
        if not found:
            return []
        readings = []
        provider = self._provider(message, found, context)
        if provider is not None:
            readings.append(provider)
        practice = _practice(message, found, context) or self._practice_by_alias(message, found)
        if practice is None and provider is not None and (named := practices.behind(message, provider.end)):
            practice = Reading(practices.SLOT, named.name, message.text[named.start : named.end], named.start, named.end, 0.75)
        if practice is not None:
            readings.append(practice)
        trades = specialties.find(found)
        if trades:
            hit = _nearest(trades, provider)
            readings.append(Reading(specialties.SLOT, hit.entry, message.text[hit.start : hit.end], hit.start, hit.end, 0.85))
        return readings

    def spans(self, message: Message) -> list[tuple[int, int]]:
        """Where providers are named, whoever they are."""
        return [(p.start, p.end) for p in self._named(message)]

    def _provider(self, message: Message, found: Sequence[Word], context: Context) -> Reading | None:
        named = [p for p in self._named(message) if not _passed_over(found, p)]
        if named:
            settled = settle(named, message.low)
            kept = settled.kept or tuple(named)
            names = tuple(dict.fromkeys(p.value for p in kept))
            if settled.alternatives and len(names) > 1:
                return Reading(PROVIDER, names, message.text[kept[0].start : kept[-1].end], kept[0].start, kept[-1].end, 0.6, names)
            best = kept[-1] if settled.corrected else _sender(found, kept)
            return Reading(PROVIDER, best.value, message.text[best.start : best.end], best.start, best.end, best.confidence)
        none = _NONE.find(found)
        if (none and (context.asked or "").startswith("referral.")) or (none and "refer" in message.low):
            return Reading(PROVIDER, "none", message.text[none[0].start : none[0].end], none[0].start, none[0].end, 0.85)
        if context.asked != PROVIDER:
            return None
        if not context.confirming and _NONE_ASKED.covers(found):
            return Reading(PROVIDER, "none", message.text, 0, len(message.text), 0.7)
        return self._bare(message, found)

    def _named(self, message: Message) -> list[Provider]:
        out: list[Provider] = []
        for provider in _raw(message.text, message.low):
            if not out or provider.start >= out[-1].end:
                out.append(self._known(provider))
        return out or list(self._by_alias(message))[:1]

    def _by_alias(self, message: Message) -> Iterator[Provider]:
        """A known source by a name the clinic has listed for it."""
        for hit in self._aliases.find(words(message)):
            yield Provider(hit.entry.provider, hit.start, hit.end, 0.9)

    def _practice_by_alias(self, message: Message, found: Sequence[Word]) -> Reading | None:
        """A known practice by what callers call it ("the ortho center"), not by its provider's name."""
        for hit in self._aliases.find(found):
            if hit.entry.practice and not _fits(_bare_name(hit.entry.provider), [w.text for w in found[hit.first : hit.last]]):
                return Reading(practices.SLOT, hit.entry.practice, message.text[hit.start : hit.end], hit.start, hit.end, 0.9)
        return None

    def in_dense_text(self, message: Message, context: Context) -> list[Reading]:
        """An office's shorthand, patients' names masked: there a known source's family name alone is the source ("labrum repair Hale")."""
        readings = self.read(message, context)
        if any(r.slot == PROVIDER for r in readings):
            return readings
        for word in words(message):
            sources = self._surnames.get(word.text, ())
            if len(sources) == 1 and message.text[word.start].isupper() and kind(word.text) > Kind.WORD:
                return [*readings, Reading(PROVIDER, sources[0].provider, message.text[word.start : word.end], word.start, word.end, 0.6)]
        return readings

    def _known(self, provider: Provider) -> Provider:
        """The clinic's own spelling, when exactly one known source fits the name."""
        names = _bare_name(provider.value)
        fits = [s for s in self._sources if _fits(names, _bare_name(s.provider))]
        if len(fits) == 1:
            return Provider(fits[0].provider, provider.start, provider.end, 0.97)
        return provider

    def _bare(self, message: Message, found: Sequence[Word]) -> Reading | None:
        first, last = trim(found)
        while last - first > 1 and len(found[last - 1].text) == 1:
            last -= 1
        span = found[first:last]
        if not 1 <= len(span) <= 3 or any(w.text in _STOP or w.text.isdigit() for w in span) or "?" in message.text:
            return None
        if any(w.text in _EVERYDAY for w in span) and len(span) != 2:
            return None
        if first and found[first - 1].text in ("at", "over", "from", "en") and (first > 1 or practices.find(message)):
            return None
        if specialties.INDEX.get(" ".join(w.text for w in span)) is not None:
            return None
        start, end = span[0].start, span[-1].end
        known = self._known(Provider("Dr. " + person(message.text[start:end]), start, end, 0.8))
        return Reading(PROVIDER, known.value, message.text[start:end], start, end, known.confidence)


def _nearest(named: Sequence[Hit[str]], provider: Reading | None) -> Hit[str]:
    """The specialty beside the provider's name, else the first one said."""
    if provider is None or not provider.end:
        return named[0]
    beside = [h for h in named if 0 <= h.start - provider.end <= 6 or 0 <= provider.start - h.end <= 6]
    return (beside or list(named))[0]


@lru_cache(maxsize=64)
def _raw(text: str, low: str) -> tuple[Provider, ...]:
    """Everything in a message that could be a provider, before the clinic's own sources are asked."""
    pieces = [Piece(m.group(), fold(m.group()), *m.span()) for m in _PIECE.finditer(text)]
    found = words_of(low)
    hits = _CREDENTIALS.find(found)
    every = [*_titled(text, found, pieces), *_credentialed(text, hits, pieces), *_announced(text, hits, pieces)]
    return tuple(sorted(every, key=lambda p: (p.start, -p.end)))


def trim(found: Sequence[Word]) -> tuple[int, int]:
    """The words of an answer without what leads in and what trails off."""
    first, last = 0, len(found)
    while first < last and (taken := _LEAD.starts(found, first)):
        first += taken
    while last > first and (taken := _TAIL.ends(found, last)):
        last -= taken
    return first, max(first, last)


def _titled(text: str, found: Sequence[Word], pieces: Sequence[Piece]) -> Iterator[Provider]:
    """Such as "Dr. Alan Smith", "doctor haverford", "DR A HALE"."""
    low = [p.low for p in pieces]
    places = {p.start for p in practices.find(Message.of(text)) if p.known} if any(title in _TITLES for title in low) else set()
    for i, title in enumerate(low):
        if title not in _TITLES:
            continue
        at = i + 1
        if at < len(low) and low[at] == ".":
            at += 1
        last = _name_end(text, pieces, low, at)
        last = next((k for k in range(at + 1, last) if pieces[k].start in places), last)
        if last == at:
            continue
        start, end = pieces[i].start, pieces[last - 1].end
        trade, end = _credential_after(found, end)
        name = _spell(low, pieces, at, last)
        if (
            last < len(low)
            and low[last] in _BELONGINGS
            and low[last - 1].endswith("s")
            and LAST.get(low[last - 1][:-1], _RARE) < LAST.get(low[last - 1], _RARE)
        ):
            name = name[:-1]
        value = f"{name}, {trade}" if trade else f"Dr. {name}"
        yield Provider(value, start, end, 0.9)


def _name_end(text: str, pieces: Sequence[Piece], low: Sequence[str], at: int) -> int:
    """Where the name that begins at piece `at` ends; `at` itself when there is none."""
    last, taken = at, 0
    while last < len(low) and taken < 4:
        word = low[last]
        if not word[0].isalpha() or (len(word) > 1 and word in _STOP and word not in _PARTICLES):
            break
        if len(word) == 1:
            if word in ("i", "y") and pieces[last].text.islower() and low[last + 1 : last + 2] != ["."]:
                break  # "a telehealth doctor, I don't know"
            following = low[last + 1 : last + 3]
            dotted = following[:1] == ["."]
            after = following[1:2] if dotted else following[:1]
            if (taken and not dotted) or not after or not after[0][0].isalpha() or len(after[0]) == 1 or after[0] in _STOP:
                break
            taken += 1
            last += 2 if dotted else 1
            continue
        if "-" in word and all(len(part) == 1 for part in word.split("-")):
            break
        if word in _PARTICLES:
            if last + 1 >= len(low) or not low[last + 1][0].isalpha() or low[last + 1] in _STOP - _PARTICLES:
                break
        elif (taken and not _surname(text, pieces[last], word)) or _contracted(word) or (taken and _next_person(low, at, last)):
            break
        taken += 1
        last += 1
        if word.endswith("'s"):
            break
    return last


def _next_person(low: Sequence[str], at: int, last: int) -> bool:
    """Does another person's name begin here? "dr hale ann wu" is a family name and then two names."""
    return low[at] not in FIRST and low[last] in FIRST and last + 1 < len(low) and low[last + 1] in LAST


def _contracted(word: str) -> bool:
    """Is it a word with a contraction ("don't", "he's"), where "ramsey's" and "o'brien" are names?"""
    head, _, tail = word.partition("'")
    return tail in ("t", "re", "ve", "ll", "m", "d") or (tail == "s" and (head in _STOP or kind(head) <= Kind.WORD))


def _surname(text: str, piece: Piece, word: str) -> bool:
    """May this word follow a first name? Capitals say so; otherwise it must not be an everyday word."""
    if word in specialties.INDEX or _CREDENTIALS.get(word) is not None:
        return False
    written = piece.text
    if written[0].isupper() and not written.isupper():
        return word not in _STOP
    if not text.islower() and not text.isupper() and written.islower():
        return False
    return kind(word) > Kind.WORD


def _spell(low: Sequence[str], pieces: Sequence[Piece], at: int, last: int) -> str:
    parts = [p.text.removesuffix("'s") for p in pieces[at:last] if p.text != "."]
    return person(" ".join(f"{p.upper()}." if len(p) == 1 else p for p in parts))


def _credential_after(found: Sequence[Word], end: int) -> tuple[str, int]:
    """NP or PA behind the name, if any, and where it ends."""
    i = index_at(found, end)
    if i == len(found) or found[i].start - end > 3:
        return "", end
    hit = _CREDENTIALS.at(found, i)
    return (hit.entry, hit.end) if hit else ("", end)


def _credentialed(text: str, hits: Sequence[Hit[str]], pieces: Sequence[Piece]) -> Iterator[Provider]:
    """Such as "Carol Finch MD", "carol finch n p": a name right before the letters."""
    low = [p.low for p in pieces]
    for hit in hits:
        if hit.start == 0 or (not text[hit.start - 1].isspace() and text[hit.start - 1] not in ",(-"):
            continue
        i = index_at(pieces, hit.start)
        if text[hit.start : hit.end] == "do" and not (i and kind(low[i - 1]) is Kind.NAME and i + 1 == len(pieces)):
            continue  # "do you folks do aquatic therapy": the letters of an osteopath are capitals, or end the answer
        if i and low[i - 1] == ",":
            i -= 1
        first = i
        while first > 0 and i - first < 3 and _name_piece(text, pieces[first - 1]):
            first -= 1
        if first == i or low[first] in _TITLES or (first and low[first - 1] in _TITLES):
            continue
        if first > 1 and low[first - 1] == "." and len(low[first - 2]) == 1 and low[first - 2].isalpha():
            first -= 2
        name = _spell(low, pieces, first, i)
        yield Provider(f"{name}, {hit.entry}" if hit.entry else f"Dr. {name}", pieces[first].start, hit.end, 0.85)


def _announced(text: str, hits: Sequence[Hit[str]], pieces: Sequence[Piece]) -> Iterator[Provider]:
    """Such as "nurse practitioner Amy Chen", "a PA named Rick Dunn": the trade stands before the name."""
    low = [p.low for p in pieces]
    for hit in hits:
        if not hit.entry:
            continue
        at = index_at(pieces, hit.end)
        while at < len(pieces) and low[at] in ("named", "called", ",", "is", "name"):
            at += 1
        last = _name_end(text, pieces, low, at) if at < len(pieces) else at
        if last > at and _surname(text, pieces[at], low[at]):
            yield Provider(f"{_spell(low, pieces, at, last)}, {hit.entry}", hit.start, pieces[last - 1].end, 0.8)


def _name_piece(text: str, piece: Piece) -> bool:
    word = piece.low
    if not word[0].isalpha() or word in _STOP or word in specialties.INDEX or practices.is_trade(word):
        return False
    written = piece.text
    if text.islower() or text.isupper():
        return kind(word) > Kind.WORD and len(word) > 1
    return written[0].isupper()


def _passed_over(found: Sequence[Word], provider: Provider) -> bool:
    i = index_at(found, provider.start)
    return bool(_NOT["before"].ends(found, i))


def _sender(found: Sequence[Word], kept: Sequence[Provider]) -> Provider:
    """Of several, the one who sends the patient: not the one they merely work with."""
    standing = []
    for provider in kept:
        i = index_at(found, provider.start)
        if not _NOT["relayed"].ends(found, i) and not _NOT["speaking"].ends(found, i):
            standing.append(provider)
    return (standing or list(kept))[0]


def _bare_name(value: str) -> list[str]:
    return re.sub(r"^dr\.? |,.*$", "", fold(value)).replace(".", "").split()


def _fits(said: Sequence[str], known: Sequence[str]) -> bool:
    if not said or not known or fuzz.ratio(said[-1], known[-1]) < (100 if len(said) == 1 else 84):
        return False
    return len(said) == 1 or len(known) == 1 or (said[0][0] == known[0][0] and (len(said[0]) == 1 or fuzz.ratio(said[0], known[0]) >= 70))


def _practice(message: Message, found: Sequence[Word], context: Context) -> Reading | None:
    asked = context.asked == practices.SLOT
    insurance = (context.asked or "").startswith("insurance.")
    for practice in practices.find(message):
        if (practice.known or insurance) and not asked and not practices.anchored(message, practice, insurance):
            continue
        if context.asked == specialties.SLOT and not practice.known and practice.end - practice.start >= len(message.text.strip(" .!")):
            continue  # "OT/occupational health": the whole answer names a trade
        return Reading(practices.SLOT, practice.name, message.text[practice.start : practice.end], practice.start, practice.end, 0.85)
    if not asked or context.confirming or "?" in message.text or payers.covers(message.low, found):
        return None
    first, last = trim(found)
    for i in range(first + 1, last):
        if _PLACE.starts(found, i):
            last = i
            break
    span = found[first:last]
    if any(w.text in _TITLES for w in span):
        return None
    if (
        not 1 <= len(span) <= 5
        or all(w.text in _EVERYDAY or w.text in _STOP for w in span)
        or any(w.text in ("i", "don", "t", "dont", "not", "you") for w in span)
    ):
        return None
    start, end = span[0].start, span[-1].end
    return Reading(practices.SLOT, place(message.text[start:end]), message.text[start:end], start, end, 0.6)
