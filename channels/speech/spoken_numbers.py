"""Numbers, dates, names and spellings as callers say them, made up by rule: the recogniser learns from them what follows what.

The same every time, so that a grammar is the same on every machine. Nobody's number is among them but by chance.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

Lists = Mapping[str, Sequence[str]]
"""The word lists of the phrase file and the name lists."""

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_HEAD = 20
"""Ranks at the head of a name list that are about equally common."""
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

CARD_SHAPES = (
    # Card numbers: `#` a digit, `@` a letter, anything else itself. Published shapes and what cards of the large payers look like;
    # the first three are Medicare's (CMS, "Understanding the MBI format"), whose letters are never S, L, O, I, B, Z.
    "#@##@##@@##", "#@@#@@#@@##", "#@##@@#@@##",
    "@########", "@#########", "@##########", "@@@#########", "@@@########", "@@##########", "@@#######",
    "########", "#########", "##########", "###########", "#########@", "########@", "R########", "W#########", "U##########", "H########",
)  # fmt: skip


def made(kind: str, count: int, lists: Lists) -> list[str]:
    """`count` made-up sayings of one kind (a key of `MAKERS`)."""
    chance = random.Random(f"{kind} {count}")  # noqa: S311  # no secret: the same list on every machine is the point
    return [MAKERS[kind](chance, lists) for _ in range(count)]


def _digits(chance: random.Random, text: str) -> str:
    """Digit by digit, a nought as "oh" or "zero" throughout."""
    nought = chance.choice(("oh", "zero"))
    return " ".join(nought if digit == "0" else _ONES[int(digit) - 1] for digit in text)


def _pair(number: int) -> str:
    """Two digits as one number: "sixty", "forty two", "oh five"."""
    if number < 10:
        return f"oh {_ONES[number - 1]}" if number else "hundred"
    if number < 20:
        return _TEENS[number - 10]
    tens = _TENS[number // 10 - 2]
    return f"{tens} {_ONES[number % 10 - 1]}" if number % 10 else tens


def _group(chance: random.Random, text: str) -> str:
    """A few digits the way people say them."""
    way = chance.random()
    if len(text) == 3 and way < 0.06 and text[1:] == "00" and text[0] != "0":
        return f"{_digits(chance, text[0])} hundred"
    if len(text) == 3 and len(set(text)) == 1 and way < 0.5:
        return f"triple {_digits(chance, text[0])}"
    if len(text) == 4 and way < 0.12:
        return f"{_pair(int(text[:2]))} {_pair(int(text[2:]))}" if text[0] != "0" else _digits(chance, text)
    if len(text) == 4 and way < 0.24:
        return f"{_digits(chance, text[:2])} {_pair(int(text[2:]))}" if text[2] != "0" else _digits(chance, text)
    for at in range(len(text) - 1):
        if text[at] == text[at + 1] and way > 0.85:
            parts = (_digits(chance, text[:at]), f"double {_digits(chance, text[at])}", _digits(chance, text[at + 2 :]))
            return " ".join(part for part in parts if part)
    return _digits(chance, text)


def _phone(chance: random.Random, _: Lists) -> str:
    """A North American number: area code and exchange begin with 2 to 9."""
    area, exchange = (f"{chance.randint(2, 9)}{chance.randint(0, 99):02}" for _ in range(2))
    if chance.random() < 0.15:
        exchange = exchange[0] * 3
    return " ".join((_group(chance, area), _group(chance, exchange), _group(chance, f"{chance.randint(0, 9999):04}")))


def _member_id(chance: random.Random, lists: Lists) -> str:
    shape = chance.choice(CARD_SHAPES)
    said: list[str] = []
    at = 0
    while at < len(shape):
        if shape[at] == "#":
            run = len(shape[at:]) - len(shape[at:].lstrip("#"))
            run = min(run, chance.choice((3, 4, 4, run)))
            said.append(_group(chance, "".join(chance.choice("0123456789") for _ in range(run))))
            at += run
        else:
            said.append(chance.choice(lists["letter"]) if shape[at] == "@" else shape[at].lower())
            at += 1
    return " ".join(said)


def _date(chance: random.Random, lists: Lists) -> str:
    """A date of birth of somebody between a few months and a hundred years old."""
    month, day, year = chance.randint(1, 12), chance.randint(1, 31), chance.randint(1930, 2025)
    ordinal, name = lists["ordinal"][day - 1], lists["month"][month - 1]
    spoken = _year(year)
    short = spoken if year >= 2000 else chance.choice((spoken, spoken, _pair(year % 100)))
    numbers = f"{_bare(month)} {_bare(day)} {short}"
    named = (f"{name} {ordinal} {short}", f"{name} {ordinal} {spoken}", f"{name} {_bare(day)} {short}", f"the {ordinal} of {name} {spoken}")
    return chance.choice((*named, numbers))


def _year(year: int) -> str:
    """ "nineteen forty four", "two thousand six", "twenty twelve"."""
    rest = year % 100
    if year < 2000:
        return f"nineteen {_pair(rest)}"
    if rest >= 10:
        return f"twenty {_pair(rest)}"
    return f"two thousand {_bare(rest)}" if rest else "two thousand"


def _bare(number: int) -> str:
    return _ONES[number - 1] if number < 10 else _pair(number)


def _name(chance: random.Random, lists: Lists) -> str:
    """First and last name, the common ones as often as people have them: the thousandth is borne by a fiftieth of the people of the first."""
    return " ".join(_by_frequency(chance, lists[kind]) for kind in ("first_each", "last_each"))


def _by_frequency(chance: random.Random, ranked: Sequence[str]) -> str:
    """One of a list, most frequent first, by Zipf's law: how common a name is falls as one over its rank."""
    return ranked[int(_HEAD * (1 + len(ranked) / _HEAD) ** chance.random() - _HEAD)]


def _spelled(chance: random.Random, lists: Lists) -> str:
    """A name and how it is spelled."""
    name = chance.choice(lists[chance.choice(("first_common", "last_weighted", "last_weighted"))])
    return f"{name} {_letters(chance, name)}"


def _doctor_spelled(chance: random.Random, lists: Lists) -> str:
    name = chance.choice(lists["last_weighted"])
    return f"doctor {name} {_letters(chance, name)}"


def _only_letters(chance: random.Random, lists: Lists) -> str:
    return _letters(chance, chance.choice(lists[chance.choice(("first_common", "last_weighted", "last_weighted"))]))


def _letters(chance: random.Random, name: str) -> str:
    letters = [char for char in name if char.isalpha()]
    for at in range(len(letters) - 1):
        if letters[at] == letters[at + 1] and chance.random() < 0.3:
            return " ".join((*letters[:at], "double", *letters[at + 1 :]))
    return " ".join(letters)


MAKERS: Mapping[str, Callable[[random.Random, Lists], str]] = {
    "phone": _phone,
    "member_id": _member_id,
    "date": _date,
    "name": _name,
    "spelled": _spelled,
    "doctor_spelled": _doctor_spelled,
    "letters": _only_letters,
}
"""By the name the phrase file uses."""
