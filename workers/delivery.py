"""Carry one outbox row to its recipient: claim, close the session, send with timeouts, record.

What is promised: every row is tried until it went out or a person has a task for it. A row may be sent twice only when the process died,
or the answer was lost, between the vendor's acceptance and our record of it; the second copy carries the same reference and Message-ID.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent import opt_outs, outbox, tasks
from agent.clinic import Clinic
from agent.clock import Clock
from agent.outbox import Claimed
from agent.store import Store, StoreError
from workers import retry
from workers.compose import compose
from workers.errand import Errand
from workers.failures import Ambiguous, ChannelPaused, DeliveryFailed, OptedOut, Permanent, Unreachable
from workers.transport import Transport
from workers.windows import Windows

LEASE = timedelta(seconds=60)
"""How long a row stays with a worker that does not come back. Longer than any send, so that nobody sends beside a slow one."""
REST = timedelta(seconds=15)
"""How long others do not try a channel whose vendor did not answer."""
_RECORD_PAUSE = 0.5
_TEXT = "sms"

log = logging.getLogger("referline.delivery")


@dataclass(slots=True)
class Courier:
    """Delivers rows in this process. What it keeps between rows is only which channels rest."""

    store: Store
    clock: Clock
    transports: Mapping[str, Transport]
    clinic: Clinic
    windows: Windows
    lease: timedelta = LEASE
    sleep: Callable[[float], None] = time.sleep
    errands: Mapping[str, Errand] = field(default_factory=dict)
    """Who does the rows that are work and no messages, by their kind."""
    stopping: bool = False
    """Set when the process is asked to stop: the send under way is finished, none is begun."""
    _resting: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """Channel to until when, and why."""

    def answer_ring(self, outbox_id: str) -> None:
        """Deliver one row: the most pressing there is, which need not be the one rung for.

        A queue is in order of ringing, people are not. Every row has a ring, so as many are delivered as were rung for.
        """
        for row in dict.fromkeys((*outbox.due(self.store, self.clock(), 1), outbox_id)):
            if self.stopping or self.deliver(row):
                return

    def stop(self) -> None:
        """Begin nothing more."""
        self.stopping = True

    def deliver(self, outbox_id: str) -> bool:
        """Deliver one row; False when it is not due, or somebody else's. Raises StoreError when it could not even be claimed."""
        try:
            claimed = outbox.claim(self.store, outbox_id, self.clock(), self.lease)
        except outbox.Unreadable:
            log.error("row cannot be read", extra={"outbox_id": outbox_id})
            return True
        if claimed is None:
            return False
        if claimed.attempt > _patience(claimed).attempts:
            # Whoever had it before did not live to say so: a row that kills its worker is not handed on for ever.
            self._give_up(claimed, "attempts")
        elif (later := self._not_now(claimed)) is not None:
            until, why = later
            self._record(claimed, lambda: outbox.retry(self.store, claimed, until, why, counted=False))
        else:
            self._send(claimed)
        return True

    def _not_now(self, claimed: Claimed) -> tuple[datetime, str] | None:
        """Until when this row must wait through no fault of its own, and why."""
        until, why = self._resting.get(claimed.transport, (claimed.at, ""))
        if until > claimed.at:
            return until, why
        if claimed.transport == _TEXT and claimed.to and claimed.kind not in self.windows.at_once:
            opens = self.windows.opens(claimed.to, claimed.at, self.clinic.timezone, self.clinic.state)
            if opens > claimed.at:
                return opens, "outside_hours"
        return None

    def _send(self, claimed: Claimed) -> None:
        try:
            provider_id = self._carry(claimed)
        except DeliveryFailed as failure:
            self._failed(claimed, failure)
        except Exception:
            # A boundary: a mistake in a transport costs its own row an attempt, and no other row anything.
            log.exception("transport failed unexpectedly", extra={"outbox_id": claimed.id, "transport": claimed.transport})
            self._failed(claimed, Ambiguous("unexpected"))
        else:
            kept = self._record(claimed, lambda: outbox.sent(self.store, claimed, self.clock(), provider_id))
            log.info("sent" if kept else "sent, but the lease had passed on", extra=_fields(claimed))

    def _carry(self, claimed: Claimed) -> str | None:
        if (errand := self.errands.get(claimed.kind)) is not None:
            return errand.run(claimed)
        transport = self.transports.get(claimed.transport)
        if transport is None:
            raise Permanent("no_such_transport")
        message = compose(claimed)
        if claimed.transport == _TEXT:
            with self.store.reading() as session:
                if opt_outs.is_opted_out(session, message.to):
                    raise Permanent("opted_out")
        return transport.send(message)

    def _failed(self, claimed: Claimed, failure: DeliveryFailed) -> None:
        log.warning("not sent", extra={**_fields(claimed), "code": failure.code, "failure": type(failure).__name__})
        now, store = self.clock(), self.store
        if isinstance(failure, ChannelPaused):
            until = self._rest(claimed.transport, failure.code, now + retry.PAUSE)
            self._record(claimed, lambda: outbox.retry(store, claimed, until, failure.code, counted=False))
            self._tell_of_channel(claimed, failure.code, now)
            return
        if isinstance(failure, Permanent):
            self._give_up(claimed, failure.code)
            if isinstance(failure, OptedOut):
                self._opted_out(claimed, now)
            return
        if isinstance(failure, Unreachable):
            self._rest(claimed.transport, failure.code, now + REST)
        ambiguous = isinstance(failure, Ambiguous)
        again = (retry.AMBIGUOUS if ambiguous else _patience(claimed)).next(claimed.attempt, now)
        if again is None:
            self._give_up(claimed, failure.code)
        elif ambiguous:
            self._record(claimed, lambda: outbox.ambiguous(store, claimed, again, failure.code))
        else:
            self._record(claimed, lambda: outbox.retry(store, claimed, again, failure.code))

    def _rest(self, channel: str, code: str, until: datetime) -> datetime:
        self._resting[channel] = (until, code)
        return until

    def _give_up(self, claimed: Claimed, code: str) -> None:
        due_on = self.clinic.calendar.callback_day(self.clock())
        if (errand := self.errands.get(claimed.kind)) is not None:
            with suppress(DeliveryFailed):
                errand.abandon(claimed, code)
        self._record(claimed, lambda: outbox.dead(self.store, claimed, code, due_on))
        log.error("given up; a coordinator has a task", extra={**_fields(claimed), "code": code})

    def _opted_out(self, claimed: Claimed, now: datetime) -> None:
        def note() -> bool:
            with self.store.transaction() as session:
                opt_outs.opt_out(session, claimed.to or "", now)
            return True

        self._record(claimed, note)

    def _tell_of_channel(self, claimed: Claimed, code: str, now: datetime) -> None:
        """One task a day for as long as the channel stays out of order."""
        today = self.clinic.calendar.today(now)
        key = f"channel_stopped:{claimed.transport}:{code}:{today.isoformat()}"

        def note() -> bool:
            with self.store.transaction() as session:
                return tasks.add(session, "channel_stopped", key=key, due_on=today, now=now, outbox_id=claimed.id)

        if self._record(claimed, note):
            log.error("channel stopped; a coordinator has a task", extra={"transport": claimed.transport, "code": code})

    def _record(self, claimed: Claimed, write: Callable[[], bool]) -> bool:
        """Write the outcome, trying for as long as the lease lasts: what is not recorded is sent again."""
        # By the system's clock: the row's own may be a test's, which stands still.
        ends = time.monotonic() + self.lease.total_seconds()
        while True:
            try:
                return write()
            except StoreError as error:
                if time.monotonic() >= ends:
                    log.error("outcome could not be recorded", extra={**_fields(claimed), "error": type(error).__name__})
                    return False
                self.sleep(_RECORD_PAUSE)


def _patience(claimed: Claimed) -> retry.Backoff:
    if claimed.transport == outbox.EARS:
        return retry.LISTENING
    urgent = claimed.kind == "urgent_alert" or claimed.payload.get("event") in ("urgent", "unacknowledged")
    return retry.URGENT if urgent else retry.ROUTINE


def _fields(claimed: Claimed) -> dict[str, object]:
    return {"outbox_id": claimed.id, "kind": claimed.kind, "transport": claimed.transport, "reference": claimed.reference, "attempt": claimed.attempt}
