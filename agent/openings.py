"""What the clinic states about its schedule, kept up while the line runs: `openings.csv` read again when it is replaced, and the calendar of
openings (`availability.feed` of clinic.toml: an address, or a file in the folder) loaded every few minutes.

A calendar that cannot be loaded leaves the last good one in place until that is stale, and then nothing but a coordinator gives a date. What was
loaded last is kept in DATA_DIR for other processes and the next start: days, times, places and kinds of visit, and nothing else of an event.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from agent import fetching
from agent.clinic import OPENINGS, Clinic, openings_listed
from agent.clock import Clock, system
from agent.fetching import Fetched, Refused, Wanted
from knowledge.articles import KnowledgeError
from knowledge.availability import Availability, Opening
from knowledge.documents import bounded
from knowledge.documents.document import Unreadable

FOLDER = "openings"
"""In DATA_DIR."""
EVERY = timedelta(minutes=10)
"""Between loads of the calendar."""
_LOOK_EVERY = 20.0
_TYPES = {"text/calendar": ".ics", "application/ics": ".ics", "text/x-vcalendar": ".ics"}
log = logging.getLogger("referline.openings")

Fetch = Callable[[str, Path, Wanted], Fetched]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The calendar as it was loaded last."""

    openings: tuple[Opening, ...] = ()
    at: datetime | None = None
    """When it was loaded; None: never."""
    left: str = ""
    """What in it was taken for no opening."""
    tried: datetime | None = None
    problem: str = ""
    """Why the last try failed, for a person; empty: it did not."""


class LiveOpenings:
    """The schedule of one clinic, as this process knows it."""

    def __init__(
        self, clinic: Clinic, folder: Path | None, *, within: Collection[str] = (), fetch: Fetch = fetching.fetch, clock: Clock = system
    ) -> None:
        """`folder`: where loaded calendars are kept; None: this process keeps its own."""
        self._clinic = clinic
        self._within = frozenset(within)
        self._fetch = fetch
        self._clock = clock
        self._listed = clinic.folder / OPENINGS
        self._stated = clinic.availability
        self._seen = _mark(self._listed)
        mark = hashlib.sha256(f"{clinic.folder.resolve()} {clinic.feed}".encode()).hexdigest()[:24]
        self._kept = folder / FOLDER / f"{mark}.json" if folder is not None and clinic.feed else None
        self.loaded = _read_back(self._kept)
        self._stop = threading.Event()

    def now(self) -> Availability:
        """What may be said of the schedule, files looked at again. Cheap enough for every few seconds. Raises nothing."""
        self._look_at_list()
        if not self._clinic.feed:
            return self._stated
        if self._kept is not None:
            kept = _read_back(self._kept)
            self.loaded = kept if kept.tried and (self.loaded.tried is None or kept.tried > self.loaded.tried) else self.loaded
        if self.loaded.at is None:
            return self._stated
        return replace(self._stated, openings=self.loaded.openings, openings_as_of=self._clinic.calendar.today(self.loaded.at))

    def load_if_due(self) -> None:
        """Load the calendar unless it, or this attempt, is recent. Takes as long as a slow server; raises nothing."""
        self.now()
        if self._clinic.feed and (self.loaded.tried is None or self._clock() - self.loaded.tried >= EVERY):
            self.load()

    def load(self) -> None:
        """Load the calendar now; what cannot be loaded leaves the one before."""
        now = self._clock()
        try:
            openings, at, left = self._openings(now)
            self.loaded = Loaded(openings, at, left, now)
        except (Refused, Unreadable, OSError) as error:
            why = str(error) if isinstance(error, Refused | Unreadable) else "the file cannot be read"
            log.warning("the calendar of openings cannot be loaded", extra={"error": type(error).__name__})
            self.loaded = replace(self.loaded, tried=now, problem=why)
        _keep(self._kept, self.loaded)

    def watch(self) -> None:
        """Load the calendar again and again, in a thread of its own; for whoever runs a process."""
        if self._clinic.feed:
            threading.Thread(target=self._run, name="openings", daemon=True).start()

    def close(self) -> None:
        """Watch no longer."""
        self._stop.set()

    def _run(self) -> None:
        while True:
            try:
                self.load_if_due()
            except Exception:
                # A boundary: whatever is wrong with one load, the next is tried.
                log.exception("the calendar of openings could not be looked at")
            if self._stop.wait(_LOOK_EVERY):
                return

    def _openings(self, now: datetime) -> tuple[tuple[Opening, ...], datetime, str]:
        calendar, today = self._clinic.calendar, self._clinic.calendar.today(now)
        with tempfile.TemporaryDirectory(prefix="referline-openings-") as folder:
            if "://" in self._clinic.feed:
                address = self._clinic.feed.replace("webcal://", "https://", 1)
                path, at = self._fetch(address, Path(folder), Wanted(_TYPES, self._within)).path, now
            else:
                path = self._clinic.folder / self._clinic.feed
                at = datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo)
            read = bounded.read_calendar(path, calendar.timezone, today)
        rows = read.blocks[0].rows[1:]
        return tuple(Opening(date.fromisoformat(row[0]), *row[1:]) for row in rows), at, "; ".join(skipped.what for skipped in read.skipped)

    def _look_at_list(self) -> None:
        mark = _mark(self._listed)
        if mark == self._seen:
            return
        self._seen = mark
        try:
            listed = openings_listed(self._listed, self._clinic.availability.as_of, self._clinic.timezone)
        except (KnowledgeError, OSError):
            log.warning("openings.csv cannot be read; the openings before it stay until they are stale")
            return
        self._stated = replace(self._stated, openings=listed.openings, openings_as_of=listed.as_of)


def _mark(path: Path) -> tuple[int, int]:
    """What changes when a file is replaced."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _keep(path: Path | None, loaded: Loaded) -> None:
    if path is None:
        return
    with suppress(OSError):
        # Not being able to keep it costs a load at the next start, and nothing else.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(loaded), file, default=lambda value: value.isoformat())
        Path(name).replace(path)


def _read_back(path: Path | None) -> Loaded:
    if path is None:
        return Loaded()
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        openings = tuple(Opening(**{**one, "day": date.fromisoformat(one["day"])}) for one in row["openings"])
        at, tried = (datetime.fromisoformat(row[name]) if row[name] else None for name in ("at", "tried"))
        return Loaded(openings, at, row["left"], tried, row["problem"])
    except (OSError, ValueError, KeyError, TypeError):
        return Loaded()
