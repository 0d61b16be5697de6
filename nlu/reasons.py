"""Why somebody comes, and the part of the body it is about, in lay and clinical words.

`referral.reason` is close to what was said, without politeness, orders and frequency ("eval & tx 2x/wk"); an ICD-10 code, the
side and a surgery date stay in it. `referral.body_part` is one of a closed list. A body part alone ("my shoulder") is no
reason unless the reason was asked. Words: `lexicons/conditions.toml`, `lexicons/reasons.toml`, `lexicons/body_parts.toml`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu import body_parts, icd10, practices, specialties
from nlu.gazetteer import Hit, PhraseIndex, PhraseSet, Word, key_of, lexicon, words
from nlu.message import Message
from nlu.name_words import LEXICON as NAME_LEXICON
from nlu.parse import Context, Reading

REASON = "referral.reason"

_LEXICON = lexicon("conditions")
_CONDITIONS: PhraseIndex[str] = PhraseIndex(
    [
        *((phrase, part) for part, phrases in _LEXICON["conditions"].items() for phrase in phrases),
        *(("~" + phrase, part) for part, phrases in _LEXICON["defaults"].items() for phrase in phrases),
    ]
)
"""Weak ones name the part only when nothing else in the message does."""
_ROOTS = {"low back": frozenset({"hip", "thigh", "knee", "lower leg", "ankle", "foot"}), "neck": frozenset({"shoulder", "elbow", "wrist", "hand"})}
_BELOW = {
    **_ROOTS,
    "hip": frozenset({"thigh", "knee", "lower leg", "ankle", "foot"}),
    "knee": frozenset({"thigh", "lower leg", "ankle", "foot"}),
    "ankle": frozenset({"foot"}),
    "shoulder": frozenset({"elbow", "wrist", "hand"}),
    "elbow": frozenset({"wrist", "hand"}),
    "wrist": frozenset({"hand"}),
}
"""What is sore or swollen further down the limb after an operation."""
_NEIGHBOURS = (
    frozenset({"wrist", "hand"}),
    frozenset({"ankle", "foot"}),
    frozenset({"thigh", "hip"}),
    frozenset({"lower leg", "ankle"}),
    frozenset({"knee", "lower leg"}),
)
_BALANCE = "balance/vestibular"
_SOFT = frozenset(key_of(phrase) for phrase in _LEXICON["words"]["soft"])
_RADIATES = PhraseSet(_LEXICON["words"]["radiates"])
_TABLE = lexicon("reasons")
_RELATIONS = NAME_LEXICON["words"]["relations"].split()
_FOR_WHOM = [f"{lead} {whose}{relation}" for relation in _RELATIONS for lead in _TABLE["whose"] for whose in ("", "my ", "our ", "mi ")]
_LEAD = PhraseSet([*_TABLE["lead"], *_FOR_WHOM, *_RELATIONS, *(f"my {relation}" for relation in _RELATIONS)])
_TAIL, _NOT_REASON, _OTHER = (PhraseSet(_TABLE[name]) for name in ("tail", "not_reason", "other"))
ORDERS = re.compile(_TABLE["orders"], re.IGNORECASE)
_OFFICE_LEAD, _CLINICAL = PhraseSet(_TABLE["office_lead"]), PhraseSet(_TABLE["clinical"])
_BECAUSE = PhraseSet(_TABLE["because"])
_TRUNCATIONS: dict[str, str] = _TABLE["truncations"]
_TRUNCATED = re.compile(r"\b(?:" + "|".join(_TRUNCATIONS) + r")\b\.?", re.IGNORECASE)
_ICD = re.compile(r"\b[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}\b|\b[MSGRN]\d\d[0-9]{0,3}\b", re.IGNORECASE)
_OPENS = PhraseSet(_TABLE["opens"])
_SPARE = re.compile(
    r"(?<![\w'])(?:" + "|".join(map(re.escape, sorted(_TABLE["spare"], key=len, reverse=True))) + r")(?![\w'])|'s(?= been\b)", re.IGNORECASE
)
_REWORDINGS = [(re.compile(pattern, re.IGNORECASE), wording) for pattern, wording in _TABLE["rewordings"]]
_OPERATIONS, _DIAGNOSES = PhraseSet(_TABLE["operations"]), PhraseSet(_TABLE["diagnoses"])
_LETTERS = re.compile(r"(?<![\w'])(?:[a-z] ){2,3}[a-z](?![\w'])")
"""An abbreviation as it is heard: "m c l"."""
_PARTING = re.compile(r"[,;&+/.|\n]|\b(?:and|y|w|with|plus|also|n)\b")
_CLAUSE = re.compile(r"[\n;!?]|[.,]\s|\s[-/]\s|\|")


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the message between two breaks."""

    first: int
    last: int
    part: str | None
    """Body part its words imply."""
    complaint: bool
    """Says what is wrong, not only where."""
    told: bool = True
    """Names a complaint or a place on the body at all."""


