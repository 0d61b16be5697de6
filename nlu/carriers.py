"""Who pays: the insurance carrier and the plan.

Accepts a payer of the clinic's table or of a general list of US payers, by name, alias, misspelling or what speech
recognition makes of it; "self pay" and "no insurance" (`Self-pay`); "workers comp" and car insurers with their claims;
secondary cover ("Medicare and the AARP one"), which goes into the plan. A carrier that is only an employer ("a nurse at
Kaiser"), was replaced ("not Blue Cross") or has lapsed is not taken. Words: `lexicons/carriers.csv`, `lexicons/carriers.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from nlu import practices
from nlu.gazetteer import Hit, PhraseIndex, PhraseSet, Word, index_at, lexicon, words
from nlu.message import Message
from nlu.name_words import LEXICON as NAME_LEXICON
from nlu.name_words import Kind, kind
from nlu.parse import Context, Reading
from nlu.payers import Carrier, phrases
from nlu.repairs import settle, words_pattern
from nlu.vocabulary import Vocabulary

CARRIER = "insurance.carrier"
PLAN = "insurance.plan"
MEMBER_ID = "insurance.member_id"
SELF_PAY = "Self-pay"

_TABLE = lexicon("carriers")
_WORDS = {name: PhraseSet(phrases) for name, phrases in _TABLE["words"].items()}
_PLANS: PhraseIndex[str] = PhraseIndex((phrase, name) for name, phrases in _TABLE["plans"].items() for phrase in phrases)
_NONE = PhraseSet(_TABLE["none"]["phrases"])
_NOT_AFTER = PhraseSet(_TABLE["none"]["not_after"])
_PRICED = PhraseSet(_TABLE["none"]["priced"])
_NONE_ASKED = PhraseSet(_TABLE["none"]["asked"])

_LIABLE = frozenset({"workcomp_carrier", "casualty", "auto"})
"""Kinds that pay for an injury at work or on the road."""
_PUBLIC = frozenset({"medicare", "medicaid"})
_SELLING = frozenset({"commercial", "blue", "managed_medicaid", "advantage", "clinic"})
"""Kinds that sell Medicare and Medicaid plans of their own."""
_AFTER_INSURER = {
    "medicare": "Medicare Advantage",
    "medicaid": "Medicaid",
    "ma": "Medicare Advantage",
    "senior": "Medicare Advantage",
    "medi": "Medi-Cal",
}
_JOINTS = frozenset({"and", "y", "but", "so", "through", "thru", "from"})
_NAMES_ASKED = frozenset({"patient.name", "caller.name", "patient.email"})
"""Slots whose answers hold names and domains: there a payer needs an insurance word."""
_JOINED = re.compile(r"\b(?:and|plus|with|w|also|both|secondary|second|2nd|2ndary|sec|supp\w*|then|y|con|tambien)\b|[+&/]")
"""What stands between or behind two payers that both pay."""
_MINE = re.compile(r"\b(?:i'?m|i am) (?:on|with|covered by)\s*$|\b(?:i have|i'?ve got|mine(?: is|'s)?|mine,?|i got|yo tengo|el mio es)\s*$")
_THEIRS = re.compile(
    r"\b(?:my|our|mi)\s+"
    + words_pattern(NAME_LEXICON["words"]["relations"].split())
    + r"(?:'s)?\s+(?:is\s+|has\s+|has got\s+|got\s+|tiene\s+|esta\s+)?(?:on\s+|with\s+|con\s+|en\s+)?$"
)
"""Right before a payer: one's own cover, and a relative's."""
_SENTENCE = re.compile(r"[.?!;\n]|\s-\s")
_SEARCHED = 40
"""Words searched for misspellings: further on, nobody answers any more."""
_BESIDE = 12
"""Characters between a payer and the plan beside it, a word of the person included."""
_METALS = frozenset({"Bronze", "Silver", "Gold", "Platinum"})
_TENS = {"sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_MARKS = frozenset(".,;|()/:\n-")
_GENERIC = frozenset(_TABLE["words"]["generic"])
_CLOSE, _STRICT = 80.0, 90.0
"""Least similarity (rapidfuzz ratio, 0 to 100) of a misspelled alias, and of one made of everyday words; 6 more unless asked."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A carrier named in the message."""

    carrier: Carrier
    first: int
    last: int
    start: int
    end: int
    confidence: float


