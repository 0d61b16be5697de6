from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from channels.speech import audio
from channels.speech.recogniser import Ears, Heard, Listener, SpeechModelError
from channels.speech.synthesis import Synthesiser

DIGITS = "zero oh one two three four five six seven eight nine".split()
NUMBERS = json.dumps([f"{one} {two}" for one in DIGITS for two in DIGITS])
ANSWERS = json.dumps(["yes", "no", "i have cigna", "i have aetna", "my knee hurts", "tuesday afternoon", "thursday morning", "[unk]"])


@pytest.fixture(scope="module")
def mouth() -> Synthesiser:
    return Synthesiser()


def quiet(seconds: float) -> bytes:
    return bytes([audio.SILENCE]) * round(audio.LINE_RATE * seconds)


def trimmed(sound: bytes) -> bytes:
    return sound.lstrip(bytes([audio.SILENCE, 0x7F]))


def hear(listener: Listener, sound: bytes) -> Heard:
    for at in range(0, len(sound), audio.FRAME_BYTES):
        listener.feed(sound[at : at + audio.FRAME_BYTES])
    return listener.finish()


def test_an_answer_is_heard_with_times_and_confidences(ears: Ears, mouth: Synthesiser) -> None:
    heard = hear(ears.listen([ANSWERS]), quiet(0.5) + mouth.speak("Tuesday afternoon"))
    assert heard.text == "tuesday afternoon"
    assert 0 < heard.confidence <= 1
    starts = [word.start for word in heard.words]
    assert starts == sorted(starts)
    assert sum(one.weight for one in heard.hypotheses) == pytest.approx(1.0)


def test_the_same_recording_is_heard_the_same_each_time(ears: Ears, mouth: Synthesiser) -> None:
    """To the last digit of every score: what a call heard can be looked into afterwards."""
    sound = mouth.speak("Tuesday afternoon")
    assert len({hear(ears.listen([ANSWERS]), sound) for _ in range(3)}) == 1


def test_a_word_that_begins_with_the_first_sample_is_heard(ears: Ears, mouth: Synthesiser) -> None:
    assert hear(ears.listen([ANSWERS]), trimmed(mouth.speak("I have Cigna"))).text == "i have cigna"


def test_pauses_lose_no_word(ears: Ears, mouth: Synthesiser) -> None:
    """The decoder ends an utterance after half a second of quiet; the turn goes on."""
    said = ["Tuesday afternoon", "I have Aetna", "my knee hurts"]
    sound = b"".join(mouth.speak(one) + quiet(1.2) for one in said)
    assert hear(ears.listen([ANSWERS]), sound).text == "tuesday afternoon i have aetna my knee hurts"


def test_the_words_so_far_are_told_while_they_are_said(ears: Ears, mouth: Synthesiser) -> None:
    """Barge-in and the end of the turn go by them."""
    listener = ears.listen([ANSWERS])
    sound = mouth.speak("Tuesday afternoon") + quiet(0.3)
    told = [words for at in range(0, len(sound), audio.FRAME_BYTES) if (words := listener.feed(sound[at : at + audio.FRAME_BYTES])) is not None]
    assert any("tuesday" in words for words in told)
    assert len(told) == len([words for at, words in enumerate(told) if not at or words != told[at - 1]])


@pytest.mark.parametrize("sound", [b"", quiet(2), bytes([0x7F]) * 8_000])
def test_silence_is_heard_as_nothing(ears: Ears, sound: bytes) -> None:
    heard = hear(ears.listen([ANSWERS]), sound)
    assert (heard.text, heard.confidence, heard.words) == ("", 0.0, ())


def test_noise_harms_nothing(ears: Ears) -> None:
    hear(ears.listen([NUMBERS, ANSWERS], ANSWERS), random.Random(1).randbytes(16_000))


def test_two_grammars_side_by_side_give_the_better_fit(ears: Ears, mouth: Synthesiser) -> None:
    assert hear(ears.listen([NUMBERS, ANSWERS]), mouth.speak("I have Cigna")).text == "i have cigna"
    assert hear(ears.listen([NUMBERS, ANSWERS]), mouth.speak("seven, six, nine, two")).text.endswith("nine two")


def test_calls_are_heard_at_the_same_time_with_one_model(ears: Ears, mouth: Synthesiser) -> None:
    sounds = [mouth.speak(text) for text in ("I have Cigna", "Tuesday afternoon", "my knee hurts")] * 3
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda sound: hear(ears.listen([ANSWERS]), sound).text, sounds))
    assert heard == ["i have cigna", "tuesday afternoon", "my knee hurts"] * 3


def test_words_are_put_together_again_as_the_readers_know_them(ears: Ears, mouth: Synthesiser) -> None:
    listener = ears.listen([json.dumps(["i have cigna"])], respell=lambda words: " ".join(words).replace("have cigna", "havecigna").split())
    heard = hear(listener, mouth.speak("I have Cigna"))
    assert heard.text == "i havecigna"
    assert heard.words[-1].end > heard.words[-1].start


def test_the_model_tells_which_words_it_knows(ears: Ears) -> None:
    assert ears.knows("cigna")
    assert not ears.knows("zzxqy")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpeechModelError, match="no speech model"):
        Ears(tmp_path)
