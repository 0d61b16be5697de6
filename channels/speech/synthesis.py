"""Text to telephone speech: eSpeak NG through pyttsx3's driver, one synthesiser for the process, mu-law cached per sentence.

The driver's own `save_to_file` writes what is said to a WAV file: names and numbers would lie on disk. Its low-level module
gives the samples in memory instead, in synchronous mode (the other mode calls back from a thread of its own and crashes
under load). eSpeak's library and data come with `espeakng-loader`, so no system package is needed.
"""

from __future__ import annotations

import ctypes
import importlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import espeakng_loader
import numpy as np

from channels.speech import audio
from channels.speech.aloud import aloud
from nlu.parse import Language

LONGEST = 1_000
"""Characters spoken of one sentence: a bound on the time the synthesiser is busy."""

WAIT_S = 2.0
"""How long a call waits for its turn at the synthesiser before it is told there is no speech."""

CACHE_BYTES = 32_000_000
"""About an hour of telephone speech."""


class SpeechUnavailable(RuntimeError):
    """No speech can be made: the library does not load, or the synthesiser is stuck."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How the line sounds."""

    name: str
    """An eSpeak voice, such as `en-us`."""
    words_per_minute: int = 160
    """People on the phone follow 150 to 170."""


VOICES: dict[Language, Voice] = {"en": Voice("en-us"), "es": Voice("es-419")}


def voices(names: Iterable[str], words_per_minute: int) -> dict[Language, Voice]:
    """Voices by what the settings say: each name is an eSpeak voice, for the language its first two letters are. Those not named are ours."""
    named: dict[str, str] = {name[:2]: name for name in names}
    return {language: Voice(named.get(language, ours.name), words_per_minute) for language, ours in VOICES.items()}


class Synthesiser:
    """Thread-safe; make one per process, because eSpeak keeps global state."""

    def __init__(self, voices: dict[Language, Voice] | None = None) -> None:
        self._voices = voices or VOICES
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[Language, str], bytes] = OrderedDict()
        self._cached_bytes = 0
        self._espeak = _load()
        self._heard: list[bytes] = []
        self._rate = self._espeak.Initialize(self._espeak.AUDIO_OUTPUT_SYNCHRONOUS, 200, espeakng_loader.get_data_path().encode(), 0)
        if self._rate <= 0:
            raise SpeechUnavailable("eSpeak NG did not start; is espeakng-loader installed whole?")
        for voice in self._voices.values():
            if self._espeak.SetVoiceByName(voice.name.encode()) != 0:
                raise SpeechUnavailable(f"eSpeak NG has no voice {voice.name}; set SPEECH_VOICES to voices it has, such as en-us and es-419")
        self._espeak.SetSynthCallback(self._collect)

    def speak(self, text: str, language: Language = "en") -> bytes:
        """One sentence as mu-law at 8 kHz. Raises SpeechUnavailable when the synthesiser is stuck."""
        key = (language, text)
        if (cached := self._cache.get(key)) is not None:
            return cached
        if not self._lock.acquire(timeout=WAIT_S):
            raise SpeechUnavailable("the synthesiser is busy for too long")
        try:
            spoken = self._render(language, aloud(text[:LONGEST], language))
            self._remember(key, spoken)
        finally:
            self._lock.release()
        return spoken

    def prepare(self, sentences: Iterable[tuple[Language, str]]) -> None:
        """Render fixed prompts before the first call needs them."""
        for language, text in sentences:
            self.speak(text, language)

    def _render(self, language: Language, text: str) -> bytes:
        voice = self._voices[language]
        self._heard.clear()
        self._espeak.SetVoiceByName(voice.name.encode())
        self._espeak.SetParameter(self._espeak.RATE, voice.words_per_minute, 0)
        self._espeak.Synth(text.encode(), flags=self._espeak.ENDPAUSE | self._espeak.CHARS_UTF8)
        samples = np.frombuffer(b"".join(self._heard), dtype=np.int16)
        return audio.encode(audio.resample(samples, self._rate, audio.LINE_RATE))

    def _collect(self, wave: Any, count: int, _events: Any) -> int:
        if count > 0:
            self._heard.append(ctypes.string_at(wave, count * 2))
        return 0

    def _remember(self, key: tuple[Language, str], spoken: bytes) -> None:
        self._cache[key] = spoken
        self._cached_bytes += len(spoken)
        while self._cached_bytes > CACHE_BYTES:
            _, dropped = self._cache.popitem(last=False)
            self._cached_bytes -= len(dropped)


def _load() -> ModuleType:
    """pyttsx3's eSpeak module looks for a system library when it is imported: ours must be in the process before."""
    try:
        ctypes.CDLL(espeakng_loader.get_library_path(), ctypes.RTLD_GLOBAL)
        return importlib.import_module("pyttsx3.drivers._espeak")
    except (OSError, RuntimeError) as error:
        raise SpeechUnavailable(f"eSpeak NG does not load: {error}") from error
