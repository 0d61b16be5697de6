"""Numbers, telephone numbers, IDs, dates, times and names are given to the synthesiser as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.speech.aloud import aloud

ENGLISH = [
    ("Hang up and dial 911.", "Hang up and dial 9 1 1."),
    ("Call or text 988 now.", "Call or text 9 8 8 now."),
    ("hang up and dial 9 1 1 now", "hang up and dial 9 1 1 now"),
    ("Call (440) 555-0100.", "Call 4 4 0, 5 5 5, 0 1 0 0."),
    ("Call 440-555-0100 or +14405550100.", "Call 4 4 0, 5 5 5, 0 1 0 0 or 4 4 0, 5 5 5, 0 1 0 0."),
    ("I have 4 4 0, 5 5 5, 0 1 0 0.", "I have 4 4 0, 5 5 5, 0 1 0 0."),
    ("Your reference is RL-7K3M9Q.", "Your reference is R L, 7 K 3, M 9 Q."),
    ("Member ID: XQ440A9917.", "Member ID: X Q 4, 4 0 ay, 9 9 1, 7."),
    ("I have W 3 A, A 4 1.", "I have W 3 ay, ay 4 1."),
    ("A coordinator will call you.", "A coordinator will call you."),
    ("Is a Plan B covered?", "Is a Plan B covered?"),
    ("We are open 8:00 AM to 5:30 PM.", "We are open 8 AM to 5 30 PM."),
    ("Mon-Fri 7:30 AM-6 PM", "Monday to Friday 7 30 AM to 6 PM"),
    ("after 3:05 pm", "after 3 oh 5 PM"),
    ("the doors open at 14:00", "the doors open at 14 o'clock"),
    ("It costs $40 to $1,250.", "It costs 40 dollars to 1250 dollars."),
    ("A copay of $12.50", "A copay of 12 dollars and 50 cents"),
    ("born on April 3, 1985", "born on April 3, 19 85"),
    ("since May 9, 2005", "since May 9, 2005"),
    ("as of 2026-11-24", "as of November 24, 20 26"),
    ("We are at 1450 Elm St., Dayton, OH 45402.", "We are at 14 50 Elm Street, Dayton, O H, 4 5 4 0 2."),
    ("405 Oak Ave and 1200 Pine Road", "4 oh 5 Oak Avenue and 12 hundred Pine Road"),
    ("Dr. Amy O'Brien-Lee", "Doctor Amy O'Brien-Lee"),
    ("Write to desk@elmstreet.example", "Write to desk at elmstreet dot example"),
    ("Forms are on https://elmstreet.example/forms.", "Forms are on elmstreet dot example slash forms."),
    ("It takes 5-10 days, 24/7.", "It takes 5 to 10 days, 24 hours, 7 days a week."),
    ("Bring your PPO card, about 30 minutes.", "Bring your PPO card, about 30 minutes."),
]
SPANISH = [
    ("Cuelgue y marque 911.", "Cuelgue y marque 9 1 1."),
    ("Llame al (440) 555-0100.", "Llame al 4 4 0, 5 5 5, 0 1 0 0."),
    ("Abrimos de 8:00 AM a 5:30 PM.", "Abrimos de 8 de la mañana a 5 y 30 de la tarde."),
    ("hasta las 9 PM", "hasta las 9 de la noche"),
    ("Su referencia es RL-7K3M9Q.", "Su referencia es R L, 7 K 3, M 9 Q."),
    ("La visita cuesta $40.", "La visita cuesta 40 dólares."),
    ("el 2026-11-24", "el 24 de noviembre de 2026"),
    ("con la Dra. Ruiz", "con la Doctora Ruiz"),
    ("Nació el 3 de abril de 1985.", "Nació el 3 de abril de 1985."),
]


@pytest.mark.parametrize(("written", "said"), ENGLISH)
def test_english(written: str, said: str) -> None:
    assert aloud(written, "en") == said


@pytest.mark.parametrize(("written", "said"), SPANISH)
def test_spanish(written: str, said: str) -> None:
    assert aloud(written, "es") == said


@pytest.mark.parametrize(("written", "language"), [(said, "en") for _, said in ENGLISH] + [(said, "es") for _, said in SPANISH])
def test_what_is_spelled_out_already_stays(written: str, language: str) -> None:
    """Our own wordings spell numbers out; saying them twice over would break them."""
    assert aloud(written, language) == written  # type: ignore[arg-type]


@given(st.text(max_size=300))
def test_anything_can_be_said(text: str) -> None:
    aloud(text, "en")
    aloud(text, "es")
