"""`referline call` cuts a recording into what is said one at a time."""

from __future__ import annotations

from channels.speech import audio
from commands.call import frames, utterances

SOUND = bytes([0x00, 0x80]) * (audio.LINE_RATE // 4)
"""Half a second."""


def quiet(seconds: float) -> bytes:
    return bytes([audio.SILENCE]) * round(audio.LINE_RATE * seconds)


def test_things_said_apart_are_said_one_at_a_time() -> None:
    """A pause inside a number parts nothing; a pause between answers does."""
    recording = quiet(1) + SOUND + quiet(1.2) + SOUND + quiet(1.6) + SOUND + quiet(3)
    assert [round(len(one) / audio.LINE_RATE, 1) for one in utterances(recording)] == [2.4, 0.7]


def test_nobody_speaks_in_silence() -> None:
    assert utterances(quiet(5)) == []


def test_frames_are_whole() -> None:
    assert {len(frame) for frame in frames(SOUND + b"\x00")} == {audio.FRAME_BYTES}
