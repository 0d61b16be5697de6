"""`referline models` and `referline transcribe`: the speech model, and what a call would hear in a recording."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from agent import clinic as clinics
from agent import settings as environment
from agent.clinic import ClinicError
from agent.settings import Folders, SettingsError
from channels.speech import audio, model, resolving
from channels.speech.model import ModelError
from channels.speech.recogniser import SpeechModelError
from channels.speech.recordings import RecordingError, telephone_audio
from channels.speech.resolving import ClinicEars, Resolved
from commands.options import clinic_option
from commands.understand import understood
from dialogs.line import Expect
from nlu import understander
from nlu.parse import Context, Understander

_YES_NO = ("yes_no", "confirm")
"""What `--asked` may say besides a slot: something was read back, or put as a question of yes and no."""

_SHOWN = 5
"""Other readings that are printed."""


@click.group()
def models() -> None:
    """The speech model that hears calls."""


@models.command()
@click.option("--again", is_flag=True, help="Fetch it even if it is there.")
def fetch(again: bool) -> None:
    """Fetch the speech model (40 MB) into DATA_DIR/models, check it, and unpack it. Does nothing when one is there."""
    folders = _folders()
    found = model.find(folders.vosk_model_dir, folders.models)
    if found is not None and not again:
        click.echo(f"The speech model is there: {found}")
        return
    try:
        click.echo(f"The speech model is ready: {model.fetch(folders.models, click.echo)}")
    except (ModelError, OSError) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--asked", metavar="SLOT", help="The slot just asked for, such as patient.phone; `confirm` after a read-back.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The clinic's date; default today.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--jsonl", "lines", is_flag=True, help='Read {"id","file","asked"} lines from standard input, write one line each.')
@clinic_option
def transcribe(file: Path | None, asked: str | None, today: datetime | None, as_json: bool, lines: bool, clinic: Path | None) -> None:
    """What a call would hear in a WAV recording: it is brought to telephone quality first."""
    if file is None and not lines:
        raise click.UsageError("Say which recording, such as: referline transcribe answer.wav --asked patient.phone")
    hearing = _hearing(_folders(clinic), today.date() if today else datetime.now().astimezone().date())
    if lines:
        for line in sys.stdin:
            if line.strip():
                click.echo(json.dumps(hearing.row(json.loads(line), asked), ensure_ascii=False))
        return
    assert file is not None
    try:
        report = hearing.report(file, asked)
    except RecordingError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _printed(report))


def _folders(clinic: Path | None = None) -> Folders:
    try:
        return environment.folders(**({"clinic_dir": clinic} if clinic else {}))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _hearing(folders: Folders, today: date) -> _Hearing:
    found = model.find(folders.vosk_model_dir, folders.models)
    if found is None:
        raise click.ClickException("There is no speech model. `referline models fetch` fetches one; or set VOSK_MODEL_DIR.")
    try:
        clinic = clinics.load(folders.clinic_dir)
        readers = understander.build(clinic.vocabulary)
        return _Hearing(resolving.build(found, clinic, readers, lambda: today), readers, today)
    except (ClinicError, SpeechModelError) as error:
        raise click.ClickException(str(error)) from error


class _Hearing:
    """Everything a recording is heard with, loaded once."""

    def __init__(self, ears: ClinicEars, readers: Understander, today: date) -> None:
        self._ears = ears
        self._readers = readers
        self._today = today

    def row(self, row: Mapping[str, Any], asked: str | None) -> dict[str, Any]:
        """One line of `--jsonl`; a recording that cannot be read is said on its line, and the next one is heard."""
        try:
            return self.report(Path(str(row.get("file", ""))), row.get("asked") or asked, row.get("id"))
        except RecordingError as error:
            return {"id": row.get("id"), "file": row.get("file"), "error": str(error), "text": "", "confidence": 0.0}

    def report(self, file: Path, asked: str | None, id: str | None = None) -> dict[str, Any]:
        """One recording as `transcribe --json` has it: what was heard, and what `understand --json` takes from it."""
        sound = telephone_audio(file)
        confirming = asked in _YES_NO
        slot = None if confirming else asked
        resolved = self._ears.hear(sound, Expect(slot, "yes_no" if confirming else "text", confirming))
        context = Context(self._today, asked=slot, confirming=confirming, channel="voice")
        return {
            **understood(self._readers.read(resolved.text, context), resolved.text, id),
            "file": str(file),
            "asked": asked,
            "seconds": round(len(sound) / audio.LINE_RATE, 2),
            **_heard(resolved),
        }


def _heard(resolved: Resolved) -> dict[str, Any]:
    return {
        "confidence": round(resolved.confidence, 3),
        "words": [
            {"word": word.text, "start": round(word.start, 2), "end": round(word.end, 2), "confidence": round(word.confidence, 3)}
            for word in resolved.heard.words
        ],
        "alternatives": [{"text": other.text, "weight": round(other.weight, 3)} for other in resolved.heard.hypotheses[:_SHOWN]],
    }


def _printed(report: Mapping[str, Any]) -> str:
    shown = [report["text"] or "(nothing understood)", f"confidence {report['confidence']:.2f}, {report['seconds']} s"]
    shown += [f"{slot:<24} {json.dumps(seen['value'], ensure_ascii=False)}" for slot, seen in report["slots"].items()]
    shown += [f"or  {other['text']}  {other['weight']:.2f}" for other in report["alternatives"] if other["text"] != report["text"]]
    return "\n".join(shown)
