"""`referline init`, `doctor`, `keys` and `backup`: keeping an installation in order."""

from __future__ import annotations

from pathlib import Path

import click

from agent import backup as copies
from agent import clinic as clinics
from agent import migrate, rotation, secrets
from agent import settings as environment
from agent.clinic import ClinicError
from agent.settings import SettingsError
from agent.store import Store, StoreError
from agent.vault import VaultError, decode_key, new_key
from commands.checks import CHECKS, MARKS
from commands.options import clinic_option, loaded, prepared
from commands.record import opened


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
            click.secho(f"{MARKS[good]:5} {name:11} {line}", fg="red" if good is False else None)
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
