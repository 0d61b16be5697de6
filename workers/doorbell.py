"""Rings RQ when outbox rows are due. It may fail at any moment and nothing is lost: the sweeper finds the rows.

A web request rings while a caller waits, so every step has a short timeout, the whole ring has a budget, and a Redis that failed is
left alone for a few seconds.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic

from redis import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from agent.clock import Clock, system
from workers.jobs import DELIVER
from workers.queues import JOB_TIMEOUT, KEPT, OUTBOX, WAITING, connect

STEP = 0.08
"""Seconds for one command."""
BUDGET = 0.15
"""Seconds for ringing altogether."""
REST = 5.0
"""Seconds a Redis that failed is not asked again."""
LONGEST = 5000
"""Rings waiting; beyond this the rows are left to the sweeper, so that a stopped worker cannot fill Redis."""
SLOT = 30
"""Seconds in which a second ring for one row adds nothing. Shorter than a lease, so that what a dead worker left is rung for."""

log = logging.getLogger("referline.doorbell")


class RqDoorbell:
    """Puts ids, and nothing but ids, on the worker's queue."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock = system,
        timer: Callable[[], float] = monotonic,
        step: float = STEP,
        budget: float = BUDGET,
        slot: int = SLOT,
    ) -> None:
        self._redis = connect(url, step)
        self._budget = budget
        self._slot = slot
        self._queue = Queue(OUTBOX, connection=self._redis, serializer=JSONSerializer)
        self._clock = clock
        self._timer = timer
        self._lock = threading.Lock()
        self._silent_until = float("-inf")

    def ring(self, outbox_ids: Sequence[str]) -> None:
        """Ring for these rows. Never raises; gives up after the budget."""
        self.rang(outbox_ids)

    def rang(self, outbox_ids: Sequence[str]) -> int:
        """The same, telling for how many of the rows a ring now waits: 0 when Redis does not answer."""
        started = self._timer()
        if not outbox_ids or started < self._silent_until:
            return 0
        done = 0
        try:
            if self._queue.count >= LONGEST:
                log.warning("queue is full", extra={"waiting": LONGEST})
                return 0
            for outbox_id in outbox_ids:
                if self._timer() - started > self._budget:
                    break
                self._put(outbox_id)
                done += 1
        except RedisError as error:
            with self._lock:
                self._silent_until = self._timer() + REST
            log.warning("redis does not answer; the sweeper will deliver", extra={"error": type(error).__name__})
        return done

    def _put(self, outbox_id: str) -> None:
        # A ring that was lost with its worker must not keep the next one out, hence the time in the id.
        slot = int(self._clock().timestamp()) // self._slot
        # A duplicate is waiting already, or is our own first try whose answer was lost: either way it rings.
        with suppress(DuplicateJobError):
            self._queue.enqueue_call(
                DELIVER,
                args=[outbox_id],
                job_id=f"{outbox_id}-{slot}",
                unique=True,
                description=OUTBOX,
                timeout=JOB_TIMEOUT,
                result_ttl=0,
                failure_ttl=KEPT,
                ttl=WAITING,
            )
