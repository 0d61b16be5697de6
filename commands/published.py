"""The knowledge a command answers from: the clinic's folder, and what was published on top of it where there is a database."""

from __future__ import annotations

from pathlib import Path

from agent import bootstrap
from agent import clinic as clinics
from agent import settings as environment
from agent.clinic import Clinic
from agent.knowledge_base import Known, known
from agent.settings import SettingsError
from agent.store import Store, StoreError
from agent.vault import VaultError
from knowledge.answer import Finder
from knowledge.finder import build


def published_finder(folder: Path) -> Finder:
    """A finder over a clinic folder and its published documents. Without a database, the folder alone. Raises ClinicError."""
    clinic = clinics.load(folder)
    held = _published(clinic)
    return build(held.articles, held.payers, clinic.availability)


def _published(clinic: Clinic) -> Known:
    alone = Known(clinic.articles, clinic.payers, 0)
    try:
        settings = environment.load(clinic_dir=clinic.folder)
    except SettingsError:
        return alone
    place = settings.database_url.removeprefix("sqlite:///")
    if place != settings.database_url and not Path(place).exists():
        # Opening it would make it.
        return alone
    store = Store(settings.database_url, settings.vault)
    try:
        bootstrap.check(store)
        with store.reading() as session:
            return known(session, clinic)
    except (StoreError, VaultError, bootstrap.NotReady):
        return alone
    finally:
        store.dispose()
