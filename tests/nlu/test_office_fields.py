"""Telephone number, date of birth and member ID of one patient in dense text."""

from __future__ import annotations

import pytest

from nlu import office_fields
from nlu.message import Message
from nlu.office_fields import Figures
from nlu.parse import Context
from tests.nlu.listening import TODAY

MOMENT = Context(today=TODAY)


def figures(message: Message) -> Figures:
    return Figures.of(message, MOMENT)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("home 415-555-0101 cell 415-555-0102", "+14155550102"),
        ("fax 415-555-0199, ph 415-555-0101", "+14155550101"),
        ("call us at 415-555-0199. pt 415-555-0101", "+14155550101"),
        ("cell4155550149", "+14155550149"),
    ],
)
def test_the_number_to_call(text: str, number: str) -> None:
    message = Message.of(text)
    reading = office_fields.phone(message, figures(message))
    assert reading is not None
    assert reading.value == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Tom Lee 3/4/61 sx 9/2/26", "1961-03-04"),
        ("fusion 9/2/24. dob 3/4/61", "1961-03-04"),
        ("DOI 11/2/25", None),
        ("s/p TKA 11/2", None),
    ],
)
def test_the_date_of_birth(text: str, day: str | None) -> None:
    message = Message.of(text)
    reading = office_fields.birth(message, figures(message), TODAY, 0)
    assert (reading.value if reading else None) == day


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("medicare 3HH4-TA5-MN21", "3HH4TA5MN21"),
        ("Blue Shield QRT 310 442 118", "QRT310442118"),
        ("claim 26-118832", "26118832"),
        ("id: 99887766B", "99887766B"),
        ("auth # 88120045", None),
        ("dx M54.50", None),
    ],
)
def test_the_member_id(text: str, value: str | None) -> None:
    """Typed as the office typed it, without dashes and spaces; an authorization, a chart or a diagnosis is none."""
    reading = office_fields.member_id(Message.of(text), MOMENT, ((0, 11),) if "Shield" in text else (), "")
    assert (reading.value if reading else None) == value
