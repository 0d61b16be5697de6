"""Telephone numbers, typed or spoken: "(408) 555 0163", "eight three one, five five five, oh one double three".

A value is E.164. Ten digits are taken as a North American number (NANP: area code and exchange begin with 2 to 9), other
countries with a `+` or `00`. Seven digits are not a number we could call. With a number on record, "it ends in 0142" and
"0142 not 0143" repair it. Checked with Google's libphonenumber tables (`phonenumbers`). Words: `lexicons/phones.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import phonenumbers

from nlu import dates
from nlu.message import Message
from nlu.numbers import Digits, atoms, digit_runs
from nlu.parse import Context, Reading
from nlu.repairs import corrects, settle, words_pattern

SLOT = "patient.phone"

_LEXICON: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "lexicons" / "phones.toml").read_text(encoding="utf-8"))
_CUE = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["cues"]) + r"s?(?![a-z])")
_OTHER = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["others"]) + r"(?![a-z])")
_TAIL = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["tails"]) + r"(?![a-z])")
_HEAD = re.compile(r"(?<![a-z])" + words_pattern(_LEXICON["heads"]) + r"(?![a-z])")
_TYPED = re.compile(r"(?<![\w+.-])(?:\+?1[\s.-]{0,2})?\(?\d{3}\)?[\s./-]{0,3}\d{3}[\s.-]{0,3}\d{4}(?![\w@]|-\d)")
_FOREIGN = re.compile(r"(?<![\w.])(?:\+|00)\s?\d(?:[\s().-]{0,2}\d){6,15}(?!\w)")
_LAST_DIGITS = re.compile(r"\b(?:last (?:two|three|four|seven|[2347]|digits?|numbers?)|(?:los )?ultimos (?:dos|tres|cuatro|digitos|numeros))\b")
"""Names a part of a number said before, whatever was asked since."""
_JOINT = re.compile(r"[ \t\-.,()/]*(?:" + words_pattern(_LEXICON["joints"]) + r"\b[ \t\-.,()/]*){0,4}")
_EXTENSION = re.compile(r"[\s,;(]*\b(?:" + "|".join(_LEXICON["extensions"]) + r")\b[\s.:#]*|\s?[xX]\s?(?=\d)")
_WINDOW = 28


@dataclass(frozen=True, slots=True)
class Phone:
    """One number found."""

    value: str
    """E.164."""
    start: int
    end: int
    confidence: float


def read(message: Message, context: Context) -> list[Reading]:
    """At most one reading; several candidates in its value where the caller did not settle on one."""
    found = [phone for phone in find(message, context) if not _is_other(message.low, phone, context)]
    if not found:
        return _repaired(message, context)
    settled = settle(found, message.low)
    kept = settled.kept or tuple(found[:1])
    first = kept[0] if not settled.corrected else kept[-1]
    value: str | tuple[str, ...] = first.value
    if settled.alternatives and len({phone.value for phone in kept}) > 1:
        value = tuple(dict.fromkeys(phone.value for phone in kept))
    end = _with_extension(message.low, first.end)
    raw = message.text[first.start : end]
    others = tuple(phone.value for phone in kept if phone.value != first.value)
    return [Reading(SLOT, value, raw, first.start, end, first.confidence, others)]


def _with_extension(low: str, end: int) -> int:
    """Where the number ends with its extension, which no E.164 value can hold but whoever calls must see."""
    label = _EXTENSION.match(low, end)
    if label is None:
        return end
    dialled = next(iter(digit_runs(low[label.end() : label.end() + _WINDOW])), None)
    return label.end() + dialled.end if dialled is not None and dialled.start == 0 and len(dialled.text) <= 6 else end


def is_cued(low: str, start: int) -> bool:
    """Do the words before `start` say a telephone number follows?"""
    return re.search(r"\b(?:phone|cell|mobile|tel|call|text|reach|telefono|celular)\w*\b", low[max(0, start - _WINDOW) : start]) is not None


def find(message: Message, context: Context) -> list[Phone]:
    """Every number that could be called, in order, whatever it is for."""
    return list(_find(message.low, context.asked == SLOT))


@lru_cache(maxsize=16)
def _find(text: str, asked: bool) -> tuple[Phone, ...]:
    low = dates.without_numeric(text)
    found = [phone for match in _FOREIGN.finditer(low) for phone in _abroad(match)]
    for match in _TYPED.finditer(low):
        phone = _checked(re.sub(r"\D", "", match.group()), match.start(), match.end())
        if phone is not None and not _overlaps(found, match.start(), match.end()):
            found.append(phone)
    runs = (run for run in digit_runs(low, atoms(low)) if not _glued(low, run))
    spoken = [run for run in runs if not _overlaps(found, run.start, run.end)]
    found.extend(_spoken(spoken, low, asked=asked))
    return tuple(sorted(found, key=lambda phone: phone.start))


def _glued(low: str, run: Digits) -> bool:
    """Part of a card number: "U6612098801"."""
    letters = re.search(r"[a-z]+(?=\d*-?\Z)", low[max(0, run.start - 12) : run.start]) if low[run.start].isdigit() else None
    return letters is not None and _CUE.fullmatch(letters.group()) is None


def _spoken(runs: Sequence[Digits], low: str, asked: bool) -> list[Phone]:
    """Runs of digits; a short run after "no sorry" replaces the end of the number before it."""
    found: list[Phone] = []
    pending: Digits | None = None
    for run in runs:
        if pending is not None and len(run.text) < 10:
            gap = low[pending.end : run.start]
            if len(pending.text) + len(run.text) == 10 and _JOINT.fullmatch(gap) and not corrects(gap):
                run = Digits(pending.text + run.text, pending.start, run.end)
            elif len(pending.text) in (8, 9) and corrects(gap) and len(run.text) == 4:
                run = Digits(pending.text[:6] + run.text, pending.start, run.end)
            elif len(pending.text) in (10, 11) and corrects(gap) and len(run.text) in (2, 3, 4, 7):
                run = Digits(pending.text[: -len(run.text)] + run.text, pending.start, run.end)
                found = found[:-1]
        pending = run
        phone = _checked(run.text, run.start, run.end) or _leading(run)
        if phone is not None and (phone.confidence >= 0.5 or asked or _CUE.search(low, max(0, run.start - _WINDOW), run.start)):
            found.append(phone)
    return found


def _leading(run: Digits) -> Phone | None:
    """The first ten digits of a longer run, where the speaker's own grouping ends there."""
    length = 0
    for group in run.groups:
        length += len(group)
        if length == 10:
            return _checked(run.text[:10], run.start, run.end)
    return None


