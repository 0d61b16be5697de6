"""Dates as documents write them."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.drafting import dates


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Form 7 rev. 09/2025", date(2025, 9, 1)),
        ("Effective January 15, 2026", date(2026, 1, 15)),
        ("Last updated 2026-02-03", date(2026, 2, 3)),
        ("Last edited by the desk, March 2026.", date(2026, 3, 1)),
        ("revised 3/4/26", date(2026, 3, 4)),
        ("In effect since 1 October 2026", date(2026, 10, 1)),
        ("Posted November 2nd, 2026", date(2026, 11, 2)),
        ("We open at 8", None),
        ("Effective 13/45/2026", None),
    ],
)
def test_since_when_a_document_holds(text: str, day: date | None) -> None:
    assert dates.effective([text]) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [("offered through June 30, 2027", date(2027, 6, 30)), ("valid until February 2028", date(2028, 2, 29)), ("open until 5 PM", None)],
)
def test_until_when_an_offer_lasts(text: str, day: date | None) -> None:
    assert dates.expires(text) == day
