"""Passing a caller on to a person: who is rung, what became of it, and what the person who picks up is told.

Every attempt is a row of its own, written before it rings. What Twilio says afterwards does not tell a person from an answering machine, so an
attempt counts as accepted only when a key was pressed for it: machines press none.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent import alerts, happenings, reach, tasks
from agent.bootstrap import Agent
from agent.columns import seal, unseal
from agent.models import Call, Conversation, Transfer, new_id
from agent.reach import Person
from agent.state_json import StateError, from_json
from agent.store import StoreError
from agent.vault import VaultError
from dialogs.state import State

ACCEPT = "1"
"""The key that takes a call."""
MOST_A_DAY = 3
"""Calls of one number in a day for which people on call are rung; nobody is kept awake by one caller, unless it is urgent."""

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of ringing one person."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    """Another key was pressed."""
    NO_ANSWER = "no_answer"
    """Not picked up, or engaged."""
    VOICEMAIL = "voicemail"
    """Picked up, and no key pressed: an answering machine, or nobody who would take it."""
    FAILED = "failed"
    """The number could not be rung, or the two could not be joined."""
    CALLER_GONE = "caller_gone"
    """The caller hung up first."""


@dataclass(frozen=True, slots=True)
class Ring:
    """One attempt, about to be made."""

    id: str
    """Empty when it could not be put on record: it is made all the same."""
    number: str
    place: int


@dataclass(frozen=True, slots=True)
class Whisper:
    """What the person who picked up may know."""

    gone: bool = False
    """The caller is not there any more."""
    urgent: bool = False
    role: str = ""
    """`patient`, `caregiver`, `referring_office`, or empty: not known."""
    language: str = "en"
    name: str = ""
    """Who calls, as they gave it. Only for somebody who has accepted."""
    reference: str = ""


def ring(agent: Agent, call: str, step: int, place: int, own: frozenset[str]) -> Ring | None:
    """The attempt at this place, put on record; None when there is nobody left. Asked again, it is the same attempt.

    `own` are numbers that are never rung: the caller's, the line's.
    """
    now = agent.clock()
    try:
        with agent.store.transaction() as session:
            before = {row.place: row for row in session.scalars(select(Transfer).where(Transfer.call_sid == call, Transfer.step == step))}
            if place in before:
                return Ring(before[place].id, _person(session, before[place]).number, place)
            conversation = _conversation(session, call)
            state = _state(session, conversation)
            if not before and conversation is not None and not state.urgent and _rung_for(session, conversation, now) >= MOST_A_DAY:
                log.info("nobody is rung for this caller any more today", extra={"call": call})
                return None
            rung = {_person(session, row).number for row in before.values()}
            person = _next(agent, now, rung | own, urgent=state.urgent)
            if person is None:
                return None
            row = Transfer(
                id=new_id(), call_sid=call, step=step, place=place, conversation_id=conversation.id if conversation else None, rung_at=now
            )
            seal(session, row, "person", json.dumps({"name": person.name, "number": person.number}))
            session.add(row)
            return Ring(row.id, person.number, place)
    except StoreError as error:
        log.warning("a transfer could not be put on record", extra={"call": call, "error": type(error).__name__})
    # Whoever asked for a person is not kept from one by a database. There is no telling who was tried: one attempt is made.
    person = _next(agent, now, own, urgent=False) if place == 1 else None
    return None if person is None else Ring("", person.number, place)


def picked_up(agent: Agent, transfer: str) -> Whisper:
    """Somebody, or something, answered: what they are told before they press a key."""
    return _whisper(agent, transfer, None)


def pressed(agent: Agent, transfer: str, key: str) -> Whisper:
    """A key was pressed after that. The first one counts. With `ACCEPT`, the name is told as well, unless the caller is gone."""
    return _whisper(agent, transfer, key[:8])


def ended(agent: Agent, call: str, step: int, place: int, *, status: str, bridged: bool | None, hung_up: bool) -> Outcome:
    """What became of an attempt, put on record with what follows from it. The first answer stands.

    `status` is Twilio's DialCallStatus, `bridged` its DialBridged where it was sent, `hung_up`: the caller is not on the line any more.
    """
    now = agent.clock()
    try:
        with agent.store.transaction() as session:
            query = select(Transfer).where(Transfer.call_sid == call, Transfer.step == step, Transfer.place == place).with_for_update()
            row = session.scalars(query).one_or_none()
            if row is not None:
                if row.outcome is None:
                    _conclude(session, row, _outcome(row, status, bridged, hung_up=hung_up), now)
                return Outcome(row.outcome or Outcome.FAILED)
    except StoreError as error:
        log.warning("the outcome of a transfer could not be put on record", extra={"call": call, "error": type(error).__name__})
    return Outcome.ACCEPTED if status in _TALKED and bridged is not False else Outcome.NO_ANSWER


def caller_gone(agent: Agent, call: str) -> None:
    """The call is over: whatever still rings for it rings in vain. Raises StoreError."""
    now = agent.clock()
    with agent.store.transaction() as session:
        for row in session.scalars(select(Transfer).where(Transfer.call_sid == call, Transfer.outcome.is_(None)).with_for_update()):
            # Two who were joined have talked: their attempt is reported a moment later, or never.
            _conclude(session, row, Outcome.ACCEPTED if row.key == ACCEPT else Outcome.CALLER_GONE, now)


def _whisper(agent: Agent, transfer: str, key: str | None) -> Whisper:
    now = agent.clock()
    try:
        with agent.store.transaction() as session:
            row = session.scalars(select(Transfer).where(Transfer.id == transfer).with_for_update()).one_or_none()
            if row is None:
                return Whisper()
            state = _state(session, session.get(Conversation, row.conversation_id) if row.conversation_id else None)
            over = select(Call.id).where(Call.sid == row.call_sid, Call.ended_at.is_not(None))
            if row.outcome == Outcome.CALLER_GONE or session.scalars(over).first() is not None:
                return Whisper(gone=True, reference=state.reference)
            row.picked_up_at = row.picked_up_at or now
            row.key = row.key or key
            accepted = row.key == ACCEPT
            return Whisper(False, state.urgent, _said(state, "caller.role"), state.language, _name(state) if accepted else "", state.reference)
    except StoreError as error:
        log.warning("a whisper is told without what is on record", extra={"error": type(error).__name__})
        return Whisper()


_TALKED = frozenset({"completed", "answered"})


def _outcome(row: Transfer, status: str, bridged: bool | None, *, hung_up: bool) -> Outcome:
    if row.key == ACCEPT:
        return Outcome.FAILED if bridged is False else Outcome.ACCEPTED
    if hung_up:
        return Outcome.CALLER_GONE
    if row.key is not None:
        return Outcome.DECLINED
    if row.picked_up_at is not None:
        return Outcome.VOICEMAIL
    if status in _TALKED:
        # The whisper was never asked for, so nobody was asked for a key: Twilio's word is all there is.
        return Outcome.ACCEPTED if bridged else Outcome.NO_ANSWER
    return Outcome.FAILED if status == "failed" else Outcome.NO_ANSWER


def _conclude(session: Session, row: Transfer, outcome: Outcome, now: datetime) -> None:
    """Write an outcome, its line in the transcript, and what a person on the line settles."""
    row.outcome, row.ended_at = outcome, now
    if row.conversation_id is None:
        return
    person = _person(session, row).name or happenings.words("person", "desk")
    happenings.note(session, row.conversation_id, "transfer", outcome, channel="voice", now=now, person=person)
    if outcome is Outcome.ACCEPTED:
        tasks.settle(session, "call_back", row.conversation_id, now)
        alerts.settle(session, row.conversation_id, person, now)


def _next(agent: Agent, now: datetime, without: set[str] | frozenset[str], *, urgent: bool) -> Person | None:
    wanted = reach.people(agent.clinic, now, urgent=urgent)
    return next((one for one in wanted if one.number not in without), None)


def _rung_for(session: Session, conversation: Conversation, now: datetime) -> int:
    """Calls of this contact for which somebody was rung within a day."""
    theirs = Conversation.contact_id == conversation.contact_id
    query = select(func.count(func.distinct(Transfer.call_sid))).join(Conversation, Conversation.id == Transfer.conversation_id)
    return session.scalar(query.where(theirs, Transfer.rung_at > now - timedelta(days=1))) or 0


def _person(session: Session, row: Transfer) -> Person:
    about = json.loads(unseal(session, row, "person") or "{}")
    return Person(about.get("name", ""), about.get("number", ""))


def _conversation(session: Session, call: str) -> Conversation | None:
    return session.scalars(select(Conversation).join(Call, Call.conversation_id == Conversation.id).where(Call.sid == call)).one_or_none()


def _state(session: Session, conversation: Conversation | None) -> State:
    """Where the conversation stands; an empty one when there is none, or none that can be read."""
    try:
        return from_json(unseal(session, conversation, "state") or "") if conversation else State("")
    except (VaultError, StateError):
        log.error("a conversation cannot be read", extra={"conversation_id": conversation.id if conversation else None})
        return State("")


def _said(state: State, slot: str) -> str:
    filled = state.slots.get(slot)
    return filled.value if filled and isinstance(filled.value, str) else ""


def _name(state: State) -> str:
    """Whoever calls: their own name where somebody calls for another."""
    return _said(state, "caller.name") or (_said(state, "patient.name") if _said(state, "caller.role") in ("", "patient") else "")
