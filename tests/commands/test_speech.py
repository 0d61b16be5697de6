"""`referline transcribe` and `referline models`."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner

from channels.speech import audio
from channels.speech.synthesis import Synthesiser
from commands.main import main
from tests.channels.speech.conftest import model_dir

__all__ = ["model_dir"]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "answer.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.LINE_RATE)
        file.writeframes(audio.decode(Synthesiser().speak("Monday morning")).tobytes())
    return path


def run(*words: str, typed: str = "", **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words), input=typed, env=environment)
    return result.exit_code, result.output


def test_a_recording_is_heard_as_a_call_would(recording: Path, model_dir: Path) -> None:
    code, shown = run("transcribe", str(recording), "--asked", "preferred_times", "--json", VOSK_MODEL_DIR=str(model_dir))
    report = json.loads(shown)
    assert code == 0
    assert report["text"].startswith("monday morning")
    assert report["slots"]["preferred_times"]["value"][0]["days"] == ["mon"]
    assert 0 < report["confidence"] <= 1


def test_many_recordings_in_a_row_keep_their_order_and_ids(recording: Path, tmp_path: Path, model_dir: Path) -> None:
    """One that cannot be read is said on its line, and the next one is heard."""
    files = {"a": recording, "b": tmp_path / "gone.wav", "c": recording}
    rows = [{"id": name, "file": str(file), "asked": "preferred_times"} for name, file in files.items()]
    code, shown = run("transcribe", "--jsonl", typed="\n".join(map(json.dumps, rows)), VOSK_MODEL_DIR=str(model_dir))
    reports = [json.loads(line) for line in shown.splitlines()]
    assert code == 0
    assert [report["id"] for report in reports] == ["a", "b", "c"]
    assert "gone.wav" in reports[1]["error"]
    assert reports[2]["text"]


def test_without_a_model_it_says_how_to_get_one(recording: Path, tmp_path: Path) -> None:
    code, shown = run("transcribe", str(recording), DATA_DIR=str(tmp_path), VOSK_MODEL_DIR="")
    assert code == 1
    assert "referline models fetch" in shown


def test_a_model_that_is_there_is_not_fetched_again(model_dir: Path) -> None:
    code, shown = run("models", "fetch", VOSK_MODEL_DIR=str(model_dir))
    assert code == 0
    assert str(model_dir) in shown


def test_no_recording_is_a_mistake_in_use() -> None:
    code, shown = run("transcribe")
    assert code == 2
    assert "Say which recording" in shown
