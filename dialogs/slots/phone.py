"""A telephone number in E.164."""

from __future__ import annotations

from dialogs.locale import Locale
from dialogs.slots import text
from nlu.parse import Value

KIND = "phone"
FORM = "phone"


def written(value: Value, locale: Locale) -> str:
    """North American numbers as (415) 555-0100; others as they are."""
    digits = _national(value, locale)
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if len(digits) == 10 else text.written(value, locale)


def spoken(value: Value, locale: Locale) -> str:
    """Digit by digit, in the groups people say numbers in."""
    digits = _national(value, locale)
    groups = (digits[:3], digits[3:6], digits[6:]) if len(digits) == 10 else (digits,)
    return ", ".join(" ".join(group) for group in groups)


def _national(value: Value, locale: Locale) -> str:
    number = text.written(value, locale)
    return number.removeprefix("+1") if number.startswith("+1") else number.removeprefix("+")
