"""Every problem at once, each with what to do; secrets made once and never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agent import secrets, settings
from agent.settings import SettingsError
from tests.builders import KEY, SECRET, some_settings

SID = "AC" + "0" * 32


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from any `.env`, and with none of our names in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def problems(**given: object) -> str:
    with pytest.raises(SettingsError) as refused:
        settings.load(**given)
    return str(refused.value)


def test_with_nothing_set_the_first_start_makes_what_it_needs(tmp_path: Path) -> None:
    made = settings.prepare(data_dir=tmp_path / "var")
    assert made.database_url == f"sqlite:///{tmp_path}/var/referline.db"
    assert not made.sends_texts
    again = settings.prepare(data_dir=tmp_path / "var")
    assert (again.secret_key, again.encryption_keys) == (made.secret_key, made.encryption_keys)


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    settings.prepare(data_dir=tmp_path / "var")
    assert stat.S_IMODE(secrets.path(tmp_path / "var").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def test_secrets_that_are_given_are_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("ENCRYPTION_KEYS", KEY)
    assert settings.prepare(data_dir=tmp_path / "var").secret_key == SECRET
    assert not secrets.path(tmp_path / "var").exists()


def test_all_problems_are_named_at_once_and_no_value_is_quoted(tmp_path: Path) -> None:
    said = problems(
        data_dir=tmp_path, database_url="mysql://root:hunter2@host/x", twilio_account_sid="ACnope", smtp_url="http://mail", session_idle_minutes=1,
        encryption_keys="hunter2", secret_key="hunter2", twilio_from="hello",
    )  # fmt: skip
    for name in ("DATABASE_URL", "TWILIO_ACCOUNT_SID", "SMTP_URL", "SESSION_IDLE_MINUTES", "ENCRYPTION_KEYS", "SECRET_KEY", "TWILIO_FROM"):
        assert f"  {name}: " in said
    assert "TWILIO_AUTH_TOKEN is needed with TWILIO_ACCOUNT_SID" in said
    assert "MAIL_FROM is needed with SMTP_URL" in said
    assert "hunter2" not in said


def test_missing_secrets_say_how_to_make_them(tmp_path: Path) -> None:
    assert "SECRET_KEY: is missing; run `referline init`" in problems(data_dir=tmp_path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"twilio_account_sid": SID, "twilio_from": "+16145550142"}, "TWILIO_AUTH_TOKEN is needed with TWILIO_ACCOUNT_SID"),
        ({"twilio_account_sid": SID, "twilio_auth_token": "t"}, "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID is needed"),
        ({"twilio_api_key": "SK" + "0" * 32}, "TWILIO_API_SECRET is needed with TWILIO_API_KEY"),
        ({"smtp_url": "smtp://localhost:25"}, "MAIL_FROM is needed with SMTP_URL"),
        ({"webhook_url": "https://x.example"}, "WEBHOOK_SECRET is needed with WEBHOOK_URL"),
    ],
)
def test_settings_that_belong_together_come_together(tmp_path: Path, given: dict[str, str], said: str) -> None:
    assert said in problems(data_dir=tmp_path, secret_key=SECRET, encryption_keys=KEY, **given)


def test_the_environment_wins_over_the_file_and_lists_are_comma_separated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(f"TWILIO_AUTH_TOKEN=old, new\nTWILIO_ACCOUNT_SID={SID}\nTWILIO_FROM=614-555-0142\nLOG_FORMAT=json\nUNKNOWN=x\n")
    monkeypatch.setenv("LOG_FORMAT", "console")
    monkeypatch.setenv("REDIS_URL", "")
    read = some_settings(tmp_path)
    assert (read.twilio_auth_token, read.twilio_from, read.log_format, read.redis_url) == (("old", "new"), "+16145550142", "console", "")
    assert read.sends_texts


def test_no_secret_is_shown_when_settings_are_printed(tmp_path: Path) -> None:
    shown = repr(some_settings(tmp_path, smtp_url="smtp://u:hunter2@h:25", mail_from="a@b.example", api_tokens="hunter2"))
    assert SECRET not in shown
    assert KEY not in shown
    assert "hunter2" not in shown


def test_a_key_is_added_at_the_end_and_moved_to_the_front(tmp_path: Path) -> None:
    settings.prepare(data_dir=tmp_path)
    old = settings.load(data_dir=tmp_path).encryption_keys[0]
    secrets.add_key(tmp_path, KEY, newest=False)
    assert settings.load(data_dir=tmp_path).encryption_keys == (old, KEY)
    secrets.add_key(tmp_path, KEY, newest=True)
    assert settings.load(data_dir=tmp_path).encryption_keys == (KEY, old)
    assert stat.S_IMODE(secrets.path(tmp_path).stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_used_is_a_problem_like_any_other(tmp_path: Path) -> None:
    """No traceback: what is wrong, and what to do."""
    for folder, why in ((Path("/proc/referline"), "No such file"), (tmp_path / "file" / "var", "Not a directory")):
        (tmp_path / "file").touch()
        with pytest.raises(SettingsError, match=rf"DATA_DIR: .* cannot be used \({why}.*set it to a folder"):
            settings.prepare(data_dir=folder)
    assert "Not a directory" in problems(data_dir=tmp_path / "file" / "var")


def test_voices_and_rate_are_checked(tmp_path: Path) -> None:
    assert some_settings(tmp_path, speech_voices="en-us+f3, es-419", speech_rate=140).speech_voices == ("en-us+f3", "es-419")
    assert "SPEECH_VOICES: joanna! does not look like" in problems(data_dir=tmp_path, speech_voices="joanna!")
    assert "two voices for one language" in problems(data_dir=tmp_path, speech_voices="en-us,en-gb")
    assert "SPEECH_RATE" in problems(data_dir=tmp_path, speech_rate=1000)
