"""What commands share: their options, the settings they read, and how they talk to the person at the terminal.

Imports little, so that a command which only reads the record starts at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from agent import log
from agent import settings as environment
from agent.settings import Settings, SettingsError

clinic_option = click.option("--clinic", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Clinic folder; wins over CLINIC_DIR.")
url_option = click.option("--public-url", hidden=True, help="Where people reach the line, when PUBLIC_BASE_URL does not say.")


def loaded(clinic: Path | None, public_url: str | None = None) -> Settings:
    """The settings of one part, with its logs set up. Ends the process with every problem named."""
    try:
        settings = environment.load(**_overrides(clinic))
        if public_url and "public_base_url" not in settings.model_fields_set:
            settings = environment.load(**_overrides(clinic), public_base_url=public_url)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    log.configure(settings.log_format)
    return settings


def prepared(clinic: Path | None) -> Settings:
    """The same for a first start: makes the secrets that are missing."""
    try:
        settings = environment.prepare(**_overrides(clinic))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    log.configure(settings.log_format)
    return settings


def say(words: str) -> None:
    """One line for the person at the terminal."""
    click.echo(f"referline: {words}")
    sys.stdout.flush()


def _overrides(clinic: Path | None) -> dict[str, Any]:
    return {"clinic_dir": clinic} if clinic else {}
