"""`referline demo` is finite, and fails when anything it shows did not really happen."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.speech import model, npm
from commands import spoken
from commands.call import Caller
from commands.demo import Actor, Talker

_ROOT = Path(__file__).parents[2]


def test_the_demo_plays_a_text_and_a_call_and_shows_what_came_of_them(tmp_path: Path) -> None:
    """Two complete leads, two notifications, two thank-yous, all through the real doors and a real SMTP server.

    There is no speech model in this folder, so the call is typed, and says so; by audio it takes its two minutes whoever runs it.
    """
    command = [sys.executable, "-m", "commands.main", "demo", "--clinic", str(_ROOT / "clinics" / "riverside")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "there is no speech model here, so the call is typed" in done.stdout
    assert done.stdout.count("  complete  by ") == 2
    assert done.stdout.count("Subject:  New request RL-") == 2
    assert done.stdout.count("Subject:  Thank you for your referral (RL-") == 2
    assert list(tmp_path.iterdir()) == []


def test_an_actor_answers_the_question_that_came_last() -> None:
    actor = Actor("Ana", "+16145550161", "hi", {"phone": ["555"], "full name": ["Ana", "Ana Ruiz"]}, "skip")
    before: Counter[str] = Counter()
    assert actor.answer("I have your phone. What is the full name?", before) == "Ana"
    assert actor.answer("The full name again, please?", before) == "Ana Ruiz"
    assert actor.answer("Anything else?", before) == "skip"


def test_the_script_names_two_actors() -> None:
    script = tomllib.loads((_ROOT / "commands" / "demo.toml").read_text(encoding="utf-8"))
    assert [Actor(**script[part]).name for part in ("text", "call")] == ["Maria", "Robert"]


def test_somebody_on_the_telephone_hangs_up_when_the_request_is_sent_and_at_the_latest_after_forty_answers() -> None:
    talker = Talker(Actor("Ana", "+16145550161", "hi", {"full name": ["Ana"]}, "skip"))
    assert talker.next("What is the full name?") == "Ana"
    assert talker.next("And the e-mail?") == "skip"
    assert talker.next("Your reference is RL-7K3M9Q.") is None
    endless = Talker(Actor("Ana", "+16145550161", "hi", {"full name": ["Ana"]}, "skip"))
    assert [endless.next("?") for _ in range(41)][-1] is None


def test_without_a_model_the_call_is_typed_and_without_the_voice_another_one_speaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It degrades by saying so: a machine whose registry does not answer still shows a call by audio."""
    said: list[str] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOSK_MODEL_DIR", raising=False)
    assert spoken.ready(said.append) is None
    assert "referline models fetch" in said[-1]

    def unreachable(*_: object) -> Path:
        raise OSError("the registry does not answer")

    (tmp_path / "var" / "models" / model.NAME / "am").mkdir(parents=True)
    (tmp_path / "var" / "models" / model.NAME / "am" / "final.mdl").touch()
    monkeypatch.setattr(npm, "member", unreachable)
    ready = spoken.ready(said.append)
    assert ready is not None
    assert "eSpeak" in said[-1]
    assert "eSpeak" in ready.about
    assert len(ready.voice.speak("It's for me.")) > 4_000


def test_the_next_thing_is_made_only_when_the_line_has_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """By audio only: an answer depends on what was heard."""
    made: list[str] = []

    def said() -> Iterator[bytes]:
        for word in ("one", "two"):
            made.append(word)
            yield b"\x00" * 320

    stream = SpeakingLine()
    monkeypatch.setattr("commands.call.realtime", lambda: iter([b""] * 400))
    Caller(said(), patience_ms=2_000.0)(stream)  # type: ignore[arg-type]
    assert made == ["one", "two"]
    assert stream.made_while_speaking == []


class SpeakingLine:
    """A line that speaks for a second, and then after everything it hears."""

    def __init__(self) -> None:
        self.open, self.frames, self.made_while_speaking = True, 0, list[int]()
        self._until, self._talking = 50, False

    @property
    def speaking(self) -> bool:
        return self.frames < self._until

    def frame(self, mulaw: bytes) -> None:
        self.frames += 1
        talking = set(mulaw) == {0}
        if talking and not self._talking and self.speaking:
            self.made_while_speaking.append(self.frames)
        self._until = self.frames + 20 if talking else self._until
        self._talking = talking
