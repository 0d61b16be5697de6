"""Writing one turn: receipt, transcript, state, lead and consequences, all or nothing.

Every turn writes the same few rows, so they are written by prepared statements and not through the ORM, whose bookkeeping would cost
more than everything else in a turn. What seldom happens (a first contact, a call, a consequence) goes the readable way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, bindparam, insert, select, update
from sqlalchemy.orm import Session

from agent import attachments, consequences, contacts, leads
from agent.attachments import Came
from agent.auto_replies import Echo
from agent.clinic import Clinic
from agent.columns import aad, vault_of
from agent.leads import Kept
from agent.loading import Loaded
from agent.messages import Inbound, Reply
from agent.models import Call, Conversation, Receipt, Utterance, new_id
from agent.state_json import reply_to_json, to_json
from dialogs import pictures
from dialogs.events import OtherPerson
from dialogs.script import Script
from dialogs.step import Kind, Step
from nlu.parse import Channel


class Stale(Exception):
    """Somebody else took a turn in this conversation since it was loaded: think again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thought, ready to be written."""

    inbound: Inbound
    channel: Channel
    found: Loaded
    """Where the conversation stood."""
    step: Step
    reply: Reply
    echo: Echo
    now: datetime


@dataclass(frozen=True, slots=True)
class _Said:
    """One line for the transcript."""

    who: str
    text: str
    detail: dict[str, object]
    """What is not false of `media`, `confidence`, `dtmf`, `voicemail`, `sources`."""


def record(session: Session, turn: Turn, clinic: Clinic, script: Script, base_url: str) -> None:
    """Write the turn. Raises Stale, or IntegrityError where two first messages or two copies of one message collide."""
    said = _said(turn)
    conversation_id, before = _conversation(session, turn, said)
    # Before anything that follows from it: a copy of the message is found out here, not after its consequences were worked out.
    _receipt(session, turn, conversation_id)
    _transcribe(session, turn, conversation_id, said, before)
    _note_call(session, turn, conversation_id)
    state, number = turn.step.state, turn.inbound.sender
    intake = script.intakes[state.intake]
    lead = leads.project(session, conversation_id, state, intake, before=turn.found.state, channel=turn.channel, number=number, now=turn.now)
    _files(session, turn, clinic, conversation_id, lead)
    if turn.step.events:
        call = turn.inbound.session if turn.channel == "voice" else None
        occasion = consequences.Occasion(session, clinic, base_url, conversation_id, lead, state, turn.channel, number, turn.now, call)
        consequences.apply(occasion, turn.step.events)


def hold(session: Session, conversation: Conversation) -> None:
    """Make sure nobody else has moved this conversation on since it was read, nor will until commit. Raises Stale."""
    _take(session, conversation.id, conversation.version, {})


def end_call(session: Session, inbound: Inbound, now: datetime) -> None:
    """Note that a call is over when there is nothing else to say about it."""
    session.execute(update(Call).where(Call.sid == inbound.session, Call.ended_at.is_(None)).values(ended_at=now))


_TAKE = update(Conversation).where(Conversation.id == bindparam("taken_id"), Conversation.version == bindparam("taken_version"))


def _take(session: Session, conversation_id: str, version: int, values: dict[str, object]) -> None:
    """The one write that decides who was first: it fits no row when the version has moved on."""
    taken = {"taken_id": conversation_id, "taken_version": version, "version": version + 1}
    done = session.connection().execute(_TAKE, {**taken, **values})
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise Stale


def _conversation(session: Session, turn: Turn, said: list[_Said]) -> tuple[str, int]:
    """Move the conversation on or begin one; its id, and how many lines its transcript had."""
    found = turn.found
    if found.over is not None:
        _take(session, found.over, found.version, {"closed_at": turn.now})
    if found.conversation_id is None:
        return _begin(session, turn, said), 0
    if any(isinstance(event, OtherPerson) for event in turn.step.events):
        # What is on record is somebody else's: it stays as it is, and this person's conversation begins.
        _take(session, found.conversation_id, found.version, {"closed_at": turn.now})
        return _begin(session, turn, said), 0
    _take(session, found.conversation_id, found.version, _standing(session, turn, found.conversation_id, found.lines + len(said)))
    return found.conversation_id, found.lines


def _begin(session: Session, turn: Turn, said: list[_Said]) -> str:
    conversation_id = new_id()
    contact_id = turn.found.contact_id or contacts.make(session, turn.inbound, turn.now)
    fixed = {"id": conversation_id, "contact_id": contact_id, "reference": turn.step.state.reference, "version": 1, "started_at": turn.now}
    session.connection().execute(_BEGIN, {**fixed, **_standing(session, turn, conversation_id, len(said))})
    return conversation_id


_BEGIN = insert(Conversation)


def _files(session: Session, turn: Turn, clinic: Clinic, conversation_id: str, lead: Kept | None) -> None:
    """Note what came beside words, to be fetched."""
    inbound, state = turn.inbound, turn.step.state
    if not inbound.media:
        return
    left = inbound.kind is Kind.RECORDED
    came = Came(
        attachments.VOICEMAIL if left else attachments.PICTURE, inbound.message_id, inbound.media, inbound.media_types, inbound.session,
        conversation_id, state.reference, state.messages, pictures.room(turn.found.state),
    )  # fmt: skip
    attachments.expect(session, came, turn.now)
    if left:
        attachments.voicemail_task(session, came, lead.id if lead else None, clinic.calendar.callback_day(turn.now), turn.now)


def _standing(session: Session, turn: Turn, conversation_id: str, lines: int) -> dict[str, object]:
    """Where the conversation stands after the turn."""
    state = turn.step.state
    what: dict[str, object] = {
        "state": vault_of(session).seal(to_json(state), aad("conversation", "state", conversation_id)),
        "phase": state.phase,
        "language": state.language,
        "lines": lines,
    }
    if turn.found.conversation_id and (turn.found.on_call or turn.inbound.kind is Kind.VOICEMAIL):
        # The call goes on where it is, or whatever came after it.
        return what
    # Somebody who hangs up is not there any more: the next message is quiet time later, whenever it comes.
    quiet_at = turn.now if turn.inbound.kind is Kind.HANGUP else None
    # Indexed columns are left alone where they would stay as they are: to SQLite, written is changed.
    if turn.found.quiet or quiet_at:
        what["quiet_at"] = quiet_at
    where = {"door": turn.inbound.door, "session": turn.inbound.session, "last_heard_at": turn.now}
    return {**what, **where, "echo": turn.echo.index, "echoes": turn.echo.times}


_RECEIPT = insert(Receipt)


def _receipt(session: Session, turn: Turn, conversation_id: str) -> None:
    row_id, message = new_id(), {"door": turn.inbound.door, "message_id": turn.inbound.message_id}
    reply = vault_of(session).seal(reply_to_json(turn.reply), aad("receipt", "reply", row_id))
    session.connection().execute(_RECEIPT, {"id": row_id, **message, "conversation_id": conversation_id, "reply": reply, "at": turn.now})


def _said(turn: Turn) -> list[_Said]:
    """What was said, then what the line said."""
    inbound, lines = turn.inbound, turn.reply.lines
    left = inbound.kind is Kind.VOICEMAIL
    about: dict[str, object] = {"media": list(inbound.media), "confidence": inbound.confidence, "dtmf": inbound.dtmf, "voicemail": left}
    worded = inbound.kind is Kind.WORDS or (left and inbound.text)
    caller = [_Said("caller", inbound.text, {name: value for name, value in about.items() if value})] if worded else []
    return caller + [_Said("line", line.text, {"sources": [line.source]} if line.source else {}) for line in lines]


_TRANSCRIBE = insert(Utterance)


def _transcribe(session: Session, turn: Turn, conversation_id: str, said: list[_Said], before: int) -> None:
    vault, rows = vault_of(session), []
    for number, line in enumerate(said, start=before + 1):
        row_id = new_id()
        rows.append(
            {
                "id": row_id,
                "conversation_id": conversation_id,
                "number": number,
                "who": line.who,
                "channel": turn.channel,
                "message": turn.step.state.messages,
                "text": vault.seal(line.text, aad("utterance", "text", row_id)),
                "detail": vault.seal(json.dumps(line.detail), aad("utterance", "detail", row_id)) if line.detail else None,
                "at": turn.now,
            }
        )
    if rows:
        session.connection().execute(_TRANSCRIBE, rows)


def _note_call(session: Session, turn: Turn, conversation_id: str) -> None:
    if turn.channel != "voice" or turn.inbound.session is None:
        return
    call = session.scalars(select(Call).where(Call.sid == turn.inbound.session)).one_or_none()
    if call is None:
        call = Call(id=new_id(), sid=turn.inbound.session, started_at=turn.now)
        session.add(call)
    call.conversation_id = conversation_id
    if turn.inbound.kind is Kind.HANGUP:
        call.ended_at = call.ended_at or turn.now
