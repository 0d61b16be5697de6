"""Writing one turn: receipt, transcript, state, lead and consequences, all or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, Update, func, select, update
from sqlalchemy.orm import Session

from agent import consequences, contacts, leads
from agent.clinic import Clinic
from agent.columns import seal
from agent.messages import Inbound, Reply
from agent.models import Call, Conversation, Receipt, Utterance, new_id
from agent.state_json import reply_to_json, to_json
from dialogs.events import OtherPerson
from dialogs.script import Script
from dialogs.state import State
from dialogs.step import Kind, Step
from nlu.parse import Channel


class Stale(Exception):
    """Somebody else took a turn in this conversation since it was loaded: think again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thought, ready to be written."""

    inbound: Inbound
    channel: Channel
    step: Step
    reply: Reply
    now: datetime
    conversation_id: str | None
    """None: begin one."""
    version: int
    over: str | None
    """The conversation that ends here."""
    over_version: int


def record(session: Session, turn: Turn, clinic: Clinic, script: Script, base_url: str) -> None:
    """Write the turn. Raises Stale, or IntegrityError where two first messages or two copies of one message collide."""
    conversation = _conversation(session, turn)
    _note_call(session, turn, conversation)
    receipt = Receipt(
        id=new_id(), door=turn.inbound.door, message_id=turn.inbound.message_id, conversation_id=conversation.id, at=turn.now
    )
    seal(session, receipt, "reply", reply_to_json(turn.reply))
    session.add(receipt)
    # Before anything that follows from it: a copy of the message is found out here, not after its consequences were worked out.
    session.flush()
    _transcribe(session, turn, conversation)
    state, number = turn.step.state, turn.inbound.sender
    intake = script.intakes[state.intake]
    lead = leads.project(session, conversation, state, intake, channel=turn.channel, number=number, now=turn.now)
    session.flush()
    consequences.apply(
        consequences.Occasion(session, clinic, base_url, conversation, lead, state, turn.channel, number, turn.now), turn.step.events
    )


def hold(session: Session, conversation: Conversation) -> None:
    """Make sure nobody else has moved this conversation on since it was read, nor will until commit. Raises Stale."""
    _take(session, _at_version(conversation.id, conversation.version).values(version=conversation.version + 1))


def end_call(session: Session, inbound: Inbound, now: datetime) -> None:
    """Note that a call is over when there is nothing else to say about it."""
    session.execute(update(Call).where(Call.sid == inbound.session, Call.ended_at.is_(None)).values(ended_at=now))


def _conversation(session: Session, turn: Turn) -> Conversation:
    if turn.over is not None:
        _take(session, _at_version(turn.over, turn.over_version).values(version=turn.over_version + 1, closed_at=turn.now))
    if turn.conversation_id is None:
        return _begin(session, turn)
    moved = _at_version(turn.conversation_id, turn.version)
    if any(isinstance(event, OtherPerson) for event in turn.step.events):
        # What is on record is somebody else's: it stays as it is, and this person's conversation begins.
        _take(session, moved.values(version=turn.version + 1, closed_at=turn.now))
        return _begin(session, turn)
    _take(session, moved.values(version=turn.version + 1))
    conversation = session.get_one(Conversation, turn.conversation_id)
    _stand(session, conversation, turn)
    return conversation


def _at_version(conversation_id: str, version: int) -> Update:
    return update(Conversation).where(Conversation.id == conversation_id, Conversation.version == version)


def _take(session: Session, statement: Update) -> None:
    """The one write that decides who was first: it fits no row when the version has moved on."""
    done = session.execute(statement)
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise Stale


def _begin(session: Session, turn: Turn) -> Conversation:
    contact = contacts.find_or_make(session, turn.inbound, turn.now)
    conversation = Conversation(id=new_id(), contact_id=contact.id, reference=turn.step.state.reference, version=1, started_at=turn.now)
    _stand(session, conversation, turn)
    session.add(conversation)
    session.flush()
    return conversation


def _stand(session: Session, conversation: Conversation, turn: Turn) -> None:
    """Where the conversation stands after the turn."""
    state: State = turn.step.state
    conversation.phase, conversation.language = state.phase, state.language
    conversation.door, conversation.session = turn.inbound.door, turn.inbound.session
    # Somebody who hangs up is not there any more: the next message is quiet time later, whenever it comes.
    conversation.last_heard_at, conversation.quiet_at = turn.now, turn.now if turn.inbound.kind is Kind.HANGUP else None
    seal(session, conversation, "state", to_json(state))


def _note_call(session: Session, turn: Turn, conversation: Conversation) -> None:
    if turn.channel != "voice" or turn.inbound.session is None:
        return
    call = session.scalars(select(Call).where(Call.sid == turn.inbound.session)).one_or_none()
    if call is None:
        call = Call(id=new_id(), sid=turn.inbound.session, started_at=turn.now)
        session.add(call)
    call.conversation_id = conversation.id
    if turn.inbound.kind is Kind.HANGUP:
        call.ended_at = call.ended_at or turn.now


def _transcribe(session: Session, turn: Turn, conversation: Conversation) -> None:
    """What was said, then what the line said."""
    number = session.scalar(select(func.max(Utterance.number)).where(Utterance.conversation_id == conversation.id)) or 0
    inbound = turn.inbound
    said: list[tuple[str, str, dict[str, object]]] = []
    if inbound.kind is Kind.WORDS:
        about: dict[str, object] = {"media": list(inbound.media), "confidence": inbound.confidence, "dtmf": inbound.dtmf}
        said.append(("caller", inbound.text, {name: value for name, value in about.items() if value}))
    said += [("line", line.text, {"sources": [line.source]} if line.source else {}) for line in turn.reply.lines]
    for offset, (who, text, detail) in enumerate(said, start=1):
        place = {"conversation_id": conversation.id, "number": number + offset, "message": turn.step.state.messages}
        row = Utterance(id=new_id(), who=who, channel=turn.channel, at=turn.now, **place)
        seal(session, row, "text", text)
        seal(session, row, "detail", json.dumps(detail) if detail else None)
        session.add(row)