class CarrierReader:
    """Reads `insurance.carrier` and `insurance.plan`; built once per clinic."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._index: PhraseIndex[Carrier] = PhraseIndex(phrases(vocabulary))
        self._close = {key.replace(" ", ""): carrier for key, (carrier, weak) in self._index.keys().items() if len(key) >= 5 and not weak}
        self._keys = tuple(self._close)

    def read(self, message: Message, context: Context) -> list[Reading]:
        """At most one reading of each slot; a tuple of names where the speaker did not settle."""
        found = words(message)
        if not found:
            return []
        mentions = [m for m in self._mentions(message, found, context) if not _rejected(message, found, m)]
        return self._settled(message, found, mentions, context, (context.asked or "").startswith("insurance."))

    def in_dense_text(self, message: Message, context: Context) -> list[Reading]:
        """An office's shorthand: abbreviations count without a cue, misspellings do not."""
        found = words(message)
        mentions = [
            m
            for m in self._dense(message)
            if not _WORDS["rejected_before"].ends(found, m.first) and not _WORDS["rejected_after"].starts(found, m.last)
        ]
        return self._settled(message, found, mentions, context, False)

    def spans(self, message: Message) -> list[tuple[int, int]]:
        """Where carriers and plans are named in an office's text, rejected ones too."""
        found = words(message)
        mentions = self._dense(message)
        plans = _plans(found, False, mentions)
        return [*((m.start, m.end) for m in mentions), *((p.start, p.end) for p in plans)]

    def _dense(self, message: Message) -> list[Mention]:
        found = words(message)
        return _replacements(found, [_mention(hit, 0.9) for hit in self._index.find(found) if not hit.weak or _written_as_payer(message, found, hit)])

    def _mentions(self, message: Message, found: Sequence[Word], context: Context) -> list[Mention]:
        asked = (context.asked or "").startswith("insurance.")
        apart = context.asked is None
        meant = (h for h in self._index.find(found) if not h.weak or asked or _spoken_of(message, found, h) or (apart and _alone(message, h)))
        mentions = [_mention(hit, 0.95) for hit in meant]
        named: set[int] = set()
        if context.asked == PLAN:
            named = {i for hit in _PLANS.find(found) for i in range(hit.first, hit.last)}
            mentions = [m for m in mentions if not named.issuperset(range(m.first, m.last))]
        if context.asked in _NAMES_ASKED:
            mentions = [m for m in mentions if _cued(found, m) or _WORDS["having"].ends(found, m.first) or _alone(message, m)]
        if (context.asked or "").startswith("referral."):
            places = [p for p in practices.find(message) if p.known or context.asked == practices.SLOT]
            within = {m: any(p.start <= m.start and m.end < p.end for p in places if not p.known) for m in mentions}
            mentions = [m for m in mentions if not within[m] and (not any(p.start <= m.start < p.end for p in places) or _cued(found, m))]
        if context.asked == PLAN and named:
            return mentions
        if not mentions and (context.asked in (CARRIER, PLAN) or any(_WORDS["insurance"].starts(found, i) for i in range(len(found)))):
            mentions = list(self._approximate(found, context.asked == CARRIER))
        return _replacements(found, mentions)

    def _approximate(self, found: Sequence[Word], asked: bool) -> Iterator[Mention]:
        """The best misspelling of an alias among stretches of one to three words, if one is close enough."""
        found = found[:_SEARCHED]
        best: tuple[float, str, int, int] | None = None
        for size in (1, 2, 3):
            for i in range(len(found) - size + 1):
                stretch = found[i : i + size]
                strange = any(kind(w.text) in (Kind.UNKNOWN, Kind.NAME, Kind.DOUBTFUL) and w.text not in _GENERIC for w in stretch)
                joined = "".join(w.text for w in stretch)
                if len(joined) < 5 or (size == 1 and not strange) or not all(w.joined for w in stretch[1:]) or stretch[0].text in _GENERIC:
                    continue
                cutoff = (_CLOSE + 3 * (size - 1) if strange else _STRICT) + (0 if asked else 6)
                match = process.extractOne(joined, self._keys, scorer=fuzz.ratio, score_cutoff=cutoff)
                if match is not None and (best is None or match[1] > best[0]):
                    best = (match[1], match[0], i, i + size)
        if best is not None:
            yield Mention(self._close[best[1]], best[2], best[3], found[best[2]].start, found[best[3] - 1].end, round(best[0] / 125, 2))

    def _settled(self, message: Message, found: Sequence[Word], mentions: list[Mention], context: Context, asked: bool) -> list[Reading]:
        """Carrier and plan of the mentions still standing."""
        nobody = [hit for hit in _NONE.find(found) if not _NOT_AFTER.starts(found, hit.last) and not (not asked and _prices(message, found, hit))]
        if nobody:
            return [Reading(CARRIER, SELF_PAY, message.text[nobody[0].start : nobody[0].end], nobody[0].start, nobody[0].end, 0.95)]
        if context.asked == CARRIER and not mentions and not context.confirming and _NONE_ASKED.covers(found):
            return [Reading(CARRIER, SELF_PAY, message.text, 0, len(message.text), 0.7)]
        mentions = _own(message, mentions)
        settled = settle(mentions, message.low)
        kept = list(settled.kept) or mentions
        chosen: Mention | None = None
        superseded = False
        readings = []
        names = tuple(dict.fromkeys(m.carrier.name for m in kept))
        if settled.alternatives and len(names) > 1:
            readings.append(Reading(CARRIER, names, message.text[kept[0].start : kept[-1].end], kept[0].start, kept[-1].end, 0.6, names))
        elif kept:
            superseded = settled.corrected or _superseded(message, found, kept)
            chosen = kept[-1] if superseded else _primary(kept)
            if context.asked != MEMBER_ID or chosen.carrier.kind != "workcomp":
                readings.append(
                    Reading(CARRIER, chosen.carrier.name, message.text[chosen.start : chosen.end], chosen.start, chosen.end, chosen.confidence)
                )
        if chosen is not None and context.asked == PLAN and _is_backup(found, chosen, context):
            said = message.text[chosen.start : chosen.end]
            own = "".join(f" {hit.entry}" for hit in _plans(found, asked, kept))
            return [Reading(PLAN, f"{_written_second(chosen.carrier, said)}{own} secondary", said, chosen.start, chosen.end, 0.8)]
        others = [m for m in kept if chosen is not None and not superseded and _second(message, m, chosen)]
        if context.asked == PLAN and chosen is not None and chosen.carrier.kind == "supplement":
            return [Reading(PLAN, f"{chosen.carrier.name} supplement", readings[0].raw, chosen.start, chosen.end, 0.85)]
        plans = _plans(found, asked, kept)
        if settled.corrected and chosen is not None:
            plans = [p for p in plans if p.start >= chosen.start]  # "auto? no, Aetna": the plan of what was taken back goes with it
        plan = _plan(message, found, plans, kept, chosen, others)
        if plan is not None and context.asked == PLAN and chosen is not None and chosen.carrier.kind in _PUBLIC and not others:
            readings = []  # "Medicare Advantage HMO" names the plan; the carrier was asked before
        return [*readings, *([plan] if plan else [])]


