"""People's names: whose, and how they write themselves.

Accepts "yeah it's beatriz salcedo", "Park, Kevin", "first name is t h a n d i last name okoye", "reid r e i d
allison reid", "for my daughter lily", "robert j mcdonald junior"; Spanish by the same rules. A value is Given Family,
cased as people write themselves, `J.` for an initial, `Jr.` or `III` at the end; a lone name is given as said. Doctors,
nurses and people merely mentioned are not taken. Words: `lexicons/names.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nlu import name_repairs, role, tagger
from nlu.message import Message
from nlu.name_forms import restated, written
from nlu.name_items import Item, items_of
from nlu.name_runs import POLITE, is_break, runs
from nlu.name_words import LAST, LEXICON, SUFFIXES, Kind, is_first, is_slip
from nlu.parse import Context, Reading
from nlu.repairs import corrects, settle, words_pattern

PATIENT, CALLER = "patient.name", "caller.name"

_CUES = LEXICON["cues"]
_HESITATION = r"(?:[\s,:;\"'(.-]|\b(?:uh|um|eh|like|a|the|it's|its|is|es|just|only|actually|el|la|mr|mrs|ms|miss|mister|senor|senora|don|dona)\b)*$"


def _before(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w'])" + words_pattern(words) + r"(?:'s)?(?![\w'])" + _HESITATION)


def _asked_before(label: str) -> re.Pattern[str]:
    """Asked for a name, "last" alone introduces one, where a phrase begins: not in "since last winter"."""
    alone = rf"(?:^|[,.;:!?]\s*|\b(?:and|y|my|the|is)\s+|\b(?:first|last)\s+[\w'-]+\s+){label}"
    return re.compile(rf"(?:(?<![\w']){words_pattern(_CUES[label])}|{alone})(?:'s)?(?![\w'])" + _HESITATION)


_OWN, _WEAK, _PATIENT, _NOT_OWN = (_before(_CUES[name]) for name in ("own", "weak", "patient", "not_own"))
_FIRST, _LAST = _before(_CUES["first"]), _before(_CUES["last"])
_FIRST_ASKED, _LAST_ASKED = _asked_before("first"), _asked_before("last")
_RELATION_WORDS = words_pattern(LEXICON["words"]["relations"].split())
_RELATION = re.compile(rf"(?<![\w']){_RELATION_WORDS}(?:[ -]in[ -]law)?(?:'s)?(?:\s+name(?:'s)?)?(?:\s+is)?{_HESITATION}")
_FOR_RELATION = re.compile(
    rf"(?<![\w']){words_pattern(_CUES['for_relation'])}\s+(?:an?\s+\w+\s+for\s+)?(?:my|our|the|mi|la|el|un|una)\s+"
    rf"(?:\w+\s+)?{_RELATION_WORDS}(?:[ -]in[ -]law)?(?![\w])"
)
_DOCTOR = re.compile(r"(?<![\w'])" + words_pattern(LEXICON["words"]["doctors"]) + r"\.?\s*$")
_AFTER_OWN = re.compile(r"^[\s,]*" + words_pattern(_CUES["after_own"]) + r"(?![\w'])")
_CREDENTIAL = re.compile(r"^,?\s*(?:md|m\.d|do|np|pa|pa-c|dpm|dpt|rn|aprn|fnp|arnp)\b")
_PERSON_AFTER = re.compile(r"^\s*(?:'s\b|works?\b|is a\b|is the\b|was a\b|said\b|says\b|told\b|sent\b|referred\b|recommended\b|thought\b|drove\b)")
_TOLD = _before(_CUES["told"])
_PRESENTED = re.compile(
    r"\b(?:hi|hello|hey|morning|afternoon|evening|hola|dias|tardes|noches)\W+(?:yes\W+|um\W+|uh\W+)?(?:this is|it's|soy|habla)\s*$"
)
_HAILED = re.compile(r"\b(?:hi|hello|hey|hola)\W*$")
_HAPPENED = re.compile(r"^\s*,?\s*" + words_pattern(_CUES["happened"]) + r"\b")
_REPLACING = frozenset("no nope not should wrong name actually sorry spelled is meant incorrect mal".split())
_CHANGING_OTHERS = frozenset("doctor dr insurance plan carrier clinic practice number phone email birthday dob".split())
_QUESTION = re.compile(
    r"\W*(?:is this|is that|are you|do you|does|can|could|what|where|when|who|how|why|did|will you|would you|should(?! be)|es esta|es la)\b"
)
_SPELLING = re.compile(r"\b(?:spell\w*|spelt|name|nombre|apellido|deletre\w*)\b")
_LOOKBACK = 48
_TITLED = re.compile(r"(?<![\w'])" + words_pattern(LEXICON["words"]["titles"]) + r"\.?\s*$")
"""Behind "Mister" stands a name, whatever no list knows."""
_NICKNAME = re.compile(r"(?<=[a-z] )(?:\"[a-z]+\"|\((?:not |no )?[a-z]+\)|'[a-z]+')(?= [a-z])")
"""What they are called, between given and family name: Robert "Bob" Hale."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run of name words and how it was led in."""

    items: tuple[Item, ...]
    start: int
    end: int
    cue: str = ""
    """`patient`, `relation`, `own`, `weak` or nothing."""
    confidence: float = 0.5

    @property
    def name(self) -> str:
        """The name as it is written."""
        return written(self.items)


