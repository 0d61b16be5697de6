"""Whose number it is, and whether a text may go back (A56)."""

from __future__ import annotations

import pytest

from channels.callers import may_text, sender

OWN = frozenset({"+16145550142"})


@pytest.mark.parametrize("raw", ["+14155550101", "+447700900123", " +14155550101 "])
def test_a_number_is_a_sender(raw: str) -> None:
    assert sender(raw) == raw.strip()


@pytest.mark.parametrize(
    "raw",
    [
        *("", "anonymous", "Restricted", "Unavailable", "+266696687", "+7378742833", "+86282452253"),
        *("sip:alice@example.com", "client:bob", "72975", "+1", "+1415555O101", "+٣١٤١٥٩٢٦٥٣٥"),
    ],
)
def test_what_stands_in_for_a_number_is_nobody(raw: str) -> None:
    assert sender(raw) is None


@pytest.mark.parametrize("number", ["+14155550101", "+12125550199", "+14165550123", "+15555550101"])
def test_american_and_canadian_numbers_are_texted(number: str) -> None:
    assert may_text(number, OWN)


@pytest.mark.parametrize(
    "number",
    [
        None,
        "+447700900123",
        "+18765550123",  # Jamaica: in +1, and priced like abroad
        "+18095550123",
        "+19005550123",
        "+14159760123",
        "+16145550142",  # our own
        "+1415555010",
        "+141555501012",
    ],
)
def test_abroad_premium_and_our_own_are_not(number: str | None) -> None:
    """A56."""
    assert not may_text(number, OWN)