def read(message: Message, context: Context) -> list[Reading]:
    """At most one reading of each slot."""
    found = words(message)
    if not found:
        return []
    taken = [(p.start, p.end) for p in practices.find(message)] + [(h.start, h.end) for h in specialties.find(found)]
    parts = [h for h in body_parts.find(found, asked=context.asked == body_parts.SLOT) if not _inside(h, taken)]
    conditions = [h for h in _complaints(message, found) if not _inside(h, taken)]
    if context.asked == REASON:
        conditions += _by_letters(message, found, conditions)
    readings: list[Reading] = []
    if parts or conditions or context.asked == REASON:
        reason = _reason(message, found, _clauses(message, found, parts, conditions), context)
        if reason is not None:
            readings.append(reason)
    part = body_part(message, found, parts, conditions)
    if part is not None:
        hits = sorted([*parts, *conditions], key=lambda h: h.start)
        readings.append(Reading(body_parts.SLOT, part, message.text[hits[0].start : hits[-1].end], hits[0].start, hits[-1].end, 0.9))
    return readings


def spans(found: Sequence[Word]) -> list[tuple[int, int]]:
    """Where complaints and body parts are named: no name is there."""
    return [(h.start, h.end) for h in (*_CONDITIONS.find(found), *body_parts.INDEX.find(found))]


def complains(message: Message) -> bool:
    """Does it say what is wrong with somebody?"""
    found = words(message)
    return bool(found) and any(c.complaint for c in _clauses(message, found, body_parts.find(found), _complaints(message, found)))


def abbreviations(found: Sequence[Word]) -> set[str]:
    """Clinical shorthand used: words no patient writes of themself."""
    return {h.entry for h in _CLINICAL.find(found)}


def in_dense_text(message: Message, segment: Message) -> list[Reading]:
    """An office's shorthand. What is no complaint is masked in `message`; `segment` is the same text unmasked."""
    found = words(message)
    if not found:
        return []
    taken = [(h.start, h.end) for h in specialties.find(found)]
    parts = [h for h in body_parts.find(found, dense=True) if not _inside(h, taken)]
    conditions = [h for h in _complaints(message, found) if not _inside(h, taken)]
    clauses = _clauses(message, found, parts, conditions)
    chosen = [c for c in clauses if c.complaint]
    chosen = chosen or [c for c in clauses if c.part]
    texts, bounds = [], []
    for clause in chosen:
        first, last = _trimmed(found, clause.first, clause.last, _OFFICE_LEAD)
        if first < last:
            start, end = found[first].start, found[last - 1].end
            text = " ".join(ORDERS.sub(" ", message.text[start:end]).split()).strip(" ,.-/&+")
            text = _TRUNCATED.sub(lambda m: _TRUNCATIONS[m.group().rstrip(".").lower()], text)
            if text:
                texts.append(_lettered(text))
                bounds += [start, end]
    out = []
    if texts:
        start, end = min(bounds), max(bounds)
        out.append(Reading(REASON, ", ".join(texts), segment.text[start:end], start, end, 0.9))
    part = body_part(message, found, parts, conditions)
    if part is not None:
        hits = sorted([*parts, *conditions], key=lambda h: h.start)
        span = (hits[0].start, hits[-1].end) if hits else (bounds[0], bounds[-1]) if bounds else (0, 0)
        out.append(Reading(body_parts.SLOT, part, segment.text[span[0] : span[1]], *span, 0.9))
    return out


