from __future__ import annotations

import pytest

from nlu import phones
from tests.nlu.heard import context, value


@pytest.mark.parametrize(
    "said",
    [
        "(510) 555-0199",
        "510.555.0199 is my cell",
        "+1 510 555 0199",
        "five one oh five five five oh one nine nine",
        "uh five ten triple five zero one double nine",
        "cinco uno cero cinco cinco cinco cero uno noventa y nueve",
        "my fax is 510 555 0100 but the phone is 510 555 0199",
        "five one zero five five five oh one nine six no sorry oh one nine nine",
        "office 510 555 0111, cell 510 555 0199. use the cell",
    ],
)
def test_one_number_however_it_is_said(said: str) -> None:
    assert value(phones.read, said, context("patient.phone")) == "+15105550199"


def test_two_numbers_nobody_chose_between_are_both_kept() -> None:
    assert value(phones.read, "either 5105550199 or 5105550188", context("patient.phone")) == ("+15105550199", "+15105550188")


def test_another_country_needs_its_code() -> None:
    assert value(phones.read, "it's +44 20 7946 0958", context("patient.phone")) == "+442079460958"


@pytest.mark.parametrize("said", ["555 0199", "room 204", "my npi is 1234567890", "dob 1961-03-04 0199", "i called three times"])
def test_what_is_no_number_to_call(said: str) -> None:
    assert value(phones.read, said, context("patient.phone")) is None


@pytest.mark.parametrize(
    ("said", "number"), [("it ends in 0177", "+15105550177"), ("0177 not 0199", "+15105550177"), ("the area code is 415", "+14155550199")]
)
def test_the_number_on_record_is_repaired(said: str, number: str) -> None:
    assert value(phones.read, said, context("patient.phone", patient__phone="+15105550199")) == number
