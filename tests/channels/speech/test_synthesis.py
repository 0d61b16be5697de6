from __future__ import annotations

import pytest

from channels.speech import audio
from channels.speech.synthesis import Synthesiser


@pytest.fixture(scope="module")
def synthesiser() -> Synthesiser:
    return Synthesiser()


def test_a_sentence_becomes_audible_telephone_speech(synthesiser: Synthesiser) -> None:
    spoken = synthesiser.speak("What is the patient's full name?")
    assert 1.0 < len(spoken) / audio.LINE_RATE < 4.0
    assert audio.loudness(spoken) > -35


def test_the_same_sentence_is_made_once(synthesiser: Synthesiser) -> None:
    assert synthesiser.speak("Take your time.") is synthesiser.speak("Take your time.")


def test_spanish_sounds_different_from_english(synthesiser: Synthesiser) -> None:
    assert synthesiser.speak("no sé", "es") != synthesiser.speak("no sé", "en")


def test_a_text_without_end_takes_bounded_time(synthesiser: Synthesiser) -> None:
    assert len(synthesiser.speak("a " * 50_000)) / audio.LINE_RATE < 600