def _complaints(message: Message, found: Sequence[Word]) -> list[Hit[str]]:
    """Conditions in words, and ICD-10 codes as the words for them."""
    hits = _CONDITIONS.find(found)
    for match in _ICD.finditer(message.text):
        inside = [k for k, w in enumerate(found) if match.start() <= w.start < match.end()]
        if inside:
            hits.append(Hit(icd10.body_part(match.group()) or "none", inside[0], inside[-1] + 1, False, *match.span()))
    return hits


def _by_letters(message: Message, found: Sequence[Word], known: Sequence[Hit[str]]) -> list[Hit[str]]:
    """ "MS, walking trouble": a diagnosis of two or three letters, where the reason was asked; "Ms Lee" is a person."""
    hits = [h for h in _DIAGNOSES.find(found) if not any(k.start < h.end and h.start < k.end for k in known)]
    out = []
    for h in hits:
        alone = len(found) <= h.last + 1 or not found[h.last].joined
        if alone or h.last - h.first > 1 or message.text[h.start : h.end].isupper():
            out.append(Hit("none", h.first, h.last, False, h.start, h.end))
    return out


def _inside(hit: Hit[str], taken: Sequence[tuple[int, int]]) -> bool:
    return any(start <= hit.start < end for start, end in taken)


def body_part(message: Message, found: Sequence[Word], parts: Sequence[Hit[str]], conditions: Sequence[Hit[str]]) -> str | None:
    """The one region of all that was named; conditions speak before bare places they contain."""
    implied = [h for h in conditions if h.entry != "none" and not h.weak]
    places = [h for h in parts if not any(c.start <= h.start < c.end or (c.entry != _BALANCE and _goes_with(message, c, h)) for c in implied)]
    hits = sorted([*implied, *places], key=lambda h: h.start)
    foremost = [h for h in hits if not _explains(found, h)]
    chosen = _one_limb(found, foremost or hits, implied)
    named = [h.entry for h in chosen] or [h.entry for h in conditions if h.weak]
    regions = [n for n in named if n != _BALANCE]
    return body_parts.settle(regions or named)


def _one_limb(found: Sequence[Word], hits: list[Hit[str]], implied: Sequence[Hit[str]]) -> list[Hit[str]]:
    """A nerve root's leg or arm is the back's or the neck's; a wrist's hand is the wrist's when only the wrist has a diagnosis."""
    for root, limb in _ROOTS.items():
        roots = [h for h in hits if h.entry == root]
        if roots and all(h.entry in limb or h.entry == root for h in hits) and _RADIATES.find(found):
            return roots
    treated = [h for h in implied if any(_OPERATIONS.starts(found, i) for i in range(h.first, h.last))]
    if treated and all(h.entry == treated[0].entry or (h not in implied and h.entry in _BELOW.get(treated[0].entry, ())) for h in hits):
        return treated
    located = [h for h in hits if h in implied]
    family = next((f for f in _NEIGHBOURS if all(h.entry in f for h in hits)), None)
    return located if family and len({h.entry for h in located}) == 1 else hits


def _goes_with(message: Message, condition: Hit[str], place: Hit[str]) -> bool:
    """Such as "carpal tunnel both hands": with nothing to part them, a place says more of the condition it stands by."""
    between = message.low[min(condition.end, place.end) : max(condition.start, place.start)]
    return _PARTING.search(between) is None


