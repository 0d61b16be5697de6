"""An e-mail address."""

from __future__ import annotations

from dialogs.locale import Locale
from dialogs.slots import text
from nlu.parse import Value

KIND = "email"
FORM = "email"


def written(value: Value, locale: Locale) -> str:
    """As typed."""
    return text.written(value, locale)


def spoken(value: Value, locale: Locale) -> str:
    """ "maria dot h at gmail dot com"."""
    return written(value, locale).replace("@", f" {locale.terms['at_sign']} ").replace(".", f" {locale.terms['dot']} ")
