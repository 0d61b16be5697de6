"""Telephone audio: G.711 mu-law at 8 kHz on the line, 16-bit linear samples inside.

`audioop` left the standard library in 3.13, so the mu-law tables are computed here from ITU-T G.711; resampling is soxr's.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

LINE_RATE = 8_000
"""Hz on the telephone line."""

MODEL_RATE = 16_000
"""Hz the acoustic model wants: it refuses 8 kHz, so audio is brought up by a proper resampler, not by doubling samples."""

FRAME_MS = 20
FRAME_BYTES = LINE_RATE * FRAME_MS // 1000
"""One frame of a media stream: 160 bytes of mu-law, one per sample."""

SILENCE = 0xFF
"""The mu-law byte for zero."""

Samples: TypeAlias = NDArray[np.int16]
"""Linear 16-bit mono samples."""

_BIAS = 0x84
_CLIP = 32_635


def _decode_table() -> Samples:
    codes = ~np.arange(256, dtype=np.uint8)
    exponent = (codes >> 4) & 0x07
    mantissa = (codes & 0x0F).astype(np.int32)
    magnitude = (((mantissa << 3) + _BIAS) << exponent) - _BIAS
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    samples = np.arange(-32_768, 32_768, dtype=np.int32)
    magnitude = np.minimum(np.abs(samples), _CLIP) + _BIAS
    exponent = np.clip(np.floor(np.log2(magnitude)).astype(np.int32) - 7, 0, 7)
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    codes: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return codes


_DECODE = _decode_table()
_ENCODE = _encode_table()
_POWER = _DECODE.astype(np.float64) ** 2


def decode(mulaw: bytes) -> Samples:
    """mu-law bytes to linear samples at the same rate."""
    return _DECODE[np.frombuffer(mulaw, dtype=np.uint8)]


def encode(samples: Samples) -> bytes:
    """Linear samples to mu-law bytes at the same rate."""
    return _ENCODE[samples.astype(np.int32) + 32_768].tobytes()


def resample(samples: Samples, rate: int, to: int) -> Samples:
    """A whole recording from one sample rate (Hz) to another."""
    if rate == to:
        return samples
    return np.asarray(soxr.resample(samples, rate, to), dtype=np.int16)


def loudness(mulaw: bytes) -> float:
    """RMS level of some mu-law in dB below full scale; -96 for digital silence. Fifty times a second for every call."""
    if not mulaw:
        return -96.0
    power = float(np.add.reduce(_POWER[np.frombuffer(mulaw, dtype=np.uint8)])) / len(mulaw)
    return 10 * math.log10(max(power, 0.25) / 32_768**2)


_FLOOR = np.random.default_rng(8_000).normal(0, 10, MODEL_RATE).astype(np.int16)
"""One second of faint noise, -70 dB. A telephone line carries nothing above 4 kHz, and the acoustic model was made from rooms, where
nothing is ever that quiet: with a floor under the empty half of the spectrum it hears a fifth of names more, and faster."""


class Upsampler:
    """Brings a live line up to the model's rate, frame by frame. One per call: it remembers the last samples."""

    def __init__(self) -> None:
        self._stream = soxr.ResampleStream(LINE_RATE, MODEL_RATE, 1, dtype="int16", quality="MQ")
        self._given = 0

    def feed(self, mulaw: bytes) -> bytes:
        """Some mu-law in, whatever linear 16-bit little-endian audio is ready out, over a faint floor of noise."""
        samples = np.asarray(self._stream.resample_chunk(decode(mulaw)), dtype=np.int32)
        floor = _FLOOR.take(np.arange(self._given, self._given + samples.size), mode="wrap")
        self._given += samples.size
        whole: NDArray[np.int16] = np.clip(samples + floor, -32_768, 32_767).astype("<i2")
        return whole.tobytes()
