"""A calendar date, ISO."""

from __future__ import annotations

from datetime import date

from dialogs.locale import Locale
from dialogs.slots import text
from nlu.parse import Value

KIND = "date"
FORM = "date"


def written(value: Value, locale: Locale) -> str:
    """The month in words, so that nobody mistakes day for month."""
    try:
        day = date.fromisoformat(text.written(value, locale))
    except ValueError:
        return text.written(value, locale)
    return str(locale.terms["date_with_year"]).format(month=locale.terms["months"][day.month - 1], day=day.day, year=day.year)


def spoken(value: Value, locale: Locale) -> str:
    """As written: synthesisers read dates with month names well."""
    return written(value, locale)