_RANK = {"patient": 4, "relation": 3, "own": 2, "weak": 1, "": 0}


def read(message: Message, context: Context, speaker: str | None = None) -> list[Reading]:
    """At most one reading for the patient and one for the caller.

    `speaker` is the `caller.role` the message states, empty for none; None: not read yet.
    """
    asked = _is_asked(context)
    message = _without_nickname(message)
    items = _family_first(message, items_of(message)) if asked else items_of(message)
    halves = _halves(message, items, asked)
    found = ([halves] if halves else candidates(message, items, context)) or _mentioned(message, items, context)
    whose = _assigned(message, context, found, speaker)
    readings = [_reading(message, slot, _settled(message.low, group)) for slot, group in whose.items() if group]
    known = context.known.get(PATIENT)
    if isinstance(known, str):
        readings = [_completed(reading, known, context, halves) for reading in readings]
        if not any(reading.slot == PATIENT for reading in readings):
            readings += _respelled(message, known, context)
    return readings


def _family_first(message: Message, items: list[Item]) -> list[Item]:
    """ "LE, THUY": nothing but two words and a comma is a whole name, though the first is a word too."""
    if len(items) not in (2, 3) or message.low[items[0].end : items[1].start].strip(" ") != "," or items[1].kind < Kind.UNKNOWN:
        return items
    return [replace(items[0], kind=Kind.NAME), *items[1:]] if items[0].low in LAST and items[0].low not in POLITE else items


def _without_nickname(message: Message) -> Message:
    found = _NICKNAME.search(message.low)
    if found is None:
        return message
    start, end = found.span()
    return Message.of(message.text[:start] + " " * (end - start) + message.text[end:])


def _mentioned(message: Message, items: Sequence[Item], context: Context) -> list[Candidate]:
    """ "Kristy Eheler has a booking": a person in a sentence without a cue, where nothing was asked."""
    if context.asked is not None or context.confirming or not tagger.may_name(message.text):
        return []
    found = []
    for start, end in tagger.persons(message.text):
        before, after = message.low[max(0, start - _LOOKBACK) : start], message.low[end : end + 24]
        run = tuple(item for item in items if start <= item.start < end)
        doctor = _DOCTOR.search(before) or _CREDENTIAL.match(after)
        if run and not (doctor or _NOT_OWN.search(before) or _RELATION.search(before) or _PERSON_AFTER.match(after)):
            found.append(Candidate(run, start, end, "", 0.5))
    return found


def _is_asked(context: Context) -> bool:
    return context.asked in (PATIENT, CALLER)


def candidates(message: Message, items: Sequence[Item], context: Context) -> list[Candidate]:
    """Every run of name words that is somebody's own name, in order."""
    low, asked = message.low, _is_asked(context)
    found = []
    for run in runs(low, items, asked):
        candidate = _judged(message, items, run, context)
        if candidate is not None:
            found.append(candidate)
    return found


