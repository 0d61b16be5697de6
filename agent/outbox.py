"""Messages on their way to people: written with their cause, carried later, each with an end somebody can see.

A row is pending until a worker leases it. The lease carries a fencing token; whoever comes back with an
older token finds that somebody else has taken over and must not record anything. Every function that takes the store opens
and ends its own transaction, so that none is open while a message is on the network.

What `payload` holds, by kind (wording is the worker's; never a name, a number or a word that was said, but in `answer_text` and `continue_by_text`):

    coordinator_email    event (complete, partial, changed, urgent, unacknowledged, person, voicemail), reference, link, clinic
    urgent_alert         level (urgent, emergency, crisis), reference, link, clinic
    physician_thank_you  reference, provider, practice, clinic, phone
    answer_text          text
    continue_by_text     text

Work with a vendor or a machine that must be done the same way, once and for certain, lies here too: `agent.attachments`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, CursorResult, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from agent import addresses, tasks
from agent.columns import aad, unseal, vault_of
from agent.models import OutboxMessage, new_id
from agent.store import Store
from agent.vault import VaultError

FIELD = "outbox.recipient"
MEDIA = "media"
"""Transport of rows that bring files in, or have the vendor delete them."""
EARS = "ears"
"""Transport of rows that are listened to. That takes a minute of computing, so those who carry messages leave them to who has the ears."""
MOST_TO_ONE = 10
"""Texts of our own accord to one number in a day, urgent ones not counted: somebody may call in another's name to have them texted."""
_RINGS = "outbox"
_RANK = {name: rank for rank, name in enumerate(("accepted", "scheduled", "queued", "sending", "sent", "delivered", "read"))}
_ENDED = 10
"""Rank of `undelivered`, `failed`, `canceled`: nothing follows them."""

log = logging.getLogger("referline.outbox")


