from __future__ import annotations

import pytest

from nlu import birth_dates
from tests.nlu.heard import context, value

ASKED = context("patient.date_of_birth")


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("7/19/58", "1958-07-19"),
        ("19/7/1958", "1958-07-19"),
        ("1958-07-19", "1958-07-19"),
        ("july nineteenth fifty eight", "1958-07-19"),
        ("the nineteenth of july nineteen fifty eight", "1958-07-19"),
        ("seven nineteen fifty eight", "1958-07-19"),
        ("oh seven one nine one nine five eight", "1958-07-19"),
        ("07191958", "1958-07-19"),
        ("19th of the 7th 1958", "1958-07-19"),
        ("1958 july 19", "1958-07-19"),
        ("diecinueve de julio de mil novecientos cincuenta y ocho", "1958-07-19"),
        ("july 19th sixty no fifty eight", "1958-07-19"),
        ("7/19/58 not 7/19/85", "1958-07-19"),
        ("feb second two thousand and six", "2006-02-02"),
        ("my birthday was yesterday, i turned seventy", "1956-11-19"),
        ("i turned forty on june first", "1986-06-01"),
        ("his is 5/6/2012 and mine is 7/8/1980", "2012-05-06"),
    ],
)
def test_a_date_of_birth_however_it_is_said(said: str, day: str) -> None:
    assert value(birth_dates.read, said, ASKED) == day


def test_two_digit_years_resolve_to_the_past() -> None:
    assert value(birth_dates.read, "1/2/27", ASKED) == "1927-01-02"
    assert value(birth_dates.read, "1/2/15", ASKED) == "2015-01-02"


@pytest.mark.parametrize("said", ["i'm 71", "march third", "1958", "4/31/1990", "in the fifties", "12/31/2030"])
def test_what_is_not_a_whole_date_of_birth(said: str) -> None:
    assert value(birth_dates.read, said, ASKED) is None


def test_a_surgery_is_no_birth() -> None:
    assert value(birth_dates.read, "surgery was 3/4/2019", context()) is None
    assert value(birth_dates.read, "Ana Cho dob 3/4/2019", context()) == "2019-03-04"


@pytest.mark.parametrize(
    ("said", "day"), [("the year is 1959", "1959-07-19"), ("not the 19th, the 18th", "1958-07-18"), ("it's june not july", "1958-06-19")]
)
def test_the_date_on_record_is_repaired(said: str, day: str) -> None:
    assert value(birth_dates.read, said, context("patient.date_of_birth", patient__date_of_birth="1958-07-19")) == day
