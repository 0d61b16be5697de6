from __future__ import annotations

import pytest

from channels.speech.possible import MEMBER_ID, card_number, has_phone_digits
from nlu.parse import Reading


def reading(value: str, text: str, raw: str) -> Reading:
    start = text.index(raw)
    return Reading(MEMBER_ID, value, raw, start, start + len(raw), 0.8)


@pytest.mark.parametrize(
    ("said", "is_number"),
    [
        ("four one five five five five oh one six four", True),
        ("area code four one five, triple five, oh one six four", True),
        ("one four one five five five five oh one six four", True),
        ("one one five five five five oh one six four", False),
        ("four one five one five five oh one six four", False),
        ("four one five five five five", False),
        ("the same number", False),
    ],
)
def test_ten_digits_of_the_north_american_plan_are_a_telephone_number(said: str, is_number: bool) -> None:
    assert has_phone_digits(said) is is_number


def test_a_card_number_of_a_known_shape_is_likelier_than_one_of_none() -> None:
    """Two letters and seven digits stand on cards; a digit, a letter and seven digits do not."""
    known, strange = "a m nine four eight three six six nine", "eight m nine four eight three six six nine"
    assert card_number(known, reading("AM9483669", known, known)) > card_number(strange, reading("8M9483669", strange, strange))


def test_letters_that_issuers_avoid_are_unlikely() -> None:
    """I and O are taken for one and nought."""
    a, i = "a four four three two four four five one", "i four four three two four four five one"
    assert card_number(a, reading("A44324451", a, a)) > card_number(i, reading("I44324451", i, i))


def test_letters_left_over_say_that_part_of_the_number_was_misheard() -> None:
    whole, torn = "y n q eight three two three", "y in q eight three two three"
    assert card_number(whole, reading("YNQ8323", whole, whole)) > card_number(torn, reading("Q8323", torn, "q eight three two three"))


def test_what_leads_in_is_no_part_of_the_number() -> None:
    bare, led = "w one two three four five six seven eight nine", "the i d is w one two three four five six seven eight nine"
    value = "W123456789"
    assert card_number(led, reading(value, led, bare)) == card_number(bare, reading(value, bare, bare))