def _judged(message: Message, items: Sequence[Item], run: tuple[Item, ...], context: Context) -> Candidate | None:
    low, asked = message.low, _is_asked(context)
    start, end = min(item.start for item in run), max(item.end for item in run)
    before, after = low[max(0, start - _LOOKBACK) : start], low[end : end + 24]
    if _DOCTOR.search(before) or _CREDENTIAL.match(after):
        return None
    run = restated(run)
    cue = _cue(before, after)
    if cue in ("", "weak") and (_NOT_OWN.search(before) or _PERSON_AFTER.match(after)):
        return None
    if cue == "relation" and not (
        asked or _is_told_of(message, run, after) or _FOR_RELATION.search(low[:start]) or re.search(r"name\W+(?:is\W+)?$", before)
    ):
        return None
    confidence = _confidence(message, items, run, cue, context, end)
    return Candidate(run, start, end, cue, confidence) if confidence > 0 else None


def _is_told_of(message: Message, run: Sequence[Item], after: str) -> bool:
    """ "My son Owen Blackwood had surgery": a whole name and what happened to that person."""
    return len(run) > 1 and is_first(run[0].low) and _HAPPENED.match(after) is not None


def _cue(before: str, after: str) -> str:
    if _PATIENT.search(before):
        return "patient"
    if _RELATION.search(before):
        return "relation"
    if _OWN.search(before) or _AFTER_OWN.match(after):
        return "own"
    return "weak" if _WEAK.search(before) else ""


def _confidence(message: Message, items: Sequence[Item], run: Sequence[Item], cue: str, context: Context, end: int) -> float:
    """0 where the run is no name after all."""
    asked = _is_asked(context)
    sure = sum(item.kind == Kind.NAME for item in run) or int(_TITLED.search(message.low[: run[0].start]) is not None)
    full = len([item for item in run if len(item.low) > 1]) > 1
    mixed = any(char.islower() for char in message.text)
    capital = mixed and all(item.capital and not (item.text.isupper() and len(item.text) < 5) for item in run)
    if cue in ("patient", "relation", "own"):
        doubt = all(item.kind == Kind.DOUBTFUL for item in run) and not capital
        lead = message.low[max(0, run[0].start - _LOOKBACK) : run[0].start]
        told = _TOLD.search(lead) is not None or (_PRESENTED.search(lead) is not None and not is_slip(run[0].low))
        alone = not message.low[end:].strip(" .!") and (not doubt or is_first(run[0].low))
        if not asked and not sure and not capital and not (full and not doubt) and not told and not alone:
            return 0.0
        return 0.95 if sure and full else 0.85 if sure or capital else 0.7
    if asked:
        return _bare_confidence(message, items, run, sure, full, cue)
    told = bool(sure) or _SPELLING.search(message.low) is not None
    if context.confirming and told and cue in ("", "weak") and context.asked is None and _is_correction(message, items, run):
        return 0.7
    hailed = not full and _HAILED.search(message.low[: run[0].start]) is not None
    if cue == "weak" and not hailed and (sure and is_first(run[0].low)) and (full or capital or not message.low[end:].strip()):
        return 0.8 if full else 0.6
    if any(item.spelled for item in run) and cue == "weak" and (context.asked is None or full or corrects(message.low)):
        return 0.6
    if cue == "" and context.asked is None and full and sure and is_first(run[0].low) and len(run) <= 4:
        opening = message.low[: run[0].start].strip() == ""
        apart = re.match(r"\s*(?:$|[,;:|.()\n/]|dob\b|\d)", message.low[end:]) is not None
        led = re.search(r"[|\n;:().?!]\s*$", message.low[: run[0].start]) is not None
        if (opening or led) and apart and (capital or sure > 1):
            return 0.65
    return _alone(message, items, run, sure, full, cue) if context.asked is None and not context.confirming else 0.0


_OF_ONESELF = frozenset("i am i'm im it it's its is sure yes".split())
_OF_FIGURES = frozenset("and ssn number phone mobile email ph cell last four digits id dob is my the here".split())
"""What may stand before a name, and behind it beside figures, where a message tells nothing else."""


