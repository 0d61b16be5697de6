"""Words as the person put them: a reason, a body part, a practice, a plan."""

from __future__ import annotations

from dialogs.locale import Locale
from nlu.parse import Value

KIND = "text"
FORM = "text"


def written(value: Value, locale: Locale) -> str:
    """The words; several unsettled candidates joined by "or"."""
    return value if isinstance(value, str) else locale.list([str(v) for v in value], "or")


def spoken(value: Value, locale: Locale) -> str:
    """As written: these are words already."""
    return written(value, locale)
