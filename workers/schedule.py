"""What happens by the clock: finding what nobody rang for, and conversations gone quiet.

A loop of our own, not RQ's: that one needs the Redis which may be down just when it matters, and can schedule a job twice. Every chore is
safe to run in two processes at once, because rows are claimed and consequences have unique keys; a second schedule does no harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from agent import outbox
from agent.clock import Clock
from agent.store import Store, StoreError
from workers.delivery import Courier
from workers.doorbell import RqDoorbell

SWEEP_EVERY = 10.0
"""Seconds between looks at the outbox."""
PATIENCE = 30.0
"""Seconds a row may stay due though it was rung for; then the sweeper carries it itself."""
URGENT_PATIENCE = 5.0
"""The same for urgent rows: somebody on call must know within half a minute, whatever has become of the workers."""
_LOOK = 500
"""Rows one sweep rings for."""

log = logging.getLogger("referline.schedule")


@dataclass(slots=True)
class Chore:
    """Something to do again and again."""

    name: str
    every: float
    """Seconds from the end of one run to the next."""
    run: Callable[[], object]
    next: float = field(default=0.0)
    """Moment of the next run on the monotonic clock, which no change of the system's time moves."""


@dataclass(slots=True)
class Sweeper:
    """Rings again for what is due; delivers by itself what nobody comes for, or everything when no Redis answers."""

    store: Store
    clock: Clock
    courier: Courier
    doorbell: RqDoorbell | None
    """None where there is no Redis at all."""
    patience: float = PATIENCE
    urgent_patience: float = URGENT_PATIENCE
    timer: Callable[[], float] = monotonic
    _seen: dict[str, float] = field(default_factory=dict)
    """When each due row was first seen due."""

    def sweep(self) -> None:
        """One look at the outbox."""
        due = outbox.due(self.store, self.clock(), _LOOK)
        now = self.timer()
        self._seen = {row: self._seen.get(row, now) for row in due}
        if not due:
            return
        rung = self.doorbell.rang(due) if self.doorbell else 0
        mine = due if rung == 0 else self._overdue(due, now)
        if mine:
            log.info("delivering without a worker", extra={"rows": len(mine), "redis": rung > 0})
        self._deliver(mine)

    def _overdue(self, due: Sequence[str], now: float) -> list[str]:
        """Rows that were rung for and not fetched, in their order."""
        late = [row for row in due if now - self._seen[row] >= self.urgent_patience]
        hurried = outbox.urgent(self.store, late) if late else frozenset()
        return [row for row in late if row in hurried or now - self._seen[row] >= self.patience]

    def _deliver(self, rows: Sequence[str]) -> None:
        for row in rows:
            if self.courier.stopping:
                return
            # The order may have changed while a slow server kept us: urgent rows that came in meanwhile go first.
            self.courier.answer_ring(row)


class Schedule:
    """Runs chores in turn until told to stop."""

    def __init__(self, chores: Sequence[Chore], *, timer: Callable[[], float] = monotonic) -> None:
        self._chores = tuple(chores)
        self._timer = timer
        self._stop = threading.Event()

    def stop(self) -> None:
        """End after the chore under way. May be called from a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stop.is_set():
            self.turn()
            wake = min(chore.next for chore in self._chores)
            self._stop.wait(max(0.05, wake - self._timer()))

    def turn(self) -> None:
        """Run what is due now."""
        for chore in self._chores:
            if self._timer() < chore.next or self._stop.is_set():
                continue
            try:
                chore.run()
            except StoreError as error:
                log.warning("the record could not be used", extra={"chore": chore.name, "error": type(error).__name__})
            except Exception:
                # A boundary: one chore's mistake must not end the others.
                log.exception("chore failed", extra={"chore": chore.name})
            chore.next = self._timer() + chore.every
