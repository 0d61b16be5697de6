"""Voice messages to words: passage by passage, with the clinic's open grammars side by side, since nothing was asked.

A message holds a name, a number and a reason in one breath. Heard whole, with one grammar, each of them is bent into the words of the others;
between two pauses there is mostly one of them, and the grammar that fits it best wins. Ears are loaded with the first message and
kept: a clinic without voicemails pays nothing for them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

from agent.voicemails import NotTranscribed, Transcript
from channels.speech import audio
from channels.speech.recogniser import SpeechModelError
from channels.speech.recordings import RecordingError, telephone_audio
from channels.speech.resolving import ClinicEars, Resolved
from nlu.parse import Language

LANGUAGES: frozenset[Language] = frozenset({"en"})
"""What there are models and grammars for."""
PAUSE = 15
"""Frames of quiet that end a passage: 300 ms. A number said in groups comes in pieces, which are put together again as words."""
LONGEST = 600
"""Frames of one passage: 12 s. Whoever speaks on, or calls from beside a motorway, is cut there."""
_BEFORE, _AFTER = 5, 8
"""Frames of quiet a passage keeps around it."""
_ABOVE_FLOOR = 8.0
_FAINTEST, _LOUDEST = -50.0, -35.0
"""dB: whatever the line's own noise, below is quiet, and above is speech."""
_STEP = 5 * audio.FRAME_BYTES

log = logging.getLogger(__name__)


class Voicemails:
    """The `Transcriber` of a process."""

    def __init__(self, load: Callable[[], ClinicEars | None]) -> None:
        """`load` gives ears, or None where there is no model; it is asked again until it has some."""
        self._load = load
        self._ears: ClinicEars | None = None
        self._lock = threading.Lock()

    def transcribe(self, recording: bytes, language: Language) -> Transcript:
        """The words of a WAV recording. Raises NotTranscribed."""
        if language not in LANGUAGES:
            # Another language in English words is worse than none: somebody would read it.
            raise NotTranscribed("no model for this language")
        try:
            sound = telephone_audio(recording)
        except RecordingError as error:
            raise NotTranscribed("no recording that can be read") from error
        ears = self._loaded()
        heard = [(len(passage), _heard(ears, passage)) for passage in passages(sound)]
        said = [(length, one) for length, one in heard if one.text.strip()]
        length = sum(length for length, _ in said)
        confidence = sum(length * one.confidence for length, one in said) / length if length else 0.0
        return Transcript(" ".join(one.text.strip() for _, one in said), confidence)

    def _loaded(self) -> ClinicEars:
        with self._lock:
            if self._ears is None:
                try:
                    self._ears = self._load()
                except SpeechModelError as error:
                    log.warning("the speech model does not load")
                    raise NotTranscribed("the model does not load") from error
            if self._ears is None:
                raise NotTranscribed("no model")
            return self._ears


def passages(mulaw: bytes) -> Iterator[bytes]:
    """What lies between pauses, of mu-law at 8 kHz, in order."""
    size = audio.FRAME_BYTES
    levels = [audio.loudness(mulaw[at : at + size]) for at in range(0, len(mulaw), size)]
    if not levels:
        return
    quiet_below = min(max(sorted(levels)[len(levels) // 7] + _ABOVE_FLOOR, _FAINTEST), _LOUDEST)
    begun, last = None, 0
    for frame, level in enumerate([*levels, *[-96.0] * PAUSE]):
        if level > quiet_below:
            begun, last = (frame if begun is None else begun), frame
        if begun is not None and (frame - last >= PAUSE or frame - begun >= LONGEST):
            yield mulaw[max(0, begun - _BEFORE) * size : (last + 1 + _AFTER) * size]
            begun = None


def _heard(ears: ClinicEars, passage: bytes) -> Resolved:
    listener = ears.freely()
    for at in range(0, len(passage), _STEP):
        listener.feed(passage[at : at + _STEP])
    return listener.finish()
