"""Who is speaking: the patient, somebody who cares for the patient, or a referring office.

Said, not guessed: "my knee hurts" is no statement about it, "it's for me" and "calling on behalf of my dad" are. Words:
`lexicons/role.toml`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from nlu.message import Message
from nlu.name_words import LEXICON
from nlu.parse import Context, Reading
from nlu.repairs import words_pattern

SLOT = "caller.role"

_TABLE = tomllib.loads((Path(__file__).parent / "lexicons" / "role.toml").read_text(encoding="utf-8"))
_RELATIONS = words_pattern(LEXICON["words"]["relations"].split())


def _phrases(words: list[str], whole: bool = False) -> re.Pattern[str]:
    body = words_pattern(words).replace("REL", r"(?:\w+[- ])?" + _RELATIONS + r"s?")
    if whole:
        return re.compile(r"\W*(?:(?:it's|its|it is|um|uh|yes|yeah|no|actually|i'm|im|i am|es|soy|for|para|the|just|oh|hi|hello|well|calling)\W+)*" + body + r"(?:\W+(?:please|thanks|calling|actually|sir|maam|por favor|\w+\W*\d*\W*\w*))?\W*\Z")
    return re.compile(r"(?<![\w'])" + body + r"(?![\w])")


_PATIENT, _PATIENT_BARE = _phrases(_TABLE["patient"]["phrases"]), _phrases(_TABLE["patient"]["bare"], whole=True)
_CAREGIVER, _CAREGIVER_BARE = _phrases(_TABLE["caregiver"]["patterns"]), _phrases(_TABLE["caregiver"]["bare"], whole=True)
_OFFICE = re.compile(r"(?<!\w)(?:" + words_pattern(_TABLE["referring_office"]["phrases"]).removeprefix("(?:").removesuffix(")") + r")(?!\w)")
_OFFICE_BARE = _phrases(_TABLE["referring_office"]["bare"], whole=True)
_PLACE = re.compile(r"\b(?:with|from|at|de|@)\s+(?:the\s+)?(?:[\w&'.]+\s+){0,4}?" + words_pattern(_TABLE["referring_office"]["places"]) + r"\b")
_SPEAKER = re.compile(r"\b(?:this is|it's|i'm|im|i am|calling|hi|hello|habla|llamo|soy|thx|thanks)\b[^.?!\n]{0,30}$")
_OWN_DOCTOR = re.compile(r"\b(?:my|referred|sent|saw|see|seeing|mi|told|said)\b[^.;]{0,24}$")
_BOTH = re.compile(r"\b(?:both|me and my|my \w+ and (?:me|i)|los dos|las dos)\b")
_NEGATED = re.compile(r"\b(?:not|no|isn't|aren't|never)\s+(?:\w+\s+)?$")


def read(message: Message, context: Context) -> list[Reading]:
    """At most one reading."""
    low, asked = message.low, context.asked == SLOT
    if _BOTH.search(low):
        return []
    office = _office(low)
    if office is not None:
        return [_reading(message, "referring_office", office, 0.85)]
    bare = (("patient", _PATIENT_BARE), ("caregiver", _CAREGIVER_BARE), ("referring_office", _OFFICE_BARE)) if asked else ()
    for value, pattern in bare:
        match = pattern.match(low)
        if match is not None:
            return [_reading(message, value, match, 0.9)]
    caregiver = _standing(low, _CAREGIVER)
    patient = _standing(low, _PATIENT)
    if caregiver is not None and patient is not None:
        return [_reading(message, *(("patient", patient) if patient.start() > caregiver.start() else ("caregiver", caregiver)), 0.7)]
    if caregiver is not None:
        return [_reading(message, "caregiver", caregiver, 0.85)]
    return [_reading(message, "patient", patient, 0.85)] if patient is not None else []


def _standing(low: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    return next((match for match in pattern.finditer(low) if not _NEGATED.search(low[max(0, match.start() - 16) : match.start()])), None)


def _office(low: str) -> re.Match[str] | None:
    for match in _OFFICE.finditer(low):
        before = low[max(0, match.start() - 32) : match.start()]
        if match.group() in ("i'm with", "im with", "the office"):
            continue
        if match.group().startswith(("from d", "with d", "'s office")) and _OWN_DOCTOR.search(before):
            continue
        if match.group().startswith(("from d", "with d")) and not (_SPEAKER.search(before) or not before.strip()):
            continue
        return match
    for match in _PLACE.finditer(low):
        if re.search(r"\b(?:i'm|im|i am|this is|calling|hi|hello|soy|llamo|habla)\b[^.?!\n]{0,24}$", low[: match.start()]) and not _OWN_DOCTOR.search(low[max(0, match.start() - 24) : match.start()]):
            return match
    return None


def _reading(message: Message, value: str, match: re.Match[str], confidence: float) -> Reading:
    return Reading(SLOT, value, message.text[match.start() : match.end()].strip(), match.start(), match.end(), confidence)
