"""When a person could come in: one or several windows of the week."""

from __future__ import annotations

from datetime import date

from dialogs.locale import Locale
from nlu.parse import TimeWindow, Value

KIND = "times"
FORM = "times"

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
_WEEKEND = ("sat", "sun")


def written(value: Value, locale: Locale) -> str:
    """ "Tuesdays and Thursdays after 3:00 PM, or Saturday mornings"."""
    if isinstance(value, str):
        return value
    return locale.list([_window(w, locale) if isinstance(w, TimeWindow) else w for w in value], "or")


def spoken(value: Value, locale: Locale) -> str:
    """As written."""
    return written(value, locale)


def _window(window: TimeWindow, locale: Locale) -> str:
    terms = locale.terms
    words = [_days(window.days, locale)]
    if window.part != "any" and not (window.after or window.before):
        words.append(terms["parts"][window.part])
    if window.after:
        words.append(terms["after"].format(time=_clock(window.after, locale)))
    if window.before:
        words.append(terms["before"].format(time=_clock(window.before, locale)))
    if window.first:
        words.append(terms["from_date"].format(date=_date(window.first, locale)))
    return " ".join(word for word in words if word) or str(terms["any_time"])


def _days(days: tuple[str, ...], locale: Locale) -> str:
    terms = locale.terms
    if tuple(days) == _WEEKDAYS:
        return str(terms["weekdays"])
    if tuple(days) == _WEEKEND:
        return str(terms["weekends"])
    return locale.list([terms["days"][day] for day in days])


def _clock(time: str, locale: Locale) -> str:
    hour, minute = (int(n) for n in time.split(":"))
    half = locale.terms["am"] if hour < 12 else locale.terms["pm"]
    return f"{hour % 12 or 12}:{minute:02} {half}" if minute else f"{hour % 12 or 12} {half}"


def _date(iso: str, locale: Locale) -> str:
    day = date.fromisoformat(iso)
    return str(locale.terms["date"]).format(month=locale.terms["months"][day.month - 1], day=day.day)
