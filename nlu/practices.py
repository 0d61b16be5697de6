"""The practice, clinic or hospital a referral comes from: "Bay Ortho", "over at harbor point neurology", "Kaiser Oakland".

A name is a stretch of words that ends in a word of the trade (ortho, clinic, family medicine) or a group known by name
alone. A bare answer to the question is taken whole. Words: `lexicons/practices.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlu import body_parts, payers
from nlu.gazetteer import Hit, PhraseIndex, PhraseSet, Word, index_at, key_of, lexicon, words_of
from nlu.lettering import place
from nlu.message import Message, fold
from nlu.name_words import SUFFIXES, Kind, is_first, kind

SLOT = "referral.practice"

_TABLE = lexicon("practices")
_HEADS: PhraseIndex[bool] = PhraseIndex((phrase, phrase in set(_TABLE["plain"])) for phrase in _TABLE["heads"])
_ANCHORS = PhraseSet(_TABLE["anchors"])
_STOP = frozenset(_TABLE["stop"])
_PERSON_AFTER = PhraseSet(_TABLE["person_after"])
_KNOWN = PhraseSet(_TABLE["known"])
_LEADS = PhraseSet(_TABLE["leads"])
_NOT_PRACTICE = frozenset(_TABLE["not_practice"])
_MEDICAL = frozenset(key_of(phrase) for phrases in lexicon("conditions")["conditions"].values() for phrase in phrases if " " not in phrase)
"""Complaints in one word: they begin no practice's name."""
_GENERIC = frozenset(_TABLE["generic"])
_TITLES = frozenset({"dr", "doctor", "dra", "drs", "doctora"})
_LONGEST = 4
"""Words a name may have before its trade word."""
_BINDS = frozenset({"of", "and"})
_AT_PLACE = re.compile(r"\s*(?:@|over at|at)\s*([A-Z][\w'&-]+(?: (?:[A-Z][\w'&-]*|&|and|of)){0,4})")
_TIGHT = re.compile(r"['-]|\.? ?|\.?'s | ?[&/+] ?")


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice named in a message."""

    name: str
    start: int
    end: int
    known: bool = False
    """A hospital or group from the list, not a name built here."""


def find(message: Message) -> tuple[Practice, ...]:
    """Every practice named, in order."""
    return _find(message.text, message.low)


@lru_cache(maxsize=64)
def _find(text: str, low: str) -> tuple[Practice, ...]:
    found = words_of(low)
    heads = _merged(_HEADS.find(found), found, low)
    out: list[Practice] = []
    for hit in heads:
        practice = _named(text, low, found, hit)
        if practice is not None:
            out.append(practice)
    led = [p for p in (_led(text, found, hit) for hit in _LEADS.find(found)) if p is not None]
    out.extend(p for p in led if not any(o.start < p.end and p.start < o.end for o in out))
    insurers = payers.NAMES.find(found)
    out = [p for p in out if p.name.lower() not in _NOT_PRACTICE and not any(h.start <= p.start < h.end and p.end < h.end for h in insurers)]
    taken = [(p.start, p.end) for p in out]
    for known in _KNOWN.find(found):
        if known.last < len(found) and found[known.last].joined and found[known.last].text in payers.PLAN_LETTERS:
            continue  # "Providence PPO"
        if not any(s <= known.start < e for s, e in taken):
            out.append(_known(text, found, known))
    return tuple(sorted(out, key=lambda p: p.start))


def _merged(hits: Sequence[Hit[bool]], found: Sequence[Word], low: str) -> list[Hit[bool]]:
    """Trade words in a row are one: "family medicine associates", "spine & sport"."""
    out: list[Hit[bool]] = []
    for hit in hits:
        if out and _TIGHT.fullmatch(low[out[-1].end : hit.start].replace("and", "&")) and found[hit.first].joined:
            last = out.pop()
            hit = Hit(last.entry and hit.entry, last.first, hit.last, False, last.start, hit.end)
        out.append(hit)
    return out


def _named(text: str, low: str, found: Sequence[Word], hit: Hit[bool]) -> Practice | None:
    if _PERSON_AFTER.starts(found, hit.last) and found[hit.last].joined and not _doctor_named(found, hit.last):
        return None
    first = hit.first
    while first > 0 and hit.first - first < _LONGEST and found[first].joined and _is_name(text, low, found, first - 1, first):
        first -= 1
    if first == hit.first and hit.last - hit.first < 2:
        return None
    if first > 0 and found[first - 1].text in _TITLES:
        first += 1 + is_first(found[first].text)  # "dr hale elm ortho": the first name belongs to the doctor; so do both of "dr joan hale peds"
        if first >= hit.first:
            return None
    start, end = found[first].start, hit.end
    if first == hit.first and hit.last - hit.first > 1 and text[start].isupper() and not text.isupper():
        town = _of_town(text, found, hit.last)
        return Practice(place(text[start : found[town - 1].end]), start, found[town - 1].end) if town > hit.last else None
    name = text[start:end]
    capitals = name[0].isupper() and not text.isupper()
    anchored = first == 0 or found[max(0, first - 2)].text in _TITLES or _ANCHORS.ends(found, first) or not found[first].joined or _the(found, first)
    if hit.entry and not capitals and (not anchored or any(w.text in body_parts.INDEX or w.text in _MEDICAL for w in found[first : hit.first])):
        return None
    if " ".join(w.text for w in found[first : hit.last]) in _GENERIC or first == hit.first:
        return None
    if name.lower() in payers.NAMES:
        return None
    return Practice(place(name), start, end)


def _of_town(text: str, found: Sequence[Word], i: int) -> int:
    """Where "of Raleigh" ends behind trade words alone ("ENT Associates of Raleigh"); `i` when no town follows."""
    if i + 1 >= len(found) or found[i].text != "of" or not found[i + 1].joined or not text[found[i + 1].start].isupper():
        return i
    last = i + 2
    return (
        last + 1
        if last < len(found) and found[last].joined and found[last].start - found[last - 1].end == 1 and text[found[last].start].isupper()
        else last
    )


def _led(text: str, found: Sequence[Word], hit: Hit[str]) -> Practice | None:
    """Such as "Clínica San José", "Hospital of the Valley": the trade word leads."""
    last = hit.last
    while (
        last < len(found)
        and last - hit.last < 3
        and found[last].joined
        and found[last].start - found[last - 1].end == 1
        and found[last].text not in _STOP
    ):
        if kind(found[last].text) <= Kind.WORD and not text[found[last].start].isupper():
            break
        last += 1
    return Practice(place(text[hit.start : found[last - 1].end]), hit.start, found[last - 1].end) if last > hit.last else None


def _doctor_named(found: Sequence[Word], i: int) -> bool:
    """Does a name follow the title? "Elm Ortho Dr. Hale" is a place and a person, "family medicine doctor" only a person."""
    return found[i].text in _TITLES and i + 1 < len(found) and kind(found[i + 1].text) > Kind.WORD


def _the(found: Sequence[Word], first: int) -> bool:
    return first > 0 and found[first - 1].text == "the"


def _is_name(text: str, low: str, found: Sequence[Word], i: int, following: int) -> bool:
    word = found[i]
    letter = len(word.text) == 1 and (found[following].text in _BINDS or (i > 0 and found[i - 1].text in _BINDS))  # "U of M", "A & M"
    if (word.text in _STOP and not letter) or word.text.isdigit() or word.text == "the":
        return False
    if not _TIGHT.fullmatch(low[word.end : found[following].start]):
        return False
    if len(word.text) == 1 and word.text != "s" and not letter:
        return False
    return not (
        not (text.islower() or text.isupper())
        and text[word.start].islower()
        and word.text not in ("and", "of")
        and text[found[following].start].isupper()
    )


def _known(text: str, found: Sequence[Word], hit: Hit[str]) -> Practice:
    """Such as "Kaiser Oakland", "UCSF Mission Bay": capitals that follow are the place."""
    last = hit.last
    while last < len(found) and last - hit.last < 2 and found[last].joined and text[found[last].start].isupper() and not text.isupper():
        word = found[last].text
        if found[last].start - found[last - 1].end != 1 or word in _STOP or word in SUFFIXES or word in payers.PLAN_LETTERS:
            break
        last += 1
    return Practice(place(text[hit.start : found[last - 1].end]), hit.start, found[last - 1].end, True)


def behind(message: Message, end: int) -> Practice | None:
    """ "Dr. Lowe @ TRIA": capitals behind a provider and "at" are a place, known or not."""
    found = None if message.text.isupper() else _AT_PLACE.match(message.text, end)
    if found is None or found[1].split()[0].lower() in _TITLES or fold(found[1].split()[0]) in _STOP:
        return None
    return Practice(place(found[1]), found.start(1), found.end(1))


def is_trade(word: str) -> bool:
    """Is it a word practices end in ("ortho", "health")?"""
    return word in _HEADS


def anchored(message: Message, practice: Practice, strictly: bool = False) -> bool:
    """A group known by name stands behind "at" or "from": there it is a place, not a payer or an employer."""
    found = words_of(message.low)
    i = index_at(found, practice.start)
    if _EMPLOYER.ends(found, i):
        return False
    return bool(_AT.ends(found, i)) or (not strictly and practice.name.count(" ") > 0 and practice.name.split()[0].lower() != "kaiser")


_AT = PhraseSet(["at", "from", "over at", "out of", "en", "at the", "w", "frm", "in the"])
_EMPLOYER = PhraseSet(["nurse at", "works at", "work at", "worked at", "job at", "trabaja en", "trabajo en"])