def _alone(message: Message, items: Sequence[Item], run: Sequence[Item], sure: int, full: bool, cue: str) -> float:
    """Nothing else is said and nothing in particular was asked: "vinay sethi" is who is writing; so is "vinay 5521"."""
    others = [item for item in items if not any(item.start == own.start for own in run) and item.low not in POLITE]
    others = [item for item in others if item.low not in (_OF_ONESELF if item.end <= run[0].start else _OF_FIGURES)]
    hailed = not full and run[0].start > 0 and not (cue == "weak" and _OF_ONESELF & set(message.low[: run[0].start].split()))
    if hailed or others or any(char in "?!" for char in message.text):
        return 0.0  # "okay sam", "hello casey": somebody is spoken to
    whole = full and is_first(run[0].low) and run[-1].kind == Kind.NAME and run[-1].low in LAST
    if any(item.kind < Kind.UNKNOWN for item in run) and not whole:
        return 0.0
    if not sure:
        slips = any(is_slip(item.low) for item in run)
        return 0.4 if full and len(run) == 2 and not slips and not any(char.isdigit() for char in message.text) else 0.0
    given = any(is_first(item.low) for item in run) or run[-1].low in LAST
    return (0.55 if full else 0.5) if given else 0.0


def _is_correction(message: Message, items: Sequence[Item], run: Sequence[Item]) -> bool:
    """Everything was read back: "no its Reyes", "should be Lopez", "reid not reed"."""
    others = [item for item in items if item not in run and item.low not in POLITE and item.kind < Kind.UNKNOWN]
    words = {item.low for item in others}
    return len(others) <= 4 and (bool(words & _REPLACING) or message.text.startswith("*") or not others) and not words & _CHANGING_OTHERS


def _bare_confidence(message: Message, items: Sequence[Item], run: Sequence[Item], sure: int, full: bool, cue: str) -> float:
    """A name was asked for: the answer is the name unless it is mostly other words."""
    outside = [item for item in items if not any(item.start == own.start for own in run)]
    chatter = sum(item.kind == Kind.WORD and len(item.low) > 2 for item in outside)
    talk = sum(item.kind == Kind.STOP and item.low not in POLITE and " " not in item.low for item in outside)
    if any(item.spelled for item in run):
        return 0.85
    if not full and _QUESTION.match(message.low) and talk:
        return 0.0
    if sure and (full or chatter <= 2):
        return 0.9 if full else 0.8
    if not full and not sure and any(char.isdigit() for char in message.text):
        return 0.0
    doubtful = all(item.kind == Kind.DOUBTFUL for item in run)
    if doubtful and not full:
        return 0.6 if chatter == 0 and talk <= 2 and (is_first(run[0].low) or talk == 0) else 0.0
    if chatter > 1 or talk + chatter > (4 if full else 2) + (2 if cue else 0):
        return 0.0
    return 0.75 if full or cue else 0.65


def _halves(message: Message, items: Sequence[Item], asked: bool) -> Candidate | None:
    """ "first name ... last name ...", in either order."""
    low = message.low
    named: dict[str, tuple[Item, ...]] = {}
    for label, pattern in (("last", _LAST_ASKED if asked else _LAST), ("first", _FIRST_ASKED if asked else _FIRST)):
        for index, item in enumerate(items):
            if item.kind >= Kind.DOUBTFUL or item.spelled:
                found = pattern.search(low[max(0, item.start - _LOOKBACK) : item.start])
                if found is not None and not (label == "first" and re.search(r"last|apellido", found.group())):
                    run = [item]
                    for other in items[index + 1 :]:
                        if is_break(low, run[-1], other) or (other.kind < Kind.DOUBTFUL and other.low not in SUFFIXES) or len(run) > 3:
                            break
                        run.append(other)
                    named[label] = tuple(run)
    if "last" not in named:
        family = _family(message, items, named.get("first", ()))
        if not family:
            return None
        named["last"] = family
    if asked and "first" not in named:
        named["first"] = _given(items, named["last"])
    first = tuple(item for item in named.get("first", ()) if item not in named["last"])
    whole = (*first, *named["last"])
    return Candidate(whole, min(item.start for item in whole), max(item.end for item in whole), "own", 0.9 if first else 0.7)