class Delivery(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    AMBIGUOUS = "ambiguous"
    """Handed over, the answer lost: due again, to be looked for before it is sent again."""
    DEAD = "dead"
    """Given up; a person has a task."""
    CANCELLED = "cancelled"
    HELD = "held"
    """Waits for a person or for a channel to be repaired."""


_CLAIMABLE = (Delivery.PENDING, Delivery.AMBIGUOUS)
_OPEN = (Delivery.PENDING, Delivery.AMBIGUOUS, Delivery.HELD)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message leased to one worker."""

    id: str
    token: int
    """Fencing token: who holds an older one has lost the lease."""
    kind: str
    transport: str
    to: str | None
    payload: Mapping[str, str]
    reference: str | None
    attempt: int
    """Number of this attempt, from 1; those lost to a channel out of order are not counted."""
    ambiguous: bool
    """An earlier attempt may have been sent."""
    created_at: datetime
    at: datetime
    """When it was claimed."""


class Unreadable(Exception):
    """The row cannot be opened. It was put among the dead letters, so that it stops nobody else."""


def put(
    session: Session,
    *,
    kind: str,
    transport: str,
    to: str | None,
    payload: Mapping[str, str],
    dedupe_key: str,
    due_at: datetime,
    urgent: bool = False,
    reference: str | None = None,
    lead_id: str | None = None,
    conversation_id: str | None = None,
    now: datetime | None = None,
) -> bool:
    """Write one message into the transaction of its cause. False, and nothing written, when the key was used before, or when a number
    has had its texts of a day."""
    connection, vault = session.connection(), vault_of(session)
    if connection.execute(_KEYED, {"key": dedupe_key}).first() is not None:
        return False
    row_id, written = new_id(), now or due_at
    whom = None if to is None else vault.index(FIELD, addresses.normalised(to))
    if transport == "sms" and not urgent and connection.execute(_TEXTED, {"whom": whom, "since": written - _DAY}).scalar_one() >= MOST_TO_ONE:
        log.warning("a number has had its texts of a day", extra={"kind": kind, "conversation_id": conversation_id})
        return False
    values = {
        "id": row_id,
        "kind": kind,
        "transport": transport,
        "recipient": None if to is None else vault.seal(to, aad("outbox", "recipient", row_id)),
        "recipient_index": whom,
        "payload": vault.seal(json.dumps(dict(payload)), aad("outbox", "payload", row_id)),
        "dedupe_key": dedupe_key,
        "state": Delivery.PENDING,
        "urgent": urgent,
        "due_at": due_at,
        "reference": reference,
        "lead_id": lead_id,
        "conversation_id": conversation_id,
        "created_at": written,
        "updated_at": written,
    }
    connection.execute(_PUT, values)
    session.info.setdefault(_RINGS, []).append((not urgent, due_at, row_id))
    return True


_KEYED = select(OutboxMessage.id).where(OutboxMessage.dedupe_key == bindparam("key"))
_PUT = insert(OutboxMessage)
_DAY = timedelta(days=1)
_TEXTED = select(func.count()).where(
    OutboxMessage.recipient_index == bindparam("whom"),
    OutboxMessage.transport == "sms",
    OutboxMessage.urgent.is_(False),
    OutboxMessage.created_at > bindparam("since"),
)


def written(session: Session) -> tuple[str, ...]:
    """Ids of the messages put in this transaction, urgent ones first: what to ring for after commit."""
    return tuple(row_id for _, _, row_id in sorted(session.info.get(_RINGS, ())))


def due(store: Store, now: datetime, limit: int, *, ears: bool = False) -> list[str]:
    """Ids of messages to carry now, urgent ones first: past their time, or leased by somebody who did not come back.

    `ears`: of those that are listened to instead.
    """
    lane = OutboxMessage.transport == EARS if ears else OutboxMessage.transport != EARS
    with store.reading() as session:
        query = select(OutboxMessage.id).where(_due(now), lane).order_by(OutboxMessage.urgent.desc(), OutboxMessage.due_at, OutboxMessage.id)
        return list(session.scalars(query.limit(limit)))


def urgent(store: Store, ids: Sequence[str]) -> frozenset[str]:
    """Which of these messages are urgent."""
    with store.reading() as session:
        return frozenset(session.scalars(select(OutboxMessage.id).where(OutboxMessage.id.in_(ids), OutboxMessage.urgent.is_(True))))


def claim(store: Store, outbox_id: str, now: datetime, lease: timedelta) -> Claimed | None:
    """Lease one message; None when it is not due, done, or another worker's.

    Raises Unreadable for a row that cannot be opened.
    """
    with store.transaction() as session:
        query = select(OutboxMessage).where(OutboxMessage.id == outbox_id, _due(now)).with_for_update(skip_locked=True)
        row = session.scalars(query).one_or_none()
        if row is None:
            return None
        ambiguous = row.state != Delivery.PENDING
        row.attempts, row.token, row.updated_at = row.attempts + 1, row.token + 1, now
        try:
            to, payload = unseal(session, row, "recipient"), json.loads(unseal(session, row, "payload") or "{}")
        except (VaultError, ValueError):
            _bury(session, row, now, "unreadable", now.date())
            claimed = None
        else:
            row.state, row.leased_until = Delivery.LEASED, now + lease
            claimed = Claimed(row.id, row.token, row.kind, row.transport, to, payload, row.reference, row.attempts, ambiguous, row.created_at, now)
    if claimed is None:
        raise Unreadable(outbox_id)
    return claimed


def sent(store: Store, claimed: Claimed, now: datetime, provider_id: str | None) -> bool:
    """Record that it went out. False when the lease had passed to somebody else."""
    with store.transaction() as session:
        row = _held_by(session, claimed)
        if row is None:
            return False
        if row.provider_id != provider_id:
            # What was reported so far was about an earlier attempt.
            row.provider_id, row.provider_status = provider_id, None
        row.state, row.leased_until, row.sent_at, row.updated_at, row.error_code = Delivery.SENT, None, now, now, None
        return True


def retry(store: Store, claimed: Claimed, due_at: datetime, error_code: str, *, counted: bool = True) -> bool:
    """Certainly not sent: due again later. `counted` False: the channel was at fault, and the attempt is given back."""
    with store.transaction() as session:
        row = _held_by(session, claimed)
        if row is None:
            return False
        # What may have been sent once stays so, whatever a later attempt found out.
        row.state = Delivery.AMBIGUOUS if claimed.ambiguous else Delivery.PENDING
        row.due_at, row.error_code, row.leased_until = due_at, error_code[:64], None
        if not counted:
            row.attempts -= 1
        return True


def ambiguous(store: Store, claimed: Claimed, due_at: datetime, error_code: str) -> bool:
    """May have been sent: due again later, to be looked for first."""
    with store.transaction() as session:
        row = _held_by(session, claimed)
        if row is None:
            return False
        row.state, row.leased_until, row.due_at, row.error_code = Delivery.AMBIGUOUS, None, due_at, error_code[:64]
        return True


def dead(store: Store, claimed: Claimed, error_code: str, due_on: date | None = None) -> bool:
    """Given up: a dead letter, and a task for a coordinator to do on `due_on`, the clinic's date."""
    with store.transaction() as session:
        row = _held_by(session, claimed)
        if row is None:
            return False
        _bury(session, row, claimed.at, error_code, due_on or claimed.at.date())
        return True


def cancel_to(session: Session, to: str, now: datetime, transport: str = "sms") -> int:
    """Cancel everything that waits for this recipient; how many there were."""
    index = vault_of(session).index(FIELD, addresses.normalised(to))
    waiting = [OutboxMessage.recipient_index == index, OutboxMessage.transport == transport, OutboxMessage.state.in_(_OPEN)]
    done = session.execute(update(OutboxMessage).where(*waiting).values(state=Delivery.CANCELLED, updated_at=now, error_code="opted_out"))
    assert isinstance(done, CursorResult)
    return done.rowcount


def meant(provider_id: str, outbox_id: str | None) -> ColumnElement[bool]:
    """The row a report is about: the vendor's id must be the row's, once that is known."""
    if outbox_id is None:
        return OutboxMessage.provider_id == provider_id
    return (OutboxMessage.id == outbox_id) & or_(OutboxMessage.provider_id.is_(None), OutboxMessage.provider_id == provider_id)


def reported(store: Store, provider_id: str, status: str, now: datetime, outbox_id: str | None = None) -> bool:
    """Note what the vendor says became of a message. Reports come in any order and more than once; the status never goes back.

    False when the message is not known or nothing changed.
    """
    with store.transaction() as session:
        row = session.scalars(select(OutboxMessage).where(meant(provider_id, outbox_id)).with_for_update()).first()
        if row is None or _rank(status) <= _rank(row.provider_status):
            return False
        row.provider_id, row.provider_status, row.updated_at = provider_id, status[:32], now
        return True


def _rank(status: str | None) -> int:
    return -1 if status is None else _RANK.get(status, _ENDED)


def _due(now: datetime) -> ColumnElement[bool]:
    waiting = OutboxMessage.state.in_(_CLAIMABLE) & (OutboxMessage.due_at <= now)
    abandoned = (OutboxMessage.state == Delivery.LEASED) & (OutboxMessage.leased_until <= now)
    return or_(waiting, abandoned)


def _held_by(session: Session, claimed: Claimed) -> OutboxMessage | None:
    held = (OutboxMessage.id == claimed.id, OutboxMessage.state == Delivery.LEASED, OutboxMessage.token == claimed.token)
    return session.scalars(select(OutboxMessage).where(*held).with_for_update()).one_or_none()


def _bury(session: Session, row: OutboxMessage, now: datetime, error_code: str, due_on: date) -> None:
    row.state, row.leased_until, row.updated_at, row.error_code = Delivery.DEAD, None, now, error_code[:64]
    tasks.add(
        session, "undelivered", key=f"undelivered:{row.id}", due_on=due_on, now=now,
        conversation_id=row.conversation_id, lead_id=row.lead_id, outbox_id=row.id,
    )  # fmt: skip


def states(session: Session, lead_ids: Sequence[str]) -> Mapping[str, list[dict[str, str]]]:
    """Notifications by lead, as a lead shows them."""
    shown: dict[str, list[dict[str, str]]] = {lead_id: [] for lead_id in lead_ids}
    for row in session.scalars(select(OutboxMessage).where(OutboxMessage.lead_id.in_(lead_ids)).order_by(OutboxMessage.id)):
        if row.lead_id is not None:
            shown[row.lead_id].append({"kind": row.kind, "state": row.state, "at": iso(row.sent_at or row.updated_at)})
    return shown


def overview(session: Session, limit: int = 200) -> list[dict[str, object]]:
    """The newest messages without what is in them, for people: what waits, what was given up, and why."""
    rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit))
    return [
        {
            "id": row.id,
            "reference": row.reference,
            "kind": row.kind,
            "transport": row.transport,
            "state": row.state,
            "urgent": row.urgent,
            "attempts": row.attempts,
            "error": row.error_code,
            "created_at": iso(row.created_at),
            "due_at": iso(row.due_at),
            "sent_at": iso(row.sent_at) if row.sent_at else None,
            "delivery": row.provider_status,
        }
        for row in rows
    ]


def iso(moment: datetime) -> str:
    """`2026-11-21T18:00:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
