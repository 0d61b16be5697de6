"""Ears for recordings: they hear what a test says is in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.voicemails import NotTranscribed, Transcript
from nlu.parse import Language


@dataclass
class FakeTranscriber:
    """Hears `text` in every recording; None: there is no model here."""

    text: str | None
    confidence: float = 0.8
    heard: list[bytes] = field(default_factory=list)
    languages: list[Language] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    """Called before each."""

    def transcribe(self, recording: bytes, language: Language) -> Transcript:
        self.before()
        self.languages.append(language)
        if self.text is None:
            raise NotTranscribed("no model")
        self.heard.append(recording)
        return Transcript(self.text, self.confidence)
