"""The finder of this process, kept up with what is published: a thread looks for a new revision and builds the next finder beside the old one.

A turn never waits for it. The thread is started by the first question, because a server forks after building.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace

from agent.clinic import Clinic
from agent.knowledge_base import Known, known, revision, scope
from agent.openings import LiveOpenings
from agent.store import Store, StoreError
from agent.vault import VaultError
from knowledge.answer import Asker, Finder, Part
from knowledge.availability import Availability
from knowledge.payers import vocabulary
from nlu.parse import Context, Parse, Understander
from nlu.vocabulary import Vocabulary

LOOK_EVERY = 2.0
"""Seconds between looks: with the time to build a finder, a change answers within five."""
log = logging.getLogger("referline.knowledge")

Build = Callable[[Known, Availability, Finder | None], Finder]
"""A finder over what is known and stated; the one before it, to read only what is new."""


def gathered(store: Store, clinic: Clinic) -> Known:
    """The folder and what is published on top of it; the folder alone when the database does not answer."""
    try:
        with store.reading() as session:
            return known(session, clinic)
    except (StoreError, VaultError) as error:
        log.error("published knowledge cannot be read; answering from the clinic's folder", extra={"error": type(error).__name__})
        return Known(clinic.articles, clinic.payers, 0)


class LiveFinder:
    """A finder that is replaced by a newer one when something is published, or the schedule changes."""

    def __init__(
        self,
        store: Store,
        clinic: Clinic,
        build: Build,
        start: Known | None = None,
        *,
        openings: LiveOpenings | None = None,
        every: float = LOOK_EVERY,
    ) -> None:
        self._store = store
        self._clinic = clinic
        self._scope = scope(clinic)
        self._build = build
        self._openings = openings
        self._every = every
        self.known = start or gathered(store, clinic)
        """What the newest finder answers from."""
        self._schedule = self._stated()
        self._finder = build(self.known, self._schedule, None)
        self._listeners: list[Callable[[Known], None]] = []
        self._lock = threading.Lock()
        self._building = threading.Lock()
        self._watcher = 0
        """Process whose thread is watching."""
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def listen(self, heard: Callable[[Known], None]) -> None:
        """Call `heard` with what is known now, and again in the watching thread whenever that changes."""
        self._listeners.append(heard)
        heard(self.known)

    def find(self, text: str, asker: Asker) -> tuple[Part, ...]:
        """As the newest finder of this process finds it."""
        if self._watcher != os.getpid():
            self._watch()
        return self._finder.find(text, asker)

    def refresh(self) -> bool:
        """Build anew when something was published or the schedule changed since; whether it was. Raises nothing a turn would have to know of."""
        with self._building:
            schedule, before, held = self._stated(), self.known, self.known
            try:
                with self._store.reading() as session:
                    if revision(session, self._scope) != before.number:
                        held = known(session, self._clinic)
            except (StoreError, VaultError) as error:
                log.warning("could not look for new knowledge", extra={"error": type(error).__name__})
            if held is before and schedule == self._schedule:
                return False
            # In this order: whoever sees the revision has the finder.
            self._finder = self._build(held, schedule, self._finder)
            self.known, self._schedule = held, schedule
            log.info("knowledge rebuilt", extra={"revision": held.number})
            if held is not before:
                for heard in self._listeners:
                    heard(held)
            return True

    def _stated(self) -> Availability:
        return self._openings.now() if self._openings is not None else self._clinic.availability

    def close(self) -> None:
        """Stop watching, and wait for a look under way."""
        self._stop.set()
        if self._openings is not None:
            self._openings.close()
        if self._thread is not None and self._watcher == os.getpid():
            self._thread.join()

    def _watch(self) -> None:
        with self._lock:
            if self._watcher == os.getpid():
                return
            self._watcher = os.getpid()
            self._thread = threading.Thread(target=self._look, name="knowledge", daemon=True)
            self._thread.start()
            if self._openings is not None:
                self._openings.watch()

    def _look(self) -> None:
        while True:
            try:
                self.refresh()
            except Exception:
                # A boundary: whatever is wrong with one revision, the finder of the last one goes on answering.
                log.exception("knowledge could not be rebuilt")
            if self._stop.wait(self._every):
                return


class LiveUnderstander:
    """An understander that hears the names of payers as they are published."""

    def __init__(self, build: Callable[[Vocabulary], Understander], words: Vocabulary) -> None:
        self._build = build
        self.vocabulary = words
        """The clinic's own words, those of published documents among them."""
        self._built = build(words)

    def read(self, text: str, context: Context) -> Parse:
        """As the newest understander of this process reads it."""
        return self._built.read(text, context)

    def learn(self, known: Known) -> None:
        """Hear the payers that are known now."""
        words = replace(self.vocabulary, payers=vocabulary(known.payers))
        if words != self.vocabulary:
            self._built, self.vocabulary = self._build(words), words
