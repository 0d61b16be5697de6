from __future__ import annotations

import pytest

from channels.speech.letters import Spelling, letters_of
from channels.speech.recogniser import Hypothesis, Word


def reading(text: str, score: float = 0.0) -> Hypothesis:
    """Words of 0.4 s each, one after another."""
    return Hypothesis(tuple(Word(word, 0.4 * at, 0.4 * (at + 1), 0.9) for at, word in enumerate(text.split())), 1.0, score)


def test_the_likeliest_letters_are_those_of_the_first_reading() -> None:
    assert Spelling([[reading("n o v a k"), reading("m o v a k", -2.0)]]).best == "novak"


def test_readings_taken_apart_hold_spellings_that_none_of_them_is() -> None:
    """One has its beginning, another its end: what they cost adds up."""
    spelling = Spelling([[reading("m o v a d"), reading("n o v a d", -1.0), reading("m o v a k", -2.0)]])
    assert spelling.fit("novak") == pytest.approx(-3.0)
    assert spelling.fit("movad") == 0.0


def test_a_letter_nobody_heard_costs_more_when_it_sounds_like_none_that_was() -> None:
    spelling = Spelling([[reading("b a r t")]])
    assert spelling.fit("dart") > spelling.fit("fart")


def test_a_letter_that_its_neighbour_swallows_may_be_missing() -> None:
    """ "K A" is heard as "K", where an "O" after it would be heard."""
    spelling = Spelling([[reading("k r l")]])
    assert spelling.fit("karl") > spelling.fit("korl")


def test_a_letter_that_one_reading_leaves_out_may_be_none() -> None:
    spelling = Spelling([[reading("a n n a"), Hypothesis(tuple(word for at, word in enumerate(reading("a n n a").words) if at != 1), 1.0, -1.5)]])
    assert spelling.fit("ana") == pytest.approx(-1.5)


def test_stretches_between_pauses_follow_each_other() -> None:
    spelling = Spelling([[reading("n o")], [reading("v a k")]])
    assert spelling.best == "novak"
    assert spelling.part(2, 5).best == "vak"


def test_double_repeats_the_next_letter() -> None:
    assert [word.text for word in letters_of(reading("moss m o double s").words)] == ["m", "o", "s", "s"]


def test_silence_spells_nothing() -> None:
    assert Spelling([]).best == ""
