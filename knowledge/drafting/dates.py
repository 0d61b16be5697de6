"""Dates that documents give themselves: since when one holds, until when an offer lasts."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date

_MONTHS = {name.lower(): number for number in range(1, 13) for name in (calendar.month_name[number], calendar.month_abbr[number])}
_MONTH = "|".join(sorted((name for name in _MONTHS if name), key=len, reverse=True))
_DATE = (
    rf"(?:(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<named>{_MONTH})\.?,?\s+(?P<yeared>\d{{4}})"
    rf"|(?P<name>{_MONTH})\.?\s+(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?P<year>\d{{4}})"
    r"|(?P<month>\d{1,2})/(?:(?P<mday>\d{1,2})/)?(?P<myear>\d{4}|\d{2}(?!\d)))"
)
_SINCE = re.compile(
    r"\b(?:rev(?:ised|ision)?|effective|updated|last (?:edited|updated|reviewed|changed)|as of|version|valid from|in effect|"
    r"posted|issued|dated|reviewed)\b\.?"
    rf"[^.\d\n]{{0,60}}?{_DATE}",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?:expires?|expired|until|through|thru|ends?|ended|ending|valid (?:to|until|through)|good (?:until|through)|no later than)\b"
    rf"[^.\d\n]{{0,30}}?{_DATE}",
    re.IGNORECASE,
)
_CLOSES = re.compile(r"\bclos(?:e|es|ed|ing|ure)\b", re.IGNORECASE)
_FROM = re.compile(rf"\b(?:starting|effective|beginning|as of)\b\s+(?:on\s+)?(?:[A-Z][a-z]+day,?\s+)?{_DATE}", re.IGNORECASE)
_OWNER = re.compile(
    r"\b(?:owner|owned by|maintained by|prepared by|edited by|contact for this (?:document|page))\b\s*:?\s*(?:the\s+)?"
    r"([A-Za-z][\w .&'-]{2,40}?)(?=[,;.(|]|$)",
    re.IGNORECASE,
)


def effective(texts: Iterable[str]) -> date | None:
    """The latest day from which any of these texts says it holds; a month is its first day."""
    found = [day for text in texts for match in _SINCE.finditer(text) if (day := _day(match, last=False))]
    return max(found, default=None)


def begins(text: str) -> date | None:
    """The day from which a text says that what it says holds: "starting January 1, 2027 the fee is". A closure is told beforehand."""
    if _CLOSES.search(text):
        return None
    found = [day for match in _FROM.finditer(text) if (day := _day(match, last=False))]
    return min(found, default=None)


def expires(text: str) -> date | None:
    """The last day of what a text says ends; a month is its last day."""
    found = [day for match in _UNTIL.finditer(text) if (day := _day(match, last=True))]
    return max(found, default=None)


def owner(texts: Iterable[str]) -> str:
    """Who a document says keeps it; empty when it does not say."""
    return next((match[1].strip() for text in texts for match in _OWNER.finditer(text)), "")


def _day(match: re.Match[str], *, last: bool) -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        if match["named"]:
            return date(int(match["yeared"]), _MONTHS[match["named"].lower()], int(match["first"]))
        year = int(match["year"] or match["myear"])
        year += 2000 if year < 100 else 0
        month = _MONTHS[match["name"].lower()] if match["name"] else int(match["month"])
        day = match["day"] or match["mday"]
        return date(year, month, int(day) if day else calendar.monthrange(year, month)[1] if last else 1)
    except ValueError:
        return None
