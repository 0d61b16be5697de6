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
PATIENT, CAREGIVER, OFFICE = "patient", "caregiver", "referring_office"

_TABLE = tomllib.loads((Path(__file__).parent / "lexicons" / "role.toml").read_text(encoding="utf-8"))
_RELATION = (
    r"(?:(?:(?!\w+'s)[a-z]+[- ])?"
    + words_pattern(LEXICON["words"]["relations"].split())
    + r"(?: in law)?|[\w-]+[- ](?:year|yr|month|mo)s?[- ]old(?: \w+)?)"
)
_FILLER = r"(?:it's|its|it is|um|uh|yes|yeah|no|actually|i'm|im|i am|es|soy|for|para|just|oh|hi|hello|well|calling|that's|si|pues|ok|okay|not for me)"
_POLITE = r"(?:please|thanks|thank you|actually|sir|maam|ma'am|por favor|gracias|too|also|lol|honey|calling|here)"


def _filled(words: list[str], plural: str = "") -> str:
    """The phrases with what REL, JOB and HELPER stand for."""
    jobs, helpers = words_pattern(_TABLE[OFFICE]["jobs"]), words_pattern(_TABLE[CAREGIVER]["helpers"])
    return words_pattern(words).replace("REL", _RELATION + plural).replace("JOB", jobs).replace("HELPER", helpers)


def _held(words: list[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w'])" + _filled(words, r"(?:s\b)?") + r"(?!\w)")


def _alone(words: list[str], tail: str) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{_FILLER}\W+)*" + _filled(words) + rf"(?:'?s)?(?:\W+{tail})?\W*\Z")


_PATIENT, _CAREGIVER, _OFFICE, _DOCTOR = (
    _held(_TABLE[role][kind]) for role, kind in ((PATIENT, "phrases"), (CAREGIVER, "phrases"), (OFFICE, "phrases"), (OFFICE, "doctor"))
)
_OFFICE_END = re.compile(r"(?<=\w)'s office\b")
_BARE = (
    (CAREGIVER, _alone(_TABLE[CAREGIVER]["bare"], r"(?:\w+\W+){0,5}\w+")),
    (PATIENT, _alone(_TABLE[PATIENT]["bare"], rf"(?:{_POLITE}|(?:my|mi)\s+(?!{_RELATION})\w+(?:\s+\w+)?)")),
    (OFFICE, _alone(_TABLE[OFFICE]["bare"], _POLITE)),
)
_KIN = re.compile(rf"\W*(?:{_FILLER}\W+)*" + words_pattern(_TABLE[CAREGIVER]["kin"]) + rf"\b(?!\s+{words_pattern(_TABLE[CAREGIVER]['aside'])}\b)")
_NAMED = re.compile(rf"(?<![\w'])(?:i'm|im|i am|this is|it's|its|soy)\s+(?!(?:my|the|his|her)\b)\w+'s\s+{_RELATION}\b")
"""Whose relative is speaking: "hello, i'm skylar's mom"."""
_HEAD = re.compile(
    rf"\W*(?:{_FILLER}\W+)*(?:my|our|mi|nuestro|nuestra)\s+{_RELATION}\b(?!'s\s+(?:insurance|work|job|plan))(?!\s+{words_pattern(_TABLE[CAREGIVER]['aside'])}\b)"
)
_STORY = re.compile(rf"\W*(?:{_FILLER}\W+)*(?:my|mi)\s+{_RELATION}\s+" + words_pattern(_TABLE[CAREGIVER]["story"]) + r"\b")
_DONE = re.compile(rf"\W*(?:{_FILLER}\W+)*(?:my|mi)\s+{_RELATION}\s+(?:had|got)\s+(?:his|her|a)\s+\w+\s+(?:\w+\s+)?by\b")
_SELF = re.compile(r"\b(?:i|i'm|im|i've|my|me|mine|yo|mi|need|needs)\b")
_ABOUT_PATIENT = frozenset(("patient.name", "patient.date_of_birth", "referral.reason", "referral.body_part", SLOT))
_PLACE = re.compile(r"\b(?:with|from|at|de|@)\s+(?:the\s+)?(?:[\w&'.]+\s+){0,4}?" + words_pattern(_TABLE[OFFICE]["places"]) + r"\b")
_INTRODUCED = re.compile(r"\b(?:i'm|im|i am|this is|calling|hi|hello|soy|llamo|habla)\b[^.?!\n]{0,24}$")
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
        return [_reading(message, OFFICE, office, 0.85)]
    for value, pattern in _BARE if asked else ():
        match = pattern.match(low)
        if match is not None and not (value == PATIENT and _CAREGIVER.search(low)):
            return [_reading(message, value, match, 0.9)]
    caregiver, patient = _standing(low, _CAREGIVER) or _NAMED.search(low), _standing(low, _PATIENT)
    if caregiver is None and context.asked in _ABOUT_PATIENT:
        caregiver = _HEAD.match(low) or _KIN.match(low)
    if caregiver is not None and patient is not None and patient.start() > caregiver.end():
        return [_reading(message, PATIENT, patient, 0.7)]
    if caregiver is not None:
        return [_reading(message, CAREGIVER, caregiver, 0.85)]
    return [_reading(message, PATIENT, patient, 0.85)] if patient is not None else []


def tells_a_story(low: str) -> bool:
    """Is all of it about a relative who is not the patient: "my neighbor had Dr. Ruiz do her hip"?"""
    story = _STORY.match(low) or _DONE.match(low)
    return story is not None and _SELF.search(low, story.end()) is None


def _standing(low: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    return next((match for match in pattern.finditer(low) if not _NEGATED.search(low[max(0, match.start() - 16) : match.start()])), None)


def _office(low: str) -> re.Match[str] | None:
    doctor = _DOCTOR.search(low)
    if doctor is not None:
        return doctor
    for match in (*_OFFICE.finditer(low), *_OFFICE_END.finditer(low)):
        before = low[max(0, match.start() - 32) : match.start()]
        doctors = match.group().startswith(("from d", "with d")) or match.group().endswith("office")
        if doctors and _OWN_DOCTOR.search(before):
            continue
        if match.group().startswith(("from d", "with d")) and not (
            _INTRODUCED.search(before) or not before.strip() or before.strip().endswith((",", "-"))
        ):
            continue
        return match
    for match in _PLACE.finditer(low):
        if _INTRODUCED.search(low[: match.start()]) and not _OWN_DOCTOR.search(low[max(0, match.start() - 24) : match.start()]):
            return match
    return None


def _reading(message: Message, value: str, match: re.Match[str], confidence: float) -> Reading:
    return Reading(SLOT, value, message.text[match.start() : match.end()].strip(), match.start(), match.end(), confidence)
