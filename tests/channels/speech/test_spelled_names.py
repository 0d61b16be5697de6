from __future__ import annotations

import pytest

from channels.speech.recogniser import Heard, Hypothesis, Word
from channels.speech.spelled_names import Names

NAMES = Names(["mary", "gary", "harold"], ["smith", "brand", "brandt", "novak", "nowak", "welsh", "walsh"])


def hypothesis(text: str, weight: float = 1.0, score: float = 0.0) -> Hypothesis:
    """Words of 0.4 s each, one after another."""
    return Hypothesis(tuple(Word(word, 0.4 * at, 0.4 * (at + 1), 0.9) for at, word in enumerate(text.split())), weight, score)


def best(heard: Heard) -> str:
    return NAMES.weighed(heard)[0].text


def test_letters_that_are_a_name_make_the_name_said_that_one() -> None:
    said = Heard((hypothesis("harold brand b r e n d t"),), (hypothesis("harold brand b r a n d t"),))
    assert best(said) == "harold brandt b r a n d t"


def test_letters_that_sound_alike_are_taken_for_the_name_they_are_near() -> None:
    said = Heard((hypothesis("gary welsh m o z a k"),), (hypothesis("gary welsh m o z a k"),))
    assert best(said).endswith("n o v a k")


def test_the_reading_that_is_a_name_wins_over_a_likelier_one_that_is_none() -> None:
    said = Heard((hypothesis("s m e f"),), (hypothesis("s m e f t", 0.6), hypothesis("s m i t h", 0.4)))
    assert best(said) == "smith s m i t h"


def test_letters_near_no_name_stay_as_they_were_heard() -> None:
    said = Heard((hypothesis("x u q u a l o"),), (hypothesis("x u q u a l o"),))
    assert best(said) == "xuqualo x u q u a l o"


def test_first_and_last_name_spelled_in_one_run_are_parted() -> None:
    said = Heard((hypothesis("g a r y w a l s h"),), (hypothesis("g a r y w a l s h"),))
    assert best(said) == "gary walsh g a r y w a l s h"


def test_double_repeats_the_next_letter() -> None:
    names = Names(["ann"], ["moss"])
    said = Heard((hypothesis("moss m o double s"),), (hypothesis("m o double s"),))
    assert names.weighed(said)[0].text == "moss m o s s"


def test_letters_heard_into_words_are_no_spelling() -> None:
    """Any sound can be heard as letters when there is nothing else to hear: they must fit as well as the words."""
    said = Heard((hypothesis("mary smith", score=-100.0),), (hypothesis("m a r e s m i", score=-130.0),))
    assert best(said) == "mary smith"


def test_of_two_readings_alike_the_commoner_name_wins() -> None:
    said = Heard((hypothesis("gary walsh", 0.5), hypothesis("gary smith", 0.5)))
    assert best(said) == "gary smith"


def test_weights_add_up_to_one() -> None:
    weighed = NAMES.weighed(Heard((hypothesis("gary smith", 0.7), hypothesis("my smith", 0.3))))
    assert sum(one.weight for one in weighed) == pytest.approx(1.0)


def test_silence_stays_silence() -> None:
    assert list(NAMES.weighed(Heard())) == []
