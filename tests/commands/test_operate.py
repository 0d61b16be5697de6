"""Keeping an installation in order."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from agent import secrets, settings
from commands.main import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`referline` in an installation of its own, with nothing set."""
    monkeypatch.chdir(tmp_path)
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "clinic.toml").write_text('name = "Elm Street PT"\n')
    monkeypatch.setenv("CLINIC_DIR", str(tmp_path / "clinic"))
    return lambda *words: CliRunner().invoke(main, words)


def test_init_makes_what_is_missing_and_can_be_repeated(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        answer = run("init")
        assert (answer.exit_code, "Elm Street PT" in answer.output) == (0, True)
    assert stat.S_IMODE((tmp_path / "var" / "referline.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(secrets.path(tmp_path / "var").stat().st_mode) == 0o600


def test_init_names_what_is_wrong_with_the_clinic(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clinic" / "clinic.toml").write_text('timezone = "Ohio"\n')
    answer = run("init")
    assert (answer.exit_code, "timezone: is no time zone" in answer.output) == (1, True)


def test_the_doctor_names_every_setting_before_anything_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "nope")
    answer = run("doctor")
    assert answer.exit_code == 1
    assert "FIX   settings    SECRET_KEY: is missing" in answer.output
    assert "FIX   settings    TWILIO_ACCOUNT_SID" in answer.output


def test_the_doctor_says_what_to_fix_and_what_is_merely_off(run: Run) -> None:
    run("init")
    answer = run("doctor")
    marks = {line.split()[1]: line.split()[0] for line in answer.output.splitlines()}
    off = dict.fromkeys(("on-call", "redis", "e-mail", "twilio", "speech", "voice"), "-")
    assert marks == {"settings": "ok", "database": "ok", "clinic": "FIX"} | off
    assert "coordinator_emails is missing" in answer.output
    assert answer.exit_code == 1


def test_the_doctor_finds_servers_that_do_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init")
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("MAIL_FROM", "line@elm.example")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("VOICE_MODE", "stream")
    lines = {line.split()[1]: line.split()[0] for line in run("doctor").output.splitlines()}
    assert {lines[name] for name in ("redis", "e-mail", "speech")} == {"FIX"}


PEOPLE = """name = "Elm Street PT"
numbers = ["+16145550142"]
desk_number = "+16145550142"
[[on_call]]
name = "Nobody"
[[on_call]]
name = "Itself"
phone = "+16145550142"
[[on_call]]
name = "Far"
phone = "+442079460000"
[[on_call]]
name = "Dana"
phone = "+16145550171"
[[on_call]]
name = "Dana again"
phone = "614-555-0171"
"""


def test_the_doctor_checks_the_people_on_call(run: Run, tmp_path: Path) -> None:
    """Whoever cannot be reached at three in the morning is found out by day."""
    (tmp_path / "clinic" / "clinic.toml").write_text(PEOPLE)
    run("init")
    said = [line for line in run("doctor").output.splitlines() if " on-call " in line]
    assert all(line.startswith("FIX") for line in said)
    found = ("Nobody: has neither phone nor email", "Itself: phone is the line's own", "Far: phone +44", "(614) 555-0171 twice", "in circles")
    for words in found:
        assert any(words in line for line in said), words


def test_the_doctor_asks_twilio_whether_it_knows_us(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "wrong")
    monkeypatch.setenv("TWILIO_FROM", "+16145550142")
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://line.clinic.example")
    answers = {401: "refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN", 503: "answers 503", 200: "the account answers"}
    for status, words in answers.items():
        monkeypatch.setattr("commands.checks.requests.get", lambda *_, status=status, **__: SimpleNamespace(status_code=status, ok=status == 200))
        line = next(line for line in run("doctor").output.splitlines() if " twilio " in line)
        assert words in line
        assert line.startswith("ok" if status == 200 else "FIX")


def test_the_doctor_hears_and_speaks(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that only looks like a model, and a voice nobody has."""
    run("init")
    (tmp_path / "model" / "am").mkdir(parents=True)
    (tmp_path / "model" / "am" / "final.mdl").write_bytes(b"nothing")
    monkeypatch.setenv("VOICE_MODE", "stream")
    monkeypatch.setenv("VOSK_MODEL_DIR", str(tmp_path / "model"))
    monkeypatch.setenv("SPEECH_VOICES", "qq-none,en-xx")
    said = run("doctor").output
    assert "models fetch --again" in said
    assert "has no voice en-xx; set SPEECH_VOICES" in said


def test_keys_change_in_the_order_the_help_gives(run: Run, tmp_path: Path) -> None:
    """A43."""
    run("init")
    old = settings.load().encryption_keys[0]
    assert run("keys", "new", "--add").exit_code == 0
    assert settings.load().encryption_keys[0] == old
    assert run("keys", "first").exit_code == 0
    new = settings.load().encryption_keys[0]
    assert settings.load().encryption_keys == (new, old)
    assert "1 values were sealed" in run("keys", "rotate").output
    file = secrets.path(tmp_path / "var")
    file.write_text(file.read_text().replace(f",{old}", ""))
    assert "ok    database" in run("doctor").output
    file.write_text(file.read_text().replace(new, old))
    wrong = run("keys", "rotate")
    assert (wrong.exit_code, "put it back" in wrong.output) == (1, True)


def test_a_new_key_is_printed_and_used_nowhere(run: Run) -> None:
    assert run("keys", "new").output != run("keys", "new").output


def test_a_backup_is_whole_private_and_never_written_over_another(run: Run, tmp_path: Path) -> None:
    run("init")
    file = tmp_path / "copy.db"
    assert run("backup", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("SELECT count(*) FROM key_check").fetchone() == (1,)
    again = run("backup", str(file))
    assert (again.exit_code, "File exists" in again.output) == (1, True)
    assert run("backup", str(tmp_path / "nowhere" / "copy.db")).exit_code == 1
