"""An insurance carrier."""

from __future__ import annotations

from dialogs.locale import Locale
from dialogs.slots import text
from nlu.parse import Value

KIND = "payer"
FORM = "payer"


def written(value: Value, locale: Locale) -> str:
    """Its name; several unsettled candidates joined by "or"."""
    return text.written(value, locale)


def spoken(value: Value, locale: Locale) -> str:
    """As written."""
    return text.spoken(value, locale)
