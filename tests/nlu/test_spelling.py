from __future__ import annotations

import pytest

from nlu.numbers import atoms
from nlu.spelling import codes, letters


@pytest.mark.parametrize(
    ("said", "word"),
    [("b r a n d t", "brandt"), ("p-e-n-a", "pena"), ("v as in victor o s s", "voss"), ("b r e double t", "brett"), ("double u a d e", "wade")],
)
def test_letters_said_one_by_one(said: str, word: str) -> None:
    assert [run.text for run in letters(said, atoms(said))] == [word]


@pytest.mark.parametrize(
    ("said", "code"), [("k 9 7 t you", "k97tu"), ("whiskey two four six", "w246"), ("a as in apple four five", "a45"), ("xk-44-2", "xk442")]
)
def test_codes(said: str, code: str) -> None:
    assert [run.text for run in codes(said, atoms(said))] == [code]
