"""The finder of this process, kept up with what is published: a thread looks for a new revision and builds the next finder beside the old one.

A turn never waits for it. The thread is started by the first question, because a server forks after building.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from agent.clinic import Clinic
from agent.knowledge_base import Known, known, revision, scope
from agent.store import Store, StoreError
from agent.vault import VaultError
from knowledge.answer import Asker, Finder, Part

LOOK_EVERY = 2.0
"""Seconds between looks: with the time to build a finder, a change answers within five."""
log = logging.getLogger("referline.knowledge")

Build = Callable[[Known], Finder]


def gathered(store: Store, clinic: Clinic) -> Known:
    """The folder and what is published on top of it; the folder alone when the database does not answer."""
    try:
        with store.reading() as session:
            return known(session, clinic)
    except (StoreError, VaultError) as error:
        log.error("published knowledge cannot be read; answering from the clinic's folder", extra={"error": type(error).__name__})
        return Known(clinic.articles, clinic.payers, 0)


class LiveFinder:
    """A finder that is replaced by a newer one when something is published."""

    def __init__(self, store: Store, clinic: Clinic, build: Build, start: Known | None = None, *, every: float = LOOK_EVERY) -> None:
        self._store = store
        self._clinic = clinic
        self._scope = scope(clinic)
        self._build = build
        self._every = every
        held = start or gathered(store, clinic)
        self._number = held.number
        self._finder = build(held)
        self._lock = threading.Lock()
        self._watcher = 0
        """Process whose thread is watching."""
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def find(self, text: str, asker: Asker) -> tuple[Part, ...]:
        """As the newest finder of this process finds it."""
        if self._watcher != os.getpid():
            self._watch()
        return self._finder.find(text, asker)

    def refresh(self) -> bool:
        """Build anew when something was published since; whether it was. Raises nothing a turn would have to know of."""
        try:
            with self._store.reading() as session:
                number = revision(session, self._scope)
                if number == self._number:
                    return False
                held = known(session, self._clinic)
            finder = self._build(held)
        except (StoreError, VaultError) as error:
            log.warning("could not look for new knowledge", extra={"error": type(error).__name__})
            return False
        # Two stores in this order: whoever sees the number has the finder.
        self._finder, self._number = finder, held.number
        log.info("knowledge rebuilt", extra={"revision": held.number})
        return True

    def close(self) -> None:
        """Stop watching, and wait for a look under way."""
        self._stop.set()
        if self._thread is not None and self._watcher == os.getpid():
            self._thread.join()

    def _watch(self) -> None:
        with self._lock:
            if self._watcher == os.getpid():
                return
            self._watcher = os.getpid()
            self._thread = threading.Thread(target=self._look, name="knowledge", daemon=True)
            self._thread.start()

    def _look(self) -> None:
        while True:
            try:
                self.refresh()
            except Exception:
                # A boundary: whatever is wrong with one revision, the finder of the last one goes on answering.
                log.exception("knowledge could not be rebuilt")
            if self._stop.wait(self._every):
                return
