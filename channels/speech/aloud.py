"""What a synthesiser is given to say: numbers, telephone numbers, IDs, dates, times and names as people say them.

Left alone it reads 911 as nine hundred eleven, 8:00 as eight zero zero, $40 as dollar forty, and the letter A in a member ID as an article. What
our own wordings already spell out is left as it is. Twilio's voices, in the other mode, do most of this by themselves.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from nlu.parse import Language

_PHONE = re.compile(r"(?<![\w+])(?:\+?1[-. ]?)?\(?([2-9]\d{2})\)?[-. ]{0,2}([2-9]\d{2})[-. ]?(\d{4})(?!\w)")
_SERVICE = re.compile(r"(?<![\w$#.,:/-])([2-9]11|988)(?![\w:/-]|[.,]\d)")
_CODE = re.compile(r"(?<![\w-])(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])([A-Z]{1,3}-?[A-Z0-9]{4,})(?![\w-])")
_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)")
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2})(?::([0-5]\d))?\s?([aApP])(?:[mM]\b|\.\s?[mM]\.)|(?<![\d:$])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])")
_SPAN = re.compile(r"(?<=[\w.])\s?[-\N{EN DASH}]\s?(?=\d{1,2}(?::\d\d)?\s?[aApP]\.?[mM])|(?<=\d)\s?[-\N{EN DASH}]\s?(?=\d{1,3}\b(?![-\d]))")
_DAYS = re.compile(r"(?<=[a-z]day)\s?[-\N{EN DASH}]\s?(?=[A-Z])")
_MONEY = re.compile(r"\$\s?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{2}))?(?!\d)")
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_ADDRESS = re.compile(r"\b(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+(?:com|org|net|example|health|clinic|us|gov|edu|info)(?:/[\w/-]*)?)\b/?")
_YEAR = re.compile(r"(?<=[a-z] \d, |[a-z] \d\d,) ?((?:19|20)\d{2})\b|\b(?<=in |of )((?:19|20)\d{2})\b")
_ZIP = re.compile(r"\b([A-Z]{2}) (\d{5})(?:-\d{4})?\b")
_LETTER = re.compile(r"(?<![\w'])([A-Z])(?=[ ,](?:[A-Z0-9][ ,.]|[A-Z0-9]$))|(?<=\b[A-Z0-9] )([A-Z])\b|(?<=\b[A-Z0-9], )([A-Z])\b")

Rule = Callable[[str, "_Words"], str]


@dataclass(frozen=True, slots=True)
class _Words:
    """One language of `aloud.toml`."""

    table: Mapping[str, Any]
    short: re.Pattern[str]
    street: re.Pattern[str] | None

    def __getitem__(self, name: str) -> Any:
        return self.table[name]


def aloud(text: str, language: Language) -> str:
    """The text as it is given to the synthesiser."""
    words = _words(language)
    for rule in _RULES:
        text = rule(text, words)
    return text


@cache
def _words(language: Language) -> _Words:
    table = tomllib.loads((resources.files("channels.speech") / "aloud.toml").read_text(encoding="utf-8"))[language]
    short = "|".join(re.escape(one) for one in sorted(table["short"], key=len, reverse=True))
    streets = "|".join(sorted(table["streets"], key=len, reverse=True))
    street = re.compile(rf"\b(\d{{3,5}}) ((?:[NSEW]\.? )?(?:[A-Z][a-z]+ ){{1,3}})({streets})\b\.?") if streets else None
    return _Words(table, re.compile(rf"(?<!\w)(?:{short})(?![\w])"), street)


def _by_character(text: str) -> str:
    """`7K3M9Q` -> `7 K 3, M 9 Q`: groups of three, as people check codes."""
    return ", ".join(" ".join(text[at : at + 3]) for at in range(0, len(text), 3))


def _addresses(text: str, words: _Words) -> str:
    """E-mail and web addresses, sign by sign where it is a sign."""

    def said(address: str) -> str:
        signs = {"@": words["at"], ".": words["dot"], "/": words["slash"], "_": words["underscore"], "-": words["dash"]}
        return " ".join("".join(f" {signs[char]} " if char in signs else char for char in address.strip("/")).split())

    text = _MAIL.sub(lambda found: said(found[0]), text)
    return _ADDRESS.sub(lambda found: said(found[1]), text)


def _phones(text: str, _words: _Words) -> str:
    return _PHONE.sub(lambda found: ", ".join(" ".join(group) for group in found.groups()), text)


def _services(text: str, _words: _Words) -> str:
    return _SERVICE.sub(lambda found: " ".join(found[1]), text)


def _codes(text: str, _words: _Words) -> str:
    """A lead's reference, a member ID."""
    return _CODE.sub(lambda found: ", ".join(_by_character(part) for part in found[1].split("-")), text)