def _mention(hit: Hit[Carrier], confidence: float) -> Mention:
    return Mention(hit.entry, hit.first, hit.last, hit.start, hit.end, 0.75 if hit.weak else confidence)


def _written_as_payer(message: Message, found: Sequence[Word], hit: Hit[Carrier]) -> bool:
    """A weak alias in shorthand: before a plan or a number, or behind an insurance word."""
    if _WORDS["insurance"].ends(found, hit.first) or (hit.last < len(found) and found[hit.last].joined and bool(_PLANS.at(found, hit.last))):
        return True
    if _WORDS["labels"].starts(found, hit.last) or (hit.entry.kind in _LIABLE and message.text[hit.start].isupper() and _liable_text(found)):
        return True
    if _alone(message, hit) or (hit.last < len(found) and found[hit.last].joined and found[hit.last].text in _AFTER_INSURER):
        return True
    return hit.last < len(found) and found[hit.last].joined and any(c.isdigit() for c in found[hit.last].text) and len(found[hit.last].text) > 5


def _liable_text(found: Sequence[Word]) -> bool:
    """Does the message speak of an injury at work or on the road?"""
    return bool(_WORDS["work"].find(found) or _WORDS["auto"].find(found))


def _alone(message: Message, hit: Hit[Carrier] | Mention) -> bool:
    """Between marks: "614-555-0175. Oscar." """
    before, after = message.text[: hit.start].rstrip(), message.text[hit.end :].lstrip()
    return bool(before) and before[-1] in _MARKS and (not after or after[0] in _MARKS)


