from __future__ import annotations

import pytest

from channels.speech import audio
from channels.speech.synthesis import VOICES, SpeechUnavailable, Synthesiser, Voice, voices


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


def test_what_is_given_to_the_synthesiser_is_as_people_say_it(synthesiser: Synthesiser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are in test_aloud.py."""
    given: list[bytes] = []
    monkeypatch.setattr(synthesiser._espeak, "Synth", lambda text, flags: given.append(text))
    synthesiser.speak("Dial 911, not (440) 555-0199.")
    synthesiser.speak("Marque 911.", "es")
    assert given == [b"Dial 9 1 1, not 4 4 0, 5 5 5, 0 1 9 9.", b"Marque 9 1 1."]


def test_voices_and_rate_are_settings() -> None:
    assert voices((), 160) == VOICES
    assert voices(("en-us+f3",), 140) == {"en": Voice("en-us+f3", 140), "es": Voice("es-419", 140)}


def test_a_slower_rate_takes_longer(synthesiser: Synthesiser) -> None:
    words = "Thank you for calling."
    assert len(Synthesiser(voices((), 100)).speak(words)) > 1.2 * len(synthesiser.speak(words))


def test_a_voice_that_does_not_exist_is_named() -> None:
    with pytest.raises(SpeechUnavailable, match="qq-none"):
        Synthesiser({"en": Voice("qq-none")})