def _dates(text: str, words: _Words) -> str:
    def said(found: re.Match[str]) -> str:
        return str(words["date"]).format(month=words["months"][int(found[2]) - 1], day=int(found[3]), year=found[1])

    return _ISO_DATE.sub(said, text)


def _years(text: str, words: _Words) -> str:
    """1985 is nineteen eighty-five; what begins with 200 is read right."""

    def said(found: re.Match[str]) -> str:
        year = found[1] or found[2]
        spoken = year if year.startswith("200") or not words["streets"] else _pairs(year, words)
        return found[0].replace(year, spoken)

    return _YEAR.sub(said, text)


def _clocks(text: str, words: _Words) -> str:
    def said(found: re.Match[str]) -> str:
        if found[3]:
            return _spoken_clock(words, "clock", found[1], found[2], _half(int(found[1]), found[3].lower(), words))
        return _spoken_clock(words, "clock_24", found[4], found[5], "")

    return _CLOCK.sub(said, _SPAN.sub(f" {words['to']} ", text))


def _half(hour: int, sign: str, words: _Words) -> str:
    halves: Mapping[str, str] = words["halves"]
    return halves.get("night", halves[sign]) if sign == "p" and 8 <= hour < 12 else halves[sign]


def _spoken_clock(words: _Words, form: str, hour: str, minute: str | None, half: str) -> str:
    if minute in (None, "00"):
        return str(words[f"{form}_sharp"]).format(hour=int(hour), half=half)
    shown = f"{words['oh']} {minute[1]}" if minute and minute.startswith("0") else minute
    return str(words[form]).format(hour=int(hour), minute=shown, half=half)


def _money(text: str, words: _Words) -> str:
    def said(found: re.Match[str]) -> str:
        amount, cents = found[1].replace(",", ""), found[2]
        if cents and cents != "00":
            return str(words["dollars_and_cents"]).format(amount=amount, cents=int(cents))
        return str(words["dollar"] if amount == "1" else words["dollars"].format(amount=amount))

    return _MONEY.sub(said, text)


def _streets(text: str, words: _Words) -> str:
    """1450 Elm St is fourteen fifty Elm Street, and its ZIP code is five digits."""
    if words.street is None:
        return text
    text = words.street.sub(lambda found: f"{_pairs(found[1], words)} {found[2]}{words['streets'][found[3]]}", text)
    return _ZIP.sub(lambda found: f"{' '.join(found[1])}, {' '.join(found[2])}", text)


def _pairs(number: str, words: _Words) -> str:
    """`1450` -> `14 50`, `405` -> `4 oh 5`, `1200` -> `12 hundred`."""
    head, tail = number[:-2], number[-2:]
    if number.endswith("000"):
        return str(words["thousand"]).format(number=number[:-3])
    if tail == "00":
        return str(words["hundred"]).format(number=head)
    spoken = f"{words['oh']} {tail[1]}" if tail.startswith("0") else tail
    return f"{_pairs(head, words) if len(head) > 2 else head} {spoken}"


def _shorts(text: str, words: _Words) -> str:
    text = words.short.sub(lambda found: str(words["short"][found[0]]), text)
    return _DAYS.sub(f" {words['to']} ", text)


def _letters(text: str, words: _Words) -> str:
    """Letters that are spelled, where one of them is a word."""
    if not words["letters"]:
        return text
    return _LETTER.sub(lambda found: str(words["letters"].get(found[0], found[0])), text)


_RULES: tuple[Rule, ...] = (_addresses, _phones, _dates, _streets, _years, _shorts, _money, _clocks, _codes, _services, _letters)
"""In this order: what is a piece of something longer comes after it."""
