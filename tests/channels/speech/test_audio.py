from __future__ import annotations

import numpy as np
import pytest

from channels.speech import audio


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> audio.Samples:
    return (8_000 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.int16)


@pytest.mark.parametrize(("code", "sample"), [(0xFF, 0), (0x7F, 0), (0x80, 32_124), (0x00, -32_124), (0xF0, 120), (0x8F, 16_764)])
def test_mulaw_decodes_to_the_values_of_the_standard(code: int, sample: int) -> None:
    """ITU-T G.711, table 2a."""
    assert audio.decode(bytes([code]))[0] == sample


def test_every_mulaw_value_survives_there_and_back() -> None:
    codes = bytes(range(256))
    assert (audio.decode(audio.encode(audio.decode(codes))) == audio.decode(codes)).all()


def test_coding_keeps_speech_within_the_precision_of_the_line() -> None:
    samples = tone(audio.LINE_RATE)
    error = audio.decode(audio.encode(samples)).astype(int) - samples
    assert np.abs(error).max() < 260


def test_the_live_line_comes_up_to_the_models_rate() -> None:
    upsampler = audio.Upsampler()
    line = audio.encode(tone(audio.LINE_RATE, 1.0))
    out = b"".join(upsampler.feed(line[i : i + audio.FRAME_BYTES]) for i in range(0, len(line), audio.FRAME_BYTES))
    assert len(out) / 2 == pytest.approx(audio.MODEL_RATE, rel=0.05)


def test_loudness_is_in_decibels_below_full_scale() -> None:
    assert audio.loudness(bytes([audio.SILENCE]) * 160) < -90
    assert audio.loudness(audio.encode(tone(8_000))) == pytest.approx(-15.3, abs=0.5)
