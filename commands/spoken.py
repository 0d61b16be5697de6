"""A call by audio only: somebody with a voice of their own talks to the line over the media socket, in real time, and hears it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agent import settings as environment
from agent import transcripts
from agent.store import Store
from channels.emulator import PhoneCall
from channels.speech import flite, model
from channels.speech.flite import Flite, FliteError
from channels.speech.synthesis import Synthesiser, Voice
from channels.stream_emulator import on_streams
from commands.call import Caller
from commands.stage import Stage

_FLITE = ("rms", 1.1)
"""A man from the United States, a tenth more slowly than he was recorded."""
_ESPEAK = Voice("en-us+f3", 150)
"""Where Flite cannot be had: the line's own synthesiser, made to sound like somebody else."""
RATE = "215"
"""SPEECH_RATE of the line in a rehearsal: nobody has to write anything down."""


_PATIENCE_MS = 60_000.0
"""However busy the machine is: what is said next depends on the line's answer, and the line asks again after ten seconds of silence."""


class Speaks(Protocol):
    """A voice."""

    def speak(self, text: str) -> bytes:
        """Words as mu-law at 8 kHz."""
        ...


class Speaker(Protocol):
    """Somebody who knows what to say."""

    @property
    def opening(self) -> str:
        """Said after the greeting."""
        ...

    def next(self, heard: str) -> str | None:
        """Said after this was heard; None to hang up."""
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """What a call by audio needs beside the line."""

    model: Path
    voice: Speaks
    about: str
    """Whose voice it is."""


def ready(say: Callable[[str], None]) -> Ready | None:
    """The speech model and a voice; None, after saying so, where there is no model. Fetches the voice the first time."""
    folders = environment.folders()
    found = model.find(folders.vosk_model_dir, folders.models)
    if found is None:
        say("there is no speech model here, so the call is typed and not spoken; `referline models fetch` fetches one")
        return None
    try:
        speaker = Flite(flite.fetch(folders.models, say), *_FLITE)
    except FliteError as error:
        say(f"{error} The caller speaks with another voice of the line's own synthesiser, eSpeak, instead.")
        return Ready(found.absolute(), Synthesiser({"en": _ESPEAK}), f"eSpeak's {_ESPEAK.name}, the line eSpeak's en-us")
    return Ready(found.absolute(), speaker, f"Flite's {_FLITE[0]}, the line eSpeak's en-us: two synthesisers that share nothing")


class Record:
    """What the line's own record says of a call, as it grows."""

    def __init__(self, stage: Stage, call: str, show: Callable[[dict[str, Any]], None]) -> None:
        """`show` gets every line once."""
        database = f"sqlite:///{stage.folder / 'data' / 'referline.db'}"
        settings = environment.load(data_dir=stage.folder / "data", database_url=database)
        self._store = Store(settings.database_url, settings.vault)
        self._call, self._show, self._seen = call, show, 0

    def said(self) -> str:
        """What the line has said since this was asked last; all that is new is shown."""
        with self._store.reading() as session:
            lines = transcripts.of_call(session, self._call)
        fresh, self._seen = lines[self._seen :], len(lines)
        for line in fresh:
            self._show(line)
        return " ".join(line["text"] for line in fresh if line["who"] == "line")

    def close(self) -> None:
        """Show what is left."""
        self.said()
        self._store.dispose()


def dial(stage: Stage, sender: str, who: Speaker, voice: Speaks, show: Callable[[dict[str, Any]], None], spoke: Callable[[str], None]) -> PhoneCall:
    """Have the call. `show` gets every line of the record as it comes, `spoke` the words that are about to be said."""
    call = PhoneCall(stage.twilio, sender, stage.number)
    record = Record(stage, call.sid, show)
    call.stream = on_streams("ws" + stage.base_url.removeprefix("http"), Caller(_words(record, who, voice, spoke), _PATIENCE_MS))
    try:
        return call.dial()
    finally:
        record.close()


def _words(record: Record, who: Speaker, voice: Speaks, spoke: Callable[[str], None]) -> Iterator[bytes]:
    """What is said, made only when it is needed: an answer depends on what was heard."""
    record.said()
    words: str | None = who.opening
    while words is not None:
        spoke(words)
        yield voice.speak(words)
        words = who.next(record.said())
