"""Who sends the patient: the provider, the practice and the specialty.

Accepts "Dr. Smith at the ortho center", "doctor nguyen n g u y e n", "Dana Moss PA-C", "Lee DPM", a bare name when the
provider was asked, "no referral" (`none`), two names nobody chose between (both). A known referral source is written the
way the clinic writes it. Values: `Dr. First Last`, `Dr. Last`, `First Last, NP`. Words: `lexicons/providers.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from nlu import payers, practices, specialties
from nlu.gazetteer import LEXICONS, Hit, PhraseIndex, PhraseSet, Word, index_at, lexicon, words
from nlu.lettering import person, place
from nlu.message import Message, fold
from nlu.name_words import Kind, kind
from nlu.parse import Context, Reading
from nlu.provider_names import STOP, TITLES, Provider, candidates
from nlu.repairs import settle
from nlu.vocabulary import ReferralSource, Vocabulary

PROVIDER = "referral.provider"

_TABLE = lexicon("providers")
_EVERYDAY = frozenset((LEXICONS / "everyday.txt").read_text(encoding="utf-8").split())
_NONE = PhraseSet(_TABLE["none"]["phrases"])
_NONE_ASKED = PhraseSet(_TABLE["none"]["asked"])
_NOT = {name: PhraseSet(phrases) for name, phrases in _TABLE["not_provider"].items()}
_LEAD = PhraseSet(_TABLE["bare"]["lead"])
_TAIL = PhraseSet(_TABLE["bare"]["tail"])
_PLACE = PhraseSet(_TABLE["bare"]["place"])


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
        for provider in candidates(message.text, message.low):
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
        if not 1 <= len(span) <= 3 or any(w.text in STOP or w.text.isdigit() for w in span) or "?" in message.text:
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


def trim(found: Sequence[Word]) -> tuple[int, int]:
    """The words of an answer without what leads in and what trails off."""
    first, last = 0, len(found)
    while first < last and (taken := _LEAD.starts(found, first)):
        first += taken
    while last > first and (taken := _TAIL.ends(found, last)):
        last -= taken
    return first, max(first, last)


def _passed_over(found: Sequence[Word], provider: Provider) -> bool:
    i = index_at(found, provider.start)
    return bool(_NOT["before"].ends(found, i))


def _sender(found: Sequence[Word], kept: Sequence[Provider]) -> Provider:
    """Of several, the one who sends the patient: not the one they merely work with."""
    standing = []
    for provider in kept:
        i = index_at(found, provider.start)
        if _NOT["now"].ends(found, i):
            return provider
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
    if any(w.text in TITLES for w in span):
        return None
    if (
        not 1 <= len(span) <= 5
        or all(w.text in _EVERYDAY or w.text in STOP for w in span)
        or any(w.text in ("i", "don", "t", "dont", "not", "you") for w in span)
    ):
        return None
    start, end = span[0].start, span[-1].end
    return Reading(practices.SLOT, place(message.text[start:end]), message.text[start:end], start, end, 0.6)
