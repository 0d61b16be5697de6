from __future__ import annotations

from channels.speech.letters import Spelling
from channels.speech.name_odds import Odds, classed
from channels.speech.recogniser import Hypothesis, Word
from nlu.name_words import LAST

ODDS = Odds(LAST)


def spelling(text: str) -> Spelling:
    return Spelling([[Hypothesis(tuple(Word(letter, 0.4 * at, 0.4 * (at + 1), 0.9) for at, letter in enumerate(text)), 1.0)]])


def test_common_names_are_likelier_than_rare_ones() -> None:
    assert ODDS("smith") > ODDS("novak") > ODDS("smixz")


def test_a_name_on_no_list_is_judged_by_its_letters() -> None:
    assert "brenkova" not in ODDS
    assert ODDS("brenkova") > ODDS("bknrvoea")


def test_names_near_a_spelling_are_candidates_and_so_are_its_own_letters() -> None:
    """Letters that sound alike are near: "m" and "n", "f" and "s"."""
    found = ODDS.candidates(spelling("mobak"))
    assert {"novak", "mobak"} <= found


def test_letters_that_sound_alike_are_one_class() -> None:
    assert classed("novak") == classed("movak")
    assert classed("novak") != classed("norak")
