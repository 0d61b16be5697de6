from __future__ import annotations

from datetime import date
from typing import cast

import pytest

from channels.speech import audio
from channels.speech.grammar import GrammarBook, material
from channels.speech.recogniser import Ears, Heard, Hypothesis, Word
from channels.speech.resolving import ClinicEars
from channels.speech.synthesis import Synthesiser
from dialogs.line import Expect
from nlu import understander
from nlu.name_words import FIRST, LAST
from tests.channels.speech.conftest import VOCABULARY


@pytest.fixture(scope="module")
def resolver() -> ClinicEars:
    """What was heard is given, so no ears are needed."""
    book = GrammarBook(material(VOCABULARY, (), {"first": tuple(FIRST), "last": tuple(LAST)}), lambda _: True)
    return ClinicEars(cast(Ears, None), book, understander.build(VOCABULARY), lambda: date(2026, 11, 21))


def heard(*readings: tuple[str, float]) -> Heard:
    def words(text: str) -> tuple[Word, ...]:
        return tuple(Word(word, at * 0.3, at * 0.3 + 0.3, 0.9) for at, word in enumerate(text.split()))

    return Heard(tuple(Hypothesis(words(text), weight) for text, weight in readings))


def test_ten_digits_win_over_a_likelier_nine(resolver: ClinicEars) -> None:
    """No telephone number has nine digits."""
    nine, ten = "four one five five five five one six four", "four one five five five five oh one six four"
    assert resolver.resolve(heard((nine, 0.7), (ten, 0.3)), Expect("patient.phone", "phone")).text == ten


def test_a_number_that_cannot_be_called_loses_to_one_that_can(resolver: ClinicEars) -> None:
    """North American area codes and exchanges begin with 2 to 9."""
    never, may = "one one five five five five oh one six four", "nine one five five five five oh one six four"
    assert resolver.resolve(heard((never, 0.6), (may, 0.4)), Expect("patient.phone", "phone")).text == may


def test_readings_of_the_same_value_count_together(resolver: ClinicEars) -> None:
    """ "I have cigna" and "it is cigna" are one answer."""
    resolved = resolver.resolve(heard(("i have aetna", 0.4), ("i have cigna", 0.35), ("it is cigna", 0.25)), Expect("insurance.carrier", "payer"))
    assert resolved.text == "i have cigna"
    assert resolved.confidence > 0.5


def test_two_values_alike_leave_the_line_unsure(resolver: ClinicEars) -> None:
    """Below one half it confirms or asks again."""
    readings = heard(("i have aetna", 0.36), ("i have cigna", 0.34), ("i have anthem", 0.3))
    assert resolver.resolve(readings, Expect("insurance.carrier", "payer")).confidence < 0.5


def test_one_value_beyond_doubt_is_sure(resolver: ClinicEars) -> None:
    assert resolver.resolve(heard(("thursday mornings", 1.0)), Expect("preferred_times", "times")).confidence > 0.9


@pytest.mark.parametrize("said", ["i want to talk to a person", "i have chest pain", "i don't know", "do you take cigna"])
def test_what_is_no_answer_is_heard_too(resolver: ClinicEars, said: str) -> None:
    """A red flag or a wish for a person stands whatever was asked, also beside a scrap that could be an answer."""
    assert resolver.resolve(heard((said, 0.8), ("um", 0.2)), Expect("patient.phone", "phone")).text == said


def test_nothing_heard_is_nothing_understood(resolver: ClinicEars) -> None:
    resolved = resolver.resolve(Heard(), Expect("patient.phone", "phone"))
    assert (resolved.text, resolved.confidence) == ("", 0.0)


def test_a_call_hears_through_the_port_of_the_media_socket(clinic_ears: ClinicEars) -> None:
    listener = clinic_ears.listen(Expect("insurance.carrier", "payer"))
    sound = Synthesiser().speak("I have Cigna") + bytes([audio.SILENCE]) * 4_000
    words = [listener.feed(sound[at : at + audio.FRAME_BYTES]) for at in range(0, len(sound), audio.FRAME_BYTES)]
    resolved = listener.finish()
    assert any(words)
    assert resolved.text == "i have cigna"


def test_nothing_in_particular_may_be_asked(clinic_ears: ClinicEars) -> None:
    assert "knee" in clinic_ears.hear(Synthesiser().speak("my knee hurts"), None).text
