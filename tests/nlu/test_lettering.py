"""Names as people write themselves."""

from __future__ import annotations

import pytest

from nlu import lettering


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("MCDONALD", "McDonald"),
        ("o'brien", "O'Brien"),
        ("maria de la cruz", "Maria de la Cruz"),
        ("smith-jones", "Smith-Jones"),
        ("DeLuca", "DeLuca"),
    ],
)
def test_a_person(said: str, written: str) -> None:
    assert lettering.person(said) == written


@pytest.mark.parametrize(
    ("said", "written"), [("ucsf ortho", "UCSF Ortho"), ("school of the valley clinic", "School of the Valley Clinic"), ("st mary's", "St Mary's")]
)
def test_a_place(said: str, written: str) -> None:
    assert lettering.place(said) == written