def _spoken_of(message: Message, found: Sequence[Word], hit: Hit[Carrier]) -> bool:
    """A weak alias in a sentence: an insurance word near it, or "i have united" and no more."""
    if _WORDS["verbs"].ends(found, hit.first):
        return False
    if _WORDS["insurance"].near(found, hit.first, hit.last, 4):
        return True
    closed = hit.last == len(found) or not message.text[hit.end : found[hit.last].start].isspace() or found[hit.last].text in _JOINTS
    return closed and bool(_WORDS["having"].ends(found, hit.first))


def _superseded(message: Message, found: Sequence[Word], kept: Sequence[Mention]) -> bool:
    """Does the later one hold, as in "it was Blue Shield, now it's Cigna"?"""
    if len(kept) < 2:
        return False
    return any(_WORDS["now"].starts(found, i) for i in range(kept[0].last, kept[-1].first + 1)) or bool(_WORDS["now"].starts(found, kept[-1].last))


def _second(message: Message, mention: Mention, chosen: Mention) -> bool:
    """Another payer beside the first ("Medicare and AARP"), not another word for the same one."""
    if mention.carrier.name == chosen.carrier.name:
        return False
    between = message.low[min(mention.end, chosen.end) : max(mention.start, chosen.start)]
    public = {mention.carrier.kind, chosen.carrier.kind} & {"supplement", "medicare", "medicaid"}
    if not public and not _JOINED.search(between) and not _JOINED.match(message.low[mention.end : mention.end + 12].lstrip()):
        return False
    return mention.carrier.kind != chosen.carrier.kind or mention.carrier.kind not in ("blue", "workcomp")


def _written_second(carrier: Carrier, said: str) -> str:
    """A Blue plan that pays second goes by its initials: which company of the name it is, its card tells."""
    if carrier.kind != "blue":
        return carrier.name
    return said.upper() if " " not in said and said.lower().startswith("bc") else "BCBS" if " of " not in carrier.name else carrier.name


def _own(message: Message, mentions: list[Mention]) -> list[Mention]:
    """ "My husband's on Medicare and I'm on Aetna": beside one's own, a relative's cover is left out."""
    if len(mentions) < 2 or not any(_MINE.search(message.low[: m.start]) for m in mentions):
        return mentions
    return [m for m in mentions if not _THEIRS.search(message.low[: m.start])] or mentions


def _prices(message: Message, found: Sequence[Word], hit: Hit[str]) -> bool:
    """Is only the price asked ("what's the self pay rate") and nothing said of the asker's own cover?"""
    mark = _SENTENCE.search(message.text, hit.end)
    begin = max((m.end() for m in _SENTENCE.finditer(message.text, 0, hit.start)), default=0)
    asks = (mark is not None and mark.group() == "?") or bool(_WORDS["asking"].starts(found, index_at(found, begin)))
    return asks and " ".join(w.text for w in found[hit.first : hit.last]) in _PRICED


def _is_backup(found: Sequence[Word], chosen: Mention, context: Context) -> bool:
    """Such as "then Blue Cross second", with Medicare on record: another payer behind the first."""
    known = context.known.get(CARRIER)
    return isinstance(known, str) and known != chosen.carrier.name and bool(_WORDS["backup"].find(found))


def _cued(found: Sequence[Word], mention: Mention) -> bool:
    return _WORDS["insurance"].near(found, mention.first, mention.last, 4)


def _rejected(message: Message, found: Sequence[Word], mention: Mention) -> bool:
    """Somebody's employer, a lapsed cover, or "not Blue Cross"."""
    if mention.first and not message.text[found[mention.first - 1].end : mention.start].isspace():
        before = False
    else:
        before = any(
            (taken := _WORDS[name].ends(found, mention.first)) and "," not in message.text[found[mention.first - taken].start : mention.start]
            for name in ("not_cover_before", "rejected_before")
        )
    return before or bool(_WORDS["rejected_after"].starts(found, mention.last))


def _replacements(found: Sequence[Word], mentions: list[Mention]) -> list[Mention]:
    """Beside a named insurer, "Medicare" or "Medicaid" is the kind of plan and no second payer."""
    if len({m.carrier.name for m in mentions}) < 2:
        return mentions
    return [m for m in mentions if m.carrier.kind not in _PUBLIC or not _is_plan(found, m, mentions)]


def _is_plan(found: Sequence[Word], mention: Mention, mentions: Sequence[Mention]) -> bool:
    hit = _PLANS.at(found, mention.first)
    if hit is not None and hit.last > mention.last:
        return True
    return any(m.last == mention.first and found[mention.first].joined and m.carrier.kind in _SELLING for m in mentions)


