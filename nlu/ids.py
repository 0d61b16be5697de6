"""Member IDs, policy and claim numbers, typed or spoken: "U77 4410 2903", "w as in william two four six ...".

A value is upper-case letters and digits, no dashes or spaces. Look-alikes (O for 0, I for 1) are repaired only where a
published format leaves no other reading: the Medicare Beneficiary Identifier (CMS: 11 places, each a digit, a letter, or either)
or the format of the carrier already named. Group, RxBIN, copay, social security and telephone numbers are not member IDs.
Formats and words: `lexicons/ids.toml`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from nlu.message import Message
from nlu.numbers import atoms, digit_runs
from nlu.parse import Context, Reading
from nlu.repairs import corrects, rejects, settle, words_pattern
from nlu.spelling import Spelled, codes

SLOT = "insurance.member_id"
SHORTEST, LONGEST = 4, 20

_LEXICON = tomllib.loads((Path(__file__).parent / "lexicons" / "ids.toml").read_text(encoding="utf-8"))
_CUE = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["words"]["cues"]) + r"(?![a-z])")
_OTHER = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["words"]["others"]) + r"(?![a-z])")
_TAIL = re.compile(r"(?<![a-z])(?:last|ends|end|ending|ultimos|termina|terminan)(?![a-z])")
_TO_DIGIT: dict[str, str] = _LEXICON["lookalikes"]["digit"]
_TO_LETTER: dict[str, str] = _LEXICON["lookalikes"]["letter"]
_MBI = re.compile(r"[1-9][A-Z][A-Z0-9]\d[A-Z][A-Z0-9]\d[A-Z]{2}\d{2}")
_MBI_PLACES = "CAXNAXNAANN"
"""`C` 1 to 9, `N` a digit, `A` a letter, `X` either; CMS leaves out S, L, O, I, B and Z, people who copy a card do not always."""
_AFTERWORD = re.compile(r" (?:think|guess|believe|have|am|see|mean|got|need|can|friend|long|month|week|visit|day|year|pop|piece)\b")
"""Makes the "i" or "a" after a number a word."""
_WINDOW = 32
_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:19|20)?\d\d")
_CARD = re.compile(r"[A-Z]{1,3}\d{8,12}")
_LABELS = frozenset(word for phrase in (*_LEXICON["words"]["cues"], *_LEXICON["words"]["others"]) for word in phrase.split())
_OTHER_WORDS = frozenset(_LEXICON["words"]["others"])


@dataclass(frozen=True, slots=True)
class _Format:
    """One payer's card number."""

    payers: tuple[str, ...]
    shape: str
    """`#` a digit, `@` a letter, anything else itself."""
    proves: bool
    """True: the first letter and the length are enough without the payer."""


_FORMATS = tuple(_Format(tuple(row["payer"]), row["shape"], row["proves"]) for row in _LEXICON["formats"] if row["name"] != "mbi")


def read(message: Message, context: Context) -> list[Reading]:
    """At most one reading, best supported first."""
    asked = context.asked == SLOT
    low = message.low
    found = [run for run in codes(low, atoms(low), loose=asked or _CUE.search(low) is not None) if 2 <= len(run.text) <= LONGEST]
    found = [trimmed for run in found if (trimmed := _trimmed(low, run)) is not None and not _is_other(low, trimmed, asked)]
    found = [_without_rejected(low, run) for run in found]
    found = [run for run in _tails(low, found) if len(run.text) >= SHORTEST]
    if not asked:
        found = [run for run in found if _is_cued(low, run) or is_mbi(run.text.upper()) or _CARD.fullmatch(run.text.upper())]
    elif len(found) > 1:
        found = [run for run in found if _is_cued(low, run) or len(run.text) >= 6] or found
    if not found:
        return _repaired(message, context)
    settled = settle(found, low)
    kept = settled.kept or tuple(found)
    best = kept[-1] if settled.corrected else max(kept, key=lambda run: (run.digits >= SHORTEST, len(run.text)))
    if len(best.text) < 6 and best.letters == 0 and _TAIL.search(low, 0, best.start):
        return _repaired(message, context)
    carrier = context.known.get("insurance.carrier")
    value, proven = repaired(best.text.upper(), carrier if isinstance(carrier, str) else "")
    candidates = tuple(run.text.upper() for run in kept if run is not best)
    certain = 0.95 if proven else 0.8 if asked or _is_cued(low, best) else 0.6
    return [Reading(SLOT, value, message.text[best.start : best.end], best.start, best.end, certain, candidates)]


def is_mbi(text: str) -> bool:
    """Has upper-case `text` the places of a Medicare Beneficiary Identifier?"""
    return _MBI.fullmatch(text) is not None


def repaired(text: str, carrier: str = "") -> tuple[str, bool]:
    """Put right the look-alikes a format proves wrong. Returns the number and whether a format vouches for it."""
    payer = carrier.lower()
    mbi = _as_mbi(text)
    if mbi is not None and (not payer or "medicare" in payer or is_mbi(text)):
        return mbi, True
    for form in _FORMATS:
        of_payer = any(word in payer for word in form.payers)
        if len(form.shape) != len(text) or not (of_payer or (form.proves and not payer)):
            continue
        fitted = _fit(text, form.shape)
        if fitted is not None:
            return fitted, True
    return text, False


