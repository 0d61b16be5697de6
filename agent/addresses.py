"""Telephone numbers and e-mail addresses in the one form they are stored, compared and sent to in."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

REGION = "US"


@lru_cache(maxsize=4096)  # every turn of a conversation asks about the same few numbers
def e164(text: str) -> str | None:
    """`(614) 555-0142` -> `+16145550142`; None when it is no telephone number.

    Possible rather than valid by the numbering plan: a new area code must not cost a clinic its callers.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mailbox(text: str) -> str:
    """Lower case without surrounding space. RFC 5321 lets the local part be case-sensitive; no provider in use makes it so."""
    return text.strip().lower()


def national(number: str) -> str:
    """`+16145550142` -> `(614) 555-0142`, for people to read; anything else as it is."""
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def normalised(address: str) -> str:
    """The form a number or an e-mail address is looked up in; anything else as it is."""
    return mailbox(address) if "@" in address else (e164(address) or address)
