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

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agent import contacts, outbox, references
from agent.apology import sorry
from agent.clinic import Clinic
from agent.clock import Clock
from agent.columns import unseal
from agent.doorbell import Doorbell
from agent.log import place
from agent.messages import Inbound, Reply
from agent.models import Call, Conversation, Receipt
from agent.recording import Stale, Turn, end_call, record
from agent.state_json import StateError, from_json, reply_from_json
from agent.store import Store, StoreBusy, StoreError
from agent.thinking import CHANNELS, Mind
from agent.vault import VaultError
from dialogs.events import OptedIn
from dialogs.state import Phase, State
from dialogs.step import Kind, Step

BUDGET = 2.5
"""Seconds after which a turn that others keep overtaking is given up: a caller waits in silence, and Twilio gives up after fifteen."""
LOCKED = 0.3
"""Seconds after which a turn that finds the database held by somebody else is given up: with the wait for the lock it stays under
two seconds, and an apology that is heard beats an answer that comes when the caller has hung up."""
LANE_WAIT = 1.5
"""Seconds a message waits for an earlier one of the same person."""
_LANES = 64
_PAUSE = 0.03

log = logging.getLogger("referline.turns")


class TurnFailed(Exception):
    """The message was not kept. `reply` says so, in words; nothing of the turn remains."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("the turn failed")
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Loaded:
    """Where the conversation stands, as one read found it."""

    conversation_id: str | None
    """None: nobody has spoken yet, or what they said before is over."""
    version: int
    state: State
    new_session: bool
    muted: bool
    """This number does not want texts."""
    over: str | None
    """Id of the conversation that ends where a new one begins."""
    over_version: int
    under_way: bool
    """This message belongs to the call or chat the conversation was last heard in."""


class Turns:
    """Hears messages. One at a time for each contact, any number at once for all."""

    def __init__(self, *, store: Store, clinic: Clinic, mind: Mind, clock: Clock, doorbell: Doorbell, base_url: str, idle: timedelta) -> None:
        self._store = store
        self._clinic = clinic
        self._mind = mind
        self._clock = clock
        self._doorbell = doorbell
        self._base_url = base_url
        self._idle = idle
        # Two messages of one person in this process wait here; those in two processes collide in the database and think again.
        self._lanes = [threading.Lock() for _ in range(_LANES)]

    def hear(self, inbound: Inbound) -> Reply:
        """Take one turn and return what to say. The same message again gives the same reply and changes nothing.

        Raises TurnFailed, and nothing else, when the message could not be kept.
        """
        inbound = replace(inbound, sender=contacts.number(inbound.sender))
        started = time.monotonic()
        try:
            with self._lane(inbound):
                reply, rings = self._attempts(inbound, started)
        except StoreError as error:
            log.error("turn failed", extra={"door": inbound.door, "error": str(error)})
            raise TurnFailed(self._sorry(inbound)) from error
        except Exception as error:
            # The boundary: whatever breaks, somebody is waiting for an answer. Nothing of the turn was kept.
            log.error("turn failed", extra={"door": inbound.door, "error": place(error)})
            raise TurnFailed(self._sorry(inbound)) from error
        if rings:
            self._doorbell.ring(rings)
        return reply

    def _attempts(self, inbound: Inbound, started: float) -> tuple[Reply, tuple[str, ...]]:
        """Load, think, commit; again while somebody else is faster and there is time. Raises StoreError."""
        while True:
            try:
                return self._attempt(inbound)
            except (Stale, StoreBusy, IntegrityError) as error:
                if time.monotonic() - started > (LOCKED if isinstance(error, StoreBusy) else BUDGET):
                    raise StoreBusy("others were faster every time") from error
            time.sleep(random.uniform(0, _PAUSE))  # noqa: S311 - so that two losers do not meet again; no secret

    def _attempt(self, inbound: Inbound) -> tuple[Reply, tuple[str, ...]]:
        now = self._clock()
        found = self._load(inbound, now)
        if isinstance(found, Reply):
            return found, ()
        if inbound.kind is Kind.HANGUP and not found.under_way:
            with self._store.transaction() as session:
                end_call(session, inbound, now)
            return Reply((), end=True), ()
        step = self._mind.think(inbound, found.state, new_session=found.new_session, now=now)
        reply = _reply(step, silent=found.muted and inbound.door == "sms" and not _opted_in(step))
        turn = Turn(
            inbound, CHANNELS[inbound.door], step, reply, now, found.conversation_id, found.version, over=found.over, over_version=found.over_version
        )
        with self._store.transaction() as session:
            record(session, turn, self._clinic, self._mind.script, self._base_url)
            return reply, outbox.written(session)

    def _load(self, inbound: Inbound, now: datetime) -> Loaded | Reply:
        """The recorded reply when this message was heard before, else where the conversation stands."""
        with self._store.reading() as session:
            heard = select(Receipt).where(Receipt.door == inbound.door, Receipt.message_id == inbound.message_id)
            if (receipt := session.scalars(heard).one_or_none()) is not None:
                return reply_from_json(unseal(session, receipt, "reply") or "")
            contact = contacts.find(session, inbound)
            muted = contact is not None and contact.opted_out_at is not None
            conversation = None if contact is None else _open(session, contact.id)
            if conversation is None:
                return Loaded(None, 0, _fresh(muted), True, muted, None, 0, under_way=False)
            try:
                state = from_json(unseal(session, conversation, "state") or "")
            except (VaultError, StateError):
                # One damaged row must not shut the line to this person for ever: they begin again, and the row stays for whoever repairs it.
                log.error("a conversation cannot be read", extra={"conversation_id": conversation.id})
                return Loaded(None, 0, _fresh(muted), True, muted, conversation.id, conversation.version, under_way=False)
            same = conversation.session == inbound.session
            under_way = inbound.session is not None and (same or (inbound.kind is not Kind.HANGUP and _is_its_call(session, conversation, inbound)))
            if not (under_way or self._goes_on(conversation, state, inbound, now)):
                return Loaded(None, 0, _fresh(muted, state), True, muted, conversation.id, conversation.version, under_way)
            quiet = now - conversation.last_heard_at > self._idle
            new_session = not under_way if inbound.session else not same or quiet
            return Loaded(conversation.id, conversation.version, state, new_session, muted, None, 0, under_way)

    def _goes_on(self, conversation: Conversation, state: State, inbound: Inbound, now: datetime) -> bool:
        """Whether somebody who comes back goes on where they stopped: soon enough, and not by a new call after their request was sent."""
        if now - conversation.last_heard_at > self._clinic.resume_window or state.wrong_number:
            return False
        return state.phase is not Phase.DONE or CHANNELS[inbound.door] == "sms"

    @contextmanager
    def _lane(self, inbound: Inbound) -> Iterator[None]:
        lane = self._lanes[crc32((inbound.sender or inbound.session or inbound.message_id).encode("utf-8", "replace")) % _LANES]
        if not lane.acquire(timeout=LANE_WAIT):
            raise StoreBusy("waited too long for other messages of this contact")
        try:
            yield
        finally:
            lane.release()

    def _sorry(self, inbound: Inbound) -> Reply:
        return sorry(self._clinic, voice=CHANNELS[inbound.door] == "voice")


def _open(session: Session, contact_id: str) -> Conversation | None:
    return session.scalars(select(Conversation).where(Conversation.contact_id == contact_id, Conversation.closed_at.is_(None))).one_or_none()


def _fresh(muted: bool, before: State | None = None) -> State:
    """A new conversation, in the language of the one before."""
    return State(references.mint(), language=before.language if before else "en", opted_out=muted)


def _is_its_call(session: Session, conversation: Conversation, inbound: Inbound) -> bool:
    """Somebody may text in the middle of their own call."""
    call = select(Call.id).where(Call.sid == inbound.session, Call.conversation_id == conversation.id, Call.ended_at.is_(None))
    return session.scalars(call).first() is not None


def _opted_in(step: Step) -> bool:
    return any(isinstance(event, OptedIn) for event in step.events)


def _reply(step: Step, *, silent: bool) -> Reply:
    return Reply(() if silent else step.lines, step.expect, step.end, step.person, step.state.language)
