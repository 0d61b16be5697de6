"""Who is speaking: the patient, a caregiver, or a referring office."""

from __future__ import annotations

from dialogs.locale import Locale
from nlu.parse import Value

KIND = "role"
FORM = "choice"


def written(value: Value, locale: Locale) -> str:
    """The role in words."""
    return str(locale.terms["roles"].get(value, value))


def spoken(value: Value, locale: Locale) -> str:
    """As written."""
    return written(value, locale)
