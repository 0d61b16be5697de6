"""Voice messages heard by the real model, in a voice that answers no question."""

from __future__ import annotations

from datetime import date

import pytest

from agent.voicemails import NotTranscribed
from channels.speech import audio
from channels.speech.recogniser import SpeechModelError
from channels.speech.resolving import ClinicEars
from channels.speech.synthesis import Synthesiser
from channels.speech.voicemails import LONGEST, PAUSE, Voicemails, passages
from nlu import understander
from nlu.parse import Context, OptOut
from tests.channels.speech.conftest import VOCABULARY
from tests.fakes.twilio_files import a_wav

LOUD = bytes([0x00, 0x80]) * (audio.FRAME_BYTES // 2)
QUIET = bytes([audio.SILENCE]) * audio.FRAME_BYTES


def recording(*sentences: str) -> bytes:
    """A message as Twilio records it."""
    mouth = Synthesiser()
    sound = QUIET * 20 + (QUIET * 30).join(mouth.speak(sentence) for sentence in sentences)
    return a_wav(samples=audio.decode(sound).tobytes())


def test_a_message_is_understood_passage_by_passage(clinic_ears: ClinicEars) -> None:
    """A number between a name and an insurance, none of them asked for."""
    told = recording("My number is 6 1 4, 5 5 5, 0 1 2 3.", "I have Cigna.", "Please call me back.")
    transcript = Voicemails(lambda: clinic_ears).transcribe(told, "en")
    read = understander.build(VOCABULARY).read(transcript.text, Context(date(2026, 11, 21), channel="voice"))
    assert {name: reading.value for name, reading in read.slots.items()} == {"patient.phone": "+16145550123", "insurance.carrier": "Cigna"}
    assert read.handoff
    assert 0 < transcript.confidence <= 1


def test_a_refusal_of_texts_is_heard(clinic_ears: ClinicEars) -> None:
    transcript = Voicemails(lambda: clinic_ears).transcribe(recording("Please stop texting me."), "en")
    assert understander.build(VOCABULARY).read(transcript.text, Context(date(2026, 11, 21), channel="voice")).opt_out is OptOut.STOP


def test_silence_is_no_word(clinic_ears: ClinicEars) -> None:
    transcript = Voicemails(lambda: clinic_ears).transcribe(a_wav(3.0), "en")
    assert (transcript.text, transcript.confidence) == ("", 0.0)


def no_ears() -> ClinicEars | None:
    return None


def broken() -> ClinicEars | None:
    raise SpeechModelError("half a model")


def test_what_nobody_can_transcribe_is_said_so() -> None:
    for load, sound in ((no_ears, a_wav()), (broken, a_wav()), (no_ears, b"RIFF0000WAVEnothing"), (no_ears, b"")):
        with pytest.raises(NotTranscribed):
            Voicemails(load).transcribe(sound, "en")


def test_spanish_is_not_written_down_in_english_words(clinic_ears: ClinicEars) -> None:
    with pytest.raises(NotTranscribed):
        Voicemails(lambda: clinic_ears).transcribe(a_wav(), "es")


def test_passages_are_what_lies_between_pauses() -> None:
    sound = QUIET * 40 + LOUD * 30 + QUIET * (PAUSE - 1) + LOUD * 10 + QUIET * 40 + LOUD * 20
    first, second = passages(sound)
    assert first.count(LOUD) == 40
    assert second.count(LOUD) == 20
    assert list(passages(b"")) == list(passages(QUIET * 200)) == []


def test_a_passage_has_an_end() -> None:
    pieces = list(passages(LOUD * (2 * LONGEST + 50)))
    assert len(pieces) == 3
    assert sum(piece.count(LOUD) for piece in pieces) >= 2 * LONGEST + 50
