"""Who referred the patient; `none` means nobody did."""

from __future__ import annotations

from dialogs.locale import Locale
from dialogs.slots import text
from nlu.parse import Value

KIND = "provider"
FORM = "text"


def written(value: Value, locale: Locale) -> str:
    """The name, or the words for "no referral"."""
    return str(locale.terms["no_referral"]) if value == "none" else text.written(value, locale)


def spoken(value: Value, locale: Locale) -> str:
    """As people say it: "Doctor" in full."""
    return written(value, locale).replace("Dr. ", f"{locale.terms['doctor']} ")
