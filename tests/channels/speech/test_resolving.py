from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

import pytest

from channels.speech import audio
from channels.speech.grammar import GrammarBook, material
from channels.speech.recogniser import Ears, Heard, Hypothesis, Listener, Word
from channels.speech.resolving import ClinicEars, ClinicListener
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


def test_a_red_flag_wins_over_an_answer_it_sounds_like(resolver: ClinicEars) -> None:
    """One that is missed costs more than one that is asked about."""
    readings = heard(("chesterton clinic", 0.6), ("i have chest pain", 0.4))
    assert resolver.resolve(readings, Expect("referral.practice")).text == "i have chest pain"


def test_words_that_are_nothing_a_caller_does_are_not_trusted(resolver: ClinicEars) -> None:
    assert resolver.resolve(heard(("eight", 1.0)), Expect("patient.phone", "phone")).confidence < 0.5


def test_an_area_code_that_nobody_was_given_counts_little(resolver: ClinicEars) -> None:
    """298 is not assigned, 206 is Seattle's."""
    nowhere, seattle = "two nine eight five five five oh one six four", "two oh six five five five oh one six four"
    assert resolver.resolve(heard((nowhere, 0.6), (seattle, 0.4)), Expect("patient.phone", "phone")).text == seattle


class Beside:
    """A recogniser's listener that hears one thing as an answer and another as everyday talk."""

    def __init__(self, *told: tuple[str, str]) -> None:
        self._told = iter(told)
        self.beside = ""

    def feed(self, _: bytes) -> str:
        words, self.beside = next(self._told)
        return words

    def finish(self) -> Heard:
        return Heard()


def so_far(resolver: ClinicEars, *told: tuple[str, str]) -> list[str | None]:
    listener = ClinicListener(cast(Listener, Beside(*told)), resolver, Expect("patient.name", "name"))
    return [listener.feed(b"") for _ in told]


def test_a_red_flag_in_everyday_talk_is_told_while_it_is_said(resolver: ClinicEars) -> None:
    """Among names it would be a name, and the call would go on talking."""
    assert so_far(resolver, *[("chester payne", "i have chest pain")] * 10)[-1] is None
    assert "i have chest pain" in so_far(resolver, *[("chester payne", "i have chest pain")] * 10)


def test_a_red_flag_that_passes_is_no_red_flag(resolver: ClinicEars) -> None:
    """Everyday talk fits the beginning of many names."""
    told = [("priya", "i can't breathe")] * 3 + [("priya raman", "breathing come in")] * 5
    assert "i can't breathe" not in so_far(resolver, *told)


def test_a_murmur_is_told_as_one(resolver: ClinicEars) -> None:
    """It takes nobody's floor; a name would."""
    assert so_far(resolver, ("hugh", "uh huh")) == ["uh huh"]


class Counting:
    """Ears that note how many grammars each caller is heard with."""

    def __init__(self) -> None:
        self.grammars: list[int] = []

    def listen(self, grammars: Sequence[str], letters: str = "", respell: object = None, favour: float = 0.0) -> Beside:
        self.grammars.append(len(grammars) + bool(letters))
        return Beside()


def test_callers_are_heard_with_less_while_many_speak_and_with_everything_again_afterwards() -> None:
    """Whoever is answered late is served worse than whoever is asked once more."""
    counting, asked = Counting(), Expect("patient.name", "name")
    book = GrammarBook(material(VOCABULARY, (), {"first": tuple(FIRST), "last": tuple(LAST)}), lambda _: True)
    ears = ClinicEars(cast(Ears, counting), book, understander.build(VOCABULARY), lambda: date(2026, 11, 21))
    crowd = [ears.listen(asked) for _ in range(6)]
    assert counting.grammars == [3, 3, 3, 3, 1, 1]
    crowd.clear()
    ears.listen(asked)
    assert counting.grammars[-1] == 3
