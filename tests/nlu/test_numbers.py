from __future__ import annotations

import pytest

from nlu.numbers import atoms, cardinal_at, digit_runs


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("six one nine", "619"),
        ("double five", "55"),
        ("triple oh two", "0002"),
        ("one sixty", "160"),
        ("forty two eighteen", "4218"),
        ("seven hundred", "700"),
        ("nueve doble cero", "900"),
        ("treinta y dos quince", "3215"),
        ("8 zero 3", "803"),
    ],
)
def test_digits_are_read_as_they_are_said(said: str, digits: str) -> None:
    assert "".join(run.text for run in digit_runs(said)) == digits


def test_a_word_between_digits_ends_the_run() -> None:
    assert [run.text for run in digit_runs("i am forty and my zip is 94110")] == ["40", "94110"]


@pytest.mark.parametrize(
    ("said", "quantity"),
    [
        ("thirty seven", 37),
        ("two thousand and nine", 2009),
        ("one hundred and five", 105),
        ("mil novecientos setenta y tres", 1973),
        ("dos mil ocho", 2008),
        ("none", None),
    ],
)
def test_quantities_in_two_languages(said: str, quantity: int | None) -> None:
    assert cardinal_at(atoms(said), 0)[0] == quantity
