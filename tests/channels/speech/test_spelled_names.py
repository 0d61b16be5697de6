from __future__ import annotations

import pytest

from channels.speech.recogniser import Heard, Hypothesis, Word
from channels.speech.spelled_names import Names
from nlu.name_words import FIRST, LAST

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
    """A name on no list is told by its letters following each other as in names."""
    said = Heard((hypothesis("b r e n k o v a"),), (hypothesis("b r e n k o v a"),))
    assert Names(FIRST, LAST).weighed(said)[0].text == "brenkova b r e n k o v a"


def test_a_place_is_put_together_from_several_readings() -> None:
    """No reading is the name: one has its beginning right, another its end."""
    readings = (hypothesis("l o v a k", 0.6, score=-10.0), hypothesis("l o w a k", 0.2, score=-10.5), hypothesis("n o v a t", 0.2, score=-11.0))
    assert best(Heard((hypothesis("l o v a k"),), readings)).startswith(("nowak", "novak"))


def test_a_name_heard_as_a_word_speaks_for_its_spelling() -> None:
    """ "Walsh" was heard before letters that could be either."""
    for name in ("walsh", "welsh"):
        words = tuple(Word(text, at - 1.0, at - 0.6, 0.9) for at, text in enumerate((name, "w", "l", "s", "h")))
        assert best(Heard((Hypothesis(words, 1.0),), (Hypothesis(words[1:], 1.0),))).split()[0] == name


def test_likely_spellings_share_the_weight() -> None:
    """The line must know when it is unsure, to read back and to ask."""
    said = Heard((hypothesis("n o v a k"),), (hypothesis("n o v a k", 0.5), hypothesis("n o w a k", 0.5)))
    weighed = NAMES.weighed(said)
    assert {one.text.split()[0] for one in weighed[:2]} == {"novak", "nowak"}
    assert sum(one.weight for one in weighed) == pytest.approx(1.0)


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
