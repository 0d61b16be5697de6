"""Words as the person put them: a reason, a body part, a practice, a plan."""

from __future__ import annotations

from dialogs.locale import Locale
from nlu.parse import Value

KIND = "text"
FORM = "text"


def written(value: Value, locale: Locale) -> str:
    """The words, those of a closed list in the locale's language; several unsettled candidates joined by "or"."""
    said = [value] if isinstance(value, str) else [str(v) for v in value]
    return locale.list([str(locale.terms["values"].get(v, v)) for v in said], "or")


def spoken(value: Value, locale: Locale) -> str:
    """As written: these are words already."""
    return written(value, locale)
