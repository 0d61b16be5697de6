"""What a spoken number can be: a North American telephone number, and the numbers that payers print on their cards."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from channels.speech.spoken_numbers import CARD_SHAPES
from nlu.numbers import digit_runs
from nlu.parse import Reading

MEMBER_ID = "insurance.member_id"
PHONE = "patient.phone"

_UNASSIGNED = 0.3
"""What a telephone number counts whose area code nobody was given."""
_OTHER_SHAPE = 0.3
"""What a card number counts whose letters and digits stand as on no card we know of; there are such."""
_UNUSED_LETTER = 0.4
"""What each letter costs that issuers avoid because it is taken for a digit (CMS, "Understanding the MBI format")."""
_SCRAP = 0.15
"""What each letter or digit costs that the reading leaves out: part of the number was heard as something else."""
_UNUSED = frozenset("IO")
_SCRAPS = frozenset("one two three four five six seven eight nine zero oh".split())
_AREA_AND_EXCHANGE = re.compile(r"1?[2-9]\d{2}[2-9]\d{6}")
_SHAPES = tuple(re.compile(shape.replace("#", r"\d").replace("@", "[A-Z]")) for shape in CARD_SHAPES)


def has_phone_digits(text: str) -> bool:
    """Whether the words hold ten digits in a row that are a number of the North American plan (area code and exchange begin with 2 to 9)."""
    runs = [run.text for run in digit_runs(text)]
    return any(_AREA_AND_EXCHANGE.fullmatch(run) for run in (*runs, "".join(runs)))


def telephone_number(reading: Reading) -> float:
    """How well a telephone number can be one, 0 to 1: a mishearing is more often in no area than in another."""
    values = (reading.value,) if isinstance(reading.value, str) else tuple(map(str, reading.value))
    return 1.0 if any(_assigned(value) for value in values) else _UNASSIGNED


@lru_cache(maxsize=512)
def _assigned(number: str) -> bool:
    """Whether an E.164 number's area code is in use (Google's libphonenumber tables)."""
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException:
        return False


def card_number(text: str, reading: Reading) -> float:
    """How well a member ID read from these words can be one, 0 to 1."""
    value = str(reading.value)
    fits = any(shape.fullmatch(value) for shape in _SHAPES)
    odds = 1.0 if fits else _OTHER_SHAPE
    odds *= _UNUSED_LETTER ** sum(letter in _UNUSED for letter in value)
    outside = f"{text[: reading.start]} {text[reading.end :]}".split()
    return float(odds * _SCRAP ** sum(_is_scrap(word, at, outside) for at, word in enumerate(outside)))


def _is_scrap(word: str, at: int, words: list[str]) -> bool:
    """A digit or letter by itself, but not the "i" and "d" of "the I D is" or an article."""
    return word in _SCRAPS or (len(word) == 1 and word not in "ia" and not (word == "d" and at and words[at - 1] == "i"))
