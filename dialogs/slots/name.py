"""A person's name."""

from __future__ import annotations

from dialogs.locale import Locale
from dialogs.slots import text
from nlu.parse import Value

KIND = "name"
FORM = "name"


def written(value: Value, locale: Locale) -> str:
    """As people write it."""
    return text.written(value, locale)


def spoken(value: Value, locale: Locale) -> str:
    """As written: a synthesiser reads names best unspelled."""
    return text.spoken(value, locale)
