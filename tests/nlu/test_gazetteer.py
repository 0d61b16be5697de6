"""Finding the phrases of a lexicon."""

from __future__ import annotations

from nlu.gazetteer import PhraseIndex, PhraseSet, words
from nlu.message import Message

INDEX = PhraseIndex([("blue cross", "bc"), ("blue cross blue shield", "bcbs"), ("HMO", "hmo"), ("~united", "uhc"), ("s/p", "post")])


def found(text: str) -> list[str]:
    return [hit.entry for hit in INDEX.find(words(Message.of(text)))]


def test_the_longest_phrase_wins() -> None:
    assert found("i have blue cross blue shield") == ["bcbs"]
    assert found("i have blue cross") == ["bc"]


def test_punctuation_does_not_matter_inside_a_phrase() -> None:
    assert found("S/P fall, Blue-Cross") == ["post", "bc"]


def test_an_abbreviation_is_also_heard_letter_by_letter() -> None:
    assert found("the h m o one") == ["hmo"]


def test_letters_of_a_spelled_name_are_no_abbreviation() -> None:
    assert found("t h m o s") == []


def test_a_phrase_does_not_run_over_the_end_of_a_sentence() -> None:
    assert found("it is blue. cross the street") == []


def test_weak_phrases_are_marked_for_the_reader_to_judge() -> None:
    assert [hit.weak for hit in INDEX.find(words(Message.of("united")))] == [True]


def test_a_set_knows_what_ends_before_and_begins_at_a_word() -> None:
    before = PhraseSet(["used to be", "be"])
    at = words(Message.of("it used to be cigna"))
    assert before.ends(at, 4) == 3
    assert before.starts(at, 1) == 3
    assert not before.covers(at)
