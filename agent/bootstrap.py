"""Builds the agent: the one place where its parts are put together. Every part can be given instead."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from agent import clinic as clinics
from agent import key_check, migrate, script
from agent.clinic import Clinic
from agent.clock import Clock, system
from agent.doorbell import Doorbell, Silent
from agent.knowledge_base import Known
from agent.live_knowledge import LiveFinder, gathered
from agent.settings import Settings
from agent.store import Store, StoreError
from agent.thinking import Engine, Mind
from agent.turns import Turns
from agent.vault import Vault
from dialogs import engine as dialog
from dialogs.script import Script
from knowledge import finder as knowledge
from knowledge import payers
from knowledge.answer import Finder
from nlu import understander as understanding
from nlu.parse import Understander


class NotReady(Exception):
    """The database is not this version's, or empty; the message says what to run."""


@dataclass(frozen=True)
class Agent:
    """Everything doors, workers and commands work with."""

    settings: Settings
    clinic: Clinic
    store: Store
    vault: Vault
    turns: Turns
    finder: Finder
    understander: Understander
    script: Script
    clock: Clock
    doorbell: Doorbell
    log: logging.Logger


def build(
    settings: Settings,
    *,
    clock: Clock = system,
    doorbell: Doorbell | None = None,
    understander: Understander | None = None,
    finder: Finder | None = None,
    engine: Engine | None = None,
    clinic: Clinic | None = None,
    store: Store | None = None,
) -> Agent:
    """Put the agent together.

    Raises ClinicError, NotReady, or WrongKeys when the database was sealed with other keys. A database that cannot be
    reached right now stops nothing: until it is back, every caller hears the apology.
    """
    clinic = clinic or clinics.load(settings.clinic_dir)
    store = store or Store(settings.database_url, settings.vault)
    log = logging.getLogger("referline")
    try:
        check(store)
    except StoreError as error:
        log.error("the database does not answer yet", extra={"error": str(error)})
    doorbell = doorbell or Silent()
    words = script.load(clinic)
    published = gathered(store, clinic) if finder is None or understander is None else Known(clinic.articles, clinic.payers, 0)
    finder = finder or live_finder(store, clinic, published)
    # Names of payers that documents brought in are heard as well, from the next start on.
    understander = understander or understanding.build(replace(clinic.vocabulary, payers=payers.vocabulary(published.payers)))
    turns = Turns(
        store=store,
        clinic=clinic,
        mind=Mind(clinic, words, understander, finder, engine or dialog.step),
        clock=clock,
        doorbell=doorbell,
        base_url=settings.public_base_url,
        idle=timedelta(minutes=settings.session_idle_minutes),
    )
    return Agent(settings, clinic, store, settings.vault, turns, finder, understander, words, clock, doorbell, log)


def live_finder(store: Store, clinic: Clinic, start: Known | None = None) -> LiveFinder:
    """A finder over the clinic's folder and what was published on top of it, that keeps up with it."""
    return LiveFinder(store, clinic, lambda known: knowledge.build(known.articles, known.payers, clinic.availability), start)


def check(store: Store) -> None:
    """Raises NotReady for a database without this version's tables, WrongKeys for one sealed with other keys, StoreError."""
    if not migrate.current(store):
        raise NotReady("the database does not have this version's tables; run `referline init`")
    with store.reading() as session:
        key_check.verify(session)
