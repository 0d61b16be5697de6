"""Where a conversation stands, or the reply a message got before: one statement, because every turn begins with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, literal, select

from agent import contacts, opt_outs, references
from agent.auto_replies import Echo
from agent.columns import aad
from agent.messages import Inbound, Reply
from agent.models import Call, Contact, Conversation, Receipt
from agent.state_json import StateError, from_json, reply_from_json
from agent.store import Store
from agent.thinking import CHANNELS
from agent.vault import VaultError
from dialogs.state import Phase, State
from dialogs.step import Kind

log = logging.getLogger("referline.turns")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Where the conversation stands, as one read found it."""

    state: State
    contact_id: str | None
    """None: somebody we have not heard from."""
    conversation_id: str | None
    """The one this message goes on with; None begins one."""
    over: str | None
    """The one that ends where a new one begins."""
    version: int
    """Of either; 0 when there is neither."""
    lines: int
    """Lines of the transcript that is gone on with."""
    new_session: bool
    under_way: bool
    """This message belongs to the call or chat the conversation was last heard in."""
    muted: bool
    """This number does not want texts."""
    quiet: bool
    """It had been taken to have been left."""
    echo: Echo
    on_call: bool = False
    """This is a text from somebody who is on the telephone with us."""


_LEFT = (Kind.RECORDED, Kind.VOICEMAIL)
_LONGEST_PAUSE = timedelta(minutes=2)
"""After this long without a word a call whose end nobody reported is over."""


def load(store: Store, inbound: Inbound, now: datetime, *, resume: timedelta, idle: timedelta) -> Loaded | Reply:
    """The recorded reply when this message was heard before, else where the conversation stands.

    `resume`: how long a conversation can be gone on with. `idle`: after this much quiet a text begins a new session. Raises StoreError.
    """
    row = _row(store, inbound)
    if row.receipt_id is not None:
        return reply_from_json(store.vault.open(row.reply, aad("receipt", "reply", row.receipt_id)))
    if row.conversation_id is None:
        return _beginning(row)
    try:
        state = from_json(store.vault.open(row.state, aad("conversation", "state", row.conversation_id)))
    except (VaultError, StateError):
        # One damaged row must not shut the line to this person for ever: they begin again, and the row stays for whoever repairs it.
        log.error("a conversation cannot be read", extra={"conversation_id": row.conversation_id})
        return _beginning(row)
    same, quiet = row.session == inbound.session, now - row.last_heard_at
    under_way = inbound.session is not None and (same or (inbound.kind is not Kind.HANGUP and _is_its_call(store, row.conversation_id, inbound)))
    on_call = inbound.door == "sms" and row.session is not None and quiet <= _LONGEST_PAUSE and _is_on_call(store, row)
    left = inbound.kind in _LEFT
    if not (under_way or left or on_call or (quiet <= resume and _goes_on(state, inbound))):
        return _beginning(row, state)
    new_session = not (left or on_call) and (not under_way if inbound.session else not same or quiet > idle)
    return Loaded(
        state=state, contact_id=row.contact_id, conversation_id=row.conversation_id, over=None, version=row.version, lines=row.lines,
        new_session=new_session, under_way=under_way, muted=_muted(row), quiet=row.quiet_at is not None, echo=_echo(row), on_call=on_call,
    )  # fmt: skip


def _found() -> Select[*tuple[Any, ...]]:
    """Receipt, contact and conversation, each where there is one, beside a row that is always there."""
    always = select(literal(1)).subquery()
    return (
        select(
            Receipt.id.label("receipt_id"), Receipt.reply, Contact.id.label("contact_id"), Contact.opted_out_at,
            Conversation.id.label("conversation_id"), Conversation.state, Conversation.version, Conversation.lines,
            Conversation.session, Conversation.last_heard_at, Conversation.quiet_at, Conversation.echo, Conversation.echoes,
        )
        .select_from(always)
        .outerjoin(Receipt, and_(Receipt.door == bindparam("door"), Receipt.message_id == bindparam("message_id")))
    )  # fmt: skip


def _statement(whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The conversation this contact goes on with."""
    open_one = and_(Conversation.contact_id == Contact.id, Conversation.closed_at.is_(None))
    return _found().outerjoin(Contact, whose).outerjoin(Conversation, open_one)


_BY_NUMBER = _statement(Contact.number_index == bindparam("whose"))
_BY_SESSION = _statement(Contact.session == bindparam("whose"))
_BY_CALL = (
    _found()
    .outerjoin(Call, Call.sid == bindparam("whose"))
    .outerjoin(Conversation, Conversation.id == Call.conversation_id)
    .outerjoin(Contact, Contact.id == Conversation.contact_id)
)
"""The conversation of a call, over or not."""


def _row(store: Store, inbound: Inbound) -> Row[*tuple[Any, ...]]:
    if inbound.kind in _LEFT:
        # A voice message belongs to the call it was left in, whatever its caller did since.
        of_call = {"door": inbound.door, "message_id": inbound.message_id, "whose": inbound.session}
        row = store.glance(_BY_CALL, of_call)
        if row.receipt_id is not None or row.conversation_id is not None:
            return row
    return store.glance(*_question(store, inbound))


def _question(store: Store, inbound: Inbound) -> tuple[Select[*tuple[Any, ...]], dict[str, object]]:
    message = {"door": inbound.door, "message_id": inbound.message_id}
    if inbound.sender is None:
        return _BY_SESSION, {**message, "whose": contacts.key(inbound)}
    return _BY_NUMBER, {**message, "whose": store.vault.index(opt_outs.FIELD, inbound.sender)}


def _beginning(row: Row[*tuple[Any, ...]], before: State | None = None) -> Loaded:
    """A new conversation, in the language of the one before; whoever had the wrong number is known by it."""
    muted = _muted(row)
    language, mistaken = (before.language, before.wrong_number) if before else ("en", False)
    return Loaded(
        state=State(references.mint(), language=language, opted_out=muted, wrong_number=mistaken),
        contact_id=row.contact_id, conversation_id=None, over=row.conversation_id, version=row.version or 0, lines=0,
        new_session=True, under_way=False, muted=muted, quiet=False, echo=_echo(row),
    )  # fmt: skip


def _muted(row: Row[*tuple[Any, ...]]) -> bool:
    return row.opted_out_at is not None


def _echo(row: Row[*tuple[Any, ...]]) -> Echo:
    return Echo(row.echo, row.echoes or 0)


def _goes_on(state: State, inbound: Inbound) -> bool:
    """Whether somebody who comes back soon goes on where they stopped: not after a wrong number, nor by a new call after their request was sent."""
    return not state.wrong_number and (state.phase is not Phase.DONE or CHANNELS[inbound.door] == "sms")


def _is_on_call(store: Store, row: Row[*tuple[Any, ...]]) -> bool:
    call = select(Call.id).where(Call.sid == row.session, Call.conversation_id == row.conversation_id, Call.ended_at.is_(None))
    with store.reading() as session:
        return session.scalars(call).first() is not None


def _is_its_call(store: Store, conversation_id: str, inbound: Inbound) -> bool:
    """Somebody may text in the middle of their own call."""
    call = select(Call.id).where(Call.sid == inbound.session, Call.conversation_id == conversation_id, Call.ended_at.is_(None))
    with store.reading() as session:
        return session.scalars(call).first() is not None
