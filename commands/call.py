"""`referline call`: a recording calls the line, over signed webhooks and the real media socket, and what was heard and said is printed."""

from __future__ import annotations

import time
import urllib.request
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from agent import settings as environment
from agent import transcripts
from agent.clinic import ClinicError
from agent.clinic import load as load_clinic
from agent.settings import Settings, SettingsError
from agent.store import Store, StoreError
from channels.emulator import PhoneCall, Twilio, over_http
from channels.speech import audio, model
from channels.speech.recordings import RecordingError, telephone_audio
from channels.stream_emulator import FRAME, QUIET, Stream, on_streams, realtime
from commands.options import clinic_option
from commands.stage import StageError, line, wait_for

_SAMPLE = Path("clinics/riverside")
SPEECH = 90.0
"""Seconds until the speech model must be loaded."""
APART_MS = 1_500
"""Quiet in a recording that parts two things said. A pause inside a number is shorter."""
_VOICE_DB = -45.0
_TURN_AFTER_MS = 500
"""The caller answers this long after the line has finished."""
_NO_ANSWER_MS = 5_000.0
"""After this long without a reply, they go on."""


@dataclass(frozen=True, slots=True)
class Here:
    """A line that can be called."""

    twilio: Twilio
    server: str
    """Where it listens, as `http://...`."""
    number: str
    settings: Settings


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "sender", default="+14155550101", show_default=True, help="The caller's number, E.164.")
@click.option("--server", help="A running line, such as http://127.0.0.1:8000; left out: one of its own, on a scratch folder.")
@clinic_option
def call(file: Path, sender: str, server: str | None, clinic: Path | None) -> None:
    """Play a recording into the line over the real Media Streams protocol, and print what was heard and said.

    Things said that are 1.5 s or more apart are said one at a time, each after the line has finished.
    """
    try:
        said = utterances(telephone_audio(file))
        if not said:
            raise click.ClickException(f"{file}: nobody speaks in this recording")
        with _running(server, clinic) if server else _own(clinic) as here:
            one = PhoneCall(here.twilio, sender, here.number)
            one.stream = on_streams("ws" + here.server.removeprefix("http"), Caller(said))
            one.dial()
            if not one.streams:
                click.echo("The call was left to Twilio's recogniser: no speech model is loaded, or no seat is free.", err=True)
            one.hang_up()
            _print(here.settings, one.sid)
    except (ClinicError, StageError, StoreError, RecordingError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    except AssertionError as error:
        raise click.ClickException(f"the line did what Twilio would refuse: {error}") from error


class Caller:
    """Says one thing after the other, each when the line has finished; hangs up after the reply to the last.

    What is said next is asked for only then, so that it may be made from what was heard.
    """

    def __init__(self, said: Iterable[bytes], patience_ms: float = _NO_ANSWER_MS) -> None:
        """After `patience_ms` without a reply they go on all the same."""
        self._said, self._patience_ms = iter(said), patience_ms
        self.finished: list[float] = []
        """Moments at which something said was over, by `time.monotonic`."""

    def __call__(self, stream: Stream) -> None:
        """Talk on one stream until it is closed or everything was said."""
        mouth: deque[bytes] = deque()
        quiet_ms, answered = 0.0, False
        for _ in realtime():
            if not stream.open:
                return
            speaking = bool(mouth)
            stream.frame(mouth.popleft() if mouth else QUIET)
            if speaking:
                quiet_ms, answered = 0.0, False
                if not mouth:
                    self.finished.append(time.monotonic())
            elif stream.speaking:
                quiet_ms, answered = 0.0, True
            else:
                quiet_ms += audio.FRAME_MS
            # Whoever gets no answer says the next thing all the same, after a while.
            if quiet_ms < (_TURN_AFTER_MS if answered else self._patience_ms):
                continue
            if (words := next(self._said, None)) is None:
                return
            mouth.extend(frames(words))
            quiet_ms = 0.0


def frames(mulaw: bytes) -> Iterator[bytes]:
    """Whole frames; the last one is filled up with silence."""
    return (mulaw[at : at + FRAME].ljust(FRAME, bytes([audio.SILENCE])) for at in range(0, len(mulaw), FRAME))


def utterances(mulaw: bytes) -> list[bytes]:
    """A recording cut where nobody speaks for `APART_MS`, with a little quiet left on both sides."""
    found: list[list[bytes]] = []
    quiet: list[bytes] = []
    for frame in frames(mulaw):
        if audio.loudness(frame) > _VOICE_DB:
            if not found or len(quiet) * audio.FRAME_MS >= APART_MS:
                found.append(quiet[-10:])
            else:
                found[-1] += quiet
            found[-1].append(frame)
            quiet = []
        else:
            quiet.append(frame)
    return [b"".join(one) for one in found]


@contextmanager
def _own(clinic: Path | None) -> Iterator[Here]:
    folder = clinic or _SAMPLE
    about = load_clinic(folder)
    number = next(iter(about.numbers), about.phone)
    directory = _model()
    click.echo(f"starting {about.name}'s line on a scratch folder; the first start reads the language models", err=True)
    with line(folder, number, ("web",), VOICE_MODE="stream", VOSK_MODEL_DIR=str(directory)) as stage:
        wait_for("the speech model", lambda: hears(stage.base_url), SPEECH)
        database = f"sqlite:///{stage.folder / 'data' / 'referline.db'}"
        yield Here(stage.twilio, stage.base_url, number, environment.load(data_dir=stage.folder / "data", database_url=database))


@contextmanager
def _running(server: str, clinic: Path | None) -> Iterator[Here]:
    settings = environment.load(**({"clinic_dir": clinic} if clinic else {}))
    if not settings.twilio_auth_token:
        raise StageError("a running line answers only signed calls: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to what it has")
    about = load_clinic(settings.clinic_dir)
    twilio = Twilio(over_http(server), settings.twilio_auth_token[0], settings.public_base_url, settings.twilio_account_sid)
    yield Here(twilio, server.rstrip("/"), next(iter(about.numbers), about.phone), settings)


def _model() -> Path:
    folders = environment.folders()
    found = model.find(folders.vosk_model_dir, folders.models)
    if found is None:
        raise StageError("there is no speech model; run `referline models fetch`, or set VOSK_MODEL_DIR")
    return found.absolute()


def hears(base_url: str) -> bool:
    """Whether the line that listens there has loaded its speech."""
    with urllib.request.urlopen(f"{base_url}/metrics", timeout=2.0) as answer:  # noqa: S310  our own address
        return b"referline_speech_loaded 1.0" in answer.read()


def _print(settings: Settings, sid: str) -> None:
    store = Store(settings.database_url, settings.vault)
    try:
        with store.reading() as session:
            said: list[dict[str, Any]] = transcripts.of_call(session, sid)
    finally:
        store.dispose()
    for one in said:
        who, sure = ("you", one.get("confidence")) if one["who"] == "caller" else (one["who"], None)
        click.secho(f"{who:>6}  ", fg="cyan" if who == "you" else None, nl=False)
        click.echo(one["text"] + (f"  ({sure:.2f})" if sure is not None else ""))
