"""A recording as a telephone call would bring it: one channel of mu-law at 8 kHz."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from channels.speech import audio

LONGEST_S = 600
"""Seconds read of one recording: the longest call."""

_FULL_SCALE = 32_768.0


class RecordingError(ValueError):
    """No recording that can be read; says what is wrong with it."""


def telephone_audio(source: Path | bytes) -> bytes:
    """A WAV file, or its bytes, of any rate, width and number of channels as mu-law at 8 kHz. Raises RecordingError."""
    path = source if isinstance(source, Path) else "what was received"
    try:
        with wave.open(io.BytesIO(source) if isinstance(source, bytes) else str(source), "rb") as recording:
            rate, width, channels = recording.getframerate(), recording.getsampwidth(), recording.getnchannels()
            frames = recording.readframes(min(recording.getnframes(), rate * LONGEST_S))
    except (OSError, EOFError, wave.Error) as error:
        raise RecordingError(f"{path} is no WAV recording in PCM: {error}") from error
    if not rate or width not in (1, 2, 3, 4):
        raise RecordingError(f"{path}: {8 * width}-bit samples at {rate} Hz cannot be read")
    whole = frames[: len(frames) // (width * channels) * width * channels]
    mono = _samples(whole, width).reshape(-1, channels).mean(axis=1)
    samples = np.clip(mono * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return audio.encode(audio.resample(samples, rate, audio.LINE_RATE))


def _samples(frames: bytes, width: int) -> NDArray[np.float64]:
    """PCM of 8 (unsigned), 16, 24 or 32 bits as numbers between -1 and 1."""
    if width == 1:
        return (np.frombuffer(frames, dtype=np.uint8).astype(np.float64) - 128) / 128
    if width == 3:
        wide = np.zeros((len(frames) // 3, 4), dtype=np.uint8)
        wide[:, 1:] = np.frombuffer(frames, dtype=np.uint8).reshape(-1, 3)
        return wide.view("<i4").ravel().astype(np.float64) / 2**31
    kind = "<i2" if width == 2 else "<i4"
    samples: NDArray[np.float64] = np.frombuffer(frames, dtype=kind) / 2.0 ** (8 * width - 1)
    return samples
