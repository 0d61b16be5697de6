"""Voices that are not the line's own: flite's where `flite` is on the path, and eSpeak's variants. And a telephone line's noise."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np

from channels.speech import audio
from channels.speech.recordings import telephone_audio
from channels.speech.synthesis import Synthesiser, Voice

NOISE = 20.0
"""RMS of the line's noise in 16-bit steps: 64 dB below full scale, some 40 dB below speech."""

_FLITE = ("slt", "rms", "awb")
_ESPEAK = ("en-us+f3", "en-gb-x-rp+m3", "en-us+f5")
_PAUSE_S = 0.4
_NUMBERS = frozenset("zero oh one two three four five six seven eight nine double triple dash".split())


class Voices:
    """Speaks through a telephone line, the same sound for the same words."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self.names = (*_FLITE, _ESPEAK[0]) if shutil.which("flite") else _ESPEAK

    def say(self, text: str, voice: str) -> bytes:
        """One answer by a flite voice ("slt") or an eSpeak one ("en-us+f3"): mu-law at 8 kHz, quiet before and after, the line's noise over it."""
        spoken = aloud(text)
        key = hashlib.sha256(f"{voice} {spoken}".encode()).hexdigest()
        path = self._cache / f"{key}.wav"
        if not path.exists():
            (_espeak if "-" in voice else _flite)(spoken, voice, path)
        quiet = bytes([audio.SILENCE]) * int(_PAUSE_S * audio.LINE_RATE)
        return on_line(quiet + telephone_audio(path) + quiet, seed=int(key[:8], 16))


def on_line(mulaw: bytes, seed: int) -> bytes:
    """Telephone audio with the line's noise."""
    noise = np.random.default_rng(seed).normal(0, NOISE, len(mulaw))
    return audio.encode(np.clip(audio.decode(mulaw) + noise, -32_768, 32_767).astype(np.int16))


def aloud(text: str) -> str:
    """Spelled letters as capitals: a voice reads "a" as the article."""
    words = text.split()
    bare = [word.strip(",") for word in words]

    def listed(at: int) -> bool:
        return any(0 <= near < len(words) and (len(bare[near]) == 1 or bare[near] in _NUMBERS) for near in (at - 1, at + 1))

    return " ".join(word.upper() if len(bare[at]) == 1 and listed(at) else word for at, word in enumerate(words))


def _flite(text: str, voice: str, path: Path) -> None:
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=60)


def _espeak(text: str, voice: str, path: Path) -> None:
    synthesiser = Synthesiser({"en": Voice(voice, 150)})
    audio_only = audio.decode(synthesiser.speak(text))
    write(path, audio_only)


def write(path: Path, samples: audio.Samples) -> None:
    """Samples at 8 kHz as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.LINE_RATE)
        file.writeframes(samples.astype("<i2").tobytes())
