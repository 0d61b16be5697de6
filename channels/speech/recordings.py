"""A recording as a telephone call would bring it: one channel of mu-law at 8 kHz.

The standard library's reader knows integer samples only; recordings of calls are mu-law, and what recorders write is often floating or "extensible"
(Microsoft, "Multiple channel audio data and WAVE files").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from channels.speech import audio

LONGEST_S = 600
"""Seconds read of one recording: the longest call."""

_FULL_SCALE = 32_768.0
_INTEGER, _FLOAT, _MULAW, _EXTENSIBLE = 1, 3, 7, 0xFFFE
_WIDTHS = {_INTEGER: (1, 2, 3, 4), _FLOAT: (4, 8), _MULAW: (1,)}
"""Bytes of a sample, by format tag."""


class RecordingError(ValueError):
    """No recording that can be read; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Format:
    """What a recording's samples are."""

    kind: int
    """Format tag: `_INTEGER`, `_FLOAT` or `_MULAW`."""
    channels: int
    rate: int
    """Hz."""
    width: int
    """Bytes of one sample."""


def telephone_audio(source: Path | bytes) -> bytes:
    """A WAV file, or its bytes, of any rate, width and number of channels as mu-law at 8 kHz. Raises RecordingError."""
    path = source if isinstance(source, Path) else "what was received"
    try:
        form, frames = _read(source if isinstance(source, bytes) else source.read_bytes())
    except (OSError, struct.error, ValueError) as error:
        raise RecordingError(f"{path} is no WAV recording: {error}") from error
    if not form.rate or not form.channels or form.width not in _WIDTHS.get(form.kind, ()):
        raise RecordingError(f"{path}: {8 * form.width}-bit samples (format {form.kind}) at {form.rate} Hz cannot be read")
    step = form.width * form.channels
    whole = frames[: min(len(frames) // step, form.rate * LONGEST_S) * step]
    mono = _numbers(form, whole).reshape(-1, form.channels).mean(axis=1)
    samples = np.clip(np.nan_to_num(mono) * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return audio.encode(audio.resample(samples, form.rate, audio.LINE_RATE))


def _read(content: bytes) -> tuple[_Format, bytes]:
    """The format and the samples. Raises ValueError or struct.error."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError("it does not begin like one")
    form: _Format | None = None
    for name, chunk in _chunks(content):
        if name == b"fmt ":
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
            if kind == _EXTENSIBLE:
                (kind,) = struct.unpack_from("<H", chunk, 24)
            form = _Format(kind, channels, rate, (bits + 7) // 8)
        elif name == b"data" and form is not None:
            return form, chunk
    raise ValueError("it holds no sound")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a file. What is written while it is made says more than there is."""
    at = 12
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        yield name, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _numbers(form: _Format, frames: bytes) -> NDArray[np.float64]:
    """Samples as numbers between -1 and 1."""
    if form.kind == _MULAW:
        return audio.decode(frames).astype(np.float64) / _FULL_SCALE
    if form.kind == _FLOAT:
        return np.frombuffer(frames, dtype=f"<f{form.width}").astype(np.float64)
    return _samples(frames, form.width)


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