def _primary(kept: Sequence[Mention]) -> Mention:
    """Medicare pays first beside a supplement or Medicaid; otherwise the first one said."""
    managed = [m for m in kept if m.carrier.kind == "managed_medicaid"]
    if managed and any(m.carrier.kind == "medicaid" for m in kept) and not any(m.carrier.kind == "medicare" for m in kept):
        return managed[0]
    if any(m.carrier.kind == "county" for m in kept) and (state := [m for m in kept if m.carrier.kind == "medicaid"]):
        return state[0]
    medicare = [m for m in kept if m.carrier.kind == "medicare"]
    insurers = [m for m in kept if m.carrier.kind in _LIABLE]
    if any(m.carrier.kind == "workcomp" for m in kept) and insurers:
        return insurers[0]
    return medicare[0] if medicare else kept[0]


def _plans(found: Sequence[Word], asked: bool, mentions: Sequence[Mention]) -> list[Hit[str]]:
    hits = []
    for hit in _PLANS.find(found):
        if _WORDS["denying"].ends(found, hit.first):
            continue
        beside = any(hit.first - m.last <= 1 and m.first - hit.last <= 1 and max(hit.start - m.end, m.start - hit.end) <= _BESIDE for m in mentions)
        if hit.weak and any(m.first <= hit.first and hit.last < m.last for m in mentions):
            continue  # "Select" of "SelectHealth"
        if not hit.weak or asked or beside:
            hits.append(hit)
    return hits


def _tier(found: Sequence[Word], hit: Hit[str]) -> str:
    """The number of a marketplace plan: "silver seventy" is Silver 70."""
    if hit.entry not in _METALS or hit.last == len(found) or not found[hit.last].joined:
        return ""
    number = _TENS.get(found[hit.last].text, found[hit.last].text)
    return f" {number}" if number.isdigit() and len(number) == 2 else ""


def _public_plan(found: Sequence[Word], mentions: Sequence[Mention]) -> list[str]:
    """What the public program behind an insurer's name says: "Humana Medicare" is a Medicare Advantage plan."""
    insurers = [m for m in mentions if m.carrier.kind in _SELLING and m.last < len(found) and found[m.last].joined]
    own = [found[m.last - 1].text for m in mentions if m.carrier.kind in _SELLING and m.last - m.first > 1]
    return [_AFTER_INSURER[word] for word in (*(found[m.last].text for m in insurers), *own) if word in _AFTER_INSURER]


def _plan(
    message: Message, found: Sequence[Word], plans: Sequence[Hit[str]], mentions: Sequence[Mention], chosen: Mention | None, others: Sequence[Mention]
) -> Reading | None:
    """The kind of plan, the secondary cover, or whose claim it is."""
    names = list(dict.fromkeys([*(hit.entry + _tier(found, hit) for hit in plans), *_public_plan(found, mentions)]))
    start, end = min((hit.start for hit in plans), default=0), max((hit.end for hit in plans), default=0)
    if others:
        other = others[0]
        said = message.text[other.start : other.end]
        name = _written_second(other.carrier, said)
        own = [hit.entry for hit in plans if 0 <= hit.first - other.last <= 1]
        if chosen is not None and {chosen.carrier.kind, other.carrier.kind} in ({"managed_medicaid", "medicaid"}, {"county", "medicaid"}):
            return Reading(PLAN, name, said, other.start, other.end, 0.85)
        own += [hit.entry for hit in plans if hit.entry.endswith("supplement") and hit.entry not in own]
        if own and own[-1].endswith("supplement"):
            return Reading(PLAN, f"{name} {own[-1]}", said, other.start, other.end, 0.85)
        names = [name, *own, "supplement" if other.carrier.kind == "supplement" else "secondary"]
        start, end = other.start, other.end
    liable = chosen.carrier.kind if chosen is not None else ""
    if liable in ("workcomp", "workcomp_carrier"):
        names = ["Workers' Compensation"]
    elif liable in ("auto", "casualty"):
        works = any(_WORDS["work"].starts(found, i) for i in range(len(found)))
        names = ["Workers' Compensation" if works else "Auto"]
    if not names:
        return None
    if not end and chosen is not None:
        start, end = chosen.start, chosen.end
    return Reading(PLAN, " ".join(names), message.text[start:end], start, end, 0.85)
