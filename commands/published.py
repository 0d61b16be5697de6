"""The knowledge a command answers from: the clinic's folder, and what was published on top of it where there is a database."""

from __future__ import annotations

from pathlib import Path

from agent import clinic as clinics
from agent import readiness
from agent import settings as environment
from agent.clinic import Clinic
from agent.knowledge_base import Known, known
from agent.openings import LiveOpenings
from agent.settings import Settings, SettingsError
from agent.store import Store, StoreError
from agent.vault import VaultError
from knowledge.answer import Finder
from knowledge.finder import build


def published_finder(folder: Path) -> Finder:
    """A finder over a clinic folder, its published documents and its schedule. Without a database, the folder alone. Raises ClinicError."""
    clinic = clinics.load(folder)
    settings = _settings(folder)
    held = _published(clinic, settings) if settings else Known(clinic.articles, clinic.payers, 0)
    openings = LiveOpenings(clinic, settings.data_dir if settings else None, within=settings.import_private_hosts if settings else ())
    openings.load_if_due()
    return build(held.articles, held.payers, openings.now())


def _settings(folder: Path) -> Settings | None:
    try:
        return environment.load(clinic_dir=folder)
    except SettingsError:
        return None


def _published(clinic: Clinic, settings: Settings) -> Known:
    alone = Known(clinic.articles, clinic.payers, 0)
    place = settings.database_url.removeprefix("sqlite:///")
    if place != settings.database_url and not Path(place).exists():
        # Opening it would make it.
        return alone
    store = Store(settings.database_url, settings.vault)
    try:
        readiness.check(store)
        with store.reading() as session:
            return known(session, clinic)
    except (StoreError, VaultError, readiness.NotReady):
        return alone
    finally:
        store.dispose()
