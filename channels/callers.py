"""Whose number this is: what a carrier puts in `From`, and whether a text may go back to it."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

import phonenumbers

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)

WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+464"})
"""What stands in for a withheld caller: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE keyed on a telephone."""

_PREMIUM_AREA = "900"
_PREMIUM_EXCHANGE = "976"
_TEXTED = (None, "US", "PR", "VI", "CA")
"""Regions answered by text: the United States with Puerto Rico and the Virgin Islands, and Canada.
None: an area code newer than the tables; it has the form of a North American number."""


def sender(raw: str) -> str | None:
    """The caller's number in E.164, or None for `anonymous`, a withheld number, a SIP address or a short code."""
    number = raw.strip()
    return number if _E164.fullmatch(number) and number not in WITHHELD else None


def may_text(number: str | None, own: Collection[str]) -> bool:
    """Whether a reply may go to this number: American or Canadian, not premium, not one of our own (toll fraud, loops).

    The rest of +1 (the Caribbean) costs like abroad and is where texting fraud is at home.
    """
    if number is None or number in own or not number.startswith("+1") or len(number) != len("+12125550100"):
        return False
    if number[2:5] == _PREMIUM_AREA or number[5:8] == _PREMIUM_EXCHANGE:
        return False
    return _is_texted(number)


@lru_cache(maxsize=4096)  # asked for every text of a conversation
def _is_texted(number: str) -> bool:
    parsed = phonenumbers.parse(number)
    return phonenumbers.region_code_for_number(parsed) in _TEXTED and phonenumbers.number_type(parsed) != phonenumbers.PhoneNumberType.PREMIUM_RATE