def _explains(found: Sequence[Word], hit: Hit[str]) -> bool:
    """Such as "foot drop post L4-5 fusion": what stands behind "post" is where it came from."""
    return any(_BECAUSE.ends(found, i) for i in range(max(0, hit.first - 1), hit.first + 1))


def _clauses(message: Message, found: Sequence[Word], parts: Sequence[Hit[str]], conditions: Sequence[Hit[str]]) -> list[Clause]:
    breaks = (i for i in range(1, len(found)) if _CLAUSE.search(message.low, found[i - 1].end, found[i].start) or _OPENS.starts(found, i))
    bounds = [0, *breaks, len(found)]
    out = []
    for first, last in itertools.pairwise(bounds):
        here = [h for h in parts if first <= h.first < last]
        named = [h for h in conditions if first <= h.first < last]
        firm = [h for h in named if not _is_soft(" ".join(w.text for w in found[h.first : h.last]))]
        part = next((h.entry for h in [*named, *here] if h.entry != "none"), None)
        out.append(Clause(first, last, part, bool(firm) or bool(named and here), bool(named or here)))
    return out


def _is_soft(key: str) -> bool:
    """Not a complaint by itself: a word of many uses, or only the name of a place on the body."""
    return key in _SOFT or key in body_parts.INDEX


def _reason(message: Message, found: Sequence[Word], clauses: Sequence[Clause], context: Context) -> Reading | None:
    asked = context.asked == REASON and not context.confirming
    complaints = [c for c in clauses if c.complaint]
    if not complaints and (_NOT_REASON.find(found) or context.asked == body_parts.SLOT):
        return None
    if context.asked == body_parts.SLOT and len(found) <= 3:
        return None
    chosen = [c for k, c in enumerate(clauses) if c.complaint or (c.told and k + 1 < len(clauses) and clauses[k + 1].complaint)]
    if asked and "?" not in message.text:
        if not any(c.told for c in clauses):
            return None
        chosen = [c for c in clauses if not _OTHER.starts(found, c.first) or c.complaint]
        while chosen and not chosen[0].told:
            chosen = chosen[1:]
    pieces = [_trimmed(found, c.first, c.last, _LEAD) for c in chosen]
    pieces = [(first, last) for first, last in pieces if first < last]
    if not pieces:
        return None
    texts = [_telegraphic(message.text[found[first].start : found[last - 1].end]) for first, last in pieces]
    start, end = found[pieces[0][0]].start, found[pieces[-1][1] - 1].end
    value = ", ".join(t for t in texts if t)
    return Reading(REASON, value, message.text[start:end], start, end, 0.85 if complaints else 0.6) if value else None


def _telegraphic(text: str) -> str:
    """The complaint without orders, fillers and the words that only say whose it is."""
    for pattern, wording in _REWORDINGS:
        text = pattern.sub(wording, text)
    return _lettered(" ".join(_SPARE.sub(" ", ORDERS.sub(" ", text)).split()).strip(" ,.-/&+"))


def _lettered(text: str) -> str:
    return _LETTERS.sub(lambda match: match.group().replace(" ", "").upper(), text)


def _relative(found: Sequence[Word], first: int) -> int:
    """Words of "skylar's mom" at `first`: who is speaking is no part of the complaint."""
    said = [w.text for w in found[first : first + 3]]
    return 3 if len(said) == 3 and said[1] == "s" and said[2] in _RELATIONS else 0


def _trimmed(found: Sequence[Word], first: int, last: int, lead: PhraseSet) -> tuple[int, int]:
    while first < last and (taken := lead.starts(found, first) or _relative(found, first)):
        first += min(taken, last - first)
    while last > first and (taken := _TAIL.ends(found, last)):
        last -= min(taken, last - first)
    return first, last
