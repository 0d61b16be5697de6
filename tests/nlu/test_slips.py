from __future__ import annotations

import pytest

from nlu.slips import Slips

SLIPS = Slips(["numbness", "incision", "incontinence", "breathe", "swelling", "lastimo"], lambda word: word == "numbness", 5)


@pytest.mark.parametrize(
    ("written", "meant"), [("numbnes", "numbness"), ("insicion", "incision"), ("swellng", "swelling"), ("incontinance", "incontinence")]
)
def test_a_slip_is_read_as_the_nearest_word(written: str, meant: str) -> None:
    assert SLIPS.nearest(written) == meant


@pytest.mark.parametrize("word", ["decision", "swimming", "angelina", "abc", "numbness"])
def test_a_word_of_its_own_is_no_slip(word: str) -> None:
    """Dictionary words, names, short words and words the lexicon uses stay."""
    assert SLIPS.nearest(word) == word


def test_another_ending_is_no_slip() -> None:
    assert SLIPS.nearest("lastime") == "lastime"


def test_two_words_that_make_a_long_one_are_read_as_it() -> None:
    assert SLIPS.joined("numb", "ness") == "numbness"
    assert SLIPS.joined("in", "continence") == "incontinence"
    assert SLIPS.joined("bad", "traffic") is None
