from __future__ import annotations

from datetime import date

import pytest

from nlu import language
from nlu.message import Message
from nlu.parse import Context


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("me duele la rodilla", "es"),
        ("hola quiero una cita", "es"),
        ("my name is jose garcia", "en"),
        ("i live on san pablo avenue", "en"),
        ("necesito hablar con alguien", "es"),
    ],
)
def test_the_language_of_a_message(text: str, expected: str) -> None:
    assert language.read(Message.of(text), Context(date(2026, 11, 20))) == expected


@pytest.mark.parametrize("text", ["415 555 0142", "garcia", "", "👍"])
def test_what_has_no_language_keeps_that_of_the_conversation(text: str) -> None:
    assert language.read(Message.of(text), Context(date(2026, 11, 20), language="es")) == "es"