def _as_mbi(text: str) -> str | None:
    if len(text) != 11:
        return None
    out = ""
    for place, char in zip(_MBI_PLACES, text, strict=True):
        wanted_digit = place in "CN" or (place == "X" and char in "OI")
        out += _TO_DIGIT.get(char, char) if wanted_digit and char not in "DGQ" else char
    return out if is_mbi(out) else None


def _fit(text: str, shape: str) -> str | None:
    out, changed = "", 0
    for place, char in zip(shape, text, strict=True):
        if place == "#" and not char.isdigit():
            fixed, changed = _TO_DIGIT.get(char, ""), changed + 1
        elif place == "@" and char.isdigit():
            fixed, changed = _TO_LETTER.get(char, ""), changed + 1
        else:
            fixed = char if place in "#@" or place == char else ""
        if not fixed:
            return None
        out += fixed
    return out if changed <= 3 else None


def _trimmed(low: str, run: Spelled) -> Spelled | None:
    """Drop an article in front ("it's a w two four"), and words that stand in front of a number written apart."""
    signs = list(run.signs)
    while (
        len(signs) > 1
        and not signs[0].explained
        and signs[0].text in ("a", "i", "y", "o")
        and low[max(0, run.start - 6) : run.start].strip().endswith(("is", "s", "have", "got", "with", "it", "es", ","))
        and signs[1].text[0].isalpha()
    ):
        signs = signs[1:]
    while len(signs) > 1 and len(signs[0].text) > 1 and signs[0].text in _LABELS and low[signs[0].end : signs[1].start].strip("-"):
        signs = signs[1:]
    if len(signs) > 1 and signs[-1].text in ("a", "i") and not signs[-1].explained and _AFTERWORD.match(low[signs[-1].end :]):
        signs = signs[:-1]
    if len(signs) > 1 and low[signs[0].start : signs[0].end] == "one" and low[signs[1].start : signs[1].end].isdigit():
        signs = signs[1:]
    other = next((k for k, sign in enumerate(signs) if k and len(sign.text) > 1 and sign.text in _OTHER_WORDS), None)
    signs = signs[:other]
    if not signs or not any(char.isdigit() for sign in signs for char in sign.text):
        return None
    return Spelled("".join(sign.text for sign in signs), signs[0].start, signs[-1].end, tuple(signs))


def _without_rejected(low: str, run: Spelled) -> Spelled:
    """ "seven seven, not seventy, W one one ...": the digits right behind "not" are no part of the number that follows them."""
    letter = next((k for k, sign in enumerate(run.signs) if sign.text[0].isalpha()), 0)
    if 0 < letter <= 4 and len(run.signs) - letter >= SHORTEST and rejects(low[: run.start]):
        signs = run.signs[letter:]
        return Spelled("".join(sign.text for sign in signs), signs[0].start, run.end, signs)
    return run


def _tails(low: str, found: list[Spelled]) -> list[Spelled]:
    """ "W123456789, no wait, 788": a few digits after a correction replace the end."""
    out: list[Spelled] = []
    for run in found:
        if out and run.letters == 0 and len(run.text) <= 4 and len(run.text) < len(out[-1].text) - 2 and corrects(low[out[-1].end : run.start]):
            whole = out.pop()
            run = Spelled(whole.text[: -len(run.text)] + run.text, whole.start, run.end, whole.signs)
        out.append(run)
    return out


def _is_cued(low: str, run: Spelled) -> bool:
    window = low[max(0, run.start - _WINDOW) : run.start]
    cue = _CUE.search(window)
    return cue is not None and not re.search(r"[.;!?\n]", window[cue.end() :].strip(" :#.")[:-1])


def _is_other(low: str, run: Spelled, asked: bool) -> bool:
    """The label nearest before the number says what it is; "years old", "street" and "percent" after it do too."""
    window = low[max(0, run.start - _WINDOW) : run.start]
    others = list(_OTHER.finditer(window))
    cues = [m.end() for m in _CUE.finditer(window)]
    if others and (not cues or others[-1].end() >= max(cues) or low[run.start - 1 : run.start] == "#"):
        between = window[others[-1].end() :]
        if len(between.split()) <= 3 and not re.search(r"[.;!?]|\band\b|\by\b", between):
            return True
    if _DATE.fullmatch(low, run.start, run.end):
        return True
    after = low[run.end : run.end + 14]
    return re.match(
        r"\s*(?:%|percent|years?|yrs|yo\b|weeks?|wks?|days?|months?|mos?\b|miles?|minutes?|mins?|street|st\b|ave|road|rd\b|pounds|lbs|anos|semanas|meses|dias|am\b|pm\b|o'?clock|dollars|bucks|:\d)",
        after,
    ) is not None and (run.letters == 0 or not asked)


def _repaired(message: Message, context: Context) -> list[Reading]:
    """The end of the number on record, said again."""
    known = context.known.get(SLOT)
    if not isinstance(known, str) or not (context.asked == SLOT or context.confirming) or not _TAIL.search(message.low):
        return []
    runs = [run for run in digit_runs(message.low) if 1 < len(run.text) < len(known)]
    if not runs:
        return []
    run = runs[-1] if len(runs) > 1 and corrects(message.low[runs[0].end : runs[-1].start]) else runs[0]
    return [Reading(SLOT, known[: -len(run.text)] + run.text, message.text[run.start : run.end], run.start, run.end, 0.75)]
