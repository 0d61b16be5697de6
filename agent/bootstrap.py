"""Builds the agent: the one place where its parts are put together. Every part can be given instead."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from agent import clinic as clinics
from agent import readiness, script
from agent.allowance import Allowance
from agent.clinic import Clinic
from agent.clock import Clock, system
from agent.doorbell import Doorbell, Silent
from agent.knowledge_base import Known
from agent.live_knowledge import LiveFinder, LiveUnderstander
from agent.openings import LiveOpenings
from agent.settings import Settings
from agent.store import Store, StoreError
from agent.thinking import Engine, Mind
from agent.turns import Turns
from agent.vault import Vault
from dialogs import engine as dialog
from dialogs.script import Script
from knowledge import finder as knowledge
from knowledge.answer import Finder
from knowledge.availability import Availability
from knowledge.finder import ClinicFinder
from nlu import understander as understanding
from nlu.parse import Understander
from nlu.vocabulary import Vocabulary


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
    openings: LiveOpenings

    @property
    def vocabulary(self) -> Vocabulary:
        """The clinic's own words, those of published documents among them."""
        return self.understander.vocabulary if isinstance(self.understander, LiveUnderstander) else self.clinic.vocabulary

    def on_knowledge(self, heard: Callable[[Known], None]) -> None:
        """Call `heard` with what the line knows, now and whenever that changes."""
        if isinstance(self.finder, LiveFinder):
            self.finder.listen(heard)
        else:
            heard(Known(self.clinic.articles, self.clinic.payers, 0))


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
        readiness.check(store)
    except StoreError as error:
        log.error("the database does not answer yet", extra={"error": str(error)})
    doorbell = doorbell or Silent()
    words = script.load(clinic)
    openings = LiveOpenings(clinic, settings.data_dir, within=settings.import_private_hosts, clock=clock)
    finder = finder or live_finder(store, clinic, openings=openings)
    if understander is None:
        understander = LiveUnderstander(understanding.build, clinic.vocabulary)
        if isinstance(finder, LiveFinder):
            # Names of payers that documents bring in are heard as soon as they are published.
            finder.listen(understander.learn)
    turns = Turns(
        store=store,
        clinic=clinic,
        mind=Mind(clinic, words, understander, finder, engine or dialog.step),
        clock=clock,
        doorbell=doorbell,
        base_url=settings.public_base_url,
        idle=timedelta(minutes=settings.session_idle_minutes),
        allowance=Allowance(settings.texts_a_day),
    )
    return Agent(settings, clinic, store, settings.vault, turns, finder, understander, words, clock, doorbell, log, openings)


def live_finder(store: Store, clinic: Clinic, start: Known | None = None, openings: LiveOpenings | None = None) -> LiveFinder:
    """A finder over the clinic's folder, what was published on top of it and the schedule, that keeps up with them."""
    return LiveFinder(store, clinic, assembled, start, openings=openings)


def assembled(known: Known, schedule: Availability, before: Finder | None) -> Finder:
    """A finder over what is known; of what the one before it has read, nothing is read again."""
    if isinstance(before, ClinicFinder):
        return before.refreshed(known.articles, known.payers, schedule)
    return knowledge.build(known.articles, known.payers, schedule)
