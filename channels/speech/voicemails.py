"""Voice messages to words: the whole recording at once, with the clinic's open grammar, since nothing was asked.

Ears are loaded with the first message and kept: a clinic without voicemails pays nothing for them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from agent.voicemails import NotTranscribed, Transcript
from channels.speech.recogniser import SpeechModelError
from channels.speech.recordings import RecordingError, telephone_audio
from channels.speech.resolving import ClinicEars

log = logging.getLogger(__name__)


class Voicemails:
    """The `Transcriber` of a process."""

    def __init__(self, load: Callable[[], ClinicEars | None]) -> None:
        """`load` gives ears, or None where there is no model; it is asked again until it has some."""
        self._load = load
        self._ears: ClinicEars | None = None
        self._lock = threading.Lock()

    def transcribe(self, recording: bytes) -> Transcript:
        """The words of a WAV recording. Raises NotTranscribed."""
        try:
            sound = telephone_audio(recording)
        except RecordingError as error:
            raise NotTranscribed("no recording that can be read") from error
        heard = self._loaded().hear(sound, None)
        return Transcript(heard.text.strip(), heard.confidence)

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