def _checked(digits: str, start: int, end: int) -> Phone | None:
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) != 10:
        return None
    plausible = digits[0] not in "01" and digits[3] not in "01"
    return Phone("+1" + digits, start, end, 0.95 if plausible else 0.4)


def _abroad(match: re.Match[str]) -> Iterator[Phone]:
    digits = re.sub(r"\D", "", match.group())
    international = "+" + digits.removeprefix("00") if not match.group().startswith("+") else "+" + digits
    try:
        number = phonenumbers.parse(international)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_possible_number(number):
        value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        yield Phone(value, match.start(), match.end(), 0.9 if phonenumbers.is_valid_number(number) else 0.6)


def _overlaps(found: Sequence[Phone], start: int, end: int) -> bool:
    return any(phone.start < end and start < phone.end for phone in found)


def _is_other(low: str, phone: Phone, context: Context) -> bool:
    """A fax, an NPI, a claim: the nearest label before the number decides."""
    window = low[max(0, phone.start - _WINDOW) : phone.start]
    others = [m.end() for m in _OTHER.finditer(window)]
    cues = [m.end() for m in _CUE.finditer(window)]
    if not others or (cues and max(cues) > max(others) and not window.rstrip(" :#").endswith(("number", "num", "numero"))):
        return False
    label = list(_OTHER.finditer(window))[-1]
    between = window[label.end() :]
    return not re.search(r"[.;,!?]|\b(?:and|y|my|mi|but|pero)\b", between) and len(between.split()) <= 4


def _repaired(message: Message, context: Context) -> list[Reading]:
    """A part of the number on record said again."""
    known = context.known.get(SLOT)
    if not isinstance(known, str) or not known.startswith("+1"):
        return []
    runs = digit_runs(message.low)
    told = _CUE.search(message.low) or (_LAST_DIGITS.search(message.low) and context.asked != "insurance.member_id")
    if not runs or not (context.asked == SLOT or context.confirming or told):
        return []
    settled = settle(runs, message.low)
    run = settled.kept[-1] if settled.kept else runs[-1]
    if len(run.text) > 7 or len(run.text) < 2:
        return []
    if context.asked != SLOT and not told and re.fullmatch(r"(?:19|20)\d\d", run.text):
        return []  # a year, when everything is being confirmed
    digits, before = known[2:], message.low[: run.start]
    rejected = [other.text for other in runs if other not in settled.kept]
    if len(run.text) == 3 and (_HEAD.search(before) or digits[:3] in rejected):
        digits = run.text + digits[3:]
    elif _TAIL.search(before) or any(digits.endswith(text) for text in rejected) or len(run.text) in (4, 7):
        digits = digits[: -len(run.text)] + run.text
    else:
        return []
    return [Reading(SLOT, "+1" + digits, message.text[run.start : run.end], run.start, run.end, 0.8)]