def _given(items: Sequence[Item], last: Sequence[Item]) -> tuple[Item, ...]:
    """ "Siobhan, that's s i o b h a n, and the last name's McAllister": the one name before the label."""
    before = [item for item in items if item.end < last[0].start and (item.kind >= Kind.UNKNOWN or item.spelled)]
    return tuple(before[:1]) if len({item.low for item in before}) == 1 else ()


def _family(message: Message, items: Sequence[Item], first: Sequence[Item]) -> tuple[Item, ...]:
    """ "Nguyen, N-G-U-Y-E-N, first name Linh": the name before the first name's label."""
    before = [item for item in items if first and item.end < first[0].start and item.kind >= Kind.UNKNOWN]
    return tuple(before[-1:]) if before and len(before) < 3 and not is_first(before[-1].low) else ()


def _assigned(message: Message, context: Context, found: Sequence[Candidate], speaker: str | None) -> dict[str, list[Candidate]]:
    """Whose name is it? Own names belong to the caller where the caller is not the patient."""
    if not found:
        return {}
    who = next((str(reading.value) for reading in role.read(message, context)), "") if speaker is None else speaker
    if context.asked == CALLER:
        return {CALLER: [c for c in found if c.cue != "patient"], PATIENT: [c for c in found if c.cue == "patient"]}
    patient = [c for c in found if c.cue in ("patient", "relation")]
    own = [c for c in found if c.cue not in ("patient", "relation")]
    if who == "referring_office" or (who == "caregiver" and context.asked != PATIENT) or (patient and who == "caregiver"):
        if who == "referring_office" and not patient:
            bare = [c for c in own if c.cue == ""]
            return {CALLER: [c for c in own if c.cue], PATIENT: bare}
        return {CALLER: [c for c in own if c.cue], PATIENT: patient or [c for c in own if not c.cue]}
    if patient and context.asked != PATIENT and any(c.cue == "own" for c in own):
        return {CALLER: own, PATIENT: patient}
    return {CALLER: [], PATIENT: patient or own}


def _settled(low: str, group: Sequence[Candidate]) -> tuple[Candidate, tuple[str, ...]]:
    """The one meant, and other readings of it."""
    settled = settle(group, low)
    kept = settled.kept or tuple(group)
    if settled.alternatives and len({c.name for c in kept}) > 1:
        return kept[0], tuple(dict.fromkeys(c.name for c in kept))
    if settled.corrected:
        return kept[-1], ()
    best = max(kept, key=lambda c: (_RANK[c.cue], c.confidence >= 0.8, len(c.items)))
    for other in kept:
        short = len(best.items) == 1 < len(other.items) and other.items[0].low.startswith(best.items[0].low)  # "Bri, Brianna Castile"
        if other is not best and (short or {item.low for item in best.items} < {item.low for item in other.items}):
            best = other
    return best, ()


def _reading(message: Message, slot: str, chosen: tuple[Candidate, tuple[str, ...]]) -> Reading:
    best, options = chosen
    name = name_repairs.instructed(best.name, message.low[best.end :])
    value: str | tuple[str, ...] = options if len(options) > 1 else name
    return Reading(slot, value, message.text[best.start : best.end], best.start, best.end, best.confidence, options)


def _completed(reading: Reading, known: str, context: Context, halves: Candidate | None) -> Reading:
    """A name said again in part: "last name adeyemi" after "oluwaseun", "no it's wojcik" after "Adam Wosik"."""
    if reading.slot != PATIENT or not isinstance(reading.value, str):
        return reading
    merged = name_repairs.merged(reading.value, known, family=halves is not None and len(halves.items) == 1)
    return replace(reading, value=merged) if merged else reading


def _respelled(message: Message, known: str, context: Context) -> list[Reading]:
    """ "with an s", "no, double t", "two e's" about the name on record."""
    if not (context.asked in (PATIENT, None) or context.confirming or name_repairs.says_again(known, message.low)):
        return []
    name, start, end = name_repairs.of_known(known, message.low)
    return [Reading(PATIENT, name, message.text[start:end], start, end, 0.75)] if name != known else []
