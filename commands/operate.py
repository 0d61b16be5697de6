"""`referline init`, `doctor`, `keys` and `backup`: keeping an installation in order."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import click

from agent import backup as copies
from agent import bootstrap, migrate, rotation, secrets
from agent import clinic as clinics
from agent import settings as environment
from agent.clinic import Clinic, ClinicError
from agent.settings import MODELS, Settings, SettingsError
from agent.store import Store, StoreError
from agent.vault import VaultError, decode_key, new_key
from channels.speech import model
from commands.record import opened
from commands.serve import clinic_option, loaded, prepared
from workers import redis_server

_CONNECT = 5.0
"""Seconds a server may take to answer the doctor."""


@click.command()
@clinic_option
def init(clinic: Path | None) -> None:
    """Make the secrets and the database, or bring the database up to date, and check the clinic's folder. Safe to repeat."""
    settings = prepared(clinic)
    store = Store(settings.database_url, settings.vault)
    try:
        loaded_clinic = clinics.load(settings.clinic_dir)
        migrate.upgrade(store)
    except (ClinicError, StoreError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.dispose()
    click.echo(f"{loaded_clinic.name}: {len(loaded_clinic.articles)} articles, {len(loaded_clinic.payers)} payer rows.")
    click.echo(f"The database is up to date. Keep a copy of {secrets.path(settings.data_dir)} apart from the database's backups.")


@click.command()
@clinic_option
def doctor(clinic: Path | None) -> None:
    """Check settings, database, clinic, Redis, e-mail, Twilio and speech, and say what to fix. Changes nothing."""
    try:
        settings = environment.load(**({"clinic_dir": clinic} if clinic else {}))
    except SettingsError as error:
        for problem in error.problems:
            click.echo(f"FIX   settings    {problem}")
        raise SystemExit(1) from error
    failed = False
    for name, check in CHECKS.items():
        good, words = check(settings)
        failed |= good is False
        for line in words.splitlines():
            click.echo(f"{_MARKS[good]:5} {name:11} {line}")
    raise SystemExit(1 if failed else 0)


@click.group()
def keys() -> None:
    """Keys of the sealed columns. To change the key without closing the line:

    \b
    1. `referline keys new --add`, or put a new key at the END of ENCRYPTION_KEYS; restart every part.
    2. Move the new key to the FRONT (`referline keys first`); restart every part. New values are sealed with it.
    3. `referline keys rotate` seals everything else with it.
    4. Take the old key out; restart every part. Keep it as long as you keep older backups.
    """


@keys.command()
@click.option("--add", is_flag=True, help="Put it at the end of ENCRYPTION_KEYS in the secrets file instead of printing it.")
def new(add: bool) -> None:
    """A fresh key."""
    if not add:
        click.echo(new_key())
        return
    _change_file(new_key(), newest=False)
    click.echo("A new key is at the end of ENCRYPTION_KEYS. Restart every part, then run `referline keys first`.")


@keys.command()
def first() -> None:
    """Move the last of ENCRYPTION_KEYS in the secrets file to the front."""
    settings = loaded(None)
    _change_file(settings.encryption_keys[-1], newest=True)
    click.echo("It seals from the next start on. Restart every part, then run `referline keys rotate`.")


@keys.command()
def rotate() -> None:
    """Seal every value with the first of ENCRYPTION_KEYS, and make the look-up index anew. The line may stay open; safe to repeat."""
    settings = loaded(None)
    store = Store(settings.database_url, settings.vault)
    try:
        done = rotation.reseal(store)
    except (StoreError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.dispose()
    click.echo(f"{done.values} values were sealed with the newest key.")
    for row in done.unreadable:
        click.echo(f"No key opens: {row}", err=True)
    if done.unreadable:
        raise click.ClickException("Some rows could not be opened and were left as they are. Do not throw a key away.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@clinic_option
def backup(file: Path, clinic: Path | None) -> None:
    """Copy the whole record into FILE while the line is open. What is sealed stays sealed: keep the keys somewhere else."""
    with opened(clinic) as store:
        try:
            copies.make(store, file)
        except copies.BackupError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {file.stat().st_size} bytes.")


def _change_file(key: str, *, newest: bool) -> None:
    settings = loaded(None)
    decode_key(key)
    try:
        secrets.add_key(settings.data_dir, key, newest=newest)
    except FileNotFoundError as error:
        raise click.ClickException("ENCRYPTION_KEYS comes from the environment here; change it there") from error


Verdict = tuple[bool | None, str]
"""True: in order. False: to be fixed. None: not set up, and what that means."""
_MARKS = {True: "ok", False: "FIX", None: "-"}


def _settings(settings: Settings) -> Verdict:
    return True, f"data in {settings.data_dir}, reached at {settings.public_base_url}"


def _database(settings: Settings) -> Verdict:
    store = None
    try:
        store = Store(settings.database_url, settings.vault)
        bootstrap.check(store)
    except (StoreError, VaultError, bootstrap.NotReady) as error:
        return False, str(error)
    finally:
        if store is not None:
            store.dispose()
    return True, "SQLite, up to date" if settings.database_url.startswith("sqlite") else "PostgreSQL, up to date"


def _clinic(settings: Settings) -> Verdict:
    try:
        clinic = clinics.load(settings.clinic_dir)
    except ClinicError as error:
        return False, str(error)
    lacking = [words for holds, words in _wants(clinic) if not holds]
    if lacking:
        return False, "\n".join(f"{settings.clinic_dir}/clinic.toml: {words}" for words in lacking)
    return True, f"{clinic.name}: {len(clinic.articles)} articles, {len(clinic.payers)} payer rows"


def _wants(clinic: Clinic) -> tuple[tuple[bool, str], ...]:
    return (
        (bool(clinic.phone), "phone is missing: people cannot be told where to reach a person"),
        (bool(clinic.coordinator_emails), "coordinator_emails is missing: nobody is told of new leads"),
        (bool(clinic.on_call), "on_call is missing: nobody is told at once of a red flag"),
    )


def _redis(settings: Settings) -> Verdict:
    address = redis_server.url(settings.redis_url, settings.data_dir)
    if redis_server.answers(address):
        return True, "answers"
    if settings.redis_url:
        return False, "REDIS_URL does not answer; until it does, the schedule delivers, slower"
    return None, "the embedded one is not running; `referline up` starts it"


def _smtp(settings: Settings) -> Verdict:
    if not settings.smtp_url:
        return None, "SMTP_URL is not set: e-mails are printed, not sent"
    server = urlsplit(settings.smtp_url)
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(server.hostname or "", server.port or 0, timeout=_CONNECT) as connection:
            connection.noop()
    except (OSError, smtplib.SMTPException) as error:
        return False, f"SMTP_URL: the server does not answer as one ({type(error).__name__})"
    return True, f"{server.hostname} answers"


def _twilio(settings: Settings) -> Verdict:
    if not settings.sends_texts:
        return None, "TWILIO_ACCOUNT_SID is not set: Twilio's doors answer 403 and texts are printed"
    base = settings.public_base_url
    if not base.startswith("https://"):
        return False, "PUBLIC_BASE_URL must be the https address entered in the Twilio console: signatures are checked against it"
    return True, f"enter {base}/twilio/voice and {base}/twilio/sms in the Twilio console, with /fallback as the fallbacks"


def _speech(settings: Settings) -> Verdict:
    found = model.find(settings.vosk_model_dir, settings.data_dir / MODELS)
    if settings.vosk_model_dir is not None and found != settings.vosk_model_dir:
        return False, f"VOSK_MODEL_DIR: {settings.vosk_model_dir} holds no speech model; `referline models fetch` fetches one"
    if settings.voice_mode == "gather":
        return None, "VOICE_MODE is gather: Twilio hears calls" + (f"; a model is in {found}" if found else ", no model is needed")
    if found is None:
        return False, "there is no speech model, so calls are heard by Twilio (gather); `referline models fetch` fetches one"
    return True, f"model in {found}"


CHECKS: dict[str, Callable[[Settings], Verdict]] = {
    "settings": _settings,
    "database": _database,
    "clinic": _clinic,
    "redis": _redis,
    "e-mail": _smtp,
    "twilio": _twilio,
    "speech": _speech,
}
