"""Who may open a media stream: a token for one call, once, soon. And where a call stands when its stream is over.

Twilio strips queries from stream addresses and signs handshakes without their parameters, so the webhook, whose signature was
checked, mints a token, and the stream brings it as a parameter (https://www.twilio.com/docs/voice/twiml/stream).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update

from agent.columns import seal, unseal
from agent.models import Call, Receipt, Stream, new_id
from agent.store import Store

LIFE = timedelta(seconds=60)
"""From the webhook's answer to the `start` of the stream; Twilio needs one or two."""
KEPT = timedelta(days=1)
"""After which an admission is deleted: no call lasts that long."""
_BITS = 128


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a stream is about. The socket brings none of it: it is what the signed webhook knew."""

    call: str
    """CallSid."""
    account: str
    """AccountSid."""
    sender: str | None
    """The caller's number in E.164, or None."""
    to: str
    """The number that was called."""
    step: int = 0
    """The step whose reply is said first; 0 is the greeting."""
    preface: tuple[str, ...] = ()
    """Wordings of our own, by key, said before it."""
    id: str = ""
    """The admission, once it was given."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call stands on record."""

    step: int | None
    """The last step that was heard; None when not even the greeting was."""
    said: bool
    """Whether its reply was said to the end before we closed the stream."""
    wish: str | None
    """What the stream asked for when we closed it."""


def mint(store: Store, ticket: Ticket, now: datetime) -> str:
    """A new token for this call. Raises StoreError. Old admissions go at the same time."""
    token = secrets.token_urlsafe(_BITS // 8)
    row = Stream(
        id=new_id(),
        token_hash=_hash(token),
        call_sid=ticket.call,
        account_sid=ticket.account,
        step=ticket.step,
        preface=" ".join(ticket.preface),
        issued_at=now,
        expires_at=now + LIFE,
    )
    with store.transaction() as session:
        session.execute(delete(Stream).where(Stream.expires_at < now - KEPT))
        seal(session, row, "about", json.dumps({"sender": ticket.sender, "to": ticket.to}))
        session.add(row)
    return token


def admit(store: Store, token: str, call: str, account: str, now: datetime) -> Ticket | None:
    """Spend a token; None for one that is unknown, spent, expired, another call's, or of a call that is over. Raises StoreError."""
    over = select(Call.id).where(Call.sid == call, Call.ended_at.is_not(None)).exists()
    fits = (Stream.token_hash == _hash(token), Stream.call_sid == call, Stream.account_sid == account)
    spend = update(Stream).where(*fits, Stream.spent_at.is_(None), Stream.expires_at > now, ~over).values(spent_at=now)
    with store.transaction() as session:
        done = session.execute(spend)
        assert isinstance(done, CursorResult)
        if done.rowcount != 1:
            return None
        row = session.scalars(select(Stream).where(Stream.token_hash == _hash(token))).one()
        about = json.loads(unseal(session, row, "about") or "{}")
        return Ticket(call, account, about.get("sender"), about.get("to", ""), row.step, tuple(row.preface.split()), row.id)


def void(store: Store, call: str, now: datetime) -> None:
    """The call is over: what was minted for it and not used opens nothing any more. Raises StoreError."""
    with store.transaction() as session:
        session.execute(update(Stream).where(Stream.call_sid == call, Stream.spent_at.is_(None)).values(spent_at=now))


def leave(store: Store, ticket: Ticket, step: int | None, wish: str) -> None:
    """We close the stream: the reply of `step` was said to the end (None: it was not), and the webhooks should do `wish`. Raises StoreError."""
    with store.transaction() as session:
        session.execute(update(Stream).where(Stream.id == ticket.id).values(said_step=step, wish=wish))


def place(store: Store, call: str) -> Place:
    """Where the call stands now that its stream is over, for whatever reason it is. Raises StoreError."""
    with store.reading() as session:
        heard = select(Receipt.message_id).join(Call, Call.conversation_id == Receipt.conversation_id)
        ids = session.scalars(heard.where(Call.sid == call, Receipt.door == "voice", Receipt.message_id.startswith(f"{call}:", autoescape=True)))
        last = max((int(step) for one in ids if (step := one.rpartition(":")[2]).isdigit()), default=None)
        newest = select(Stream).where(Stream.call_sid == call, Stream.spent_at.is_not(None)).order_by(Stream.id.desc()).limit(1)
        stream = session.scalars(newest).first()
    if stream is None:
        return Place(last, said=False, wish=None)
    return Place(last, last is not None and stream.said_step == last, stream.wish)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
