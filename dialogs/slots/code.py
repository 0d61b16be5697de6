"""A member ID or claim number: letters and digits only."""

from __future__ import annotations

from dialogs.locale import Locale
from dialogs.slots import text
from nlu.parse import Value

KIND = "code"
FORM = "id"


def written(value: Value, locale: Locale) -> str:
    """As on the card."""
    return text.written(value, locale)


def spoken(value: Value, locale: Locale) -> str:
    """One character at a time, a pause after every third: people check IDs in short groups."""
    code = written(value, locale)
    return ", ".join(" ".join(code[i : i + 3]) for i in range(0, len(code), 3))
