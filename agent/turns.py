"""One inbound message, one turn, one transaction, one reply.

Thinking happens before the write lock is taken. The conversation's version and the unique message id decide who wins; the loser
thinks again, a bounded number of times. Whatever goes wrong, the caller hears a worded apology within a few seconds.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zlib import crc32

from sqlalchemy.exc import IntegrityError

from agent import auto_replies, contacts, outbox
from agent.allowance import Allowance
from agent.apology import sorry
from agent.auto_replies import Echo
from agent.clinic import Clinic
from agent.clock import Clock
from agent.doorbell import Doorbell
from agent.loading import Loaded, load
from agent.log import place
from agent.messages import Inbound, Reply, Withheld
from agent.recording import Stale, Turn, end_call, record
from agent.store import Store, StoreBusy, StoreError
from agent.thinking import CHANNELS, Mind
from dialogs.events import OptedIn
from dialogs.step import Kind, Step
from nlu.parse import Language

BUDGET = 2.5
"""Seconds after which a turn that others keep overtaking is given up: a caller waits in silence, and Twilio gives up after fifteen."""
LOCKED = 0.3
"""Seconds after which a turn that found the database held by somebody else is not tried again: an apology that is heard beats an
answer that comes when the caller has hung up."""
PATIENCE = 1.5
"""Seconds for all waiting together: for an earlier message of the same person, for other writers here, and for those elsewhere."""
_LEAST_WAIT = 0.2
"""Seconds for other writers, however long was waited before."""
_LANES = 64
_PAUSE = 0.03

log = logging.getLogger("referline.turns")


class TurnFailed(Exception):
    """The message was not kept. `reply` says so, in words; nothing of the turn remains."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("the turn failed")
        self.reply = reply


@dataclass(slots=True)
class _Hearing:
    """One message while it is being heard, over as many attempts as it takes."""

    inbound: Inbound
    started: float
    language: Language = "en"
    """What to apologise in, as soon as it is known."""


class Turns:
    """Hears messages. One at a time for each contact, any number at once for all."""

    def __init__(
        self, *, store: Store, clinic: Clinic, mind: Mind, clock: Clock, doorbell: Doorbell, base_url: str, idle: timedelta, allowance: Allowance
    ) -> None:
        self._store = store
        self._clinic = clinic
        self._mind = mind
        self._clock = clock
        self._doorbell = doorbell
        self._base_url = base_url
        self._idle = idle
        self._allowance = allowance
        # Two messages of one person in this process wait here; those in two processes collide in the database and think again.
        self._lanes = [threading.Lock() for _ in range(_LANES)]

    def hear(self, inbound: Inbound) -> Reply:
        """Take one turn and return what to say. The same message again gives the same reply and changes nothing.

        Raises TurnFailed, and nothing else, when the message could not be kept.
        """
        inbound = replace(inbound, sender=contacts.number(inbound.sender))
        hearing = _Hearing(inbound, time.monotonic())
        try:
            with self._lane(inbound):
                reply, rings = self._attempts(hearing)
        except StoreError as error:
            log.error("turn failed", extra={"door": inbound.door, "error": str(error)})
            raise TurnFailed(self._sorry(hearing)) from error
        except Exception as error:
            # The boundary: whatever breaks, somebody is waiting for an answer. Nothing of the turn was kept.
            log.error("turn failed", extra={"door": inbound.door, "error": place(error)})
            raise TurnFailed(self._sorry(hearing)) from error
        if rings:
            self._doorbell.ring(rings)
        return reply

    def _attempts(self, hearing: _Hearing) -> tuple[Reply, tuple[str, ...]]:
        """Load, think, commit; again while somebody else is faster and there is time. Raises StoreError."""
        while True:
            try:
                return self._attempt(hearing)
            except (Stale, StoreBusy, IntegrityError) as error:
                if time.monotonic() - hearing.started > (LOCKED if isinstance(error, StoreBusy) else BUDGET):
                    raise StoreBusy("others were faster every time") from error
            time.sleep(random.uniform(0, _PAUSE))  # noqa: S311 - so that two losers do not meet again; no secret

    def _attempt(self, hearing: _Hearing) -> tuple[Reply, tuple[str, ...]]:
        now, inbound = self._clock(), hearing.inbound
        found = load(self._store, inbound, now, resume=self._clinic.resume_window, idle=self._idle)
        if isinstance(found, Reply):
            return found, ()
        hearing.language = found.state.language
        if inbound.kind is Kind.HANGUP and not found.under_way:
            with self._store.transaction() as session:
                end_call(session, inbound, now)
            return Reply((), end=True), ()
        textable = inbound.textable and not found.muted
        step = self._mind.think(inbound, found.state, new_session=found.new_session, now=now, textable=textable, on_call=found.on_call)
        echo = auto_replies.listen(found.echo, inbound.text, self._store.vault) if _is_worded(inbound) else found.echo
        reply = _reply(step, self._withheld(inbound, found, step, echo, now))
        wait = max(_LEAST_WAIT, hearing.started + PATIENCE - time.monotonic())
        with self._store.transaction(wait=wait) as session:
            record(session, Turn(inbound, CHANNELS[inbound.door], found, step, reply, echo, now), self._clinic, self._mind.script, self._base_url)
            return reply, outbox.written(session)

    def _withheld(self, inbound: Inbound, found: Loaded, step: Step, echo: Echo, now: datetime) -> Withheld | None:
        """Why this text gets no reply, if it gets none. A call is always answered."""
        if not _is_text(inbound) or inbound.withhold:
            return inbound.withhold
        if any(line.key.startswith("safety.") for line in step.lines):
            return None  # whoever asked for silence did not ask for this one
        if found.muted and not any(isinstance(event, OptedIn) for event in step.events):
            return "opted_out"
        if (_is_worded(inbound) and auto_replies.looping(echo, inbound.text)) or self._too_many(found, now):
            return "auto_reply"
        return None if self._allowance.spend(now) else "used_up"

    def _too_many(self, found: Loaded, now: datetime) -> bool:
        if found.conversation_id is None or found.version < auto_replies.MOST_A_DAY:
            return False
        with self._store.reading() as session:
            return auto_replies.too_many(session, found.conversation_id, now)

    @contextmanager
    def _lane(self, inbound: Inbound) -> Iterator[None]:
        lane = self._lanes[crc32((inbound.sender or inbound.session or inbound.message_id).encode("utf-8", "replace")) % _LANES]
        if not lane.acquire(timeout=PATIENCE):
            raise StoreBusy("waited too long for other messages of this contact")
        try:
            yield
        finally:
            lane.release()

    def _sorry(self, hearing: _Hearing) -> Reply:
        return sorry(self._clinic, hearing.language, voice=CHANNELS[hearing.inbound.door] == "voice")


def _is_text(inbound: Inbound) -> bool:
    return inbound.door == "sms" and inbound.kind is Kind.WORDS


def _is_worded(inbound: Inbound) -> bool:
    """Three photos in three messages say nothing three times, and no machine sends them."""
    return _is_text(inbound) and not (inbound.media and not inbound.text.strip())


def _reply(step: Step, withheld: Withheld | None) -> Reply:
    lines, why = () if withheld else step.lines, withheld if step.lines else None
    return Reply(lines, step.expect, step.end, step.person, step.state.language, why, step.message)
