from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from channels.speech import audio
from channels.speech.recordings import RecordingError, telephone_audio

TONE = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000) * 0.5


def written(path: Path, frames: bytes, width: int = 2, channels: int = 1, rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
    return path


def packed(width: int) -> bytes:
    if width == 1:
        return (TONE * 127 + 128).astype(np.uint8).tobytes()
    whole = (TONE * (2**31 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)
    return whole[:, 4 - width :].tobytes()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_every_sample_width_comes_out_at_the_same_loudness(tmp_path: Path, width: int) -> None:
    sound = telephone_audio(written(tmp_path / "tone.wav", packed(width), width))
    assert len(sound) == pytest.approx(audio.LINE_RATE, abs=10)
    assert audio.loudness(sound) == pytest.approx(-9.0, abs=0.5)


def chunked(kind: int, width: int, frames: bytes, rate: int = 16_000, further: bytes = b"") -> bytes:
    """A file the standard library does not write."""
    form = struct.pack("<HHIIHH", kind, 1, rate, rate * width, width, 8 * width) + further
    parts = ((b"fmt ", form), (b"LIST", b"abc\0"), (b"data", frames))
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(part)) + part for name, part in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_recordings_of_calls_and_of_recorders_are_read() -> None:
    """mu-law, floating point, and whole numbers in an "extensible" file."""
    whole = packed(2)
    mulaw = audio.encode(np.frombuffer(whole, dtype="<i2"))
    extensible = struct.pack("<HHI", 22, 16, 4) + struct.pack("<H", 1) + b"\x00" * 14
    floating = TONE.astype("<f4").tobytes()
    for content in (chunked(7, 1, mulaw), chunked(3, 4, floating), chunked(0xFFFE, 2, whole, further=extensible)):
        sound = telephone_audio(content)
        assert len(sound) == pytest.approx(audio.LINE_RATE, abs=10)
        assert audio.loudness(sound) == pytest.approx(-9.0, abs=0.5)


def test_a_recording_that_says_it_is_longer_is_read_to_its_end() -> None:
    """Written to a pipe, a program does not know its length yet."""
    content = chunked(1, 2, packed(2))
    at = content.index(b"data") + 4
    assert len(telephone_audio(content[:at] + b"\xff\xff\xff\x7f" + content[at + 4 :])) == pytest.approx(audio.LINE_RATE, abs=10)


def test_a_format_nobody_reads_is_refused() -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        telephone_audio(chunked(0x55, 2, packed(2)))


def test_two_channels_become_one(tmp_path: Path) -> None:
    both = np.repeat(np.frombuffer(packed(2), dtype="<i2"), 2).astype("<i2").tobytes()
    assert len(telephone_audio(written(tmp_path / "two.wav", both, channels=2))) == pytest.approx(audio.LINE_RATE, abs=10)


def test_a_recording_cut_off_in_a_sample_is_read_up_to_there(tmp_path: Path) -> None:
    path = written(tmp_path / "cut.wav", packed(2))
    path.write_bytes(path.read_bytes()[:-5])
    assert telephone_audio(path)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3 not a wave file at all", b"\x00" * 64])
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "not.wav"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"not\.wav"):
        telephone_audio(path)


def test_an_empty_recording_is_silence(tmp_path: Path) -> None:
    assert telephone_audio(written(tmp_path / "empty.wav", b"")) == b""
